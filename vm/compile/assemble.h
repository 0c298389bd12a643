/* SPDX-License-Identifier: BSD-2-Clause */
/* assemble - the generated functions to one Module. */
#ifndef VM_COMPILE_ASSEMBLE_H
#define VM_COMPILE_ASSEMBLE_H

#include "vm/compile/module.h"
#include "vm/compile/parser.h"

/* Lays everything out in one block of the scratch; NULL when it is full. */
Module *vm_assemble_module(Parser *parser, const char *chunk_name, size_t chunk_name_size);

#endif
