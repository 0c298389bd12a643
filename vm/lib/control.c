/* SPDX-License-Identifier: BSD-2-Clause */
/* control - error, pcall, xpcall, and the iterators of for. */
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"

int vm_control_error(VM *vm, Value *args, int count) {
  Value error = native_arg(args, count, 1);
  int level = (int32_t)vm_native_opt_integer(vm, args, count, 2, 1); /* cut off as the reference's int */
  if ((!value_is_string(error) && !value_is_number(error)) || level <= 0) vm_error_raise(vm, error);
  vm_debug_charge_level(vm, level);
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_position(vm, level);
  const String *text = vm_native_to_text(vm, error);
  vm_buffer_put(vm, text->bytes, text->length);
  vm_error_raise_buffer(vm, mark);
}

int vm_control_pcall(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    /* The server's own pcall does not look: without an argument it calls its own true. */
    if (vm->profile == VM_PROFILE_FULL) vm_native_check_any(vm, slots, frame->count, 1);
    frame->catches = CATCH_PCALL;
    int arguments = frame->count - 1;
    if (arguments < 0) {
      slots[0] = VALUE_TRUE;
      arguments = 0;
    }
    return vm_native_call(vm, frame, 0, arguments, NATIVE_MULTI, 1);
  }
  slots[-1] = VALUE_TRUE;
  return frame->returned + 1;
}

/* slots[0] holds the handler from the first step on: the unwinder finds it there. */
int vm_control_xpcall(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    vm_native_check_any(vm, slots, frame->count, 2);
    Value function = slots[0];
    slots[0] = slots[1];
    slots[1] = function;
    frame->catches = CATCH_XPCALL;
    return vm_native_call(vm, frame, 1, 0, NATIVE_MULTI, 1);
  }
  slots[-1] = VALUE_TRUE;
  memmove(slots, slots + 1, (size_t)frame->returned * sizeof(Value));
  return frame->returned + 1;
}

int vm_control_next(VM *vm, Value *args, int count) {
  const Table *t = vm_native_check_table(vm, args, count, 1);
  Value pair[2];
  if (!vm_table_next(vm, t, native_arg(args, count, 2), pair)) return native_return(args, VALUE_NIL);
  args[-1] = pair[0];
  args[0] = pair[1];
  return 2;
}

int vm_control_pairs(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 1);
  args[-1] = vm->run.next_function;
  args[1] = VALUE_NIL;
  return 3;
}

int vm_control_ipairs(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 1);
  args[-1] = vm->run.ipairs_function;
  args[1] = value_of_int(0);
  return 3;
}

int vm_control_ipairs_step(VM *vm, Value *args, int count) {
  int64_t i = vm_native_check_integer(vm, args, count, 2);
  const Table *t = vm_native_check_table(vm, args, count, 1);
  i = (int32_t)((uint32_t)i + 1);
  Value v = vm_table_get_integer(t, i);
  if (v == VALUE_NIL) return 0;
  args[-1] = value_of_int(i);
  args[0] = v;
  return 2;
}
