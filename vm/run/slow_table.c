/* SPDX-License-Identifier: BSD-2-Clause */
/* slow_table - see slow_table.h. */
#include "vm/run/slow_table.h"

#include "vm/memory/charge.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/meta.h"

static inline void charge_generation(VM *vm, int number) {
  if (UNLIKELY(number >= SLOW_TABLE_NEAR)) vm_charge(vm, COST_INHERITANCE, 1);
}

Value vm_slow_table_get(VM *vm, Value object, int reg, Value key, Value *ret_found) {
  for (int loop = 0; loop < LIMIT_META_LOOP; loop++) {
    charge_generation(vm, loop);
    Value method;
    if (value_is_table(object)) {
      Table *t = value_table(object);
      Value found = vm_table_get(t, key);
      if (found != VALUE_NIL || (method = vm_meta_fast(vm, table_metatable(t), EVENT_INDEX)) == VALUE_NIL) {
        *ret_found = found;
        return VALUE_NIL;
      }
    } else {
      method = vm_meta_event(vm, object, EVENT_INDEX);
      if (method == VALUE_NIL) vm_debug_type_error(vm, loop == 0 ? reg : -1, object, "index");
    }
    if (value_is_function(method)) {
      *ret_found = object;
      return method;
    }
    object = method;
  }
  vm_error_text(vm, "loop in gettable");
}

/* The value of a string key in one table, or nil. */
static inline Value own_value(const Table *t, Value key, Word *cache) {
  String *name = value_string(key);
  if (!(t->bloom >> (string_order_hash(name) & 31) & 1)) return VALUE_NIL;
  if (LIKELY(*cache <= t->max_offset)) {
    const Node *guess = (const Node *)((uintptr_t)t->nodes + *cache);
    if (guess->key == key && guess->value != VALUE_NIL) return guess->value;
  }
  const Node *node = vm_table_find_string(t, name);
  if (node == NULL || node->value == VALUE_NIL) return VALUE_NIL;
  *cache = table_offset(t, node);
  return node->value;
}

/* What __index is in a metatable, or nil. */
static inline Value index_event(VM *vm, Table *metatable) {
  Word hint = metatable->index_hint;
  Value event = own_value(metatable, vm->run.event_names[EVENT_INDEX], &hint);
  metatable->index_hint = hint;
  if (event == VALUE_NIL) metatable->absent |= 1u << EVENT_INDEX;
  return event;
}

Value vm_slow_table_index(VM *vm, const Table *t) {
  Table *metatable = table_metatable(t);
  if (metatable == NULL || (metatable->absent >> EVENT_INDEX & 1)) return VALUE_NIL;
  return index_event(vm, metatable);
}

Value vm_slow_table_inherited(VM *vm, const Table *t, Value key, Word *cache, Value call[4]) {
  for (int i = 0; i < SLOW_TABLE_NEAR; i++) {
    Value found = own_value(t, key, cache);
    if (found != VALUE_NIL) return found;
    Table *metatable = table_metatable(t);
    if (metatable == NULL || (metatable->absent >> EVENT_INDEX & 1)) return VALUE_NIL;
    Value next = index_event(vm, metatable);
    if (next == VALUE_NIL) return VALUE_NIL;
    if (value_is_closure(next)) {
      call[0] = next;
      call[1] = value_of_table(t);
      call[2] = key;
      call[3] = VALUE_NIL;
      return SLOW_TABLE_CALL;
    }
    if (!value_is_table(next)) break;
    t = value_table(next);
  }
  return SLOW_TABLE_ASK;
}

/* The slot of a key, made when missing: the reference makes it before it asks for
 * __newindex, and the layout of the table shows it. */
static Value *slot_for(VM *vm, Table *t, Value key) {
  if (UNLIKELY(table_is_readonly(t))) vm_error_text(vm, "Attempt to modify a readonly table");
  if (UNLIKELY(key == VALUE_NIL)) vm_error_text(vm, "table index is nil");
  if (UNLIKELY(value_is_number(key) && value_number(key) != value_number(key))) {
    vm_error_text(vm, "table index is NaN");
  }
  return vm_table_slot(vm, t, key);
}

Value vm_slow_table_set(VM *vm, Value object, int reg, Value key, Value value, Value *ret_receiver) {
  for (int loop = 0; loop < LIMIT_META_LOOP; loop++) {
    charge_generation(vm, loop);
    Value method;
    if (value_is_table(object)) {
      Table *t = value_table(object);
      Value *slot = slot_for(vm, t, key);
      if (*slot != VALUE_NIL || (method = vm_meta_fast(vm, table_metatable(t), EVENT_NEWINDEX)) == VALUE_NIL) {
        *slot = value;
        return VALUE_NIL;
      }
    } else {
      method = vm_meta_event(vm, object, EVENT_NEWINDEX);
      if (method == VALUE_NIL) vm_debug_type_error(vm, loop == 0 ? reg : -1, object, "index");
    }
    if (value_is_function(method)) {
      *ret_receiver = object;
      return method;
    }
    object = method;
  }
  vm_error_text(vm, "loop in settable");
}

Value vm_slow_table_store(VM *vm, Table *t, Value key, Value value) {
  for (int i = 0; i < SLOW_TABLE_NEAR && !table_is_readonly(t); i++) {
    Value *slot = vm_table_slot(vm, t, key);
    Table *metatable = table_metatable(t);
    Value method = *slot != VALUE_NIL ? VALUE_NIL : vm_meta_fast(vm, metatable, EVENT_NEWINDEX);
    if (method == VALUE_NIL) {
      *slot = value;
      return VALUE_NIL;
    }
    if (!value_is_table(method)) return i == 0 ? method : SLOW_TABLE_ASK;
    t = value_table(method);
  }
  return SLOW_TABLE_ASK;
}
