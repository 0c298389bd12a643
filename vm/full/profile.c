/* SPDX-License-Identifier: BSD-2-Clause */
/* profile - see profile.h.
 *
 * The registry holds _LOADED (package.loaded), FILE* (the metatable of files), _DISK (the
 * virtual folder) and _INPUT and _OUTPUT (the default files), as far as the reference has
 * them under the reference's names. */
#include "vm/full/profile.h"

#include "vm/full/file.h"
#include "vm/lib/builtins.h"
#include "vm/lib/registry.h"

Value vm_profile_kept(VM *vm, const char *name) {
  return vm_table_get_string(value_table(vm->run.registry), vm_string_from(vm, name));
}

void vm_profile_put(VM *vm, Value table, const char *name, const Value *v) {
  String *key = vm_string_from(vm, name);
  vm->run.kept = value_of_string(key);
  *vm_table_slot_string(vm, value_table(table), key) = *v;
  vm->run.kept = VALUE_NIL;
}

void vm_profile_keep(VM *vm, const char *name, const Value *v) { vm_profile_put(vm, vm->run.registry, name, v); }

static Value keep_table(VM *vm, const char *name) {
  Value v = value_of_table(vm_table_new(vm, 0, 0));
  vm_profile_keep(vm, name, &v);
  return v;
}

/* --- Files --- */

static void open_files(VM *vm, Table *io) {
  static const struct {
    const char *name, *kept;
    uint32_t flags;
  } files[] = {{"stdin", "_INPUT", FILE_READS | FILE_INPUT},
               {"stdout", "_OUTPUT", FILE_WRITES | FILE_OUTPUT},
               {"stderr", NULL, FILE_WRITES | FILE_ERRORS}};
  Value methods = keep_table(vm, "FILE*");
  vm_registry_fill(vm, value_table(methods), "_file");
  vm_profile_put(vm, methods, "__index", &methods);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    Value node = vm_userdata_new(vm, NODE_SLOTS);
    userdata_slots(node)[NODE_CONTENT] = value_of_string(vm_string_new(vm, "", 0));
    Value file = vm_file_new(vm, &node, files[i].flags);
    vm_profile_put(vm, value_of_table(io), files[i].name, &file);
    if (files[i].kept != NULL) vm_profile_keep(vm, files[i].kept, &file);
  }
}

/* --- Opening --- */

static Table *library(VM *vm, Table *globals, const char *name) {
  return value_table(vm_table_get_string(globals, vm_string_from(vm, name)));
}

/* Runs while the base is built: nothing is collected then. */
void vm_profile_open(VM *vm, Table *globals) {
  vm->run.registry = value_of_table(vm_table_new(vm, 0, 0));
  keep_table(vm, "_LOADED");
  keep_table(vm, "_DISK");
  open_files(vm, library(vm, globals, "io"));
  vm_package_open(vm, globals, library(vm, globals, "package"));
}
