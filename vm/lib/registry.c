/* SPDX-License-Identifier: BSD-2-Clause */
/* registry - see registry.h.
 *
 * Names go into _G in the order in which Redis sets them up, those that it refuses
 * included (a refused name leaves its key behind with no value), because the order of
 * pairs(_G) follows from it. */
#include "vm/lib/registry.h"

#include "vm/lib/base.h"
#include "vm/lib/builtins.h"
#include "vm/lib/cjson.h"
#include "vm/lib/cmsgpack.h"
#include "vm/lib/dialect.h"
#include "vm/lib/handler.h"
#include "vm/lib/math.h"
#include "vm/lib/redis.h"

const Builtin vm_builtins[BUILTIN_COUNT_] = {
#define PROFILE_REDIS 0
#define PROFILE_FULL 1
#define ENTRY_LEAF(function) .leaf = function
#define ENTRY_FRAMED(function) .framed = function
#define BUILTIN(library_, name_, function_, kind_, profile_, cost_, why_) \
  {.library = #library_, .name = #name_, ENTRY_##kind_(function_), .cost_bytes = (cost_)*4, .full_only = PROFILE_##profile_},
#include "vm/builtins.def"
#undef BUILTIN
};

static const char *const global_order[] = {
    "_G",     "assert", "collectgarbage", "dofile",       "error",    "gcinfo",   "getfenv", "getmetatable", "loadfile",
    "load",   "loadstring", "next",       "pcall",        "print",    "rawequal", "rawget",  "rawset",       "select",
    "setfenv", "setmetatable", "tonumber", "tostring",    "type",     "unpack",   "xpcall",  "_VERSION",     "ipairs",
    "pairs",  "newproxy"};

static const char *const library_order[] = {"coroutine", "table", "string", "math", "os", "debug", "cjson", "struct", "cmsgpack", "bit", "redis"};
static const char *const full_order[] = {"coroutine", "package", "table", "io", "os", "string", "math", "debug", "cjson", "struct", "cmsgpack", "bit", "redis"};

/* A function of the full profile is there only where vm/full/ is linked. */
static bool is_visible(const VM *vm, const Builtin *b) {
  if (!b->full_only) return true;
  return vm->profile == VM_PROFILE_FULL && (b->leaf != NULL || b->framed != NULL);
}

static bool is_in(const Builtin *b, const char *library) { return strcmp(b->library, library) == 0; }

static void put(VM *vm, Table *t, const char *name, Value v) {
  *vm_table_slot_string(vm, t, vm_string_from(vm, name)) = v;
}

static Value native_value(VM *vm, uint32_t id) { return value_of_native(vm_native_closure(vm, id, 0)); }

/* The function of _G with this name, or nil. */
static Value global_function(VM *vm, const char *name) {
  for (uint32_t i = 0; i < BUILTIN_COUNT_; i++) {
    const Builtin *b = &vm_builtins[i];
    if (is_in(b, "_G") && strcmp(b->name, name) == 0 && is_visible(vm, b)) return native_value(vm, i);
  }
  return VALUE_NIL;
}

static void open_globals(VM *vm, Table *globals) {
  for (size_t i = 0; i < sizeof global_order / sizeof *global_order; i++) {
    const char *name = global_order[i];
    Value v = strcmp(name, "_G") == 0 ? value_of_table(globals) : global_function(vm, name);
    put(vm, globals, name, v);
    if (strcmp(name, "_VERSION") == 0) vm_base_open(vm, globals);
  }
  /* pairs gives a function of its own, not the global `next`. */
  vm->run.next_function = native_value(vm, BUILTIN__G_next);
  vm->run.ipairs_function = native_value(vm, BUILTIN__internal_ipairs_step);
}

static uint32_t count_functions(const VM *vm, const char *library) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < BUILTIN_COUNT_; i++) {
    count += is_in(&vm_builtins[i], library) && is_visible(vm, &vm_builtins[i]);
  }
  return count;
}

/* The row that gave the same function another name before, or the row itself. */
static uint32_t first_name(uint32_t id) {
  for (uint32_t i = 0; i < id; i++) {
    const Builtin *b = &vm_builtins[i];
    if (b->leaf != NULL && b->leaf == vm_builtins[id].leaf && is_in(b, vm_builtins[id].library)) return i;
  }
  return id;
}

void vm_registry_fill(VM *vm, Table *library, const char *name) {
  for (uint32_t i = 0; i < BUILTIN_COUNT_; i++) {
    const Builtin *b = &vm_builtins[i];
    if (!is_in(b, name) || !is_visible(vm, b)) continue;
    uint32_t first = first_name(i);
    Value known = first == i ? native_value(vm, i)
                             : vm_table_get_string(library, vm_string_from(vm, vm_builtins[first].name));
    put(vm, library, b->name, known);
  }
}

/* Fields that are no functions, and orders that differ from the table's. */
static void open_fields(VM *vm, Table *library, const char *name) {
  if (strcmp(name, "math") == 0) vm_math_open(vm, library);
  else if (strcmp(name, "cjson") == 0) vm_cjson_open(vm, library);
  else if (strcmp(name, "cmsgpack") == 0) vm_cmsgpack_open(vm, library);
  else if (strcmp(name, "redis") == 0) vm_redis_open(vm, library);
}

static void open_library(VM *vm, Table *globals, const char *name) {
  uint32_t count = count_functions(vm, name);
  if (count == 0) {
    /* In the server it is there until its error handler has been made. */
    if (vm->profile == VM_PROFILE_REDIS && strcmp(name, "debug") == 0) put(vm, globals, name, VALUE_TRUE);
    return;
  }
  /* These two are filled field by field before they get their name. */
  bool is_late = strcmp(name, "redis") == 0 || strcmp(name, "cmsgpack") == 0;
  Table *library = vm_table_new(vm, 0, is_late ? 0 : count);
  if (!is_late) put(vm, globals, name, value_of_table(library));
  vm_registry_fill(vm, library, name);
  open_fields(vm, library, name);
  if (is_late) put(vm, globals, name, value_of_table(library));
}

static Table *new_index_table(VM *vm, Value index) {
  Table *metatable = vm_table_new(vm, 0, 1);
  put(vm, metatable, "__index", index);
  return metatable;
}

static void lock(Value v) {
  if (!value_is_table(v)) return;
  Table *t = value_table(v);
  t->header.flags |= TABLE_READONLY;
  Table *metatable = table_metatable(t);
  if (metatable != NULL) metatable->header.flags |= TABLE_READONLY;
}

/* Locks _G, the libraries and the metatables: no script changes what the next one sees. */
static void protect(VM *vm, Table *globals) {
  Value missing = native_value(vm, BUILTIN__internal_missing_global);
  table_set_metatable(globals, new_index_table(vm, missing));
  lock(vm->run.string_metatable);
  for (size_t i = 0; i < sizeof library_order / sizeof *library_order; i++) {
    lock(vm_table_get_string(globals, vm_string_from(vm, library_order[i])));
  }
  lock(value_of_table(globals));
}

void vm_registry_open(VM *vm) {
  Table *globals = vm_table_new(vm, 0, 2);
  vm->run.globals = value_of_table(globals);
  open_globals(vm, globals);
  bool full = vm->profile == VM_PROFILE_FULL;
  const char *const *order = full ? full_order : library_order;
  size_t count = full ? sizeof full_order / sizeof *full_order : sizeof library_order / sizeof *library_order;
  for (size_t i = 0; i < count; i++) open_library(vm, globals, order[i]);
  vm_dialect_open(vm, globals);
  Value strings = vm_table_get_string(globals, vm_string_from(vm, "string"));
  vm->run.string_metatable = value_of_table(new_index_table(vm, strings));
  if (full) {
    if (vm_profile_open != NULL) vm_profile_open(vm, globals);
    return;
  }
  put(vm, globals, "debug", VALUE_NIL);
  put(vm, globals, HANDLER_NAME, VALUE_TRUE); /* until the machine can run what makes it */
  protect(vm, globals);
}

/* --- The globals of function libraries --- */

void vm_registry_put(VM *vm, Table *t, const char *name, Value v) {
  vm->run.pending[1] = value_of_string(vm_string_from(vm, name));
  *vm_table_slot_string(vm, t, value_string(vm->run.pending[1])) = v;
}

void vm_registry_copy_globals(VM *vm, Table *to, void (*fill)(VM *vm, Table *to, const Table *from)) {
  const Table *globals = value_table(vm->base->run.globals);
  for (size_t i = 0; i < sizeof global_order / sizeof *global_order; i++) {
    const char *name = global_order[i];
    bool is_self = strcmp(name, "_G") == 0;
    vm_registry_put(vm, to, name, is_self ? value_of_table(to) : vm_table_get_string(globals, vm_string_from(vm, name)));
  }
  for (size_t i = 0; i < sizeof library_order / sizeof *library_order; i++) {
    const char *name = library_order[i];
    Value library = vm_table_get_string(globals, vm_string_from(vm, name));
    if (strcmp(name, "redis") != 0) {
      if (strcmp(name, "debug") == 0) vm_registry_put(vm, to, name, VALUE_TRUE); /* for a while, as in open_library */
      else if (library != VALUE_NIL) vm_registry_put(vm, to, name, library);
      continue;
    }
    Table *redis = vm_table_new(vm, 0, 0);
    vm->run.pending[0] = value_of_table(redis);
    fill(vm, redis, value_table(library));
    redis->header.flags |= TABLE_READONLY;
    vm_registry_put(vm, to, name, vm->run.pending[0]);
    if (dialect_is_valkey(vm)) vm_registry_put(vm, to, "server", vm->run.pending[0]);
  }
  vm_registry_put(vm, to, "debug", VALUE_NIL);
}
