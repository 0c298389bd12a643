/* SPDX-License-Identifier: BSD-2-Clause */
/* statement - parses statements. */
#ifndef VM_COMPILE_STATEMENT_H
#define VM_COMPILE_STATEMENT_H

#include "vm/compile/parser.h"

/* Statements up to a token that ends a block. */
void vm_statement_parse_chunk(Parser *parser);

#endif
