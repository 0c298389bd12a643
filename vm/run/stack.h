/* SPDX-License-Identifier: BSD-2-Clause */
/* stack - value stacks (in the arena) and frame stacks (in control) of coroutines. */
#ifndef VM_RUN_STACK_H
#define VM_RUN_STACK_H

#include "vm/run/state.h"

enum {
  STACK_FIRST_SLOTS = FERROUS_STRESS ? 48 : 256, /* of the main coroutine's value stack */
  STACK_NEXT_SLOTS = FERROUS_STRESS ? 48 : 96,   /* of another's */
  STACK_FIRST_FRAMES = 8,
  STACK_SPARE = 40 /* slots behind stack_limit: leaf natives need no check */
};

static inline Value *vm_stack_base(VM *vm) { return state_coroutine(vm)->stack; }

/* Gives a coroutine record its stacks; the record's other fields are the caller's. */
void vm_stack_open(VM *vm, Coroutine *coroutine, uint32_t slots) MAY_RAISE(memory);

/* Doubles the running coroutine's frames; "stack overflow" at the limit, beyond which the
 * handler of that error has some more until the error is caught. */
void vm_stack_grow_frames(VM *vm) MAY_RAISE(script);
void vm_stack_end_overflow(VM *vm);

/* Bytes of a coroutine's frame stack. */
size_t vm_stack_frame_bytes(const Coroutine *coroutine);

/* The slot of the function that a Lua frame runs. */
Value *vm_stack_function_slot(const VM *vm, const Frame *frame);

/* Makes every slot from `from` on nil: what a finished call left there is dead. */
void vm_stack_clear_above(VM *vm, Value *from);

/* The first slot behind the arguments of the leaf native that a Lua frame has called by
 * CALL or TAILCALL (an iterator called by TFORLOOP has set run.top; then this is any slot). */
Value *vm_stack_leaf_end(const VM *vm, const Frame *frame);

/* The first slot that a frame does not use. */
Value *vm_stack_frame_end(const VM *vm, const Frame *frame);

#endif
