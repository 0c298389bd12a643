/* SPDX-License-Identifier: BSD-2-Clause */
/* arguments - the command line of a script, as `lua` gives it: the table arg, and `...`. */
#ifndef VM_FULL_ARGUMENTS_H
#define VM_FULL_ARGUMENTS_H

#include "vm/vm.h"

/* Makes the global arg, with the script's name at 0; to be called between vm_compile and
 * vm_run.  The main function gets the arguments as `...`.  Returns false when memory ran
 * out (see vm_ending). */
bool vm_arguments_set(VM *vm, const char *script, const VmBytes *items, size_t count);

#endif
