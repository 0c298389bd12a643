/* SPDX-License-Identifier: BSD-2-Clause */
/* call - see call.h. */
#include "vm/run/call.h"

#include "vm/compile/opcode.h"
#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/table.h"
#include "vm/run/coroutine.h"
#include "vm/run/debug.h"
#include "vm/run/direct.h"
#include "vm/run/error.h"
#include "vm/run/hook.h"
#include "vm/run/meta.h"
#include "vm/run/slow.h"
#include "vm/run/stack.h"

/* --- Levels: who calls across a boundary enters one, popping the frame leaves it --- */

void vm_call_enter_level(VM *vm) {
  uint32_t levels = ++vm->run.levels;
  if (LIKELY(levels < LIMIT_C_LEVELS)) return;
  if (levels == LIMIT_C_LEVELS) vm_error_text(vm, "C stack overflow");
  /* The handler of that error fails too. */
  if (levels >= LIMIT_C_LEVELS + LIMIT_C_LEVELS / 8) vm_error_handler_failed(vm);
}

void vm_call_pop(VM *vm) {
  Frame *frame = vm->run.frame--;
  if (frame->boundary) vm->run.levels--;
  if (frame->kind == FRAME_NATIVE) vm->run.buffer_top = frame->buffer;
}

/* --- Pushing frames --- */

static Frame *push_frame(VM *vm) {
  if (UNLIKELY(vm->run.frame + 1 >= vm->run.frames_end)) vm_stack_grow_frames(vm);
  return ++vm->run.frame;
}

/* The record of a live closure; a forged index or count ends the process. */
static const Function *function_of(const VM *vm, const Closure *closure) {
  VM_ASSERT(closure->function < vm->run.function_count);
  const Function *function = &vm->run.functions[closure->function];
  VM_ASSERT(function->code != NULL && function->upvalue_count == closure->upvalue_count);
  return function;
}

/* 5.1's table `arg`: the extra arguments and their number. */
static void build_arg_table(VM *vm, Value *target, const Value *extra, int count) {
  Table *t = vm_table_new(vm, (uint32_t)count, 1);
  *target = value_of_table(t);
  for (int i = 0; i < count; i++) table_array(t)[i] = extra[i];
  String *n = vm_string_new(vm, "n", 1);
  *vm_table_slot_string(vm, t, n) = value_of_int(count);
}

/* Moves the fixed parameters above the extra arguments; returns the new base. */
static Value *adjust_varargs(VM *vm, const Function *function, Value *args, int *count) {
  int fixed = function->parameter_count;
  int extra = *count > fixed ? *count - fixed : 0;
  for (int i = *count; i < fixed; i++) args[i] = VALUE_NIL;
  Value *base = args + fixed + extra;
  vm_charge(vm, COST_STACK_SLOTS, *count);
  for (int i = 0; i < fixed; i++) {
    base[i] = args[i];
    args[i] = VALUE_NIL;
  }
  *count = extra;
  return base;
}

/* What the caller of a new frame says about it: the eight bytes from Frame.kind on, and
 * the slot for RETURN_NATIVE. */
typedef struct {
  uint8_t kind; /* filled in here */
  uint8_t returns;
  uint8_t boundary;
  uint8_t catches; /* 0 */
  uint16_t step;   /* 0 */
  int16_t wanted;
  uint32_t slot;
} Site;
_Static_assert(__builtin_offsetof(Frame, slot) - __builtin_offsetof(Frame, kind) == __builtin_offsetof(Site, slot),
               "a site is copied over a frame's fields");

static void set_site(Frame *frame, const Site *site, FrameKind kind) {
  memcpy(&frame->kind, site, __builtin_offsetof(Site, slot));
  frame->kind = (uint8_t)kind;
  frame->slot = site->slot;
}

static void push_lua(VM *vm, Value *func, int count, Site site) {
  const Closure *closure = value_closure(*func);
  const Function *function = function_of(vm, closure);
  uint32_t need = (uint32_t)count + function->parameter_count + function->stack_size + 2;
  Value *args = vm_call_need_stack(vm, func + 1, need);
  Frame *frame = push_frame(vm);
  set_site(frame, &site, FRAME_LUA);
  frame->tail_calls = 0;
  frame->closure = closure;
  frame->constants = function->constants;
  frame->pc = function->code;
  frame->base = args;
  if (function->flags & PROTO_VARARG) {
    frame->count = count;
    Value *base = adjust_varargs(vm, function, args, &frame->count);
    frame->base = base;
    base[function->parameter_count] = VALUE_NIL; /* the hidden local `arg` */
    if (function->flags & PROTO_NEEDS_ARG) {
      vm->run.top = base + function->stack_size;
      build_arg_table(vm, base + function->parameter_count, base - frame->count, frame->count);
    }
    return;
  }
  for (int i = count; i < function->parameter_count; i++) args[i] = VALUE_NIL;
}

static void push_native(VM *vm, Value *func, int count, Site site) {
  const Native *native = value_native(*func);
  VM_ASSERT(native->native < BUILTIN_COUNT_);
  vm_charge_units(vm, (uint64_t)vm_builtins[native->native].cost_bytes / 4);
  Value *args = vm_call_need_stack(vm, func + 1, (uint32_t)count + NATIVE_SLOTS);
  Frame *frame = push_frame(vm);
  set_site(frame, &site, FRAME_NATIVE);
  frame->state[0] = frame->state[1] = frame->state[2] = 0;
  frame->returned = 0;
  frame->closure = (const Closure *)native;
  frame->native = native->native;
  frame->base = args;
  frame->count = count;
  frame->buffer = vm->run.buffer_top;
  vm->run.top = args + count;
  frame->levels = vm->run.levels;
}

/* Puts the __call metamethod below the arguments. */
static Value *insert_call_method(VM *vm, Value *func, int *count, const Site *site) {
  Value method = vm_meta_event(vm, *func, EVENT_CALL);
  if (!value_is_function(method)) {
    bool named = site->returns == RETURN_CALL || site->returns == RETURN_TAIL || site->returns == RETURN_OPERATION;
    vm_debug_type_error(vm, named ? (int)(func - vm->run.frame->base) : -1, *func, "call");
  }
  ptrdiff_t end = func + 1 + *count - vm_stack_base(vm);
  func = vm_call_need_stack(vm, func, (uint32_t)*count + 2);
  Value *last = vm_stack_base(vm) + end;
  for (Value *p = last; p > func; p--) p[0] = p[-1];
  *func = method;
  ++*count;
  return func;
}

static void push_value(VM *vm, Value *func, int count, Site site) {
  if (UNLIKELY(!value_is_function(*func))) func = insert_call_method(vm, func, &count, &site);
  if (value_is_closure(*func)) push_lua(vm, func, count, site);
  else push_native(vm, func, count, site);
}

/* --- Delivering results --- */

/* Values mostly come in ones and twos: a loop beats a call.  Targets lie lower. */
static void copy_values(Value *target, const Value *from, int count) {
  if (target > from) {
    memmove(target, from, (size_t)count * sizeof(Value));
    return;
  }
  for (int i = 0; i < count; i++) target[i] = from[i];
}

/* Copies `count` results to `target`, where a Lua frame wants `wanted` (-1: all). */
static void deliver_to_lua(VM *vm, Value *target, int wanted, const Value *results, int count) {
  int given = wanted < 0 || count < wanted ? count : wanted;
  copy_values(target, results, given);
  for (int i = given; i < wanted; i++) target[i] = VALUE_NIL;
  if (wanted < 0) vm->run.top = target + count;
}

/* To a Lua caller behind its CALL. */
static void deliver_to_call(VM *vm, const Value *results, int count) {
  const Frame *caller = vm->run.frame;
  Word call = caller->pc[-2];
  deliver_to_lua(vm, caller->base + word_a(call), (int)word_c(call) - 1, results, count);
}

bool vm_call_wants_nothing(const Frame *native) {
  const Frame *caller = native - 1;
  return native->returns == RETURN_CALL && caller->kind == FRAME_LUA && word_c(caller->pc[-2]) == 1;
}

/* Whether an instruction returns one register. */
static bool is_return_of(Word ins, uint32_t a) {
  bool returns_one = word_op(ins) == OP_RETURN1 || (word_op(ins) == OP_RETURNC && word_b(ins) == 2);
  return returns_one && word_a(ins) == a;
}

bool vm_call_is_last(const VM *vm, const Frame *native) {
  const Frame *caller = native - 1;
  if (caller->returns != RETURN_ENTRY || vm->run.current != MAIN_COROUTINE) return false;
  if (native->returns == RETURN_TAIL) return true;
  if (native->returns != RETURN_CALL || caller->kind != FRAME_LUA) return false;
  Word call = caller->pc[-2];
  return word_c(call) == 2 && is_return_of(caller->pc[0], word_a(call));
}

/* To a Lua caller behind its TAILCALL of a native, for the RETURNM that follows. */
static void deliver_to_tail(VM *vm, const Value *results, int count) {
  const Frame *caller = vm->run.frame;
  deliver_to_lua(vm, caller->base + word_a(caller->pc[-1]), -1, results, count);
}

static void deliver_to_native(VM *vm, int wanted, uint32_t slot, const Value *results, int count) {
  Frame *caller = vm->run.frame;
  int given = wanted < 0 || count < wanted ? count : wanted;
  ptrdiff_t offset = results - vm_stack_base(vm);
  Value *target = vm_call_need_stack(vm, caller->base + slot, (uint32_t)(given > wanted ? given : wanted) + NATIVE_SLOTS);
  results = vm_stack_base(vm) + offset;
  copy_values(target, results, given);
  for (int i = given; i < wanted; i++) target[i] = VALUE_NIL;
  caller->returned = given;
  if (target + given > vm->run.top || wanted < 0) vm->run.top = target + given;
}

static int run_native(VM *vm, Frame *frame) {
  const Builtin *builtin = &vm_builtins[frame->native];
  if (builtin->framed != NULL) return builtin->framed(vm, frame);
  VM_ASSERT(builtin->leaf != NULL); /* a forged index: the full profile is not linked */
  return builtin->leaf(vm, frame->base, frame->count);
}

static void start_requested_call(VM *vm) {
  Frame *frame = vm->run.frame;
  Site site = {.returns = RETURN_NATIVE,
               .boundary = 1,
               .wanted = (int16_t)vm->run.call_results,
               .slot = (uint32_t)vm->run.call_slot};
  Value *func = frame->base + vm->run.call_slot;
  vm_call_enter_level(vm);
  push_value(vm, func, vm->run.call_arguments, site);
}

/* Pops the finished frame and hands its results on. */
static void hand_over(VM *vm, const Value *results, int count) {
  const Frame *finished = vm->run.frame;
  vm_call_pop(vm);
  switch ((ReturnKind)finished->returns) {
    case RETURN_CALL:
      deliver_to_call(vm, results, count);
      return;
    case RETURN_TAIL:
      deliver_to_tail(vm, results, count);
      return;
    case RETURN_OPERATION:
      vm_slow_finish(vm, results, count);
      return;
    case RETURN_NATIVE:
      deliver_to_native(vm, finished->wanted, finished->slot, results, count);
      return;
    case RETURN_ENTRY:
      vm_coroutine_finished(vm, results, count);
      return;
    case RETURN_HOOK:
      vm_hook_returned(vm);
      return;
    case RETURN_HANDLER:
      vm_error_handled(vm, count > 0 ? results[0] : VALUE_NIL);
      return;
  }
  __builtin_trap();
}

/* Does what the native on top has answered. */
static void conclude(VM *vm, int outcome) {
  if (outcome >= 0) hand_over(vm, vm->run.frame->base - 1, outcome);
  else if (outcome == NATIVE_CALLS) start_requested_call(vm);
}

/* Runs natives until Lua is on top or the loop must be left. */
static void settle(VM *vm) {
  while (vm->run.exit == EXIT_NONE && vm->run.frame->kind == FRAME_NATIVE) conclude(vm, run_native(vm, vm->run.frame));
}

void vm_call_settle(VM *vm) { settle(vm); }

void vm_call_conclude(VM *vm, int outcome) {
  conclude(vm, outcome);
  settle(vm);
}

void vm_call_hand_over(VM *vm, const Value *results, int count) { hand_over(vm, results, count); }

void vm_call_operation(VM *vm, Value *func, int count) {
  if (vm_direct_operation(vm, func, count)) return;
  vm_call_enter_level(vm);
  push_value(vm, func, count, (Site){.returns = RETURN_OPERATION, .boundary = 1});
}

void vm_call_handler(VM *vm, Value *func, int count) {
  vm_call_enter_level(vm);
  push_value(vm, func, count, (Site){.returns = RETURN_HANDLER, .boundary = 1});
}

void vm_call_hook(VM *vm, Value *func, int count) {
  vm_call_enter_level(vm);
  push_value(vm, func, count, (Site){.returns = RETURN_HOOK, .boundary = 1});
  settle(vm);
}

void vm_call_frame_of_leaf(VM *vm) {
  int count;
  Value *func = vm_debug_leaf_slot(vm, &count);
  if (!value_is_native(*func)) return; /* a result stands there already */
  Frame *frame = push_frame(vm);
  *frame = (Frame){.kind = FRAME_NATIVE,
                   .returns = RETURN_CALL,
                   .closure = (const Closure *)value_native(*func),
                   .native = value_native(*func)->native,
                   .base = func + 1,
                   .count = count,
                   .levels = vm->run.levels,
                   .buffer = vm->run.buffer_top};
}

void vm_call_body(VM *vm, Value *func, int count) {
  push_value(vm, func, count, (Site){.returns = RETURN_ENTRY});
}

/* --- Instructions --- */

static void take_words(VM *vm, Frame *frame, int words) {
  frame->pc += words;
  vm->run.remaining -= (int64_t)words * (int64_t)sizeof(Word);
}

/* Every transfer of control leaves `remaining` alone: it counts words walked. */
static void execute_call(VM *vm, Word ins, bool open) {
  Frame *frame = vm->run.frame;
  take_words(vm, frame, 1);
  Value *func = frame->base + word_a(ins);
  int count = open ? (int)(vm->run.top - func - 1) : (int)word_b(ins) - 1;
  push_value(vm, func, count, (Site){.returns = RETURN_CALL});
  settle(vm);
}

static void execute_tail_call(VM *vm, Word ins, bool open) {
  Frame *frame = vm->run.frame;
  Value *func = frame->base + word_a(ins);
  int count = open ? (int)(vm->run.top - func - 1) : (int)word_b(ins) - 1;
  Site tail = {.returns = RETURN_TAIL};
  if (!value_is_function(*func)) func = insert_call_method(vm, func, &count, &tail);
  if (value_is_native(*func)) {
    /* A native runs above this frame; the RETURNM behind passes its results on. */
    push_native(vm, func, count, tail);
    settle(vm);
    return;
  }
  Value *target = vm_stack_function_slot(vm, frame);
  if (state_coroutine(vm)->open != 0) vm_call_close(vm, target);
  Site site;
  memcpy(&site, &frame->kind, sizeof site);
  uint32_t tail_calls = frame->tail_calls + 1;
  memmove(target, func, (size_t)(count + 1) * sizeof(Value));
  vm->run.frame--;
  push_lua(vm, target, count, site);
  vm->run.frame->tail_calls = tail_calls;
}

void vm_call_execute(VM *vm) {
  Word ins = vm->run.frame->pc[-1];
  switch (word_op(ins)) {
    case OP_CALL: execute_call(vm, ins, false); break;
    case OP_CALLM: execute_call(vm, ins, true); break;
    case OP_TAILCALL: execute_tail_call(vm, ins, false); break;
    case OP_TAILCALLM: execute_tail_call(vm, ins, true); break;
    default: __builtin_trap();
  }
}

void vm_call_return(VM *vm) {
  Frame *frame = vm->run.frame;
  Word ins = frame->pc[-1];
  Value *from = frame->base + word_a(ins);
  Opcode op = word_op(ins);
  int count;
  switch (op) {
    case OP_RETURN0: count = 0; break;
    case OP_RETURN1: count = 1; break;
    case OP_RETURN: count = (int)word_b(ins) - 1; break;
    case OP_RETURNM: count = (int)(vm->run.top - from); break;
    default: count = word_b(ins) == 0 ? (int)(vm->run.top - from) : (int)word_b(ins) - 1; break;
  }
  if (op == OP_RETURNC) vm_call_close(vm, frame->base);
  hand_over(vm, from, count);
  settle(vm);
}

/* --- Budget --- */

void vm_call_poll(VM *vm) {
  if (vm->run.remaining > 0) return;
  bool ends = (vm->stop_word != NULL && *vm->stop_word != 0) || vm->run.budget_left == 0;
  /* pc names the next instruction here: count it as begun, for its line is where the run stands. */
  if (ends && vm->run.frame->kind == FRAME_LUA) vm->run.frame->pc++;
  if (vm->stop_word != NULL && *vm->stop_word != 0) vm_error_stopped(vm, *vm->stop_word);
  if (vm->run.budget_left == 0) vm_error_budget(vm);
  vm->run.exit = EXIT_QUANTUM;
}
