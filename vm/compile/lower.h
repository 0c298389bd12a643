/* SPDX-License-Identifier: BSD-2-Clause */
/* lower - a finished draft to the words of vm/opcodes.def. */
#ifndef VM_COMPILE_LOWER_H
#define VM_COMPILE_LOWER_H

#include "vm/compile/generator.h"
#include "vm/compile/opcode.h"

/* Writes words and lines of the current function, which is finished, to the output and
 * gives its variables their ranges in words.  Returns false when there is no room. */
bool vm_lower_function(Generator *g);

#endif
