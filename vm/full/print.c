/* SPDX-License-Identifier: BSD-2-Clause */
/* print - a line of text to the host.
 *
 * The slot after the last argument holds tostring, the next ones its call. */
#include "vm/full/message.h"
#include "vm/lib/builtins.h"
#include "vm/run/slow_table.h"

enum { STEP_START, STEP_FOUND, STEP_TEXT, STEP_WRITTEN };

/* Up to the first NUL, as the reference's fputs. */
static void put_printed(VM *vm, Value *text) {
  if (!value_is_string(*text) && !value_is_number(*text)) {
    vm_native_error(vm, "'tostring' must return a string to 'print'");
  }
  const char *bytes = vm_native_check_string(vm, text, 1, 1)->bytes;
  vm_charge(vm, COST_HOST_BYTES, strlen(bytes));
  vm_buffer_put(vm, bytes, strlen(bytes));
}

/* Puts the global tostring into the slot; true when a function was asked for it: the globals may
 * have a metatable. */
static bool ask_tostring(VM *vm, Frame *frame, int slot) {
  Value name = value_of_string(vm_string_from(vm, "tostring")), found;
  Value method = vm_slow_table_get(vm, *state_globals(vm), -1, name, &found);
  Value *slots = native_slots(frame);
  slots[slot] = method == VALUE_NIL ? found : method;
  slots[slot + 1] = found;
  slots[slot + 2] = name;
  return method != VALUE_NIL;
}

int vm_print_line(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  int function = frame->count, call = frame->count + 1;
  if (frame->step == STEP_WRITTEN) return 0;
  if (frame->step == STEP_START) {
    slots = vm_native_need_slots(vm, slots, frame->count, 4);
    if (ask_tostring(vm, frame, function)) return vm_native_call(vm, frame, function, 2, 1, STEP_FOUND);
  }
  if (frame->step != STEP_TEXT) {
    frame->state[1] = vm_buffer_open(vm);
  } else {
    if (frame->state[0] > 1) vm_buffer_put_byte(vm, '\t');
    put_printed(vm, slots + call);
  }
  if (frame->state[0] == (uint64_t)frame->count) {
    vm_buffer_put_byte(vm, '\n');
    return vm_message_send(vm, frame, VM_HOST_PRINT, 0, frame->state[1], STEP_WRITTEN);
  }
  slots[call] = slots[function];
  slots[call + 1] = slots[frame->state[0]++];
  return vm_native_call(vm, frame, call, 1, 1, STEP_TEXT);
}
