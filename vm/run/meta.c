/* SPDX-License-Identifier: BSD-2-Clause */
/* meta - see meta.h. */
#include "vm/run/meta.h"

#include "vm/objects/string.h"
#include "vm/objects/table.h"

Table *vm_meta_table(VM *vm, Value v) {
  if (value_is_table(v)) return table_metatable(value_table(v));
  if (value_is_string(v) && value_is_table(vm->run.string_metatable)) return value_table(vm->run.string_metatable);
  if (vm->profile == VM_PROFILE_REDIS) return NULL;
  if (value_is_userdata(v)) return table_metatable(value_userdata(v));
  Value metatable = vm->run.type_metatables[value_type(v)];
  return value_is_table(metatable) ? value_table(metatable) : NULL;
}

Value vm_meta_fast(VM *vm, Table *metatable, Event event) {
  if (metatable == NULL) return VALUE_NIL;
  bool cached = event <= EVENT_ABSENT_CACHED;
  if (cached && (metatable->absent >> event & 1)) return VALUE_NIL;
  Value method = vm_table_get_string(metatable, value_string(vm->run.event_names[event]));
  if (cached && method == VALUE_NIL) metatable->absent |= (uint8_t)(1u << event);
  return method;
}

Value vm_meta_event(VM *vm, Value v, Event event) {
  Table *metatable = vm_meta_table(vm, v);
  if (metatable == NULL) return VALUE_NIL;
  return vm_table_get_string(metatable, value_string(vm->run.event_names[event]));
}

Value vm_meta_common(VM *vm, Value a, Value b, Event event) {
  Value first = vm_meta_event(vm, a, event);
  if (first == VALUE_NIL) return VALUE_NIL;
  Value second = vm_meta_event(vm, b, event);
  return value_equal(first, second) ? first : VALUE_NIL;
}

void vm_meta_open(VM *vm) {
  static const char *const names[EVENT_COUNT_] = {"__index", "__newindex", "__gc",  "__mode", "__eq",  "__add",
                                                  "__sub",   "__mul",      "__div", "__mod",  "__pow", "__unm",
                                                  "__len",   "__lt",       "__le",  "__concat", "__call"};
  for (int i = 0; i < EVENT_COUNT_; i++) {
    vm->run.event_names[i] = value_of_string(vm_string_from(vm, names[i]));
  }
}
