/* SPDX-License-Identifier: BSD-2-Clause */
/* io_write - writing, flushing, seeking, buffering. */
#include <math.h>

#include "vm/full/file.h"
#include "vm/full/message.h"
#include "vm/lib/builtins.h"
#include "vm/lib/option.h"

enum { STEP_WRITTEN = 1, STEP_BAD_ARGUMENT };

static bool is_text(Value v) { return value_is_string(v) || value_is_number(v); }

/* Sends arguments first..count to the host; those before a bad one are written first. */
static int write_standard(VM *vm, Frame *frame, Value file, int first) {
  size_t mark = vm_buffer_open(vm);
  int number = first;
  for (; number <= frame->count && is_text(native_slots(frame)[number - 1]); number++) {
    const String *text = vm_native_check_string(vm, native_slots(frame), frame->count, number);
    vm_charge(vm, COST_HOST_BYTES, text->length);
    vm_buffer_put(vm, text->bytes, text->length);
  }
  frame->state[0] = (uint64_t)number;
  uint16_t next = number <= frame->count ? STEP_BAD_ARGUMENT : STEP_WRITTEN;
  return vm_message_send(vm, frame, VM_HOST_PRINT, file_flags(file) & FILE_ERRORS ? 1 : 0, mark, next);
}

static int write_arguments(VM *vm, Frame *frame, Value file, int first) {
  Value *slots = native_slots(frame);
  if (frame->step == STEP_WRITTEN) return native_return(slots, VALUE_TRUE);
  if (frame->step == STEP_BAD_ARGUMENT) {
    vm_native_check_string(vm, slots, frame->count, (int)frame->state[0]);
  }
  if (!(file_flags(file) & FILE_WRITES)) return vm_disk_fail(vm, frame, NULL, DISK_BAD_DESCRIPTOR);
  if (file_flags(file) & FILE_STANDARD) return write_standard(vm, frame, file, first);
  for (int i = first; i <= frame->count; i++) {
    const String *text = vm_native_check_string(vm, slots, frame->count, i);
    vm_file_write(vm, file, value_of_string(text));
  }
  return native_return(slots, VALUE_TRUE);
}

int vm_io_write(VM *vm, Frame *frame) { return write_arguments(vm, frame, vm_file_default(vm, "_OUTPUT"), 1); }

int vm_io_file_write(VM *vm, Frame *frame) {
  return write_arguments(vm, frame, vm_file_check_open(vm, native_slots(frame), frame->count, 1), 2);
}

int vm_io_flush(VM *vm, Value *args, int count) {
  (void)count;
  vm_file_flush(vm, vm_file_default(vm, "_OUTPUT"));
  return native_return(args, VALUE_TRUE);
}

int vm_io_file_flush(VM *vm, Value *args, int count) {
  vm_file_flush(vm, vm_file_check_open(vm, args, count, 1));
  return native_return(args, VALUE_TRUE);
}

/* --- Position and buffer --- */

int vm_io_file_seek(VM *vm, Value *args, int count) {
  static const char *const origins[] = {"set", "cur", "end", NULL};
  Value file = vm_file_check_open(vm, args, count, 1);
  int origin = native_arg(args, count, 2) == VALUE_NIL ? 1 : vm_option_check(vm, args, count, 2, origins);
  int64_t offset = vm_native_opt_integer(vm, args, count, 3, 0);
  vm_file_flush(vm, file);
  double start = origin == 0 ? 0 : origin == 1 ? file_position(file) : file_content(file)->length;
  double target = start + (double)offset;
  if (target < 0 || target > 0x1p31) {
    args[0] = value_of_string(vm_string_from(vm, vm_disk_reason(DISK_INVALID)));
    args[-1] = VALUE_NIL;
    args[1] = value_of_int(DISK_INVALID);
    return 3;
  }
  userdata_slots(file)[FILE_POSITION] = value_of_number(target);
  return native_return_number(args, target);
}

int vm_io_file_setvbuf(VM *vm, Value *args, int count) {
  static const char *const modes[] = {"no", "full", "line", NULL};
  Value file = vm_file_check_open(vm, args, count, 1);
  int mode = vm_option_check(vm, args, count, 2, modes);
  double room = vm_native_opt_number(vm, args, count, 3, 1024);
  userdata_slots(file)[FILE_ROOM] = value_of_number(mode == 0 ? 0 : fmax(0, fmin(room, 0x1p20)));
  return native_return(args, VALUE_TRUE);
}
