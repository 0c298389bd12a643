/* SPDX-License-Identifier: BSD-2-Clause */
/* coroutine - see coroutine.h.
 *
 * RunState caches the running coroutine's frame, limits and open top; a switch stores
 * them in its record and loads the other's.  Resuming is one of the reference's C levels:
 * a coroutine starts at its resumer's level plus one and may yield only from there. */
#include "vm/run/coroutine.h"

#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/table.h"
#include "vm/run/call.h"
#include "vm/run/error.h"
#include "vm/run/stack.h"

enum { FIRST_RECORDS = 8, WORTH_A_COLLECTION = 128 };

/* --- Records --- */

static void grow_records(VM *vm) {
  uint32_t room = vm->run.coroutine_room ? vm->run.coroutine_room * 2 : FIRST_RECORDS;
  vm_heap_reserve(vm, vm_control_slot(room * sizeof(Coroutine)));
  Coroutine *records = vm_control_take(&vm->heap.control, room * sizeof(Coroutine));
  if (records == NULL) vm_error_memory(vm);
  memset(records, 0, room * sizeof(Coroutine));
  if (vm->run.coroutine_room != 0) {
    memcpy(records, vm->run.coroutines, vm->run.coroutine_count * sizeof(Coroutine));
    vm_control_give(&vm->heap.control, vm->run.coroutines, vm->run.coroutine_room * sizeof(Coroutine));
  }
  vm->run.coroutines = records;
  vm->run.coroutine_room = room;
}

/* Moves `coroutine_free` to the first free record, or to the end. */
static bool find_free(VM *vm) {
  uint32_t i = vm->run.coroutine_free;
  while (i < vm->run.coroutine_count && vm->run.coroutines[i].status != COROUTINE_FREE) i++;
  vm->run.coroutine_free = i;
  return i < vm->run.coroutine_count;
}

static bool are_many_dead(const VM *vm) {
  uint32_t dead = 0;
  for (uint32_t i = 0; i < vm->run.coroutine_count; i++) dead += vm->run.coroutines[i].status == COROUTINE_DEAD;
  return dead >= vm->run.coroutine_room / 2;
}

/* A record is free again once its coroutine is collected.  Most may be dead by now: they are
 * worth a collection before there is room for more of them. */
static void make_room(VM *vm) {
  if (vm->run.coroutine_room >= WORTH_A_COLLECTION && are_many_dead(vm)) {
    vm->heap.state.collect_due = 1;
    vm_heap_reserve(vm, 0);
    if (find_free(vm)) return;
  }
  grow_records(vm);
}

static uint32_t take_record(VM *vm) {
  while (!find_free(vm)) {
    if (vm->run.coroutine_count < vm->run.coroutine_room) vm->run.coroutine_count++;
    else make_room(vm);
  }
  return vm->run.coroutine_free++;
}

void vm_coroutine_open(VM *vm) {
  uint32_t record = take_record(vm);
  Coroutine *co = &vm->run.coroutines[record];
  vm_stack_open(vm, co, STACK_FIRST_SLOTS);
  coroutine_load_running(vm, co, record);
}

Handle *vm_coroutine_new(VM *vm, Value function) {
  vm_charge(vm, COST_COROUTINE, 1);
  vm_heap_reserve(vm, sizeof(Handle) + STACK_NEXT_SLOTS * sizeof(Value) +
                          vm_control_slot(STACK_FIRST_FRAMES * sizeof(Frame)));
  uint32_t record = take_record(vm);
  Coroutine *co = &vm->run.coroutines[record];
  memset(co, 0, sizeof *co);
  vm_stack_open(vm, co, STACK_NEXT_SLOTS);
  Handle *object = vm_heap_take(vm, KIND_THREAD, sizeof(Handle));
  if (object == NULL) vm_error_memory(vm);
  object->record = record;
  object->pad = 0;
  co->object = (uint32_t)(uintptr_t)object;
  co->globals = *state_globals(vm);
  co->status = COROUTINE_SUSPENDED;
  co->frame->base[0] = function;
  return object;
}

static void free_stacks(VM *vm, Coroutine *co) {
  if (co->stack == NULL) return;
  vm_heap_give_buffer(vm, (uint32_t)(uintptr_t)co->stack, (uint64_t)co->stack_slots * sizeof(Value));
  vm_control_give(&vm->heap.control, co->frames, vm_stack_frame_bytes(co));
  co->stack = NULL;
  co->frames = co->frame = NULL;
}

void vm_coroutine_sweep(VM *vm) {
  for (uint32_t i = 1; i < vm->run.coroutine_count; i++) {
    Coroutine *co = &vm->run.coroutines[i];
    if (co->status == COROUTINE_FREE || heap_is_marked(&vm->heap, co->object)) continue;
    /* Its stack is unmarked too and goes with the sweep of buffers. */
    if (co->frames != NULL) {
      vm_control_give(&vm->heap.control, co->frames, vm_stack_frame_bytes(co));
    }
    memset(co, 0, sizeof *co);
    if (i < vm->run.coroutine_free) vm->run.coroutine_free = i;
  }
}

/* --- Switching --- */

/* Makes `count` values from another stack the results of the native on top. */
static void hand_values(VM *vm, const Value *values, int count) {
  Value *target = vm_call_need_stack(vm, vm->run.frame->base, (uint32_t)count + NATIVE_SLOTS);
  memcpy(target, values, (size_t)count * sizeof(Value));
  vm->run.top = target + count;
}

void vm_coroutine_resume(VM *vm, uint32_t record, const Value *args, int count) {
  Coroutine *co = &vm->run.coroutines[record];
  vm_charge(vm, COST_STACK_SLOTS, count);
  coroutine_switch_to(vm, record);
  if (!co->started) {
    co->started = 1;
    Value *func = vm_call_need_stack(vm, vm->run.frame->base, (uint32_t)count + NATIVE_SLOTS);
    memcpy(func + 1, args, (size_t)count * sizeof(Value));
    vm->run.top = func + 1 + count;
    vm_call_body(vm, func, count);
  } else {
    /* The yield on top returns the values.  What stands in the buffer now is the resumer's. */
    vm->run.frame->buffer = vm->run.buffer_top;
    hand_values(vm, args, count);
    vm_call_hand_over(vm, vm->run.frame->base, count);
  }
}

void vm_coroutine_yield(VM *vm, const Value *values, int count) {
  const Coroutine *co = state_coroutine(vm);
  if (vm->run.current == MAIN_COROUTINE || vm->run.levels > co->base_levels) {
    vm_error_text(vm, "attempt to yield across metamethod/C-call boundary");
  }
  vm_charge(vm, COST_STACK_SLOTS, count);
  coroutine_switch_back(vm, COROUTINE_SUSPENDED);
  hand_values(vm, values, count);
  vm->run.frame->returned = count;
}

void vm_coroutine_finished(VM *vm, const Value *results, int count) {
  if (vm->run.current == MAIN_COROUTINE) {
    vm->run.result = count > 0 ? results[0] : VALUE_NIL;
    vm->run.exit = EXIT_DONE;
    return;
  }
  uint32_t record = vm->run.current;
  coroutine_switch_back(vm, COROUTINE_DEAD);
  hand_values(vm, results, count);
  vm->run.frame->returned = count;
  free_stacks(vm, &vm->run.coroutines[record]);
}

void vm_coroutine_failed(VM *vm) {
  uint32_t record = vm->run.current;
  Value error = vm->run.error;
  vm->run.error = VALUE_NIL;
  while (vm->run.frame > state_coroutine(vm)->frames) vm_call_pop(vm);
  if (vm->run.hook.coroutine == record) vm->run.hook.running = false;
  vm_call_close(vm, state_coroutine(vm)->stack);
  coroutine_switch_back(vm, COROUTINE_DEAD);
  vm->run.frame->base[0] = error;
  vm->run.top = vm->run.frame->base + 1;
  vm->run.frame->returned = COROUTINE_FAILED;
  free_stacks(vm, &vm->run.coroutines[record]);
}
