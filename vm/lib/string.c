/* SPDX-License-Identifier: BSD-2-Clause */
/* string - the string library's plain half: slices, bytes, case, repetition.
 *
 * Searching is in string_find.c and string_gsub.c, format in string_format.c.  Text is
 * bytes in the C locale.  Results up to CALL_BYTES are paid for by the price of the
 * call; longer ones by the byte.  Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/writer.h"

enum { CALL_BYTES = 64 };

static inline void charge_result(VM *vm, uint64_t size) {
  if (LIKELY(size <= CALL_BYTES)) return;
  vm_charge(vm, COST_STRING_BYTES, size);
  vm_charge(vm, COST_ALLOCATED_BYTES, size);
}

static inline int return_string(Value *args, const String *s) {
  return native_return(args, value_of_string(s));
}

/* A position as scripts give it, counted from the end when negative. */
static inline int64_t from_start(int64_t position, uint32_t length) {
  if (position < 0) position += (int64_t)length + 1;
  return position >= 0 ? position : 0;
}

int vm_string_len(VM *vm, Value *args, int count) {
  return native_return(args, value_of_int(arg_string(vm, args, count, 1)->length));
}

int vm_string_sub(VM *vm, Value *args, int count) {
  const String *s = arg_string(vm, args, count, 1);
  int64_t first = from_start(arg_integer(vm, args, count, 2), s->length);
  int64_t last = from_start(arg_integer_or(vm, args, count, 3, -1), s->length);
  if (first < 1) first = 1;
  if (last > s->length) last = s->length;
  if (first > last) return return_string(args, vm_string_new(vm, "", 0));
  if (first == 1 && last == s->length) return return_string(args, s);
  size_t size = (size_t)(last - first + 1);
  charge_result(vm, size);
  return return_string(args, vm_string_new(vm, s->bytes + first - 1, size));
}

static int return_bytes(VM *vm, Value *args, int count, const char *bytes, int64_t size) {
  if (count + size > LIMIT_C_STACK) vm_native_error(vm, "stack overflow (string slice too long)");
  args = vm_native_need_slots(vm, args, count, (int)size);
  vm_charge(vm, COST_STACK_SLOTS, size);
  for (int64_t i = 0; i < size; i++) args[i - 1] = value_of_int((unsigned char)bytes[i]);
  return (int)size;
}

int vm_string_byte(VM *vm, Value *args, int count) {
  const String *s = arg_string(vm, args, count, 1);
  int64_t first = from_start(arg_integer_or(vm, args, count, 2, 1), s->length);
  int64_t last = from_start(arg_integer_or(vm, args, count, 3, first), s->length);
  if (first <= 0) first = 1;
  if (last > s->length) last = s->length;
  if (first > last) return 0;
  if (LIKELY(first == last))
    return native_return(args, value_of_int((unsigned char)s->bytes[first - 1]));
  return return_bytes(vm, args, count, s->bytes + first - 1, last - first + 1);
}

static char check_byte(VM *vm, Value *args, int count, int number) {
  int32_t byte = arg_int(vm, args, count, number);
  if (UNLIKELY((uint32_t)byte > 255)) vm_native_arg_error(vm, number, "invalid value");
  return (char)byte;
}

int vm_string_char(VM *vm, Value *args, int count) {
  Writer w;
  vm_charge(vm, COST_STRING_BYTES, count);
  writer_start(&w, vm);
  for (int i = 1; i <= count; i++) writer_put_byte(&w, check_byte(vm, args, count, i));
  return return_string(args, writer_string(&w));
}

/* --- Copies ---
 *
 * A length is read once, for the room and for the copy: it lies in the arena. */

int vm_string_reverse(VM *vm, Value *args, int count) {
  Writer w;
  const String *s = arg_string(vm, args, count, 1);
  const size_t size = s->length;
  charge_result(vm, size);
  writer_start(&w, vm);
  char *to = writer_space(&w, size);
  for (size_t i = 0; i < size; i++) to[i] = s->bytes[size - 1 - i];
  return return_string(args, writer_string(&w));
}

/* The argument with every letter from `first` to `first` + 25 in the other case. */
static int change_case(VM *vm, Value *args, int count, unsigned char first) {
  Writer w;
  const String *s = arg_string(vm, args, count, 1);
  const size_t size = s->length;
  charge_result(vm, size);
  writer_start(&w, vm);
  char *to = writer_space(&w, size);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)s->bytes[i];
    to[i] = (char)(c ^ ((unsigned char)(c - first) < 26 ? 0x20 : 0));
  }
  return return_string(args, writer_string(&w));
}

int vm_string_lower(VM *vm, Value *args, int count) {
  return change_case(vm, args, count, 'A');
}

int vm_string_upper(VM *vm, Value *args, int count) {
  return change_case(vm, args, count, 'a');
}

/* `size` bytes, the first `unit` of which are `unit`, over and over. */
static void fill(char *to, uint64_t size, const char *unit, uint64_t unit_size) {
  if (unit_size == 1) {
    memset(to, (unsigned char)unit[0], size);
    return;
  }
  memcpy(to, unit, unit_size);
  for (uint64_t done = unit_size; done < size;) {
    uint64_t piece = done < size - done ? done : size - done;
    memcpy(to + done, to, piece);
    done += piece;
  }
}

int vm_string_rep(VM *vm, Value *args, int count) {
  Writer w;
  const String *s = arg_string(vm, args, count, 1);
  /* A 32-bit count, as the reference has it: 1e18 wraps to something negative. */
  int32_t times = arg_int(vm, args, count, 2);
  const uint64_t unit = s->length;
  if (times <= 0 || unit == 0) return return_string(args, vm_string_new(vm, "", 0));
  if (times == 1) return return_string(args, s);
  uint64_t size = unit * (uint64_t)times;
  charge_result(vm, size);
  writer_start(&w, vm);
  fill(writer_space(&w, size), size, s->bytes, unit);
  return return_string(args, writer_string(&w));
}

int vm_string_dump(VM *vm, Value *args, int count) {
  /* There is no bytecode that a script could be given: a dump is a text that no loader
   * takes, the reference's header, in which scripts look for the sizes of its types. */
  static const char header[12] = "\033LuaQ\0\1\4\10\4\10";
  vm_native_check_function(vm, args, count, 1);
  if (!value_is_closure(args[0])) vm_native_error(vm, "unable to dump given function");
  return native_return(args, value_of_string(vm_string_new(vm, header, sizeof header)));
}
