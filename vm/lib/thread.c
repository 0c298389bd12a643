/* SPDX-License-Identifier: BSD-2-Clause */
/* thread - the coroutine library. */
#include "vm/lib/builtins.h"
#include "vm/run/coroutine.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"

static const char *status_name(const VM *vm, uint32_t record) {
  switch ((CoroutineStatus)vm->run.coroutines[record].status) {
    case COROUTINE_SUSPENDED: return "suspended";
    case COROUTINE_RUNNING: return "running";
    case COROUTINE_NORMAL: return "normal";
    default: return "dead";
  }
}

static uint32_t check_coroutine(VM *vm, Value *args, int count) {
  Value v = native_arg(args, count, 1);
  if (!value_is_thread(v)) vm_native_arg_error(vm, 1, "coroutine expected");
  uint32_t record = value_thread(v)->record;
  VM_ASSERT(record < vm->run.coroutine_count && vm->run.coroutines[record].object == (uint32_t)v);
  return record;
}

static Handle *new_coroutine(VM *vm, Value *args, int count) {
  if (!value_is_closure(native_arg(args, count, 1))) vm_native_arg_error(vm, 1, "Lua function expected");
  return vm_coroutine_new(vm, args[0]);
}

static Value value_of_thread(const Handle *h) { return value_of_object(TAG_THREAD, &h->header); }

int vm_thread_create(VM *vm, Value *args, int count) {
  return native_return(args, value_of_thread(new_coroutine(vm, args, count)));
}

int vm_thread_wrap(VM *vm, Value *args, int count) {
  args[0] = value_of_thread(new_coroutine(vm, args, count));
  Native *native = vm_native_closure(vm, BUILTIN__internal_wrap_call, 1);
  native->upvalues[0] = args[0];
  return native_return(args, value_of_native(native));
}

/* Why a coroutine cannot be resumed, or NULL. */
static String *refusal(VM *vm, uint32_t record) {
  if (vm->run.coroutines[record].status != COROUTINE_SUSPENDED) {
    size_t mark = vm_buffer_open(vm);
    const char *const parts[] = {"cannot resume ", status_name(vm, record), " coroutine"};
    for (int i = 0; i < 3; i++) vm_buffer_put(vm, parts[i], strlen(parts[i]));
    return vm_buffer_string(vm, mark);
  }
  if (vm->run.levels < LIMIT_C_LEVELS) return NULL;
  /* The reference drops what it was to call: one that has not begun never will. */
  if (!vm->run.coroutines[record].started) vm->run.coroutines[record].status = COROUTINE_DEAD;
  return vm_string_from(vm, "C stack overflow");
}

int vm_thread_resume(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    uint32_t record = check_coroutine(vm, slots, frame->count);
    String *why = refusal(vm, record);
    if (why != NULL) {
      slots[-1] = VALUE_FALSE;
      slots[0] = value_of_string(why);
      return 2;
    }
    frame->step = 1;
    vm_coroutine_resume(vm, record, slots + 1, frame->count - 1);
    return NATIVE_SWITCHED;
  }
  bool failed = frame->returned == COROUTINE_FAILED;
  slots[-1] = value_of_bool(!failed);
  return failed ? 2 : frame->returned + 1;
}

/* Raises the error of a wrapped coroutine; a text gets the position of the caller too. */
static __attribute__((noreturn)) void pass_on(VM *vm, Value error) {
  if (!value_is_string(error) && !value_is_number(error)) vm_error_raise(vm, error);
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_position(vm, 1);
  const String *text = vm_native_to_text(vm, error);
  vm_buffer_put(vm, text->bytes, text->length);
  vm_error_raise_buffer(vm, mark);
}

int vm_thread_wrap_call(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    const Native *self = (const Native *)frame->closure;
    uint32_t record = check_coroutine(vm, (Value *)(uintptr_t)self->upvalues, 1);
    String *why = refusal(vm, record);
    if (why != NULL) pass_on(vm, value_of_string(why));
    frame->step = 1;
    vm_coroutine_resume(vm, record, slots, frame->count);
    return NATIVE_SWITCHED;
  }
  if (frame->returned == COROUTINE_FAILED) pass_on(vm, slots[0]);
  memmove(slots - 1, slots, (size_t)frame->returned * sizeof(Value));
  return frame->returned;
}

int vm_thread_yield(VM *vm, Frame *frame) {
  vm_coroutine_yield(vm, native_slots(frame), frame->count);
  return NATIVE_SWITCHED;
}

int vm_thread_status(VM *vm, Value *args, int count) {
  uint32_t record = check_coroutine(vm, args, count);
  return native_return(args, value_of_string(vm_string_from(vm, status_name(vm, record))));
}

int vm_thread_running(VM *vm, Value *args, int count) {
  (void)count;
  if (vm->run.current == 0) return native_return(args, VALUE_NIL);
  const Handle *object = (const Handle *)(uintptr_t)vm->run.coroutines[vm->run.current].object;
  return native_return(args, value_of_thread(object));
}
