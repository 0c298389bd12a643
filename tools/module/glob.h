/* SPDX-License-Identifier: BSD-2-Clause */
/* glob - the server's patterns, as FUNCTION LIST LIBRARYNAME takes them.
 *
 * Pure; time is at most pattern times text.
 */
#ifndef TOOLS_MODULE_GLOB_H
#define TOOLS_MODULE_GLOB_H

#include <stdbool.h>

#include "sandbox/ferrous_sandbox.h"

/* Says whether `text` matches: * ? [abc] [^a-z] and \ before a plain byte.  Letters
 * match in either case. */
bool module_glob_matches(FsbBytes pattern, FsbBytes text);

#endif
