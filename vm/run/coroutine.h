/* SPDX-License-Identifier: BSD-2-Clause */
/* coroutine - coroutine records and switching between them. */
#ifndef VM_RUN_COROUTINE_H
#define VM_RUN_COROUTINE_H

#include "vm/run/state.h"

enum { NATIVE_SWITCHED = -3 }; /* a framed native has changed the running coroutine */

/* Makes the main coroutine and its stacks. */
void vm_coroutine_open(VM *vm) MAY_RAISE(memory);

/* A new suspended coroutine that will call `function`: its arena object. */
Handle *vm_coroutine_new(VM *vm, Value function) MAY_RAISE(memory);

/* Passes `count` values at `args` to a suspended coroutine and switches to it. */
void vm_coroutine_resume(VM *vm, uint32_t record, const Value *args, int count) MAY_RAISE(script);

/* Suspends the running coroutine and hands `count` values at `values` to who resumed it. */
void vm_coroutine_yield(VM *vm, const Value *values, int count) MAY_RAISE(script);

/* Only the switch: the values and the natives that wait are the caller's (vm/run/direct.c). */
void vm_coroutine_switch_to(VM *vm, uint32_t record);
void vm_coroutine_switch_back(VM *vm);

/* The body of the running coroutine has returned: hands its results to the resumer, or
 * ends the run for the main coroutine. */
void vm_coroutine_finished(VM *vm, const Value *results, int count) MAY_RAISE(script);

/* An error has left the running coroutine's body: the resumer's native sees it in
 * frame->returned == COROUTINE_FAILED with the error in its first slot. */
void vm_coroutine_failed(VM *vm);
enum { COROUTINE_FAILED = -1 };

/* Frees the records of coroutines whose objects are unmarked (vm/run/gc.c). */
void vm_coroutine_sweep(VM *vm);

#endif
