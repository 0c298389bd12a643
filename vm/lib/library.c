/* SPDX-License-Identifier: BSD-2-Clause */
/* library - see library.h. */
#include "vm/lib/library.h"

#include "policy/script_flags.h"
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/dialect.h"
#include "vm/lib/redis.h"
#include "vm/lib/registry.h"

enum { ENTRY_NAME = 1, ENTRY_DESCRIPTION, ENTRY_FLAGS, ENTRY_CALLBACK };

/* --- The environment.  What is being made hangs on vm->run.pending. --- */

static void protect_with(VM *vm, Table *t, Value index) {
  Table *metatable = vm_table_new(vm, 0, 1);
  table_set_metatable(t, metatable);
  vm->run.pending[0] = index;
  vm_registry_put(vm, metatable, "__index", index);
  metatable->header.flags |= TABLE_READONLY;
  t->header.flags |= TABLE_READONLY;
}

/* __index of every protected table: it raises. */
static Value missing_global(VM *vm) {
  const Table *metatable = table_metatable(value_table(vm->base->run.globals));
  return vm_table_get_string(metatable, vm_string_from(vm, "__index"));
}

static Table *globals_metatable(const VM *vm) { return table_metatable(value_table(vm->run.function_globals)); }

/* The table that stands behind the globals of a function that is called. */
static void open_functions(VM *vm) {
  Table *globals = vm_table_new(vm, 0, 0);
  vm->run.function_globals = value_of_table(globals);
  Table *visible = vm_table_new(vm, 0, 2);
  vm->run.result = value_of_table(visible);
  vm_registry_copy_globals(vm, visible, vm_redis_function_table);
  protect_with(vm, visible, missing_global(vm));
  protect_with(vm, globals, vm->run.result);
  vm->run.result = VALUE_NIL;
}

/* Turns the environment; the metatable is ours, not the script's. */
static void set_index(VM *vm, Value index) {
  vm->run.pending[0] = index;
  vm_registry_put(vm, globals_metatable(vm), "__index", index);
}

/* What loading code sees: the redis table with little in it. */
static void open_loading(VM *vm) {
  Table *visible = vm_table_new(vm, 0, 1);
  vm->run.result = value_of_table(visible);
  Table *redis = vm_table_new(vm, 0, 8);
  vm->run.pending[0] = value_of_table(redis);
  vm_registry_put(vm, visible, "redis", vm->run.pending[0]);
  if (dialect_is_valkey(vm)) vm_registry_put(vm, visible, "server", vm->run.pending[0]);
  vm_redis_fill_loading(vm, redis);
  protect_with(vm, redis, missing_global(vm));
  protect_with(vm, visible, missing_global(vm));
}

void vm_library_open(VM *vm) {
  if (vm->run.function_globals == VALUE_NIL) open_functions(vm);
  Value called = vm_table_get_string(globals_metatable(vm), vm_string_from(vm, "__index"));
  vm->run.parameters[0] = called;
  open_loading(vm);
  set_index(vm, vm->run.result);
  vm->run.result = vm->run.pending[0] = vm->run.pending[1] = VALUE_NIL;
  vm->run.registering = value_of_table(vm_table_new(vm, 0, 0));
}

void vm_library_close(VM *vm, uint64_t number) {
  set_index(vm, vm->run.parameters[0]);
  vm->run.parameters[0] = vm->run.pending[0] = vm->run.pending[1] = VALUE_NIL;
  if (vm->run.libraries == VALUE_NIL) vm->run.libraries = value_of_table(vm_table_new(vm, 0, 0));
  vm_table_set(vm, value_table(vm->run.libraries), value_of_number((double)number), vm->run.registering);
  vm->run.registering = VALUE_NIL;
}

/* --- Looking things up --- */

bool vm_library_entry(const VM *vm, size_t i, VmFunction *ret_function) {
  if (!value_is_table(vm->run.registering)) return false;
  Value found = vm_table_get_integer(value_table(vm->run.registering), (int64_t)i + 1);
  if (!value_is_table(found)) return false;
  const Value *entry = table_array(value_table(found)) - 1;
  const String *name = value_string(entry[ENTRY_NAME]);
  *ret_function = (VmFunction){.name = {name->bytes, name->length}, .flags = (uint32_t)value_number(entry[ENTRY_FLAGS])};
  if (value_is_string(entry[ENTRY_DESCRIPTION])) {
    const String *text = value_string(entry[ENTRY_DESCRIPTION]);
    ret_function->description = (VmBytes){text->bytes, text->length};
    ret_function->has_description = true;
  }
  return true;
}

static char to_lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

static String *lower_case(VM *vm, VmBytes name) {
  size_t mark = vm_buffer_open(vm);
  for (size_t i = 0; i < name.size; i++) vm_buffer_put_byte(vm, to_lower(name.data[i]));
  return vm_buffer_string(vm, mark);
}

Value vm_library_find(VM *vm, uint64_t number, VmBytes name) {
  if (!value_is_table(vm->run.libraries)) return VALUE_NIL;
  String *key = lower_case(vm, name);
  Value library = vm_table_get(value_table(vm->run.libraries), value_of_number((double)number));
  if (!value_is_table(library)) return VALUE_NIL;
  Value entry = vm_table_get_string(value_table(library), key);
  return value_is_table(entry) ? vm_table_get_integer(value_table(entry), ENTRY_CALLBACK) : VALUE_NIL;
}

/* --- redis.register_function --- */

#define REGISTER "redis.register_function"

/* Arguments as they come in, in the caller's slots: what a function is registered with. */
typedef struct {
  Value name; /* string or number; nil: none given */
  Value description;
  Value callback;
  uint32_t flags;
} Registration;

static bool is_text(Value v) { return value_is_string(v) || value_is_number(v); }

static bool is_function(Value v) { return value_is_closure(v) || value_is_native(v); }

static bool equals_ignoring_case(const String *s, const char *text) {
  uint32_t i = 0;
  while (i < s->length && text[i] != '\0' && to_lower(s->bytes[i]) == to_lower(text[i])) i++;
  /* The reference compares up to the first NUL. */
  return text[i] == '\0' && (i == s->length || s->bytes[i] == '\0');
}

static uint32_t flag_bit(const String *s) {
#define SCRIPT_FLAG(name, bit, text) \
  if (equals_ignoring_case(s, text)) return bit;
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
  return 0;
}

static bool read_flags(const Table *list, uint32_t *ret_flags) {
  for (int64_t i = 1;; i++) {
    Value item = vm_table_get_integer(list, i);
    if (item == VALUE_NIL) return true;
    uint32_t bit = value_is_string(item) ? flag_bit(value_string(item)) : 0;
    if (bit == 0) return false;
    *ret_flags |= bit;
  }
}

/* Takes one named argument; returns what is wrong with it, or NULL. */
static const char *take_named(const String *key, Value v, Registration *r) {
  if (equals_ignoring_case(key, "function_name")) {
    if (!is_text(v)) return "function_name argument given to " REGISTER " must be a string";
    r->name = v;
  } else if (equals_ignoring_case(key, "description")) {
    if (!is_text(v)) return "description argument given to " REGISTER " must be a string";
    r->description = v;
  } else if (equals_ignoring_case(key, "callback")) {
    if (!is_function(v)) return "callback argument given to " REGISTER " must be a function";
    r->callback = v;
  } else if (equals_ignoring_case(key, "flags")) {
    if (!value_is_table(v)) return "flags argument to " REGISTER " must be a table representing function flags";
    r->flags = 0;
    if (!read_flags(value_table(v), &r->flags)) return "unknown flag given";
  } else {
    return "unknown argument given to " REGISTER;
  }
  return NULL;
}

static const char *read_named(Value arguments, Registration *r) {
  if (!value_is_table(arguments)) {
    return "calling " REGISTER " with a single argument is only applicable to Lua table (representing named arguments).";
  }
  uint32_t position = 0;
  Value pair[2];
  while (vm_table_next_at(value_table(arguments), &position, pair)) {
    if (value_is_number(pair[0])) return "unknown argument given to " REGISTER;
    if (!value_is_string(pair[0])) return "named argument key given to " REGISTER " is not a string";
    const char *fault = take_named(value_string(pair[0]), pair[1], r);
    if (fault != NULL) return fault;
  }
  if (r->name == VALUE_NIL) return REGISTER " must get a function name argument";
  return r->callback == VALUE_NIL ? REGISTER " must get a callback argument" : NULL;
}

static const char *read_positional(const Value *args, Registration *r) {
  if (!is_text(args[0])) return "first argument to " REGISTER " must be a string";
  if (!is_function(args[1])) return "second argument to " REGISTER " must be a function";
  r->name = args[0];
  r->callback = args[1];
  return NULL;
}

static bool is_name(const String *s) {
  for (uint32_t i = 0; i < s->length; i++) {
    char c = s->bytes[i];
    bool is_letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
    if (!is_letter && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return s->length > 0;
}

/* Adds an entry whose name, description and callback are in slots[0..2]. */
static const char *add_entry(VM *vm, Value *slots, uint32_t flags) {
  if (!is_name(value_string(slots[0]))) {
    return "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";
  }
  const String *name = value_string(slots[0]);
  Table *library = value_table(vm->run.registering);
  String *key = lower_case(vm, (VmBytes){name->bytes, name->length});
  slots[3] = value_of_string(key);
  if (vm_table_get_string(library, key) != VALUE_NIL) return "Function already exists in the library";
  Table *entry = vm_table_new(vm, ENTRY_CALLBACK, 0);
  slots[4] = value_of_table(entry);
  Value *fields = table_array(entry) - 1;
  fields[ENTRY_NAME] = slots[0];
  fields[ENTRY_DESCRIPTION] = slots[1];
  fields[ENTRY_FLAGS] = value_of_number(flags);
  fields[ENTRY_CALLBACK] = slots[2];
  *vm_table_slot_string(vm, library, key) = slots[4];
  vm_table_set_integer(vm, library, (int64_t)vm_table_length(vm, library) + 1, slots[4]);
  return NULL;
}

int vm_library_register(VM *vm, Value *args, int count) {
  Value *slots = args + count;
  if (vm->run.registering == VALUE_NIL) {
    vm_redis_raise(vm, slots, REGISTER " can only be called on FUNCTION LOAD command");
  }
  Registration r = {VALUE_NIL, VALUE_FALSE, VALUE_NIL, 0};
  const char *fault = "wrong number of arguments to " REGISTER;
  if (count == 1) fault = read_named(args[0], &r);
  else if (count == 2) fault = read_positional(args, &r);
  if (fault == NULL) {
    slots[1] = r.description;
    slots[2] = r.callback;
    slots[0] = r.name;
    slots[0] = value_of_string(vm_native_to_text(vm, r.name));
    if (is_text(r.description)) slots[1] = value_of_string(vm_native_to_text(vm, r.description));
    vm_charge(vm, COST_STRING_BYTES, value_string(slots[0])->length);
    fault = add_entry(vm, slots, r.flags);
  }
  if (fault != NULL) vm_redis_raise(vm, slots, fault);
  return 0;
}
