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
static inline void coroutine_store_running(VM *vm, Coroutine *co, CoroutineStatus status) {
  co->frame = vm->run.frame;
  co->top = vm->run.top;
  co->status = (uint8_t)status;
}

static inline void coroutine_load_running(VM *vm, Coroutine *co, uint32_t record) {
  co->status = COROUTINE_RUNNING;
  vm->run.current = record;
  vm->run.frame = co->frame;
  vm->run.frames_end = co->frames_end;
  vm->run.stack_limit = co->stack_limit;
  vm->run.top = co->top;
}

static inline void coroutine_switch_to(VM *vm, uint32_t record) {
  Coroutine *co = &vm->run.coroutines[record];
  VM_ASSERT(vm->run.levels < LIMIT_C_LEVELS);
  coroutine_store_running(vm, state_coroutine(vm), COROUTINE_NORMAL);
  co->resumer = vm->run.current;
  vm->run.levels++;
  co->base_levels = (uint16_t)vm->run.levels;
  coroutine_load_running(vm, co, record);
}

/* Leaves the running coroutine for its resumer. */
static inline void coroutine_switch_back(VM *vm, CoroutineStatus status) {
  Coroutine *co = state_coroutine(vm);
  coroutine_store_running(vm, co, status);
  vm->run.levels = co->base_levels - 1u;
  coroutine_load_running(vm, &vm->run.coroutines[co->resumer], co->resumer);
}

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
