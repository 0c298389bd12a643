/* SPDX-License-Identifier: BSD-2-Clause */
/* meta - metatables and metamethods: looking them up, without calling them. */
#ifndef VM_RUN_META_H
#define VM_RUN_META_H

#include "vm/objects/table.h"
#include "vm/run/state.h"

/* The metatable of any value, or NULL. */
Table *vm_meta_table(VM *vm, Value v);

/* The metamethod of a value for an event, or nil. */
Value vm_meta_event(VM *vm, Value v, Event event);

/* The same for a metatable, remembering absence in it. */
Value vm_meta_fast(VM *vm, Table *metatable, Event event);

/* The common metamethod of two operands for eq, lt, le: both must have it and it must be
 * the same; nil otherwise. */
Value vm_meta_common(VM *vm, Value a, Value b, Event event);

/* Interns the names of all events. */
void vm_meta_open(VM *vm);

#endif
