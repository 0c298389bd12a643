/* SPDX-License-Identifier: BSD-2-Clause */
/* argument - ways of reading arguments that several libraries share. */
#ifndef VM_LIB_ARGUMENT_H
#define VM_LIB_ARGUMENT_H

#include "vm/lib/native.h"

/* luaL_checkint and luaL_optint: the low half of the 64-bit conversion. */
static inline int32_t argument_int(VM *vm, Value *args, int count, int number) MAY_RAISE(script) {
  return (int32_t)(uint32_t)(uint64_t)vm_native_check_integer(vm, args, count, number);
}
static inline int32_t argument_opt_int(VM *vm, Value *args, int count, int number, int32_t missing)
    MAY_RAISE(script) {
  return (int32_t)(uint32_t)(uint64_t)vm_native_opt_integer(vm, args, count, number, missing);
}

/* luaL_checkoption: the index of the argument among `options`, which NULL ends. */
int vm_argument_option(VM *vm, Value *args, int count, int number, const char *const *options)
    MAY_RAISE(script);

/* Raises an argument error whose text is put together from two strings and what stands
 * between them. */
__attribute__((noreturn)) void vm_argument_refuse(VM *vm, int number, const char *before, const char *middle,
                                                  const char *after) MAY_RAISE(script);

#endif
