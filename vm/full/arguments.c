/* SPDX-License-Identifier: BSD-2-Clause */
/* arguments - see arguments.h. */
#include "vm/full/arguments.h"

#include "vm/lib/native.h"
#include "vm/lib/registry.h"
#include "vm/run/call.h"
#include "vm/run/error.h"

static Table *argument_table(VM *vm) {
  Value arg = vm_table_get_string(value_table(vm->run.globals), vm_string_from(vm, "arg"));
  return value_is_table(arg) ? value_table(arg) : NULL;
}

static void set_script_name(VM *vm) {
  vm->run.kept = value_of_string(vm_string_from(vm, vm->pending_name));
  *vm_table_slot_integer(vm, argument_table(vm), 0) = vm->run.kept;
  vm->run.kept = VALUE_NIL;
}

bool vm_arguments_set(VM *vm, const char *script, const VmBytes *items, size_t count) {
  if (!vm_set_strings(vm, "arg", items, count)) return false;
  vm->pending_name = script;
  int64_t before = vm->run.remaining;
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, set_script_name);
  vm->run.remaining = before;
  return vm->run.exit == EXIT_NONE;
}

uint32_t vm_arguments_push(VM *vm, Value **func) {
  Table *arg = argument_table(vm);
  if (arg == NULL) return 0;
  uint32_t count = vm_table_length(vm, arg);
  *func = vm_call_need_stack(vm, *func, count + 1);
  for (uint32_t i = 1; i <= count; i++) (*func)[i] = vm_table_get_integer(arg, i);
  return count;
}
