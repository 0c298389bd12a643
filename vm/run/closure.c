/* SPDX-License-Identifier: BSD-2-Clause */
/* closure - see closure.h. */
#include "vm/run/closure.h"

#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/table.h"

static Value box_value(const Upvalue *box) { return value_of_object(TAG_BOX, &box->header); }

/* An object with a header, from its bin's run when that has room. */
static void *take_object(VM *vm, Kind kind, uint32_t size) {
  void *object = NULL;
  if (LIKELY(size <= SMALL_MAX && !heap_of(vm)->state.building_base)) {
    uint32_t class_index = vm_heap_class_of[(size + GRANULE - 1) / GRANULE];
    object = heap_take_fast(vm, kind, class_index, vm_heap_class_size[class_index]);
  }
  if (UNLIKELY(object == NULL)) object = vm_heap_take(vm, kind, size);
  if (UNLIKELY(object == NULL)) vm_error_memory(vm);
  return object;
}

/* The open box of a stack slot, made when there is none. */
static Upvalue *open_box(VM *vm, const Value *slot) {
  Coroutine *co = state_coroutine(vm);
  uint32_t address = (uint32_t)(uintptr_t)slot;
  uint32_t *link = &co->open, steps = 0;
  while (*link != 0) {
    VM_ASSERT(++steps < CHAIN_MAX);
    Upvalue *box = (Upvalue *)(uintptr_t)*link;
    if (box->slot == address) return box;
    if (box->slot < address) break;
    link = &box->next;
  }
  Upvalue *box = take_object(vm, KIND_UPVALUE, sizeof(Upvalue));
  box->slot = address;
  box->closed = VALUE_NIL;
  box->next = *link;
  *link = (uint32_t)(uintptr_t)box;
  return box;
}

static Closure *new_closure(VM *vm, uint32_t function, uint32_t upvalues, Value environment) {
  Closure *closure = take_object(vm, KIND_CLOSURE, (uint32_t)(sizeof(Closure) + upvalues * sizeof(Value)));
  closure->function = function;
  closure->upvalue_count = upvalues;
  closure->environment = environment;
  return closure;
}

static Value capture(VM *vm, const Frame *frame, Capture from, const Closure *self) {
  switch ((CaptureKind)from.kind) {
    case CAPTURE_VALUE: return frame->base[from.index];
    case CAPTURE_REFERENCE: return box_value(open_box(vm, &frame->base[from.index]));
    case CAPTURE_UPVALUE: return frame->closure->upvalues[from.index];
    case CAPTURE_SELF: return value_of_closure(self);
  }
  __builtin_trap();
}

Value vm_closure_make(VM *vm, uint32_t index) {
  const Frame *frame = vm->run.frame;
  const Function *running = state_frame_function(vm, frame);
  const ModuleRecord *record = &vm->run.modules[running->module];
  const Function *function = &vm->run.functions[record->first_function + index];
  uint32_t count = function->upvalue_count;
  vm_heap_reserve(vm, sizeof(Closure) + count * (sizeof(Value) + heap_slot_size(sizeof(Upvalue))));
  Closure *closure = new_closure(vm, record->first_function + index, count, frame->closure->environment);
  const Capture *captures = module_at(record->module, function->proto->captures);
  for (uint32_t i = 0; i < count; i++) closure->upvalues[i] = capture(vm, frame, captures[i], closure);
  return value_of_closure(closure);
}

Value vm_closure_main(VM *vm, uint32_t module, Value environment) {
  vm_heap_reserve(vm, sizeof(Closure));
  return value_of_closure(new_closure(vm, vm->run.modules[module].first_function, 0, environment));
}

Native *vm_native_closure(VM *vm, uint32_t builtin_id, uint32_t upvalue_count) {
  uint32_t size = (uint32_t)(sizeof(Native) + upvalue_count * sizeof(Value));
  vm_heap_reserve(vm, size);
  Native *native = take_object(vm, KIND_NATIVE, size);
  native->native = builtin_id;
  native->upvalue_count = upvalue_count;
  native->environment = vm->run.globals;
  for (uint32_t i = 0; i < upvalue_count; i++) native->upvalues[i] = VALUE_NIL;
  return native;
}
