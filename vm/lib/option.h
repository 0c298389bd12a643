/* SPDX-License-Identifier: BSD-2-Clause */
/* option - arguments that are optional or chosen from a list. */
#ifndef VM_LIB_OPTION_H
#define VM_LIB_OPTION_H

#include "vm/lib/arg.h"

/* luaL_optint: the low half of the 64-bit conversion. */
static inline int32_t option_int(VM *vm, Value *args, int count, int number, int32_t missing) MAY_RAISE(script) {
  return (int32_t)(uint32_t)(uint64_t)arg_integer_or(vm, args, count, number, missing);
}

/* luaL_checkoption: the index of the argument among `options`, which NULL ends. */
int vm_option_check(VM *vm, Value *args, int count, int number, const char *const *options) MAY_RAISE(script);

/* Raises an argument error whose text is put together from three parts. */
__attribute__((noreturn)) void vm_option_refuse(VM *vm, int number, const char *before, const char *middle,
                                                const char *after) MAY_RAISE(script);

#endif
