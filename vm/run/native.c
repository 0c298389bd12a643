/* SPDX-License-Identifier: BSD-2-Clause */
/* native - what library functions may use; see vm/lib/native.h. */
#include "vm/lib/native.h"

#include <stdarg.h>

#include "vm/run/call.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/meta.h"
#include "vm/run/slow.h"
#include "vm/values/number.h"

/* --- Errors --- */

static void put_int(VM *vm, int n) {
  char text[16];
  size_t at = sizeof text;
  unsigned rest = n < 0 ? 0u - (unsigned)n : (unsigned)n;
  do {
    text[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (n < 0) text[--at] = '-';
  vm_buffer_put(vm, text + at, sizeof text - at);
}

static void put_format(VM *vm, const char *format, va_list arguments) {
  for (const char *p = format; *p != 0; p++) {
    if (*p != '%') {
      vm_buffer_put_byte(vm, *p);
      continue;
    }
    switch (*++p) {
      case 's': {
        const char *s = va_arg(arguments, const char *);
        vm_buffer_put(vm, s, strlen(s));
        break;
      }
      case 'd': put_int(vm, va_arg(arguments, int)); break;
      case 'c': vm_buffer_put_byte(vm, (char)va_arg(arguments, int)); break;
      default: vm_buffer_put_byte(vm, *p); break;
    }
  }
}

void vm_native_error(VM *vm, const char *format, ...) {
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_position(vm, 1);
  va_list arguments;
  va_start(arguments, format);
  put_format(vm, format, arguments);
  va_end(arguments);
  vm_error_raise_buffer(vm, mark);
}

void vm_native_raise(VM *vm, Value error) { vm_error_raise(vm, error); }

void vm_native_arg_error(VM *vm, int number, const char *text) {
  const char *name = NULL;
  const char *kind = vm_debug_function_name(vm, &name);
  if (kind != NULL && strcmp(kind, "method") == 0) {
    number--;
    if (number == 0) vm_native_error(vm, "calling '%s' on bad self (%s)", name, text);
  }
  vm_native_error(vm, "bad argument #%d to '%s' (%s)", number, kind ? name : "?", text);
}

void vm_native_type_error(VM *vm, Value *args, int count, int number, const char *expected) {
  char text[96];
  const char *actual = number > count ? "no value" : vm_value_type_names[value_type(args[number - 1])];
  size_t size = 0;
  const char *const parts[] = {expected, " expected, got ", actual};
  for (int i = 0; i < 3; i++) {
    size_t part = strlen(parts[i]);
    if (part > sizeof text - 1 - size) part = sizeof text - 1 - size;
    memcpy(text + size, parts[i], part);
    size += part;
  }
  text[size] = 0;
  vm_native_arg_error(vm, number, text);
}

/* --- Arguments --- */

bool vm_native_to_number(Value v, double *ret_number) { return vm_slow_to_number(v, ret_number); }

double vm_native_check_number(VM *vm, Value *args, int count, int number) {
  Value v = native_arg(args, count, number);
  if (LIKELY(value_is_number(v))) return value_number(v);
  double n;
  if (!vm_slow_coerce(vm, v, &n)) vm_native_type_error(vm, args, count, number, "number");
  return n;
}

double vm_native_opt_number(VM *vm, Value *args, int count, int number, double missing) {
  if (native_arg(args, count, number) == VALUE_NIL) return missing;
  return vm_native_check_number(vm, args, count, number);
}

static int64_t to_integer(double n) {
  if (UNLIKELY(!(n >= -0x1p63 && n < 0x1p63))) return INT64_MIN;
  return (int64_t)n;
}

int64_t vm_native_check_integer(VM *vm, Value *args, int count, int number) {
  return to_integer(vm_native_check_number(vm, args, count, number));
}

int64_t vm_native_opt_integer(VM *vm, Value *args, int count, int number, int64_t missing) {
  if (native_arg(args, count, number) == VALUE_NIL) return missing;
  return vm_native_check_integer(vm, args, count, number);
}

static String *number_string(VM *vm, double n) {
  char text[NUMBER_TEXT_MAX];
  size_t size = vm_number_write(n, text);
  return vm_string_new(vm, text, size);
}

String *vm_native_check_string(VM *vm, Value *args, int count, int number) {
  Value v = native_arg(args, count, number);
  if (LIKELY(value_is_string(v))) return value_string(v);
  if (!value_is_number(v)) vm_native_type_error(vm, args, count, number, "string");
  String *s = number_string(vm, value_number(v));
  args[number - 1] = value_of_string(s);
  return s;
}

String *vm_native_opt_string(VM *vm, Value *args, int count, int number, String *missing) {
  if (native_arg(args, count, number) == VALUE_NIL) return missing;
  return vm_native_check_string(vm, args, count, number);
}

Table *vm_native_check_table(VM *vm, Value *args, int count, int number) {
  Value v = native_arg(args, count, number);
  if (UNLIKELY(!value_is_table(v))) vm_native_type_error(vm, args, count, number, "table");
  return value_table(v);
}

void vm_native_check_function(VM *vm, Value *args, int count, int number) {
  if (!value_is_function(native_arg(args, count, number))) {
    vm_native_type_error(vm, args, count, number, "function");
  }
}

void vm_native_check_any(VM *vm, Value *args, int count, int number) {
  (void)args;
  if (number > count) vm_native_arg_error(vm, number, "value expected");
}

void vm_native_check_writable(VM *vm, const Table *t) {
  if (UNLIKELY(table_is_readonly(t))) vm_error_text(vm, "Attempt to modify a readonly table");
}

/* --- Slots and calls --- */

Value *vm_native_need_slots(VM *vm, Value *args, int count, int extra) {
  Value *moved = vm_call_need_stack(vm, args, (uint32_t)count + (uint32_t)extra);
  Value *end = moved + count + extra;
  if (end > vm->run.top) {
    /* What lies there may be read by a collection before the native has written it. */
    for (Value *p = moved + count; p < end; p++) *p = VALUE_NIL;
    vm->run.top = end;
  }
  return moved;
}

int vm_native_call(VM *vm, Frame *frame, int slot, int arguments, int results, uint16_t next_step) {
  frame->step = next_step;
  vm->run.call_slot = slot;
  vm->run.call_arguments = arguments;
  vm->run.call_results = results;
  return NATIVE_CALLS;
}

int vm_native_host(VM *vm, Frame *frame, VmHostKind kind, uint16_t next_step) {
  frame->step = next_step;
  vm->run.host_call.kind = kind;
  vm->run.exit = EXIT_HOST_CALL;
  return NATIVE_HOST;
}

/* --- Conversions --- */

static char hex_digit(unsigned n) { return "0123456789abcdef"[n & 15]; }

/* "table: 0x" and the serial number in twelve digits: an identity, not an address. */
static String *object_text(VM *vm, const char *type, uint32_t serial) {
  char text[32];
  size_t size = strlen(type);
  memcpy(text, type, size);
  memcpy(text + size, ": 0x", 4);
  size += 4;
  for (int shift = 44; shift >= 0; shift -= 4) text[size++] = hex_digit((unsigned)((uint64_t)serial >> shift));
  return vm_string_new(vm, text, size);
}

String *vm_native_to_text(VM *vm, Value v) {
  switch (value_type(v)) {
    case TYPE_NUMBER: return number_string(vm, value_number(v));
    case TYPE_STRING: return value_string(v);
    case TYPE_BOOLEAN: return vm_string_from(vm, v == VALUE_TRUE ? "true" : "false");
    case TYPE_NIL: return vm_string_from(vm, "nil");
    case TYPE_USERDATA:
      if (v == VALUE_NULL) return vm_string_from(vm, "userdata: (nil)");
      return object_text(vm, "userdata", value_object(v)->serial);
    default: return object_text(vm, vm_value_type_names[value_type(v)], value_object(v)->serial);
  }
}

Value vm_native_metafield(VM *vm, Value v, const char *name) {
  Table *metatable = vm_meta_table(vm, v);
  if (metatable == NULL) return VALUE_NIL;
  return vm_table_get_string(metatable, vm_string_from(vm, name));
}
