/* SPDX-License-Identifier: BSD-2-Clause */
/* environment - getfenv, setfenv, newproxy. */
#include "vm/full/level.h"
#include "vm/full/userdata.h"
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"

/* The function that argument 1 names: itself, or that of a level; nil for level 0. */
static Value function_at(VM *vm, Value *args, int count, bool optional) {
  Value v = native_arg(args, count, 1);
  if (value_is_function(v)) return v;
  int64_t asked = optional ? vm_native_opt_integer(vm, args, count, 1, 1) : vm_native_check_integer(vm, args, count, 1);
  int32_t level = (int32_t)asked;
  if (level < 0) vm_native_arg_error(vm, 1, "level must be non-negative");
  if (level == 0) return VALUE_NIL;
  vm_debug_charge_level(vm, level);
  Level found;
  if (!vm_level_find(vm, vm->run.current, level, args, count, &found)) vm_native_arg_error(vm, 1, "invalid level");
  if (found.kind == LEVEL_TAIL) vm_native_error(vm, "no function environment for tail call at level %d", level);
  return found.function;
}

/* A library function answers with the running coroutine's environment, as in the
 * reference. */
int vm_environment_get(VM *vm, Value *args, int count) {
  Value function = function_at(vm, args, count, true);
  if (value_is_closure(function)) return native_return(args, value_closure(function)->environment);
  return native_return(args, *state_globals(vm));
}

int vm_environment_set(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 2);
  bool is_thread = false;
  double level;
  if (!value_is_function(args[0]) && vm_native_to_number(args[0], &level)) is_thread = level == 0;
  if (is_thread) {
    *state_globals(vm) = args[1];
    return 0;
  }
  Value function = function_at(vm, args, count, false);
  if (!value_is_closure(function)) vm_native_error(vm, "'setfenv' cannot change environment of given object");
  value_closure(function)->environment = args[1];
  return native_return(args, function);
}

/* --- newproxy: userdata without content, for its metatable --- */

static bool is_proxy(Value v) { return value_is_userdata(v) && value_userdata(v)->array_size == USERDATA_PROXY_SLOTS; }

int vm_environment_newproxy(VM *vm, Value *args, int count) {
  Value v = native_arg(args, count, 1);
  args[0] = v;
  args[1] = vm_userdata_new(vm, USERDATA_PROXY_SLOTS);
  if (value_is_false(v)) return native_return(args, args[1]);
  if (v == VALUE_TRUE) {
    const Table *metatable = vm_table_new(vm, 0, 0);
    table_set_metatable(value_userdata(args[1]), metatable);
  } else {
    const Table *metatable = is_proxy(v) ? table_metatable(value_userdata(v)) : NULL;
    if (metatable == NULL) vm_native_arg_error(vm, 1, "boolean or proxy expected");
    table_set_metatable(value_userdata(args[1]), metatable);
  }
  return native_return(args, args[1]);
}
