/* SPDX-License-Identifier: BSD-2-Clause */
/* debug_access - the debug library's ways to locals, upvalues, metatables, environments.
 *
 * A local that is never assigned after a closure took it is copied into the closure, so
 * setting it from here changes only one of the two. */
#include "vm/full/debug.h"
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"
#include "vm/run/meta.h"

/* --- Locals --- */

/* The name of local `number` of a level and its slot; NULL when there is none. */
static const char *find_local(VM *vm, const Level *level, int64_t number, Value **ret_slot) {
  if (number < 1 || level->base == NULL) return NULL;
  *ret_slot = level->base + (number - 1);
  if (level->kind == LEVEL_LUA && number <= 250) {
    const char *name = vm_debug_local_name(vm, level->frame, (uint32_t)number - 1);
    if (name != NULL) return name;
  }
  return number <= level->end - level->base ? "(*temporary)" : NULL;
}

static const char *check_local(VM *vm, const DebugCall *call, bool to_set, Value **ret_slot) {
  Level level;
  int32_t asked = (int32_t)vm_native_check_integer(vm, call->args, call->count, call->shift + 1);
  if (!debug_find(vm, call, asked, &level)) vm_native_arg_error(vm, call->shift + 1, "level out of range");
  if (to_set) vm_native_check_any(vm, call->args, call->count, call->shift + 3);
  int32_t number = (int32_t)vm_native_check_integer(vm, call->args, call->count, call->shift + 2);
  /* A library function trusts what it keeps in its slots. */
  return to_set && level.kind != LEVEL_LUA ? NULL : find_local(vm, &level, number, ret_slot);
}

static int return_named(VM *vm, Value *args, const char *name, Value v) {
  args[0] = v;
  args[-1] = value_of_string(vm_string_from(vm, name));
  return 2;
}

int vm_debug_getlocal(VM *vm, Value *args, int count) {
  DebugCall call = debug_call(vm, args, count);
  Value *slot;
  const char *name = check_local(vm, &call, false, &slot);
  return name == NULL ? native_return(args, VALUE_NIL) : return_named(vm, args, name, *slot);
}

int vm_debug_setlocal(VM *vm, Value *args, int count) {
  DebugCall call = debug_call(vm, args, count);
  Value *slot;
  const char *name = check_local(vm, &call, true, &slot);
  if (name == NULL) return native_return(args, VALUE_NIL);
  *slot = args[call.shift + 2];
  return native_return(args, value_of_string(vm_string_from(vm, name)));
}

/* --- Upvalues --- */

Value *vm_debug_upvalue(VM *vm, Value function, int64_t number, const char **ret_name) {
  if (!value_is_closure(function)) return NULL;
  Closure *closure = value_closure(function);
  if (number < 1 || number > closure->upvalue_count) return NULL;
  const Function *f = &vm->run.functions[closure->function];
  const Module *module = vm->run.modules[f->module].module;
  const Name *names = module_at(module, f->proto->upvalue_names);
  *ret_name = module_at(module, names[number - 1].offset);
  Value *upvalue = &closure->upvalues[number - 1];
  if (value_tag(*upvalue) != TAG_BOX) return upvalue;
  return (Value *)(uintptr_t)((const Upvalue *)value_object(*upvalue))->slot;
}

int vm_debug_getupvalue(VM *vm, Value *args, int count) {
  int64_t number = (int32_t)vm_native_check_integer(vm, args, count, 2);
  vm_native_check_function(vm, args, count, 1);
  const char *name;
  const Value *upvalue = vm_debug_upvalue(vm, args[0], number, &name);
  return upvalue == NULL ? 0 : return_named(vm, args, name, *upvalue);
}

int vm_debug_setupvalue(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 3);
  int64_t number = (int32_t)vm_native_check_integer(vm, args, count, 2);
  vm_native_check_function(vm, args, count, 1);
  const char *name;
  Value *upvalue = vm_debug_upvalue(vm, args[0], number, &name);
  if (upvalue == NULL) return 0;
  *upvalue = args[2];
  return native_return(args, value_of_string(vm_string_from(vm, name)));
}

/* --- Metatables and environments of anything --- */

int vm_debug_getmetatable(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  const Table *metatable = vm_meta_table(vm, args[0]);
  return native_return(args, metatable == NULL ? VALUE_NIL : value_of_table(metatable));
}

int vm_debug_setmetatable(VM *vm, Value *args, int count) {
  Value metatable = native_arg(args, count, 2);
  if (count < 2 || (metatable != VALUE_NIL && !value_is_table(metatable))) {
    vm_native_arg_error(vm, 2, "nil or table expected");
  }
  const Table *t = metatable == VALUE_NIL ? NULL : value_table(metatable);
  if (value_is_table(args[0])) table_set_metatable(value_table(args[0]), t);
  else if (value_is_userdata(args[0])) table_set_metatable(value_userdata(args[0]), t);
  else if (value_is_string(args[0])) vm->run.string_metatable = metatable;
  else vm->run.type_metatables[value_type(args[0])] = metatable;
  return native_return(args, VALUE_TRUE);
}

/* The environment of a function or coroutine; NULL: there is none. */
static Value *environment_of(VM *vm, Value v) {
  if (value_is_closure(v)) return &value_closure(v)->environment;
  if (value_is_native(v)) return &value_native(v)->environment;
  if (value_is_userdata(v)) return &table_array(value_userdata(v))[0];
  return value_is_thread(v) ? &vm->run.coroutines[value_thread(v)->record].globals : NULL;
}

int vm_debug_getfenv(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  const Value *environment = environment_of(vm, args[0]);
  return native_return(args, environment == NULL ? VALUE_NIL : *environment);
}

int vm_debug_setfenv(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 2);
  Value *environment = environment_of(vm, args[0]);
  if (environment == NULL) vm_native_error(vm, "'setfenv' cannot change environment of given object");
  *environment = args[1];
  return native_return(args, args[0]);
}

int vm_debug_getregistry(VM *vm, Value *args, int count) {
  (void)count;
  return native_return(args, vm->run.registry);
}
