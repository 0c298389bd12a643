/* SPDX-License-Identifier: BSD-2-Clause */
/* scope - functions, blocks and local variables while they are parsed. */
#ifndef VM_COMPILE_SCOPE_H
#define VM_COMPILE_SCOPE_H

#include "vm/compile/module.h"
#include "vm/compile/parser.h"

/* Opens a function that starts at `line`; 0 for the main function. */
bool vm_scope_open(Parser *parser, Scope *scope, int line);

/* Closes the current function: its closure becomes a value. */
void vm_scope_close(Parser *parser);

void vm_scope_open_block(Parser *parser, Block *block, bool loop);
void vm_scope_close_block(Parser *parser);

/* Writes the exit from the innermost loop; raises when there is none. */
void vm_scope_break(Parser *parser);

/* Declares a variable; it comes to life by vm_scope_activate.  NULL after raising. */
Variable *vm_scope_declare(Parser *parser, Atom *name);

/* Declares a variable with a fixed name, such as "(for index)". */
Variable *vm_scope_declare_hidden(Parser *parser, const char *name);

/* Brings the `count` oldest declared variables to life. */
void vm_scope_activate(Parser *parser, int count);
void vm_scope_activate_parameters(Parser *parser);

/* Writes the node that stands for `name` here.  Returns the local variable, this
 * function's or an enclosing one's, or NULL for a global. */
Variable *vm_scope_add_name(Parser *parser, Atom *name);

/* Raises "function at line N has more than LIMIT WHAT". */
void vm_scope_raise_limit(Parser *parser, const Function *function, int limit, const char *what);

#endif
