/* SPDX-License-Identifier: BSD-2-Clause */
/* package - require, module and the package library on the virtual folder.
 *
 * As in the reference the functions' environment is the package table, whatever the
 * global `package` is now. */
#include "vm/full/level.h"
#include "vm/full/load_file.h"
#include "vm/lib/builtins.h"
#include "vm/lib/registry.h"

#define SENTINEL VALUE_NULL /* in package.loaded while a module is being loaded */

enum { STEP_SEARCHED = 1, STEP_LOADED };

static Value field(VM *vm, Value table, const char *name) {
  return value_is_table(table) ? vm_table_get_string(value_table(table), vm_string_from(vm, name)) : VALUE_NIL;
}

static Value loaded_table(VM *vm) {
  Value loaded = vm_profile_kept(vm, "_LOADED");
  if (!value_is_table(loaded)) vm_native_error(vm, "'package.loaded' must be a table");
  return loaded;
}

static String *joined(VM *vm, const char *const *parts, int count) {
  size_t mark = vm_buffer_open(vm);
  for (int i = 0; i < count; i++) vm_buffer_put(vm, parts[i], strlen(parts[i]));
  return vm_buffer_string(vm, mark);
}

/* --- require: slots[1] loaders, [2] what they said, [3] the call, [4] its argument --- */

static int call_loader(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  slots[3] = vm_table_get_integer(value_table(slots[1]), (int64_t)++frame->state[0]);
  if (slots[3] == VALUE_NIL) {
    vm_native_error(vm, "module '%s' not found:%s", value_string(slots[0])->bytes, value_string(slots[2])->bytes);
  }
  slots[4] = slots[0];
  return vm_native_call(vm, frame, 3, 1, 1, STEP_SEARCHED);
}

static int start_search(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  String *name = vm_native_check_string(vm, slots, frame->count, 1);
  Value known = vm_table_get(value_table(loaded_table(vm)), value_of_string(name));
  if (!value_is_false(known)) {
    if (known == SENTINEL) vm_native_error(vm, "loop or previous error loading module '%s'", name->bytes);
    return native_return(slots, known);
  }
  slots[1] = field(vm, frame->closure->environment, "loaders");
  if (!value_is_table(slots[1])) vm_native_error(vm, "'package.loaders' must be a table");
  slots[2] = value_of_string(vm_string_new(vm, "", 0));
  return call_loader(vm, frame);
}

static int judge_loader(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (value_is_function(slots[3])) {
    slots[4] = slots[0];
    slots[5] = SENTINEL;
    vm_table_set(vm, value_table(loaded_table(vm)), slots[0], slots[5]);
    return vm_native_call(vm, frame, 3, 1, 1, STEP_LOADED);
  }
  if (value_is_string(slots[3])) {
    const char *const parts[] = {value_string(slots[2])->bytes, value_string(slots[3])->bytes};
    slots[2] = value_of_string(joined(vm, parts, 2));
  }
  return call_loader(vm, frame);
}

static int keep_module(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  Table *loaded = value_table(loaded_table(vm));
  if (slots[3] != VALUE_NIL) vm_table_set(vm, loaded, slots[0], slots[3]);
  if (vm_table_get(loaded, slots[0]) == SENTINEL) vm_table_set(vm, loaded, slots[0], VALUE_TRUE);
  return native_return(slots, vm_table_get(loaded, slots[0]));
}

int vm_package_require(VM *vm, Frame *frame) {
  switch (frame->step) {
    case STEP_SEARCHED: return judge_loader(vm, frame);
    case STEP_LOADED: return keep_module(vm, frame);
    default: return start_search(vm, frame);
  }
}

/* --- Loaders --- */

int vm_package_loader_preload(VM *vm, Value *args, int count) {
  String *name = vm_native_check_string(vm, args, count, 1);
  Value preload = field(vm, vm_native_self(vm, args)->environment, "preload");
  if (!value_is_table(preload)) vm_native_error(vm, "'package.preload' must be a table");
  Value found = vm_table_get(value_table(preload), value_of_string(name));
  if (found != VALUE_NIL) return native_return(args, found);
  const char *const parts[] = {"\n\tno field package.preload['", name->bytes, "']"};
  return native_return(args, value_of_string(joined(vm, parts, 3)));
}

/* The slots of loader_lua: the host's answers go to slots[0]. */
enum { MODULE_NAME = 2, MODULE_PATH, MODULE_TRIED, MODULE_FILE };

/* The next file name of the path, in slots[MODULE_FILE]; false at its end. */
static bool next_candidate(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  const char *path = value_string(slots[MODULE_PATH])->bytes + frame->state[0];
  const char *name = value_string(slots[MODULE_NAME])->bytes;
  path += strspn(path, ";");
  if (*path == 0) return false;
  size_t mark = vm_buffer_open(vm);
  for (; *path != 0 && *path != ';'; path++) {
    if (*path != '?') {
      vm_buffer_put_byte(vm, *path);
      continue;
    }
    for (const char *c = name; *c != 0; c++) vm_buffer_put_byte(vm, *c == '.' ? '/' : *c);
  }
  frame->state[0] = (uint64_t)(path - value_string(slots[MODULE_PATH])->bytes);
  slots[MODULE_FILE] = value_of_string(vm_buffer_string(vm, mark));
  return true;
}

static int load_candidate(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (vm_load_file_compile(vm, slots, MODULE_FILE)) return native_return(slots, slots[MODULE_FILE + 2]);
  vm_native_error(vm, "error loading module '%s' from file '%s':\n\t%s", value_string(slots[MODULE_NAME])->bytes,
                  value_string(slots[MODULE_FILE])->bytes, value_string(slots[MODULE_FILE + 2])->bytes);
}

static void note_failure(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  const char *const parts[] = {value_string(slots[MODULE_TRIED])->bytes, "\n\tno file '",
                               value_string(slots[MODULE_FILE])->bytes, "'"};
  slots[MODULE_TRIED] = value_of_string(joined(vm, parts, 4));
}

int vm_package_loader_lua(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    slots[MODULE_NAME] = value_of_string(vm_native_check_string(vm, slots, frame->count, 1));
    slots[MODULE_PATH] = field(vm, frame->closure->environment, "path");
    if (!value_is_string(slots[MODULE_PATH])) vm_native_error(vm, "'package.path' must be a string");
    slots[MODULE_TRIED] = value_of_string(vm_string_new(vm, "", 0));
  }
  while (frame->step == DISK_STEP || next_candidate(vm, frame)) {
    DiskAnswer answer = vm_disk_look(vm, frame, MODULE_FILE);
    if (answer == DISK_ASKS) return NATIVE_HOST;
    frame->step = DISK_STEP + 1; /* neither the start nor an answer */
    if (answer == DISK_PRESENT) return load_candidate(vm, frame);
    note_failure(vm, frame);
  }
  return native_return(slots, slots[MODULE_TRIED]);
}

/* --- module --- */

/* The table of a dotted name below *root, made where it is missing; nil: a value that is
 * no table is in the way.  *part is a slot to work in. */
static Value find_table(VM *vm, Value root, const char *name, Value *part) {
  Value table = root;
  for (;;) {
    size_t size = strcspn(name, ".");
    part[0] = table;
    part[1] = value_of_string(vm_string_new(vm, name, size));
    Value next = vm_table_get(value_table(table), part[1]);
    if (next == VALUE_NIL) {
      part[2] = value_of_table(vm_table_new(vm, 0, 1));
      vm_table_set(vm, value_table(table), part[1], part[2]);
      next = part[2];
    } else if (!value_is_table(next)) {
      return VALUE_NIL;
    }
    table = next;
    if (name[size] == 0) return table;
    name += size + 1;
  }
}

/* _M, _NAME and _PACKAGE of a new module. */
static void init_module(VM *vm, Value *module, const String *name) {
  vm_profile_put(vm, *module, "_M", module);
  Value v = value_of_string(name);
  vm_profile_put(vm, *module, "_NAME", &v);
  const char *dot = strrchr(name->bytes, '.');
  module[1] = value_of_string(vm_string_new(vm, name->bytes, dot != NULL ? (size_t)(dot - name->bytes) + 1 : 0));
  vm_profile_put(vm, *module, "_PACKAGE", &module[1]);
}

static void make_environment(VM *vm, Value module) {
  Level caller;
  bool found = vm_level_find(vm, vm->run.current, 1, NULL, 0, &caller);
  if (!found || caller.kind != LEVEL_LUA) vm_native_error(vm, "'module' not called from a Lua function");
  value_closure(caller.function)->environment = module;
}

/* Makes or finds the module, in *module; the slots behind are free. */
static void open_module(VM *vm, Value *slots, int count, Value *module) {
  const String *name = vm_native_check_string(vm, slots, count, 1);
  *module = vm_table_get(value_table(loaded_table(vm)), slots[0]);
  if (!value_is_table(*module)) {
    *module = find_table(vm, *state_globals(vm), name->bytes, module + 1);
    if (*module == VALUE_NIL) vm_native_error(vm, "name conflict for module '%s'", name->bytes);
    vm_table_set(vm, value_table(loaded_table(vm)), slots[0], *module);
  }
  if (field(vm, *module, "_NAME") == VALUE_NIL) init_module(vm, module, name);
  make_environment(vm, *module);
}

/* slots[count + 1] is the module; options are called one after the other. */
int vm_package_module(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  int module = frame->count + 1;
  if (frame->step == 0) {
    open_module(vm, slots, frame->count, &slots[module]);
    frame->state[0] = 1;
  }
  if (frame->state[0] >= (uint64_t)frame->count) return 0;
  slots[module + 1] = slots[frame->state[0]++];
  slots[module + 2] = slots[module];
  return vm_native_call(vm, frame, module + 1, 1, 0, 1);
}

/* --- The package table --- */

int vm_package_seeall(VM *vm, Value *args, int count) {
  Table *module = vm_native_check_table(vm, args, count, 1);
  if (table_metatable(module) == NULL) table_set_metatable(module, vm_table_new(vm, 0, 1));
  vm_profile_put(vm, value_of_table(table_metatable(module)), "__index", state_globals(vm));
  return 0;
}

int vm_package_loadlib(VM *vm, Value *args, int count) {
  vm_native_check_string(vm, args, count, 1);
  vm_native_check_string(vm, args, count, 2);
  args[0] = value_of_string(vm_string_from(vm, "dynamic libraries not enabled; check your Lua installation"));
  args[1] = value_of_string(vm_string_from(vm, "absent"));
  args[-1] = VALUE_NIL;
  return 3;
}

static void put_text(VM *vm, Value table, const char *name, const char *text) {
  Value v = value_of_string(vm_string_from(vm, text));
  vm_profile_put(vm, table, name, &v);
}

static void give_environment(Table *from, Value name, Value package) {
  Value function = vm_table_get(from, name);
  if (value_is_native(function)) value_native(function)->environment = package;
}

static void open_loaders(VM *vm, Value package) {
  Table *loaders = vm_table_new(vm, 2, 0);
  const uint32_t rows[] = {BUILTIN__internal_loader_preload, BUILTIN__internal_loader_lua};
  for (int i = 0; i < 2; i++) {
    Native *loader = vm_native_closure(vm, rows[i], 0);
    loader->environment = package;
    vm_table_set_integer(vm, loaders, i + 1, value_of_native(loader));
  }
  Value v = value_of_table(loaders);
  vm_profile_put(vm, package, "loaders", &v);
}

void vm_package_open(VM *vm, Table *globals, Table *table) {
  static const char *const libraries[] = {"_G", "package", "coroutine", "table", "io", "os", "string", "math", "debug"};
  Value package = value_of_table(table), loaded = vm_profile_kept(vm, "_LOADED");
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    Value library = field(vm, value_of_table(globals), libraries[i]);
    vm_profile_put(vm, loaded, libraries[i], &library);
  }
  open_loaders(vm, package);
  put_text(vm, package, "path", "./?.lua;./?/init.lua");
  put_text(vm, package, "cpath", "");
  put_text(vm, package, "config", "/\n;\n?\n!\n-");
  vm_profile_put(vm, package, "loaded", &loaded);
  Value preload = value_of_table(vm_table_new(vm, 0, 0));
  vm_profile_put(vm, package, "preload", &preload);
  vm_registry_fill(vm, globals, "_loading");
  give_environment(globals, value_of_string(vm_string_from(vm, "require")), package);
}
