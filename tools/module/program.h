/* SPDX-License-Identifier: BSD-2-Clause */
/* program - where the programs are that the module starts. */
#ifndef TOOLS_MODULE_PROGRAM_H
#define TOOLS_MODULE_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

/* Looks for a program beside the module, and in the bin/ folder next to the module's folder
 * (a build tree).  False, and an empty path, when it is in neither place. */
bool module_program_find(const char *name, char ret_path[PATH_MAX]);

#endif
