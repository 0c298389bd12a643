/* SPDX-License-Identifier: BSD-2-Clause */
/* io_read - reading: lines, numbers, bytes, everything.
 *
 * All of standard input comes from the host at the first read.  So the arguments move up
 * by one slot: the host's answer goes to slots[0]. */
#include "vm/full/file.h"
#include "vm/full/message.h"
#include "vm/lib/builtins.h"
#include "vm/values/number.h"

enum { STEP_LOADED = 1 };

/* --- Standard input --- */

static bool must_load(Value file) {
  return (file_flags(file) & FILE_INPUT) && userdata_slots(file)[FILE_PENDING] == VALUE_NIL;
}

static int ask_input(VM *vm, Frame *frame) {
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put_byte(vm, '-');
  return vm_message_send(vm, frame, VM_HOST_READ, 0, mark, STEP_LOADED);
}

/* The answer becomes the content; the unused slot of what is pending notes it. */
static void keep_input(VM *vm, Frame *frame, Value file) {
  Value answer = native_slots(frame)[0];
  if (value_is_string(answer)) userdata_slots(userdata_slots(file)[FILE_NODE])[NODE_CONTENT] = answer;
  userdata_slots(file)[FILE_PENDING] = VALUE_FALSE;
  (void)vm;
}

/* --- Pieces: false at the end of the file --- */

/* The bytes from the position on. */
static VmBytes rest_of(Value file) {
  const String *content = file_content(file);
  double position = file_position(file);
  size_t at = position < content->length ? (size_t)position : content->length;
  return (VmBytes){content->bytes + at, content->length - at};
}

static void advance(Value file, size_t size) {
  userdata_slots(file)[FILE_POSITION] = value_of_number(file_position(file) + (double)size);
}

static bool take(VM *vm, Value file, size_t size, Value *ret_piece) {
  vm_charge(vm, COST_STRING_BYTES, size + 16);
  *ret_piece = value_of_string(vm_string_new(vm, rest_of(file).data, size));
  advance(file, size);
  return true;
}

static bool read_line(VM *vm, Value file, Value *ret_piece) {
  VmBytes rest = rest_of(file);
  if (rest.size == 0) return false;
  const char *end = memchr(rest.data, '\n', rest.size);
  take(vm, file, end != NULL ? (size_t)(end - rest.data) : rest.size, ret_piece);
  if (end != NULL) advance(file, 1);
  return true;
}

static bool read_bytes(VM *vm, Value file, double wanted, Value *ret_piece) {
  VmBytes rest = rest_of(file);
  if (wanted == 0) *ret_piece = value_of_string(vm_string_new(vm, "", 0));
  if (wanted == 0 || rest.size == 0) return rest.size != 0;
  return take(vm, file, wanted > 0 && wanted < (double)rest.size ? (size_t)wanted : rest.size, ret_piece);
}

/* --- Numbers, as scanf's %lf takes them --- */

static bool is_digit(char c, bool hexadecimal) {
  char lower = (char)(c | 0x20);
  return (c >= '0' && c <= '9') || (hexadecimal && lower >= 'a' && lower <= 'f');
}

static size_t skip_digits(const char *text, size_t at, size_t size, bool hexadecimal) {
  while (at < size && is_digit(text[at], hexadecimal)) at++;
  return at;
}

/* The length of the number at the start of `text`. */
static size_t number_length(const char *text, size_t size) {
  size_t at = size > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  bool hexadecimal = at + 1 < size && text[at] == '0' && (text[at + 1] | 0x20) == 'x';
  if (hexadecimal) at += 2;
  at = skip_digits(text, at, size, hexadecimal);
  if (at < size && text[at] == '.') at = skip_digits(text, at + 1, size, hexadecimal);
  if (at == size || (text[at] | 0x20) != (hexadecimal ? 'p' : 'e')) return at;
  size_t exponent = at + 1;
  if (exponent < size && (text[exponent] == '-' || text[exponent] == '+')) exponent++;
  return skip_digits(text, exponent, size, false);
}

static bool read_number(VM *vm, Value file, Value *ret_piece) {
  VmBytes rest = rest_of(file);
  size_t blank = 0;
  while (blank < rest.size && (rest.data[blank] == ' ' || (rest.data[blank] >= '\t' && rest.data[blank] <= '\r'))) blank++;
  vm_charge(vm, COST_STRING_BYTES, blank);
  advance(file, blank);
  size_t size = number_length(rest.data + blank, rest.size - blank);
  Value text;
  double n;
  take(vm, file, size, &text);
  const String *digits = value_string(text);
  if (!vm_number_read(digits->bytes, digits->length, &n)) return false;
  *ret_piece = value_of_number(n);
  return true;
}

/* --- Formats --- */

static bool read_format(VM *vm, Value file, Value format, int number, Value *ret_piece) {
  if (value_is_number(format)) return read_bytes(vm, file, (double)(int64_t)value_number(format), ret_piece);
  const char *text = value_is_string(format) ? value_string(format)->bytes : "";
  if (text[0] != '*') vm_native_arg_error(vm, number, "invalid option");
  switch (text[1]) {
    case 'n': return read_number(vm, file, ret_piece);
    case 'l': return read_line(vm, file, ret_piece);
    case 'a': return take(vm, file, rest_of(file).size, ret_piece);
    default: vm_native_arg_error(vm, number, "invalid format");
  }
}

/* Reads by the formats from argument `first` on; slots[number] holds argument `number`. */
static int read_formats(VM *vm, Frame *frame, Value file, int first) {
  Value *slots = native_slots(frame);
  if (!(file_flags(file) & FILE_READS)) return vm_disk_fail(vm, frame, NULL, DISK_BAD_DESCRIPTOR);
  vm_file_flush(vm, file);
  int results = 0;
  bool more = true;
  if (first > frame->count) more = read_line(vm, file, &slots[-1 + results++]);
  for (int i = first; i <= frame->count && more; i++) {
    Value piece = VALUE_NIL;
    more = read_format(vm, file, slots[i], i, &piece);
    slots[-1 + results++] = piece;
  }
  if (!more) slots[results - 2] = VALUE_NIL;
  return results;
}

static int read_from(VM *vm, Frame *frame, Value file, int first) {
  if (frame->step == 0) {
    Value *slots = native_slots(frame);
    memmove(slots + 1, slots, (size_t)frame->count * sizeof(Value));
    if (must_load(file)) return ask_input(vm, frame);
  } else {
    keep_input(vm, frame, file);
  }
  return read_formats(vm, frame, file, first);
}

int vm_io_read(VM *vm, Frame *frame) { return read_from(vm, frame, vm_file_default(vm, "_INPUT"), 1); }

int vm_io_file_read(VM *vm, Frame *frame) {
  int moved = frame->step != 0;
  return read_from(vm, frame, vm_file_check_open(vm, native_slots(frame) + moved, frame->count, 1), 2);
}

/* --- The iterator of lines --- */

int vm_io_line(VM *vm, Frame *frame) {
  const Native *self = (const Native *)frame->closure;
  Value file = self->upvalues[0];
  if (!file_is(file) || !file_is_open(file)) vm_native_error(vm, "file is already closed");
  if (frame->step == 0 && must_load(file)) return ask_input(vm, frame);
  if (frame->step != 0) keep_input(vm, frame, file);
  if (!(file_flags(file) & FILE_READS)) vm_native_error(vm, "%s", vm_disk_reason(DISK_BAD_DESCRIPTOR));
  vm_file_flush(vm, file);
  Value *slots = native_slots(frame);
  if (read_line(vm, file, &slots[0])) return native_return(slots, slots[0]);
  if (self->upvalues[1] == VALUE_TRUE) vm_file_close(vm, file);
  return 0;
}
