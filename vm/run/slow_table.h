/* SPDX-License-Identifier: BSD-2-Clause */
/* slow_table - t[k] and t[k] = v with metatables, up to the call of a metamethod. */
#ifndef VM_RUN_SLOW_TABLE_H
#define VM_RUN_SLOW_TABLE_H

#include "vm/run/state.h"

/* Tables that one access goes through without a charge. */
#define SLOW_TABLE_NEAR 10

/* Follows __index.  Returns nil when `ret_found` is the value; else the function to call
 * with `ret_found` (the object it belongs to) and the key.  `reg` is the register of the
 * object for messages, or -1. */
Value vm_slow_table_get(VM *vm, Value object, int reg, Value key, Value *ret_found) MAY_RAISE(script);

/* Looks a string key up in a table and in the tables that __index names, without calling
 * anything; SLOW_TABLE_ASK, which no script can have, when the general form must.  `cache` is a
 * guess where the key stands in its table's nodes, and is set to where it was found.
 * SLOW_TABLE_CALL: a Lua function is to be called, which is in call[0], and its arguments
 * behind it, the third of which is nil. */
Value vm_slow_table_inherited(VM *vm, const Table *t, Value key, Word *cache, Value call[4]);
#define SLOW_TABLE_ASK UINT64_C(0xFFFFFFFFFFFFFFF0)
#define SLOW_TABLE_CALL UINT64_C(0xFFFFFFFFFFFFFFF1)

/* Follows __newindex.  Returns nil when the value is stored; else the function to call
 * with `ret_receiver`, key and value. */
Value vm_slow_table_set(VM *vm, Value object, int reg, Value key, Value value, Value *ret_receiver) MAY_RAISE(script);

/* The same along tables only.  Nil when the value is stored; else what the first table's
 * __newindex is, when that is a function, or SLOW_TABLE_ASK: the instruction has its general form,
 * which does again what was done. */
Value vm_slow_table_store(VM *vm, Table *t, Value key, Value value) MAY_RAISE(script);

/* What __index is in the metatable of `t`, or nil. */
Value vm_slow_table_index(VM *vm, const Table *t);

#endif
