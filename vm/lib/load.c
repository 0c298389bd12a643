/* SPDX-License-Identifier: BSD-2-Clause */
/* load - compiling at run time.
 *
 * The price of compiling is charged before it is done, in instructions: a script that
 * compiles in a loop pays for it.  Bytecode is refused as a syntax error. */
#include "vm/lib/load.h"

#include "vm/lib/builtins.h"
#include "vm/run/module.h"

int vm_load_compile(VM *vm, Value *args, const char *source, size_t size, const char *name, size_t name_size) {
  vm_charge(vm, COST_COMPILE_BYTES, size + 16);
  Value error = VALUE_NIL;
  const CodeText text = {.source = source, .size = size, .terminated = true, .name = name, .name_size = name_size};
  if (UNLIKELY(name_size > size)) vm_charge(vm, COST_STRING_BYTES, name_size - size);
  int64_t record = vm_module_compile(vm, &text, &error);
  if (record < 0) {
    args[-1] = VALUE_NIL;
    args[0] = error;
    return 2;
  }
  return native_return(args, vm_module_closure(vm, (uint32_t)record, *state_globals(vm)));
}

int vm_load_string(VM *vm, Value *args, int count) {
  const String *source = vm_native_check_string(vm, args, count, 1);
  const String *name = vm_native_opt_string(vm, args, count, 2, (String *)(uintptr_t)source);
  return vm_load_compile(vm, args, source->bytes, source->length, name->bytes, name->length);
}

/* Gathers the pieces in the buffer, which stays open from step to step. */
int vm_load_reader(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    bool is_named = native_arg(slots, frame->count, 2) != VALUE_NIL;
    if (is_named) vm_native_check_string(vm, slots, frame->count, 2);
    vm_native_check_function(vm, slots, frame->count, 1);
    if (!is_named) {
      String *name = vm_string_from(vm, "=(load)");
      slots = native_slots(frame);
      slots[1] = value_of_string(name);
    }
    frame->state[0] = vm_buffer_open(vm);
    frame->catches = CATCH_LOAD;
  } else {
    Value piece = slots[2];
    if (!value_is_string(piece) && !value_is_number(piece) && piece != VALUE_NIL) {
      vm_native_error(vm, "reader function must return a string");
    }
    const String *text = piece == VALUE_NIL ? NULL : vm_native_to_text(vm, piece);
    bool is_end = text == NULL || text->length == 0;
    /* The reference's look at the first byte finds nothing then, and its lexer asks again. */
    if (is_end && frame->state[1]++ == 0 && vm_buffer_size(vm, (size_t)frame->state[0]) == 0) {
      is_end = false;
    }
    if (is_end) {
      /* The text must not lie in the buffer while the compiler's messages are built. */
      size_t mark = (size_t)frame->state[0];
      const String *source = vm_buffer_string(vm, mark);
      slots = native_slots(frame);
      slots[2] = value_of_string(source);
      const String *name = value_string(slots[1]);
      return vm_load_compile(vm, slots, source->bytes, source->length, name->bytes, name->length);
    }
    if (text != NULL) {
      vm_charge(vm, COST_STRING_BYTES, text->length);
      vm_buffer_put(vm, text->bytes, text->length);
    }
  }
  slots = vm_native_need_slots(vm, native_slots(frame), 2, 4);
  slots[2] = slots[0];
  return vm_native_call(vm, frame, 2, 0, 1, 1);
}
