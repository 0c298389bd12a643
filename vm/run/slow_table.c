/* SPDX-License-Identifier: BSD-2-Clause */
/* slow_table - see slow_table.h. */
#include "vm/run/slow_table.h"

#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/meta.h"

Value vm_slow_table_get(VM *vm, Value object, int reg, Value key, Value *ret_found) {
  for (int loop = 0; loop < LIMIT_META_LOOP; loop++) {
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
