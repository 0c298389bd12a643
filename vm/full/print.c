/* SPDX-License-Identifier: BSD-2-Clause */
/* print - a line of text to the host.
 *
 * The slot after the last argument holds tostring, the next ones its call. */
#include "vm/full/message.h"
#include "vm/lib/builtins.h"

enum { STEP_TEXT = 1, STEP_WRITTEN };

/* Up to the first NUL, as the reference's fputs. */
static void put_printed(VM *vm, Value *text) {
  if (!value_is_string(*text) && !value_is_number(*text)) {
    vm_native_error(vm, "'tostring' must return a string to 'print'");
  }
  const char *bytes = vm_native_check_string(vm, text, 1, 1)->bytes;
  vm_charge(vm, COST_HOST_BYTES, strlen(bytes));
  vm_buffer_put(vm, bytes, strlen(bytes));
}

int vm_print_line(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  int function = frame->count, call = frame->count + 1;
  if (frame->step == STEP_WRITTEN) return 0;
  if (frame->step == 0) {
    slots[function] = vm_table_get_string(value_table(*state_globals(vm)), vm_string_from(vm, "tostring"));
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
