/* SPDX-License-Identifier: BSD-2-Clause */
/* error - see error.h. */
#include "vm/run/error.h"

#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/table.h"
#include "vm/run/call.h"
#include "vm/run/coroutine.h"
#include "vm/run/debug.h"
#include "vm/run/slow_table.h"
#include "vm/run/stack.h"

/* What a landing has to do. */
enum { LAND_ERROR = 1, LAND_HANDLER_FAILED = 2, LAND_END = 3 };

/* Never inlined: __builtin_longjmp must not be in the function that holds the setjmp, and
 * land_error, which may raise again, is called from there. */
static __attribute__((noreturn, noinline)) void jump(VM *vm, uint32_t landing) {
  VM_ASSERT(vm->run.protected_);
  vm->run.landing = landing;
  __builtin_longjmp(vm->jump, 1);
}

void vm_error_raise(VM *vm, Value error) {
  vm->run.error = error;
  jump(vm, LAND_ERROR);
}

void vm_error_text(VM *vm, const char *text) {
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_running_position(vm);
  vm_buffer_put(vm, text, strlen(text));
  vm_error_raise_buffer(vm, mark);
}

void vm_error_raise_buffer(VM *vm, size_t mark) {
  enum { SHORT = 128 };
  size_t size = vm_buffer_size(vm, mark);
  if (UNLIKELY(size > SHORT)) vm_charge(vm, COST_STRING_BYTES, size);
  vm_error_raise(vm, value_of_string(vm_buffer_string(vm, mark)));
}

void vm_error_handler_failed(VM *vm) {
  vm->run.error = value_of_string(vm_string_from(vm, "error in error handling"));
  jump(vm, LAND_HANDLER_FAILED);
}

static __attribute__((noreturn)) void end_run(VM *vm, VmLimitKind kind, uint32_t stop_value) {
  vm->run.exit = EXIT_LIMIT;
  vm->run.ending = (VmEnding){.kind = kind, .stop_value = stop_value};
  vm_debug_locate(vm, &vm->run.ending.source, &vm->run.ending.line);
  jump(vm, LAND_END);
}

void vm_error_memory(VM *vm) { end_run(vm, VM_LIMIT_MEMORY, 0); }
void vm_error_budget(VM *vm) { end_run(vm, VM_LIMIT_INSTRUCTIONS, 0); }
void vm_error_stopped(VM *vm, uint32_t stop_value) { end_run(vm, VM_LIMIT_STOPPED, stop_value); }

/* --- Charging --- */

static __attribute__((noinline)) void refill(VM *vm) {
  while (vm->run.remaining <= 0) {
    if (vm->stop_word != NULL && *vm->stop_word != 0) vm_error_stopped(vm, *vm->stop_word);
    if (vm->run.budget_left == 0) vm_error_budget(vm);
    uint64_t debt = (uint64_t)-vm->run.remaining / sizeof(Word) + 1;
    uint64_t take = debt > vm->run.quantum ? debt : vm->run.quantum;
    if (take > vm->run.budget_left) take = vm->run.budget_left;
    vm->run.budget_left -= take;
    vm->run.remaining += (int64_t)(take * sizeof(Word));
  }
}

void vm_charge_units(VM *vm, uint64_t units) {
  vm_corrupt_point(vm);
  if (UNLIKELY(units > (uint64_t)1 << 40)) units = (uint64_t)1 << 40;
  vm->run.remaining -= (int64_t)(units * sizeof(Word));
  if (UNLIKELY(vm->run.remaining <= 0)) refill(vm);
}

/* --- Unwinding --- */

/* The innermost frame from `top` down that catches. */
static Frame *find_catcher(VM *vm, Frame *top) {
  const Coroutine *co = state_coroutine(vm);
  for (Frame *f = top; f > co->frames; f--) {
    if (f->catches) return f;
  }
  return NULL;
}

/* The frame whose handler sees an error that `catcher` catches: load protects, but has no
 * handler of its own.  NULL: the one of whoever called the script. */
static Frame *find_handling(VM *vm, Frame *catcher) {
  while (catcher != NULL && catcher->catches == CATCH_LOAD) catcher = find_catcher(vm, catcher - 1);
  return catcher;
}

/* The field err of a raised table, its own or of the tables that __index names; what only a
 * function could tell is nil. */
static Value error_text_of(VM *vm, const Table *t) {
  Word guess = 0;
  Value call[4];
  Value text = vm_slow_table_inherited(vm, t, value_of_string(vm_string_from(vm, "err")), &guess, call);
  return text == SLOW_TABLE_ASK || text == SLOW_TABLE_CALL ? VALUE_NIL : text;
}

/* Ends pcall or xpcall with false and the error. */
static void deliver_error(VM *vm, Frame *catcher) {
  for (; vm->run.frame > catcher; vm_call_pop(vm)) {
    if (vm->run.frame->returns == RETURN_HOOK) vm->run.hook.running = false;
  }
  /* A level that was refused has been counted: the handler was to see it. */
  vm->run.levels = catcher->levels;
  vm_stack_end_overflow(vm);
  vm_call_close(vm, catcher->base);
  vm->run.buffer_top = catcher->buffer;
  Value error = vm->run.error;
  vm->run.error = VALUE_NIL;
  catcher->base[-1] = catcher->catches == CATCH_LOAD ? VALUE_NIL : VALUE_FALSE;
  catcher->base[0] = error;
  int count = 2;
  if (vm->profile == VM_PROFILE_REDIS && catcher->catches == CATCH_PCALL && value_is_table(error)) {
    /* The server's own pcall gives the text of an error reply, not its table; when there
     * is no text the field it looked at stays behind as a third result. */
    Value text = error_text_of(vm, value_table(error));
    if (value_is_string(text) || value_is_number(text)) catcher->base[0] = text;
    else catcher->base[count++ - 1] = text;
  }
  vm_call_hand_over(vm, catcher->base - 1, count);
}

/* Calls xpcall's handler on top of the frames that failed. */
static void call_handler(VM *vm, const Frame *catcher) {
  Frame *top = vm->run.frame;
  Value handler = catcher->base[0];
  /* Calling what is no function would raise, here, the next error for this handler. */
  if (!value_is_function(handler)) vm_error_handler_failed(vm);
  Value *func = vm_stack_frame_end(vm, top);
  if (func < vm->run.top) func = vm->run.top;
  func = vm_call_need_stack(vm, func, 4);
  func[0] = handler;
  func[1] = vm->run.error;
  vm->run.error = VALUE_NIL;
  vm_call_handler(vm, func, 1);
}

static void set_field(VM *vm, const char *name, Value v) {
  String *key = vm_string_from(vm, name);
  vm->run.kept = value_of_string(key); /* a new field may need a larger table, and that a collection */
  *vm_table_slot_string(vm, value_table(vm->run.error), key) = v;
  vm->run.kept = VALUE_NIL;
}

/* What the server's handler makes of an error that reaches it: a table with err, source
 * and line.  A script sees it when load's reader fails outside every pcall. */
static void apply_server_handler(VM *vm) {
  VmBytes source;
  int64_t line;
  vm_debug_locate_error(vm, &source, &line);
  if (!value_is_table(vm->run.error)) {
    size_t mark = vm_buffer_open(vm);
    vm_buffer_put(vm, "ERR ", 4);
    const String *text = vm_native_to_text(vm, vm->run.error);
    vm_buffer_put(vm, text->bytes, text->length);
    vm->run.error = value_of_string(vm_buffer_string(vm, mark));
    Table *t = vm_table_new(vm, 0, 1);
    Value message = vm->run.error;
    vm->run.error = value_of_table(t);
    vm->run.result = message; /* reachable until it is stored; the script has no result yet */
    set_field(vm, "err", message);
  }
  if (table_is_readonly(value_table(vm->run.error))) return;
  vm->run.result = value_of_string(vm_string_new(vm, source.data, source.size));
  set_field(vm, "source", vm->run.result);
  vm->run.result = VALUE_NIL;
  set_field(vm, "line", value_of_int(line));
}

static void fail_main(VM *vm) {
  vm_debug_locate_error(vm, &vm->run.error_source, &vm->run.error_line);
  Value error = vm->run.error;
  if (vm->profile == VM_PROFILE_REDIS && value_is_table(error) && table_is_readonly(value_table(error))) {
    vm->run.error = value_of_string(vm_string_from(vm, ERROR_HANDLER_REFUSED));
    vm->run.error_source = (VmBytes){"@err_handler_def", 16};
    vm->run.error_line = 10;
  }
  vm->run.exit = EXIT_ERROR;
}

static __attribute__((noinline)) void land_error(VM *vm, bool handler_failed, bool in_leaf) {
  Frame *catcher = find_catcher(vm, vm->run.frame);
  if (catcher != NULL) {
    const Frame *handling = find_handling(vm, catcher);
    bool by_server = handling == NULL && vm->run.current == MAIN_COROUTINE && vm->profile == VM_PROFILE_REDIS;
    if (handling != NULL && handling->catches == CATCH_XPCALL && !handler_failed) {
      if (in_leaf) vm_call_frame_of_leaf(vm);
      call_handler(vm, handling);
      return;
    }
    if (by_server && !handler_failed) apply_server_handler(vm);
    deliver_error(vm, catcher);
    return;
  }
  if (vm->run.current == MAIN_COROUTINE) fail_main(vm);
  else vm_coroutine_failed(vm);
}

void vm_error_handled(VM *vm, Value error) {
  vm->run.error = error;
  deliver_error(vm, find_catcher(vm, vm->run.frame));
}

/* Nothing but calls happens here, so that no register or slot of this frame matters when
 * control comes back; what is needed then is volatile. */
__attribute__((noinline)) void vm_error_protect(VM *entered, void (*run)(VM *vm)) {
  VM *volatile kept = entered;
  void (*volatile kept_body)(VM *vm) = run;
  kept->run.protected_ = 1;
  kept->run.landing = 0;
  int landed = __builtin_setjmp(kept->jump);
  VM *vm = kept;
  void (*body)(VM *vm) = kept_body;
  if (landed != 0) {
    uint32_t landing = vm->run.landing;
    vm->run.landing = 0;
    if (landing == LAND_END) {
      vm->run.protected_ = 0;
      return;
    }
    bool in_leaf = vm->run.in_leaf;
    vm->run.in_leaf = 0;
    land_error(vm, landing == LAND_HANDLER_FAILED, in_leaf);
  }
  if (vm->run.exit == EXIT_NONE) body(vm);
  vm->run.protected_ = 0;
}
