/* SPDX-License-Identifier: BSD-2-Clause */
/* handler - see handler.h. */
#include "vm/lib/handler.h"

#include "vm/lib/builtins.h"
#include "vm/lib/dialect.h"
#include "vm/run/debug.h"
#include "vm/run/module.h"

/* The line that writes to the error is the tenth, as in Redis: an error that may not be
 * written to says so. */
static const char source[] =
    "local position = ...\n"
    "\n"
    "return function(err)\n"
    "  local source, line = position()\n"
    "  if type(err) ~= 'table' then\n"
    "    err = { err = 'ERR ' .. tostring(err) }\n"
    "  end\n"
    "  if source then\n"
    "    -- by a script's own rules, metamethods included\n"
    "    err['source'] = source\n"
    "    err['line'] = line\n"
    "  end\n"
    "  return err\n"
    "end\n";

void vm_handler_prepare(VM *vm) {
  Value error = VALUE_NIL;
  const CodeText text = {.source = source, .size = sizeof source - 1, .terminated = true, .name = "@err_handler_def", .name_size = 16};
  int64_t record = vm_module_compile(vm, &text, &error);
  VM_ASSERT(record >= 0);
  vm->run.main_function = vm_module_closure(vm, (uint32_t)record, vm->run.globals);
  vm->run.parameters[0] = value_of_native(vm_native_closure(vm, BUILTIN__internal_err_position, 0));
  vm->run.parameter_count = 1;
}

void vm_handler_store(VM *vm) {
  String *name = vm_string_from(vm, HANDLER_NAME);
  *vm_table_slot_string(vm, value_table(vm->run.globals), name) = vm->run.result;
  if (!dialect_is_valkey(vm)) return;
  name = vm_string_from(vm, HANDLER_NAME_VALKEY);
  *vm_table_slot_string(vm, value_table(vm->run.globals), name) = vm->run.result;
}

/* Source and line of what called the function that asks, its own caller's where that is a
 * native; nothing at the bottom of a coroutine. */
int vm_handler_position(VM *vm, Value *args, int count) {
  VmBytes where;
  int64_t line;
  (void)count;
  if (!vm_debug_locate_caller(vm, &where, &line)) return native_return(args, VALUE_NIL);
  args[-1] = value_of_string(vm_string_new(vm, where.data, where.size));
  args[0] = value_of_int(line);
  return 2;
}
