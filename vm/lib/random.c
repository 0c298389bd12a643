/* SPDX-License-Identifier: BSD-2-Clause */
/* random - math.random and math.randomseed.
 *
 * Bounds are C ints of the reference and wrap as its compiled code does; a
 * surplus of arguments is noticed only after the state has moved.  Layer: vm/lib.
 */
#include "vm/lib/random.h"

#include <math.h>

#include "vm/lib/option.h"
#include "vm/lib/builtins.h"

int vm_random_number(VM *vm, Value *args, int count) {
  double r = (double)(random_next(&vm->run.random_state) % INT32_MAX) / (double)INT32_MAX;
  if (count == 0) return native_return_number(args, r);
  if (count > 2) vm_native_error(vm, "wrong number of arguments");
  int32_t low = count == 2 ? arg_int(vm, args, count, 1) : 1;
  int32_t high = arg_int(vm, args, count, count);
  if (low > high) vm_native_arg_error(vm, count, "interval is empty");
  if (count == 1) return native_return_number(args, floor(r * high) + 1);
  int32_t span = (int32_t)((uint32_t)high - (uint32_t)low + 1);
  return native_return_number(args, floor(r * span) + low);
}

int vm_random_seed(VM *vm, Value *args, int count) {
  vm->run.random_state = random_seeded(arg_int(vm, args, count, 1));
  return 0;
}
