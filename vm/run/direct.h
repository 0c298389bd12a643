/* SPDX-License-Identifier: BSD-2-Clause */
/* direct - short ways between Lua code and the library functions that call back most.
 *
 * Each does what vm/run/call.c's general way comes to when nothing has to grow, to be
 * refused or to be explained: same frames, same charges.  A function here that returns
 * false has done nothing yet, and the general way tells what is wrong.  Layer: vm/run.
 */
#ifndef VM_RUN_DIRECT_H
#define VM_RUN_DIRECT_H

#include "vm/run/state.h"

/* The CALL or CALLM at the top frame's pc, of a native: pcall of a Lua function, resuming,
 * yielding. */
bool vm_direct_call(VM *vm);

/* Each of them by itself, with `count` arguments behind `func`. */
bool vm_direct_pcall(VM *vm, Value *func, int count);
bool vm_direct_resume(VM *vm, Value *func, int count);
bool vm_direct_wrap(VM *vm, Value *func, int count);
bool vm_direct_yield(VM *vm, Value *func, int count);

/* The RETURN at the top frame's pc, to a native: pcall's result goes to its
 * caller; who calls the same function again and again, such as table.sort, is asked at once. */
bool vm_direct_return(VM *vm) MAY_RAISE(script);

/* For the TFORLOOP at the top frame's pc whose iterator is a framed native: a coroutine that
 * waits goes on. */
bool vm_direct_iterate(VM *vm);

/* As vm_call_operation, for a Lua function that has room. */
bool vm_direct_operation(VM *vm, Value *func, int count);

#endif
