/* SPDX-License-Identifier: BSD-2-Clause */
/* environment - getfenv, setfenv, newproxy: the full profile's (and deprecated) functions. */
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"

/* The function that an argument names: itself, or a level; nil for level 0. */
static Value function_at(VM *vm, Value *args, int count, bool optional) {
  Value v = native_arg(args, count, 1);
  if (value_is_function(v)) return v;
  int64_t level = optional ? vm_native_opt_integer(vm, args, count, 1, 1) : vm_native_check_integer(vm, args, count, 1);
  if (level < 0) vm_native_arg_error(vm, 1, "level must be non-negative");
  if (level == 0) return VALUE_NIL;
  const Frame *frame = vm_debug_level(vm, level > 1000000 ? 1000000 : (int)level);
  if (frame == NULL) vm_native_arg_error(vm, 1, "invalid level");
  return value_of_closure(frame->closure);
}

int vm_environment_get(VM *vm, Value *args, int count) {
  Value function = function_at(vm, args, count, true);
  if (value_is_closure(function)) return native_return(args, value_closure(function)->environment);
  return native_return(args, vm->run.globals);
}

int vm_environment_set(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 2);
  Value table = args[1];
  Value function = function_at(vm, args, count, false);
  if (function == VALUE_NIL) {
    vm->run.globals = table;
    return 0;
  }
  if (!value_is_closure(function)) vm_native_error(vm, "'setfenv' cannot change environment of given object");
  value_closure(function)->environment = table;
  return native_return(args, function);
}

int vm_environment_newproxy(VM *vm, Value *args, int count) {
  Value v = native_arg(args, count, 1);
  Table *proxy = vm_table_new(vm, 0, 0);
  args[1] = value_of_table(proxy);
  if (v == VALUE_TRUE) {
    const Table *metatable = vm_table_new(vm, 0, 0);
    table_set_metatable(proxy, metatable);
  } else if (value_is_table(v)) {
    table_set_metatable(proxy, table_metatable(value_table(v)));
  }
  return native_return(args, args[1]);
}
