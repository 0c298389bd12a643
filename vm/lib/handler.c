/* SPDX-License-Identifier: BSD-2-Clause */
/* handler - __redis__err__handler, the server's error handler as scripts can call it.
 *
 * In Redis it is a Lua function that EVAL passes to lua_pcall and leaves visible as a
 * global.  It makes a table of what is none, and notes where the function below it on
 * the stack stands.  For errors that end a script the machine does the same in C
 * (vm/run/error.c).  Layer: vm/lib.
 */
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"

/* Stores a field of the table in slots[0]; slots[1] and slots[2] hold key and value. */
static void put_field(VM *vm, Value *slots, const char *name, Value v) {
  slots[2] = v;
  slots[1] = value_of_string(vm_string_from(vm, name));
  *vm_table_slot_string(vm, value_table(slots[0]), value_string(slots[1])) = slots[2];
}

/* Puts {err = "ERR <text>"} in place of what is no table. */
static void make_table(VM *vm, Value *slots) {
  const String *text = vm_native_to_text(vm, slots[0]);
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, "ERR ", 4);
  vm_buffer_put(vm, text->bytes, text->length);
  slots[3] = value_of_string(vm_buffer_string(vm, mark));
  slots[0] = value_of_table(vm_table_new(vm, 0, 1));
  put_field(vm, slots, "err", slots[3]);
}

int vm_handler_error(VM *vm, Frame *frame) {
  VmBytes source;
  int64_t line;
  Value *slots = native_slots(frame);
  if (frame->count == 0) slots[0] = VALUE_NIL;
  if (!value_is_table(slots[0])) make_table(vm, slots);
  if (vm_debug_locate_caller(vm, frame, &source, &line)) {
    if (table_is_readonly(value_table(slots[0]))) {
      vm_native_raise(vm, value_of_string(vm_string_from(vm, ERROR_HANDLER_REFUSED)));
    }
    put_field(vm, slots, "source", value_of_string(vm_string_new(vm, source.data, source.size)));
    put_field(vm, slots, "line", value_of_int(line));
  }
  return native_return(slots, slots[0]);
}
