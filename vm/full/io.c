/* SPDX-License-Identifier: BSD-2-Clause */
/* io - the io library on the virtual folder: opening, closing, default files.
 *
 * Reading is in io_read.c, writing and seeking in io_write.c.  Files that nobody closes
 * lose what is pending: there are no finalizers. */
#include "vm/full/file.h"
#include "vm/lib/builtins.h"
#include "vm/lib/option.h"

/* Copies the name to a slot behind the arguments, where it stays; returns that slot. */
static int name_slot(VM *vm, Frame *frame, int number) {
  int at = frame->count + 3;
  if (frame->step == 0) {
    String *name = vm_native_check_string(vm, native_slots(frame), frame->count, number);
    native_slots(frame)[at] = value_of_string(name);
  }
  return at;
}

int vm_io_open(VM *vm, Frame *frame) {
  int at = name_slot(vm, frame, 1);
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    const char *mode = "r";
    if (native_arg(slots, frame->count, 2) != VALUE_NIL) mode = vm_native_check_string(vm, slots, frame->count, 2)->bytes;
    frame->state[0] = vm_file_mode(mode);
    if (frame->state[0] == 0) return vm_disk_fail(vm, frame, value_string(slots[at]), DISK_INVALID);
  }
  DiskAnswer answer = vm_file_open(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  if (answer == DISK_ABSENT) return vm_disk_fail(vm, frame, value_string(slots[at]), frame->state[2]);
  return native_return(slots, slots[at + 1]);
}

/* Raises what io.input, io.output and io.lines raise when a file cannot be opened. */
static __attribute__((noreturn)) void refuse_name(VM *vm, const String *name, uint64_t error) {
  vm_option_refuse(vm, 1, name->bytes, ": ", vm_disk_reason(error));
}

/* --- Default files --- */

static int exchange_default(VM *vm, Frame *frame, const char *which, uint32_t flags) {
  Value *slots = native_slots(frame);
  int at = frame->count + 3;
  if (frame->step == 0) {
    Value v = native_arg(slots, frame->count, 1);
    if (v == VALUE_NIL) return native_return(slots, vm_profile_kept(vm, which));
    if (!value_is_string(v) && !value_is_number(v)) {
      vm_file_check_open(vm, slots, frame->count, 1);
      vm_profile_keep(vm, which, &slots[0]);
      return native_return(slots, slots[0]);
    }
    at = name_slot(vm, frame, 1);
    frame->state[0] = flags;
  }
  DiskAnswer answer = vm_file_open(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  if (answer == DISK_ABSENT) refuse_name(vm, value_string(slots[at]), frame->state[2]);
  vm_profile_keep(vm, which, &slots[at + 1]);
  return native_return(slots, slots[at + 1]);
}

int vm_io_input(VM *vm, Frame *frame) { return exchange_default(vm, frame, "_INPUT", FILE_READS); }
int vm_io_output(VM *vm, Frame *frame) {
  return exchange_default(vm, frame, "_OUTPUT", FILE_WRITES | FILE_CREATES | FILE_EMPTIES);
}

/* --- Lines --- */

static int make_iterator(VM *vm, Value *slots, const Value *file, bool closes) {
  Native *iterator = vm_native_closure(vm, BUILTIN__internal_io_line, 2);
  iterator->upvalues[0] = *file;
  iterator->upvalues[1] = value_of_bool(closes);
  return native_return(slots, value_of_native(iterator));
}

int vm_io_lines(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  int at = frame->count + 3;
  if (frame->step == 0) {
    if (native_arg(slots, frame->count, 1) == VALUE_NIL) {
      if (frame->count > 0) vm_file_check(vm, slots, frame->count, 1); /* raises: not even nil may stand there */
      slots[at] = vm_profile_kept(vm, "_INPUT");
      vm_file_check_open(vm, &slots[at], 1, 1);
      return make_iterator(vm, slots, &slots[at], false);
    }
    at = name_slot(vm, frame, 1);
    frame->state[0] = FILE_READS;
  }
  DiskAnswer answer = vm_file_open(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  if (answer == DISK_ABSENT) refuse_name(vm, value_string(slots[at]), frame->state[2]);
  return make_iterator(vm, slots, &slots[at + 1], true);
}

int vm_io_file_lines(VM *vm, Value *args, int count) {
  vm_file_check_open(vm, args, count, 1);
  return make_iterator(vm, args, &args[0], false);
}

/* --- Closing --- */

static int close_file(VM *vm, Value *args, Value file) {
  if (file_flags(file) & FILE_STANDARD) {
    args[0] = value_of_string(vm_string_from(vm, "cannot close standard file"));
    args[-1] = VALUE_NIL;
    return 2;
  }
  vm_file_close(vm, file);
  return native_return(args, VALUE_TRUE);
}

int vm_io_close(VM *vm, Value *args, int count) {
  if (count == 0) args[count++] = vm_profile_kept(vm, "_OUTPUT");
  return close_file(vm, args, vm_file_check_open(vm, args, count, 1));
}

int vm_io_file_close(VM *vm, Value *args, int count) {
  return close_file(vm, args, vm_file_check_open(vm, args, count, 1));
}

/* --- The rest --- */

int vm_io_type(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  if (!file_is(args[0])) return native_return(args, VALUE_NIL);
  return native_return(args, value_of_string(vm_string_from(vm, file_is_open(args[0]) ? "file" : "closed file")));
}

int vm_io_popen(VM *vm, Value *args, int count) {
  (void)args, (void)count;
  vm_native_error(vm, "'popen' not supported");
}

int vm_io_tmpfile(VM *vm, Value *args, int count) {
  (void)count;
  args[0] = value_of_string(vm_string_new(vm, "", 0));
  args[1] = vm_userdata_new(vm, NODE_SLOTS);
  userdata_slots(args[1])[NODE_CONTENT] = args[0];
  return native_return(args, vm_file_new(vm, &args[1], FILE_READS | FILE_WRITES));
}

int vm_io_file_tostring(VM *vm, Value *args, int count) {
  Value file = vm_file_check(vm, args, count, 1);
  if (!file_is_open(file)) return native_return(args, value_of_string(vm_string_from(vm, "file (closed)")));
  size_t mark = vm_buffer_open(vm);
  const String *text = vm_native_to_text(vm, file);
  args[1] = value_of_string(text);
  size_t skip = sizeof "userdata: " - 1;
  vm_buffer_put(vm, "file (", 6);
  vm_buffer_put(vm, text->bytes + skip, text->length - skip);
  vm_buffer_put_byte(vm, ')');
  return native_return(args, value_of_string(vm_buffer_string(vm, mark)));
}

/* What the reference's collector calls: here only scripts do. */
int vm_io_file_collect(VM *vm, Value *args, int count) {
  Value file = vm_file_check(vm, args, count, 1);
  if (file_is_open(file) && !(file_flags(file) & FILE_STANDARD)) vm_file_close(vm, file);
  return 0;
}
