/* SPDX-License-Identifier: BSD-2-Clause */
/* debug_hook - debug.sethook and gethook: lines and counts (vm/run/hook.h). */
#include "vm/full/debug.h"
#include "vm/lib/builtins.h"
#include "vm/run/hook.h"

/* The mask is remembered as it was given; "c" and "r" never happen. */
static uint32_t mask_of(const char *text, int64_t count) {
  uint32_t mask = strchr(text, 'l') != NULL ? HOOK_LINE : 0;
  if (strchr(text, 'c') != NULL) mask |= HOOK_CALL;
  if (strchr(text, 'r') != NULL) mask |= HOOK_RETURN;
  return count > 0 ? mask | HOOK_COUNT : mask;
}

int vm_debug_sethook(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  DebugCall call = debug_call(vm, slots, frame->count);
  Value function = debug_arg(&call, 1);
  if (function == VALUE_NIL) {
    if (vm->run.hook.coroutine == call.coroutine) vm_hook_set(vm, call.coroutine, VALUE_NIL, 0, 0);
    return 0;
  }
  const char *text = vm_native_check_string(vm, slots, frame->count, call.shift + 2)->bytes;
  vm_native_check_function(vm, slots, frame->count, call.shift + 1);
  int32_t count = (int32_t)vm_native_opt_integer(vm, slots, frame->count, call.shift + 3, 0);
  vm_hook_set(vm, call.coroutine, function, mask_of(text, count), count > 0 ? (uint32_t)count : 0);
  return 0;
}

int vm_debug_gethook(VM *vm, Value *args, int count) {
  DebugCall call = debug_call(vm, args, count);
  const Hook *hook = &vm->run.hook;
  bool is_set = hook->mask != 0 && hook->coroutine == call.coroutine;
  char text[4] = "";
  size_t size = 0;
  if (is_set && (hook->mask & HOOK_CALL)) text[size++] = 'c';
  if (is_set && (hook->mask & HOOK_RETURN)) text[size++] = 'r';
  if (is_set && (hook->mask & HOOK_LINE)) text[size++] = 'l';
  args[0] = value_of_string(vm_string_new(vm, text, size));
  args[-1] = is_set ? vm->run.hook_function : VALUE_NIL;
  args[1] = value_of_int(is_set ? hook->count : 0);
  return 3;
}
