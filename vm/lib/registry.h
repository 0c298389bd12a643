/* SPDX-License-Identifier: BSD-2-Clause */
/* registry - building the global environment from builtins.def. */
#ifndef VM_LIB_REGISTRY_H
#define VM_LIB_REGISTRY_H

#include "vm/run/state.h"

/* Makes _G and every library table; with VM_PROFILE_REDIS locks them. */
void vm_registry_open(VM *vm) MAY_RAISE(memory);

/* Stores a value under a name, after the base was built: `t` and `v` must be reachable or in
 * the base.  Uses up vm->run.pending[1]. */
void vm_registry_put(VM *vm, Table *t, const char *name, Value v) MAY_RAISE(memory);

/* Fills `to`, an empty table, with what stands in _G, in the same order, but for the redis
 * table: `fill` makes another out of it.  `to` must be reachable. */
void vm_registry_copy_globals(VM *vm, Table *to, void (*fill)(VM *vm, Table *to, const Table *from)) MAY_RAISE(memory);

/* Puts the functions of a library's rows into a table. */
void vm_registry_fill(VM *vm, Table *library, const char *name) MAY_RAISE(memory);

/* What the full profile has beyond functions (vm/full/profile.c); NULL where that is not
 * linked. */
__attribute__((weak)) void vm_profile_open(VM *vm, Table *globals) MAY_RAISE(memory);
/* Puts the elements of the global arg behind *func, which may move; returns their number. */
__attribute__((weak)) uint32_t vm_arguments_push(VM *vm, Value **func) MAY_RAISE(memory);

#endif
