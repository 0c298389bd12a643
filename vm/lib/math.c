/* SPDX-License-Identifier: BSD-2-Clause */
/* math - the math library, all but random: arguments checked, then libm. */
#include "vm/lib/math.h"

#include <math.h>

#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"

/* Defines vm_math_<name> as one call of libm's `function`. */
#define MATH_UNARY(name, function)                                              \
  int vm_math_##name(VM *vm, Value *args, int count) {                          \
    double x = arg_number(vm, args, count, 1);                                  \
    return native_return_number(args, value_operation_result(function(x), x, x)); \
  }

/* The reference as compiled checks the second argument first. */
#define MATH_BINARY(name, function)                                             \
  int vm_math_##name(VM *vm, Value *args, int count) {                          \
    double y = arg_number(vm, args, count, 2);                                  \
    double x = arg_number(vm, args, count, 1);                                  \
    return native_return_number(args, value_operation_result(function(x, y), x, y)); \
  }

/* Outside their domain these give a positive NaN in the shared libm of x86-64, which the
 * server uses, and a negative one in the static libm of a sealed worker. */
#define MATH_POSITIVE(name, function, is_outside)                               \
  int vm_math_##name(VM *vm, Value *args, int count) {                          \
    double x = arg_number(vm, args, count, 1);                                  \
    return native_return_number(args, (is_outside) ? (double)NAN : function(x)); \
  }

MATH_UNARY(abs, fabs)
MATH_POSITIVE(acos, acos, fabs(x) > 1)
MATH_POSITIVE(asin, asin, fabs(x) > 1)
MATH_UNARY(atan, atan)
MATH_BINARY(atan2, atan2)
MATH_UNARY(ceil, ceil)
MATH_UNARY(cos, cos)
MATH_UNARY(cosh, cosh)
MATH_UNARY(exp, exp)
MATH_UNARY(floor, floor)
MATH_BINARY(fmod, fmod)
MATH_UNARY(log, log)
MATH_POSITIVE(log10, log10, x < 0)
MATH_BINARY(pow, pow)
MATH_UNARY(sin, sin)
MATH_UNARY(sinh, sinh)
MATH_UNARY(sqrt, sqrt)
MATH_UNARY(tan, tan)
MATH_UNARY(tanh, tanh)

#define PI 3.14159265358979323846
#define RADIANS_PER_DEGREE (PI / 180.0)

int vm_math_deg(VM *vm, Value *args, int count) {
  return native_return_number(args, arg_number(vm, args, count, 1) / RADIANS_PER_DEGREE);
}

int vm_math_rad(VM *vm, Value *args, int count) {
  return native_return_number(args, arg_number(vm, args, count, 1) * RADIANS_PER_DEGREE);
}

int vm_math_frexp(VM *vm, Value *args, int count) {
  int exponent = 0;
  double fraction = frexp(arg_number(vm, args, count, 1), &exponent);
  args[-1] = value_of_number(fraction);
  args[0] = value_of_int(exponent);
  return 2;
}

int vm_math_ldexp(VM *vm, Value *args, int count) {
  int exponent = arg_int(vm, args, count, 2); /* first, as the reference as compiled */
  double fraction = arg_number(vm, args, count, 1);
  return native_return_number(args, ldexp(fraction, exponent));
}

int vm_math_modf(VM *vm, Value *args, int count) {
  double whole = 0;
  double fraction = modf(arg_number(vm, args, count, 1), &whole);
  args[-1] = value_of_number(whole);
  args[0] = value_of_number(fraction);
  return 2;
}

enum { FEW = 8 }; /* arguments that the price of the call covers */

int vm_math_max(VM *vm, Value *args, int count) {
  double largest = arg_number(vm, args, count, 1);
  if (count > FEW) vm_charge(vm, COST_TABLE_STEP, count);
  for (int i = 2; i <= count; i++) {
    double n = arg_number(vm, args, count, i);
    if (n > largest) largest = n;
  }
  return native_return_number(args, largest);
}

int vm_math_min(VM *vm, Value *args, int count) {
  double smallest = arg_number(vm, args, count, 1);
  if (count > FEW) vm_charge(vm, COST_TABLE_STEP, count);
  for (int i = 2; i <= count; i++) {
    double n = arg_number(vm, args, count, i);
    if (n < smallest) smallest = n;
  }
  return native_return_number(args, smallest);
}

/* --- What is no function --- */

void vm_math_open(VM *vm, Table *library) {
  *vm_table_slot_string(vm, library, vm_string_from(vm, "pi")) = value_of_number(PI);
  *vm_table_slot_string(vm, library, vm_string_from(vm, "huge")) = value_of_number(HUGE_VAL);
  Value fmod_function = vm_table_get_string(library, vm_string_from(vm, "fmod"));
  *vm_table_slot_string(vm, library, vm_string_from(vm, "mod")) = fmod_function;
}
