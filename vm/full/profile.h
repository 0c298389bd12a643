/* SPDX-License-Identifier: BSD-2-Clause */
/* profile - what the full profile's libraries keep in the registry, and how they start. */
#ifndef VM_FULL_PROFILE_H
#define VM_FULL_PROFILE_H

#include "vm/lib/native.h"

/* A field of the registry, and setting it; *v must be reachable. */
Value vm_profile_kept(VM *vm, const char *name) MAY_RAISE(memory);
void vm_profile_keep(VM *vm, const char *name, const Value *v) MAY_RAISE(memory);

/* Sets a field of a table; table and *v must be reachable. */
void vm_profile_put(VM *vm, Value table, const char *name, const Value *v) MAY_RAISE(memory);

/* Adds the fields of `package`, and the libraries to package.loaded. */
void vm_package_open(VM *vm, Table *globals, Table *package) MAY_RAISE(memory);

#endif
