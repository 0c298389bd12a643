/* SPDX-License-Identifier: BSD-2-Clause */
/* arg - fast arguments: the usual type is taken at once, the rest goes to native.h.
 *
 * Layer: vm/lib.
 */
#ifndef VM_LIB_ARG_H
#define VM_LIB_ARG_H

#include "vm/lib/native.h"

/* The reference's (ptrdiff_t) of a double, as x86-64 does it. */
static inline int64_t arg_truncate(double n) {
#if defined(__x86_64__)
  return _mm_cvttsd_si64(_mm_set_sd(n));
#else
  return LIKELY(n >= -0x1p63 && n < 0x1p63) ? (int64_t)n : INT64_MIN;
#endif
}

static inline String *arg_string(VM *vm, Value *args, int count, int number) MAY_RAISE(script) {
  if (LIKELY(number <= count && value_is_string(args[number - 1])))
    return value_string(args[number - 1]);
  return vm_native_check_string(vm, args, count, number);
}

static inline double arg_number(VM *vm, Value *args, int count, int number) MAY_RAISE(script) {
  if (LIKELY(number <= count && value_is_number(args[number - 1])))
    return value_number(args[number - 1]);
  return vm_native_check_number(vm, args, count, number);
}

static inline int64_t arg_integer(VM *vm, Value *args, int count, int number) MAY_RAISE(script) {
  return arg_truncate(arg_number(vm, args, count, number));
}

static inline int64_t arg_integer_or(VM *vm, Value *args, int count, int number, int64_t missing)
    MAY_RAISE(script) {
  if (number > count || value_is_nil(args[number - 1])) return missing;
  return arg_integer(vm, args, count, number);
}

/* luaL_checkint: the low half of the 64-bit conversion. */
static inline int32_t arg_int(VM *vm, Value *args, int count, int number) MAY_RAISE(script) {
  return (int32_t)(uint32_t)(uint64_t)arg_integer(vm, args, count, number);
}

#endif
