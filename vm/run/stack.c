/* SPDX-License-Identifier: BSD-2-Clause */
/* stack - see stack.h. */
#include "vm/run/stack.h"

#include "vm/memory/charge.h"
#include "vm/objects/table.h"
#include "vm/run/call.h"
#include "vm/run/error.h"

enum {
  FRAMES_MAX = LIMIT_LUA_CALLS + 3, /* entry, main function and pcall stand below */
  FRAMES_OF_HANDLER = 1024          /* more, while an overflow is handled */
};

static void set_limits(VM *vm, const Coroutine *co) {
  vm->run.stack_limit = co->stack_limit;
  vm->run.frames_end = co->frames_end;
}

void vm_stack_open(VM *vm, Coroutine *co, uint32_t slots) {
  size_t bytes = STACK_FIRST_FRAMES * sizeof(Frame);
  vm_heap_reserve(vm, slots * sizeof(Value) + vm_control_slot(bytes));
  Value *stack = vm_heap_take_buffer(vm, slots * sizeof(Value));
  Frame *frames = vm_control_take(&vm->heap.control, bytes);
  if (stack == NULL || frames == NULL) vm_error_memory(vm);
  memset(stack, 0xFF, slots * sizeof(Value));
  memset(frames, 0, sizeof(Frame));
  co->stack = stack;
  co->stack_slots = slots;
  co->stack_limit = stack + slots - STACK_SPARE;
  co->top = stack + 1;
  co->frames = frames;
  co->frame = frames;
  co->frames_end = frames + STACK_FIRST_FRAMES;
  frames->kind = FRAME_ENTRY;
  frames->base = stack + 1;
}

/* A stack of FRAMES_MAX has room behind it for the handler of the overflow. */
static size_t frames_room(size_t count) { return count >= FRAMES_MAX ? FRAMES_MAX + FRAMES_OF_HANDLER : count; }

size_t vm_stack_frame_bytes(const Coroutine *co) {
  return frames_room((size_t)(co->frames_end - co->frames)) * sizeof(Frame);
}

/* The handler gets the room behind the limit; once that is used up it has failed too. */
static __attribute__((noreturn)) void overflow(VM *vm, Coroutine *co) {
  if (co->frames_end - co->frames > FRAMES_MAX) vm_error_handler_failed(vm);
  co->frames_end = co->frames + FRAMES_MAX + FRAMES_OF_HANDLER;
  set_limits(vm, co);
  vm_error_text(vm, "stack overflow");
}

void vm_stack_end_overflow(VM *vm) {
  Coroutine *co = state_coroutine(vm);
  if (co->frames_end - co->frames <= FRAMES_MAX || vm->run.frame - co->frames >= FRAMES_MAX - 1) return;
  co->frames_end = co->frames + FRAMES_MAX;
  set_limits(vm, co);
}

void vm_stack_grow_frames(VM *vm) {
  Coroutine *co = state_coroutine(vm);
  size_t count = (size_t)(co->frames_end - co->frames);
  if (count >= FRAMES_MAX) overflow(vm, co);
  size_t larger = count * 2 < FRAMES_MAX ? count * 2 : FRAMES_MAX;
  size_t bytes = frames_room(larger) * sizeof(Frame);
  vm_heap_reserve(vm, vm_control_slot(bytes));
  co = state_coroutine(vm);
  Frame *frames = vm_control_take(&vm->heap.control, bytes);
  if (frames == NULL) vm_error_memory(vm);
  memcpy(frames, co->frames, count * sizeof(Frame));
  vm_control_give(&vm->heap.control, co->frames, count * sizeof(Frame));
  vm->run.frame = frames + (vm->run.frame - co->frames);
  co->frames = frames;
  co->frames_end = frames + larger;
  set_limits(vm, co);
}

static void rebase(Value **pointer, ptrdiff_t by) { *pointer = (Value *)(void *)((char *)*pointer + by); }

static void move_stack(VM *vm, Coroutine *co, Value *stack, uint32_t slots) {
  ptrdiff_t by = (char *)stack - (char *)co->stack;
  memcpy(stack, co->stack, co->stack_slots * sizeof(Value));
  memset(stack + co->stack_slots, 0xFF, (slots - co->stack_slots) * sizeof(Value));
  for (Frame *f = co->frames; f <= vm->run.frame; f++) rebase(&f->base, by);
  uint32_t steps = 0;
  for (uint32_t a = co->open; a != 0;) {
    Upvalue *box = (Upvalue *)(uintptr_t)a;
    box->slot += (uint32_t)by;
    a = box->next;
    VM_ASSERT(++steps < CHAIN_MAX);
  }
  rebase(&vm->run.top, by);
  vm_heap_give_buffer(vm, (uint32_t)(uintptr_t)co->stack, (uint64_t)co->stack_slots * sizeof(Value));
  co->stack = stack;
  co->stack_slots = slots;
  co->stack_limit = stack + slots - STACK_SPARE;
  set_limits(vm, co);
}

static void grow_stack(VM *vm, uint64_t needed) {
  Coroutine *co = state_coroutine(vm);
  uint64_t slots = co->stack_slots * UINT64_C(2);
  while (slots < needed + STACK_SPARE) slots *= 2;
  if (slots > UINT32_MAX / 64) vm_error_memory(vm);
  vm_heap_reserve(vm, slots * sizeof(Value));
  Value *stack = vm_heap_take_buffer(vm, slots * sizeof(Value));
  if (stack == NULL) vm_error_memory(vm);
  move_stack(vm, co, stack, (uint32_t)slots);
}

Value *vm_call_need_stack(VM *vm, Value *from, uint32_t slots) {
  if (LIKELY(from + slots <= vm->run.stack_limit)) return from;
  ptrdiff_t offset = from - vm_stack_base(vm);
  grow_stack(vm, (uint64_t)offset + slots);
  return vm_stack_base(vm) + offset;
}

Value *vm_stack_function_slot(const VM *vm, const Frame *frame) {
  const Function *function = state_frame_function(vm, frame);
  if (!(function->flags & PROTO_VARARG)) return frame->base - 1;
  return frame->base - frame->count - function->parameter_count - 1;
}

Value *vm_stack_frame_end(const VM *vm, const Frame *frame) {
  if (frame->kind == FRAME_LUA) return frame->base + state_frame_function(vm, frame)->stack_size;
  return frame->base + frame->count;
}

Value *vm_stack_leaf_end(const VM *vm, const Frame *frame) {
  if (frame->kind != FRAME_LUA) return frame->base + frame->count;
  Word call = frame->pc[vm->run.in_leaf == LEAF_BY_TAIL_CALL ? -1 : -2];
  return frame->base + word_a(call) + (word_b(call) ? word_b(call) : 1);
}

void vm_stack_clear_above(VM *vm, Value *from) {
  const Coroutine *co = state_coroutine(vm);
  memset(from, 0xFF, (size_t)(co->stack + co->stack_slots - from) * sizeof(Value));
}

/* --- Open upvalues --- */

void vm_call_close(VM *vm, const Value *level) {
  Coroutine *co = state_coroutine(vm);
  uint32_t from = (uint32_t)(uintptr_t)level;
  while (co->open != 0) {
    Upvalue *box = (Upvalue *)(uintptr_t)co->open;
    if (box->slot < from) return;
    co->open = box->next;
    box->closed = *(Value *)(uintptr_t)box->slot;
    box->slot = (uint32_t)(uintptr_t)&box->closed;
    box->next = 0;
  }
}
