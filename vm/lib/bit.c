/* SPDX-License-Identifier: BSD-2-Clause */
/* bit - BitOp's operations on 32-bit integers.
 *
 * A number is rounded to the nearest integer, ties to even, modulo 2^32 (value_round_bits);
 * results are signed.  Arguments of and, or, xor are read first to last
 * but for the first: 1, n, n - 1 ... 2, which decides what error a bad pair gives.
 * Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"

static uint32_t check_bits(VM *vm, Value *args, int count, int number) {
  return value_round_bits(arg_number(vm, args, count, number));
}

static int return_bits(Value *args, uint32_t bits) {
  return native_return(args, value_of_int((int32_t)bits));
}

static uint32_t rotate(uint32_t x, uint32_t n) {
  return x << (n & 31) | x >> (-n & 31);
}

int vm_bit_tobit(VM *vm, Value *args, int count) {
  return return_bits(args, check_bits(vm, args, count, 1));
}

int vm_bit_bnot(VM *vm, Value *args, int count) {
  return return_bits(args, ~check_bits(vm, args, count, 1));
}

/* Defines an operation over any number of arguments. */
#define BIT_FOLD(name, operator)                                                  \
  int vm_bit_##name(VM *vm, Value *args, int count) {                             \
    uint32_t bits = check_bits(vm, args, count, 1);                               \
    if (count > 16) vm_charge(vm, COST_TABLE_STEP, count);                        \
    for (int i = count; i > 1; i--) bits operator check_bits(vm, args, count, i); \
    return return_bits(args, bits);                                               \
  }

BIT_FOLD(band, &=)
BIT_FOLD(bor, |=)
BIT_FOLD(bxor, ^=)

/* Defines an operation of a number and a count modulo 32. */
#define BIT_SHIFT(name, result)                       \
  int vm_bit_##name(VM *vm, Value *args, int count) { \
    uint32_t x = check_bits(vm, args, count, 1);      \
    uint32_t n = check_bits(vm, args, count, 2) & 31; \
    return return_bits(args, result);                 \
  }

BIT_SHIFT(lshift, x << n)
BIT_SHIFT(rshift, x >> n)
BIT_SHIFT(arshift, (uint32_t)((int32_t)x >> n))
BIT_SHIFT(rol, rotate(x, n))
BIT_SHIFT(ror, rotate(x, -n))

int vm_bit_bswap(VM *vm, Value *args, int count) {
  return return_bits(args, __builtin_bswap32(check_bits(vm, args, count, 1)));
}

int vm_bit_tohex(VM *vm, Value *args, int count) {
  uint32_t x = check_bits(vm, args, count, 1);
  int32_t n = count < 2 ? 8 : (int32_t)check_bits(vm, args, count, 2);
  const char *letters = n < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  /* Compared before it is negated: INT_MIN has no counterpart. */
  int size = n >= 8 || n <= -8 ? 8 : n < 0 ? -n : n;
  char text[8];
  for (int i = size - 1; i >= 0; i--, x >>= 4) text[i] = letters[x & 15];
  return native_return(args, value_of_string(vm_string_new(vm, text, (size_t)size)));
}
