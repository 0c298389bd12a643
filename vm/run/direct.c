/* SPDX-License-Identifier: BSD-2-Clause */
/* direct - see direct.h. */
#include "vm/run/direct.h"

#include "vm/lib/native.h"
#include "vm/run/builtin.h"
#include "vm/run/call.h"
#include "vm/run/coroutine.h"
#include "vm/run/slow.h"

/* --- Parts --- */

/* What vm_charge(COST_STACK_SLOTS) takes for `count` values, in bytes of code. */
static inline int64_t slots_price(int count) {
  return ((int64_t)count * COST_STACK_SLOTS_NUMERATOR + COST_STACK_SLOTS_DENOMINATOR - 1) / COST_STACK_SLOTS_DENOMINATOR *
         (int64_t)sizeof(Word);
}

/* Passes the extra word of the CALL and pays for the native and for `bytes` more. */
static inline bool pay(VM *vm, const Native *native, int64_t bytes) {
  bytes += vm_builtins[native->native].cost_bytes + (int64_t)sizeof(Word);
  if (UNLIKELY(vm->run.remaining <= bytes)) return false;
  vm->run.remaining -= bytes;
  vm->run.frame->pc++;
  return true;
}

/* Pushes the frame of a native called by CALL that waits for results. */
static inline __attribute__((always_inline)) void push_waiting(VM *vm, Value *func, int count, uint8_t catches) {
  const Native *native = value_native(*func);
  Frame *frame = ++vm->run.frame;
  enum { AT_CATCHES = 24, AT_STEP = 32 };
  _Static_assert(__builtin_offsetof(Frame, catches) - __builtin_offsetof(Frame, kind) == AT_CATCHES / 8 &&
                     __builtin_offsetof(Frame, step) - __builtin_offsetof(Frame, kind) == AT_STEP / 8 && RETURN_CALL == 0,
                 "eight bytes stored at once");
  const uint64_t kinds = FRAME_NATIVE | (uint64_t)catches << AT_CATCHES | UINT64_C(1) << AT_STEP;
  memcpy(&frame->kind, &kinds, sizeof kinds);
  frame->slot = 0;
  frame->returned = 0;
  frame->closure = (const Closure *)native;
  frame->native = native->native;
  frame->base = func + 1;
  frame->count = count;
  frame->buffer = vm->run.buffer_top;
  frame->levels = vm->run.levels;
  vm->run.top = func + 1 + count;
}

/* Hands values to the Lua frame on top, behind its CALL; with `success` true comes first.
 * The values lie higher on the same stack, or on another. */
static inline __attribute__((always_inline)) void deliver(VM *vm, bool success, const Value *values, int count) {
  const Frame *caller = vm->run.frame;
  Word call = caller->pc[-2];
  Value *target = caller->base + word_a(call);
  int room = (int)word_c(call) - 1;
  if (room < 0) {
    room = count + success;
    vm->run.top = target + room;
  }
  Value *end = target + room;
  if (success && target < end) *target++ = VALUE_TRUE;
  for (; target < end && count > 0; count--) *target++ = *values++;
  while (target < end) {
    *target++ = VALUE_NIL;
    __asm__("" : "+r"(target)); /* or else it becomes a call of memset */
  }
}

/* --- pcall --- */

/* The record of a closure that can be called without moving parameters. */
static const Function *plain_function(const VM *vm, Value v) {
  if (!value_is_closure(v)) return NULL;
  const Closure *closure = value_closure(v);
  if (closure->function >= vm->run.function_count) return NULL;
  const Function *function = &vm->run.functions[closure->function];
  if (function->upvalue_count != closure->upvalue_count || (function->flags & PROTO_VARARG)) return NULL;
  return function;
}

/* Pushes a Lua function across a boundary of the reference. */
static void push_callee(VM *vm, const Function *function, Value *func, int count, ReturnKind returns, uint32_t slot) {
  Frame *frame = ++vm->run.frame;
  frame->kind = FRAME_LUA;
  frame->returns = (uint8_t)returns;
  frame->boundary = 1;
  frame->catches = 0;
  frame->step = 0;
  frame->wanted = NATIVE_MULTI;
  frame->slot = slot;
  frame->tail_calls = 0;
  frame->closure = value_closure(*func);
  frame->constants = function->constants;
  frame->pc = function->code;
  frame->base = func + 1;
  vm->run.levels++;
  for (int i = count; i < function->parameter_count; i++) func[1 + i] = VALUE_NIL;
}

/* Whether so many frames fit, and the function's frame behind `slots` values from `func` on. */
static inline bool has_room(const VM *vm, const Function *function, const Value *func, int slots, int frames) {
  return vm->run.levels + 1 < LIMIT_C_LEVELS && vm->run.frame + frames < vm->run.frames_end &&
         func + slots + function->parameter_count + function->stack_size <= vm->run.stack_limit;
}

bool vm_direct_operation(VM *vm, Value *func, int count) {
  const Function *function = plain_function(vm, *func);
  if (function == NULL || !has_room(vm, function, func, 1 + count + 2, 1)) return false;
  push_callee(vm, function, func, count, RETURN_OPERATION, 0);
  return true;
}

/* The function stands behind it. */
bool vm_direct_pcall(VM *vm, Value *func, int count) {
  const Function *function = count < 1 ? NULL : plain_function(vm, func[1]);
  if (function == NULL || !has_room(vm, function, func, 2 + count + NATIVE_SLOTS, 2) ||
      !pay(vm, value_native(*func), 0)) {
    return false;
  }
  push_waiting(vm, func, count, CATCH_PCALL);
  push_callee(vm, function, func + 1, count - 1, RETURN_NATIVE, 0);
  return true;
}

/* xpcall: the handler changes places with the function, which gets no arguments. */
static bool call_handled(VM *vm, Value *func, int count) {
  const Function *function = count < 2 ? NULL : plain_function(vm, func[1]);
  if (function == NULL || !has_room(vm, function, func, 3 + count + NATIVE_SLOTS, 2) ||
      !pay(vm, value_native(*func), 0)) {
    return false;
  }
  Value called = func[1];
  func[1] = func[2];
  func[2] = called;
  push_waiting(vm, func, count, CATCH_XPCALL);
  push_callee(vm, function, func + 2, 0, RETURN_NATIVE, 1);
  return true;
}

/* --- Coroutines --- */

/* Whether a wrapped coroutine is the iterator of the frame below. */
static inline bool iterates(const Frame *native) {
  return native->returns == RETURN_OPERATION && native->native == BUILTIN__internal_wrap_call &&
         native[-1].kind == FRAME_LUA && word_is(native[-1].pc[-1], OP_TFORLOOP);
}

/* Whether the native that a coroutine waits in was called by a CALL or a TFORLOOP, with room for `count` values. */
static inline bool waits_for(const Coroutine *co, int count) {
  const Frame *waiting = co->frame;
  return waiting->kind == FRAME_NATIVE && (waiting->returns == RETURN_CALL || iterates(waiting)) &&
         waiting->base + count < co->stack_limit;
}

/* Pops the native that the coroutine just switched to waits in, and hands it the values. */
static inline __attribute__((always_inline)) void wake(VM *vm, bool success, const Value *values, int count) {
  const Frame *waiting = vm->run.frame--;
  if (waiting->returns == RETURN_CALL) {
    deliver(vm, success, values, count);
    return;
  }
  vm->run.levels--; /* an iterator runs one level deeper */
  vm_slow_finish(vm, values, count);
}

/* The record of a coroutine that waits for `count` values, or MAIN_COROUTINE, which never does. */
static inline __attribute__((always_inline)) uint32_t waiting_record(const VM *vm, const Value *func, int all, Value thread, int count) {
  if (!value_is_thread(thread)) return MAIN_COROUTINE;
  uint32_t record = value_thread(thread)->record;
  VM_ASSERT(record < vm->run.coroutine_count && vm->run.coroutines[record].object == (uint32_t)thread);
  const Coroutine *co = &vm->run.coroutines[record];
  if (co->status != COROUTINE_SUSPENDED || !co->started || vm->run.levels + 1 >= LIMIT_C_LEVELS || !waits_for(co, count) ||
      vm->run.frame + 1 >= vm->run.frames_end || func + 1 + all + NATIVE_SLOTS > vm->run.stack_limit) {
    return MAIN_COROUTINE;
  }
  return record;
}

static inline __attribute__((always_inline)) bool resume(VM *vm, Value *func, int all, Value thread, const Value *values, int count) {
  uint32_t record = waiting_record(vm, func, all, thread, count);
  if (record == MAIN_COROUTINE || !pay(vm, value_native(*func), slots_price(count))) return false;
  push_waiting(vm, func, all, CATCH_NONE);
  coroutine_switch_to(vm, record);
  wake(vm, false, values, count);
  return true;
}

/* The values of a for's iterator stand behind a copy of it. */
bool vm_direct_iterate(VM *vm) {
  Value *func = vm->run.frame->base + word_a(vm->run.frame->pc[-1]) + 3;
  const Native *native = value_native(func[-3]);
  int64_t bytes = vm_builtins[native->native].cost_bytes + slots_price(2);
  if (native->native != BUILTIN__internal_wrap_call || vm->run.remaining <= bytes) return false;
  uint32_t record = waiting_record(vm, func, 2, native->upvalues[0], 2);
  if (record == MAIN_COROUTINE) return false;
  vm->run.remaining -= bytes;
  for (int i = 0; i < 3; i++) func[i] = func[i - 3];
  vm->run.levels++;
  push_waiting(vm, func, 2, CATCH_NONE);
  vm->run.frame->returns = RETURN_OPERATION;
  vm->run.frame->boundary = 1;
  coroutine_switch_to(vm, record);
  wake(vm, false, func + 1, 2);
  return true;
}

bool vm_direct_resume(VM *vm, Value *func, int count) {
  return count > 0 && resume(vm, func, count, func[1], func + 2, count - 1);
}

bool vm_direct_wrap(VM *vm, Value *func, int count) {
  return resume(vm, func, count, value_native(*func)->upvalues[0], func + 1, count);
}

bool vm_direct_yield(VM *vm, Value *func, int count) {
  const Coroutine *co = state_coroutine(vm);
  if (vm->run.current == MAIN_COROUTINE || vm->run.levels != co->base_levels) return false;
  const Coroutine *resumer = &vm->run.coroutines[co->resumer];
  const Frame *waiting = resumer->frame;
  if (!waits_for(resumer, count) || vm->run.frame + 1 >= vm->run.frames_end ||
      func + 1 + count + NATIVE_SLOTS > vm->run.stack_limit || !pay(vm, value_native(*func), slots_price(count))) {
    return false;
  }
  push_waiting(vm, func, count, CATCH_NONE);
  coroutine_switch_back(vm, COROUTINE_SUSPENDED);
  vm->run.buffer_top = waiting->buffer;
  wake(vm, waiting->native == BUILTIN_coroutine_resume, func + 1, count);
  return true;
}

bool vm_direct_call(VM *vm) {
  const Frame *frame = vm->run.frame;
  Word ins = frame->pc[-1];
  Value *func = frame->base + word_a(ins);
  int count = word_is(ins, OP_CALLM) ? (int)(vm->run.top - func) - 1 : (int)word_b(ins) - 1;
  const Native *native = value_native(*func);
  switch (native->native) {
    case BUILTIN__G_pcall: return vm_direct_pcall(vm, func, count);
    case BUILTIN__G_xpcall: return call_handled(vm, func, count);
    case BUILTIN_coroutine_yield: return vm_direct_yield(vm, func, count);
    case BUILTIN_coroutine_resume: return vm_direct_resume(vm, func, count);
    case BUILTIN__internal_wrap_call: return vm_direct_wrap(vm, func, count);
    default: return false;
  }
}

/* --- Returning to a native --- */

static bool return_protected(VM *vm, const Frame *native, const Value *results, int count) {
  if (native->returns != RETURN_CALL) return false;
  vm->run.levels--;
  vm->run.buffer_top = native->buffer;
  vm->run.frame -= 2;
  deliver(vm, true, results, count);
  return true;
}

/* The function that the native on top wants called, when it is what the frame above has just
 * done; else NULL. */
static const Function *asks_again(const VM *vm, const Frame *last) {
  const Value *func = vm->run.frame->base + vm->run.call_slot;
  if ((uint32_t)vm->run.call_slot != last->slot || vm->run.call_results != 1 || func + 1 != last->base ||
      (uint32_t)*func != (uint32_t)(uintptr_t)last->closure ||
      func + 1 + vm->run.call_arguments + NATIVE_SLOTS >= vm->run.stack_limit) {
    return NULL;
  }
  return plain_function(vm, *func);
}

/* Gives the one result to the native and calls it; when it wants the same function called with
 * other arguments, the frame is used once more. */
static void answer(VM *vm, Frame *native, Value result, int count) {
  Frame *last = vm->run.frame;
  native->base[last->slot] = result;
  native->returned = count > 0;
  vm->run.frame = native;
  vm->run.levels--;
  const Value *end = native->base + last->slot + native->returned;
  if (end > vm->run.top) vm->run.top = native->base + last->slot + native->returned;
  int outcome = vm_builtins[native->native].framed(vm, native);
  const Function *function = outcome == NATIVE_CALLS ? asks_again(vm, last) : NULL;
  if (UNLIKELY(function == NULL)) {
    vm_call_conclude(vm, outcome);
    return;
  }
  vm->run.frame = last;
  vm->run.levels++;
  last->pc = function->code;
  last->tail_calls = 0;
  for (int i = vm->run.call_arguments; i < function->parameter_count; i++) last->base[i] = VALUE_NIL;
}

static int count_results(const VM *vm, Word ins, const Value *results) {
  switch (word_op(ins)) {
    case OP_RETURN0: return 0;
    case OP_RETURN1: return 1;
    case OP_RETURNM: return (int)(vm->run.top - results);
    default: return word_b(ins) == 0 ? (int)(vm->run.top - results) : (int)word_b(ins) - 1;
  }
}

/* To the instruction that called a metamethod. */
static bool return_operation(VM *vm, const Value *results, int count) {
  vm->run.levels--;
  vm->run.frame--;
  vm_slow_finish(vm, results, count);
  if (UNLIKELY(vm->run.frame->kind == FRAME_NATIVE)) vm_call_settle(vm);
  return true;
}

bool vm_direct_return(VM *vm) {
  const Frame *frame = vm->run.frame;
  if (frame->returns != RETURN_NATIVE && frame->returns != RETURN_OPERATION) return false;
  Frame *native = vm->run.frame - 1;
  Word ins = frame->pc[-1];
  const Value *results = frame->base + word_a(ins);
  int count = count_results(vm, ins, results);
  if (frame->returns == RETURN_OPERATION) return return_operation(vm, results, count);
  if (native->native == BUILTIN__G_pcall || native->native == BUILTIN__G_xpcall) return return_protected(vm, native, results, count);
  if (frame->wanted != 1 || vm_builtins[native->native].framed == NULL) return false;
  answer(vm, native, count > 0 ? results[0] : VALUE_NIL, count);
  return true;
}
