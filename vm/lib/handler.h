/* SPDX-License-Identifier: BSD-2-Clause */
/* handler - __redis__err__handler, the server's error handler as scripts can call it.
 *
 * In Redis it is a Lua function that EVAL passes to lua_pcall and leaves visible as a
 * global, so it is one here.  It makes a table of what is none, and notes where the
 * function below it on the stack stands.  For errors that end a script the machine does
 * the same in C (vm/run/error.c).  Layer: vm/lib.
 */
#ifndef VM_LIB_HANDLER_H
#define VM_LIB_HANDLER_H

#include "vm/lib/native.h"

#define HANDLER_NAME "__redis__err__handler"
#define HANDLER_NAME_VALKEY "__server__err__handler" /* the same function */

/* Makes the script that returns the handler the run's main function. */
void vm_handler_prepare(VM *vm) MAY_RAISE(memory);

/* Puts what that script has returned where scripts find it. */
void vm_handler_store(VM *vm) MAY_RAISE(memory);

#endif
