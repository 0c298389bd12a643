/* SPDX-License-Identifier: BSD-2-Clause */
/* assemble - the generated functions to one Module. */
#ifndef VM_COMPILE_ASSEMBLE_H
#define VM_COMPILE_ASSEMBLE_H

#include "vm/compile/generator.h"

/* Writes the current function, which is finished, to the output.  False when there is no room. */
bool vm_assemble_function(Generator *g);

/* Finishes the module: of all functions, `first` the main one.  NULL when there is no room.
 * On success the module is all that is left in the scratch. */
Module *vm_assemble_module(Generator *g, const Function *first, uint32_t function_count,
                           const char *chunk_name, size_t chunk_name_size);

#endif
