/* SPDX-License-Identifier: BSD-2-Clause */
/* exec - the loop that executes instructions.
 *
 * Each instruction is a handler.  With clang every handler is a function that ends in a
 * guaranteed tail call of the next one (FERROUS_DISPATCH_GOTO unset); elsewhere the same
 * bodies are labels of one function.  The machine's registers are handler parameters:
 *
 *   vm      the machine
 *   pc      the word after the one being executed
 *   base    register 0 of the frame
 *   limit   pc + remaining budget: straight-line code uses the budget up by walking
 *           towards it; every transfer of control adds the distance it jumps
 *   k       constants of the function
 *   table   handlers by opcode
 *   cl      the running closure
 *   ins     the word being executed
 *   computed  the bits of what the instruction before has computed or loaded, for chained
 *           handlers (vm/run/chain.h); else anything
 *   counter   what a numeric for has counted last, or anything: a guess that FORLOOP proves
 *
 * Rules for whoever edits this file:
 * 1. A handler holds only the fast path.  Everything else is `GOTO(slow)`: the general
 *    form of the instruction, in vm/run/slow.c, redone from the start.  So a handler must
 *    not have changed anything before it goes there.
 * 2. No handler calls a function that is not inlined, but for SLOW handlers, which save
 *    pc and the budget first.
 * 3. What a slow handler calls may move the stack, push frames or leave the loop:
 *    `RESUME` reloads everything.
 * 4. Caches hold offsets into node parts; a hit proves key, bound and value anew.
 * 5. A handle is followed only after its tag is checked, and its generation with it.
 * 6. pc passes extra words on every path, so that each path costs the same.
 * 7. Back-edges, calls and returns compare pc with limit.
 */
#include "vm/run/exec.h"

#include <math.h>

#include "vm/run/builtin.h"
#include "vm/memory/charge.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/call.h"
#include "vm/run/closure.h"
#include "vm/run/direct.h"
#include "vm/run/hook.h"
#include "vm/run/meta.h"
#include "vm/run/slow.h"
#include "vm/run/slow_table.h"
#include "vm/run/sort_walk.h"
#include "vm/run/trace.h"
#include "vm/lib/native.h"

/* Library functions with a handler of their own (exec_native.inc): index, and name of the handler. */
#define LOOP_NATIVES(X)                                                                                 \
  X(bit_arshift, arshift) X(bit_band, band) X(bit_bnot, bnot) X(bit_bor, bor) X(bit_bxor, bxor)         \
  X(bit_lshift, lshift) X(bit_rshift, rshift) X(bit_tobit, tobit)                                       \
  X(_G_ipairs, ipairs) X(_G_pairs, pairs) X(_G_pcall, pcall) X(_G_setmetatable, setmetatable)           \
  X(_G_tonumber, tonumber) X(_G_tostring, tostring) X(_G_type, type) X(_internal_wrap_call, wrap)       \
  X(coroutine_resume, resume) X(coroutine_yield, yield) X(math_abs, abs) X(math_floor, floor)           \
  X(math_max, max) X(math_min, min) X(math_sqrt, sqrt) X(string_byte, byte) X(string_char, char)        \
  X(string_len, len) X(string_sub, sub) X(table_insert, insert) X(table_remove, remove)

/* A table of handlers: for whoever comes to an instruction by NEXT, and by NEXT_CHAINED. */
enum { CHAINED_AT = 256, HANDLERS = 512 };

/* Chained handlers: opcode, plain handler, chained handler. */
#define CHAINED(X, name) X(WORD_CHAINED | OP_##name, name, name##_chained)
#define CHAINED_LEFT(X, name) X(WORD_LEFT + (OP_##name##_RR - OP_ADD_RR) / 3, name##_RR, name##_left)
#define CHAINED_FORMS(X, name) CHAINED(X, name##_RR) CHAINED(X, name##_RK) CHAINED(X, name##_KR)
#define CHAINED_HANDLERS(X)                                                                          \
  CHAINED_FORMS(X, ADD) CHAINED_FORMS(X, SUB) CHAINED_FORMS(X, MUL) CHAINED_FORMS(X, DIV)            \
  CHAINED_FORMS(X, MOD) CHAINED_FORMS(X, LT) CHAINED_FORMS(X, NLT) CHAINED_FORMS(X, LE)              \
  CHAINED_FORMS(X, NLE) CHAINED(X, RETURN1) CHAINED(X, GETINDEX_R) CHAINED(X, FORLOOP)                                  \
  CHAINED_LEFT(X, ADD) CHAINED_LEFT(X, SUB) CHAINED_LEFT(X, MUL) CHAINED_LEFT(X, DIV) CHAINED_LEFT(X, MOD)

enum { CHAIN_NEAR = 64 }; /* nodes of a chain that a handler walks by itself */
#define TAG_SHIFT 48
#define FIRST_TAGGED ((uint64_t)TAG_FIRST << TAG_SHIFT)

#if FERROUS_DISPATCH_GOTO
#define OP(name) op_##name:
#define SLOW(name) s_##name:
#define NEXT                        \
  do {                              \
    ins = *pc++;                    \
    goto *table[ins & 0xff];        \
  } while (0)
#define NEXT_CHAINED                            \
  do {                                          \
    ins = *pc++;                                \
    goto *table[CHAINED_AT + (ins & 0xff)];     \
  } while (0)
#define GOTO(name) goto s_##name
#define GOTO_OP(name) goto op_##name
#define GOTO_NATIVE(index) goto *natives[index]
#else
#define PRESERVE __attribute__((preserve_none))
#define PARAMS                                                                                      \
  VM *vm, const Word *pc, Value *base, uintptr_t limit, const Value *k, const struct Dispatch *table, \
      const Closure *cl, Word ins, double computed, double counter
#define ARGUMENTS vm, pc, base, limit, k, table, cl, ins, computed, counter
struct Dispatch;
typedef PRESERVE void (*Handler)(PARAMS);
struct Dispatch {
  Handler handler[HANDLERS];
};
#define OP(name) static PRESERVE void op_##name(PARAMS)
#define SLOW(name) static PRESERVE __attribute__((noinline)) void s_##name(PARAMS)
#define NEXT                                                                 \
  do {                                                                       \
    ins = *pc++;                                                             \
    __attribute__((musttail)) return table->handler[ins & 0xff](ARGUMENTS); \
  } while (0)
#define NEXT_CHAINED                                                                      \
  do {                                                                                    \
    ins = *pc++;                                                                          \
    __attribute__((musttail)) return table->handler[CHAINED_AT + (ins & 0xff)](ARGUMENTS); \
  } while (0)
#define GOTO(name) __attribute__((musttail)) return s_##name(ARGUMENTS)
#define GOTO_OP(name) __attribute__((musttail)) return op_##name(ARGUMENTS)
#define GOTO_NATIVE(index) __attribute__((musttail)) return natives[index](ARGUMENTS)
#endif

/* To whatever frame is the newest now; nothing is handed on or guessed there. */
#define RESUME              \
  do {                      \
    computed = counter = 0; \
    GOTO(resume);           \
  } while (0)

/* Operands.  B and C are loaded once more from the code, which lies before pc and in the cache:
 * one instruction each, that need not wait for `ins`. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the last byte of a word is its C");
#define FIELD_B (((const unsigned char *)pc)[-2])
#define FIELD_C (((const unsigned char *)pc)[-1])
#define RA base[word_a(ins)]
#define RB base[FIELD_B]
#define RC base[FIELD_C]
#define KB k[FIELD_B]
#define KC k[FIELD_C]
#define KD k[word_d(ins)]

/* The object of a tagged value; goes to the general form (which traps) when stale. */
#define FOLLOW(type, name, value)                                            \
  type *name = (type *)(uintptr_t)(uint32_t)(value);                         \
  if (FERROUS_HANDLE_CHECKS && UNLIKELY(name->header.generation != (uint16_t)((value) >> 32))) GOTO(stale)

#define CHECK_POINT \
  if (UNLIKELY((uintptr_t)pc >= limit)) GOTO(poll)

#define SAVE                                                  \
  do {                                                        \
    vm->run.frame->pc = pc;                                   \
    vm->run.remaining = (int64_t)(limit - (uintptr_t)pc);     \
  } while (0)

/* The jump word behind a test: taken, or passed over. */
#define TAKE                                            \
  do {                                                  \
    int64_t distance = (int64_t)(int32_t)*pc >> 8;      \
    pc += distance + 1;                                 \
    limit += (uintptr_t)(distance * 4);                 \
    CHECK_POINT;                                        \
    NEXT;                                               \
  } while (0)
#define SKIP \
  do {       \
    pc++;    \
    NEXT;    \
  } while (0)

#define SET_CACHE(word, value) (*(Word *)(uintptr_t)(word) = (value))

static inline Value bits_of(double n) {
  Value v;
  memcpy(&v, &n, sizeof v);
  return v;
}

/* Sets what lies from `from` up to `end` to nil.  The loop must stay one: a handler that calls
 * memset saves registers for it on every path. */
static inline void fill_nil(Value *from, const Value *end) {
  while (from < end) {
    *from++ = VALUE_NIL;
    __asm__("" : "+r"(from));
  }
}

/* Copies upwards, value by value, as few as results mostly are. */
static inline void copy_few(Value *to, const Value *from, const Value *end) {
  while (from < end) {
    *to++ = *from++;
    __asm__("" : "+r"(to));
  }
}

/* a - floor(a / b) * b, exactly as the reference computes it; whole numbers that are not
 * negative need no division of doubles.  A quotient of zero may have a sign, and large ones
 * are whole: they are left to the general form, which a NaN asks for. */
static inline double modulo(double a, double b) {
  int32_t i = value_truncate(a), j = value_truncate(b);
  if (LIKELY(i >= 0 && j > 0 && (double)i == a && (double)j == b)) return (double)(int32_t)((uint32_t)i % (uint32_t)j);
  double q = a / b;
  if (UNLIKELY(!(q > -0x1p52 && q < 0x1p52) || q == 0)) return (double)NAN;
  double f = (double)(int64_t)q;
  if (f > q) f -= 1;
  return a - f * b;
}

/* Whether a box of the running coroutine names this slot or a higher one. */
static inline bool has_open_box(VM *vm, const Value *level) {
  uint32_t highest = state_coroutine(vm)->open;
  return highest != 0 && ((const Upvalue *)(uintptr_t)highest)->slot >= (uint32_t)(uintptr_t)level;
}

/* The place of a number key in the array part, or past its end. */
static inline uint32_t array_place(Value key) {
  double n = value_number(key);
  int32_t i = value_truncate(n);
  return LIKELY((double)i == n) ? (uint32_t)i - 1 : UINT32_MAX;
}

/* The node at a cached offset, when it holds `key` with a value. */
static inline Value cached_value(const Table *t, uint32_t offset, Value key) {
  if (UNLIKELY(offset > t->max_offset)) return VALUE_NIL;
  const Node *node = (const Node *)((uintptr_t)t->nodes + offset);
  return LIKELY(node->key == key) ? node->value : VALUE_NIL;
}

/* A whole number from 1 on, or 0. */
static inline uint32_t whole_number(Value v) {
  if (!value_is_number(v)) return 0;
  int32_t i = value_truncate(value_number(v));
  return i > 0 && i == value_number(v) ? (uint32_t)i : 0;
}

/* What an operand is: a register, or a constant. */
static inline Value operand_value(const Value *base, const Value *k, uint8_t kind, uint32_t field) {
  return kind == OPERAND_K ? k[field] : base[field];
}

/* PLAIN_TABLE is the one without tracing: what does two instructions at once looks at it. */
#if FERROUS_DISPATCH_GOTO
#define PLAIN_TABLE handlers
#else
#define PLAIN_TABLE (&handlers)
/* clang-format off */
#define DECLARE_SLOW(name) static PRESERVE void s_##name(PARAMS);
DECLARE_SLOW(traced) DECLARE_SLOW(slow) DECLARE_SLOW(resume) DECLARE_SLOW(poll) DECLARE_SLOW(stale)
DECLARE_SLOW(get_miss) DECLARE_SLOW(get_none) DECLARE_SLOW(get_inherited) DECLARE_SLOW(get_missed) DECLARE_SLOW(set_miss) DECLARE_SLOW(set_missed) DECLARE_SLOW(global_miss) DECLARE_SLOW(set_global_miss)
DECLARE_SLOW(call_native) DECLARE_SLOW(call_vararg) DECLARE_SLOW(call_general) DECLARE_SLOW(return_general)
DECLARE_SLOW(get_other) DECLARE_SLOW(set_other) DECLARE_SLOW(self_string) DECLARE_SLOW(self_string_miss) DECLARE_SLOW(next_leaf) DECLARE_SLOW(next_pair) DECLARE_SLOW(next_search) DECLARE_SLOW(next_index) DECLARE_SLOW(self_miss)
DECLARE_SLOW(new_table) DECLARE_SLOW(new_sized) DECLARE_SLOW(set_list) DECLARE_SLOW(closure) DECLARE_SLOW(concat) DECLARE_SLOW(next_call) DECLARE_SLOW(call_framed) DECLARE_SLOW(return_some) DECLARE_SLOW(return_close) DECLARE_SLOW(return_step) DECLARE_SLOW(return_sort) DECLARE_SLOW(order) DECLARE_SLOW(power) DECLARE_SLOW(call_method) DECLARE_SLOW(arith) DECLARE_SLOW(equal) DECLARE_SLOW(return_operation) DECLARE_SLOW(return_slow) DECLARE_SLOW(call_table) DECLARE_SLOW(border) DECLARE_SLOW(set_nil) DECLARE_SLOW(tail_native) DECLARE_SLOW(tail_vararg) DECLARE_SLOW(next_framed) DECLARE_SLOW(ask_index) DECLARE_SLOW(for_step)
DECLARE_SLOW(call_leaf) DECLARE_SLOW(call_leaf_open) DECLARE_SLOW(call_native_open) DECLARE_SLOW(vararg_open) DECLARE_SLOW(native_slice) DECLARE_SLOW(vararg_select) DECLARE_SLOW(select_one) DECLARE_SLOW(vararg_plain)
#define NATIVE(index, name) DECLARE_SLOW(native_##name)
LOOP_NATIVES(NATIVE)
#undef NATIVE
#define OPCODE(name, format, a, b, c, extra, flags, meaning) OP(name);
#include "vm/opcodes.def"
#undef OPCODE
#define DECLARE_CHAINED(code, plain, chained) OP(chained);
CHAINED_HANDLERS(DECLARE_CHAINED)
/* clang-format on */
static const struct Dispatch handlers;
static const Handler natives[BUILTIN_COUNT_] = {
#define NATIVE(index, name) [BUILTIN_##index] = s_native_##name,
    LOOP_NATIVES(NATIVE)
#undef NATIVE
};
#endif

#if FERROUS_DISPATCH_GOTO
void vm_exec_loop(VM *vm) {
  static const void *const handlers[HANDLERS] = {
#define HANDLER(name) &&op_##name
#include "vm/run/exec_table.inc"
  };
  static const void *const tracing[HANDLERS] = {[0 ... HANDLERS - 1] = &&s_traced};
  static const void *const natives[BUILTIN_COUNT_] = {
#define NATIVE(index, name) [BUILTIN_##index] = &&s_native_##name,
    LOOP_NATIVES(NATIVE)
#undef NATIVE
  };
  const void *const *table = vm->trace != NULL || vm->run.hook.mask != 0 ? tracing : handlers;
  const Word *pc;
  Value *base;
  uintptr_t limit;
  const Value *k;
  const Closure *cl;
  Word ins;
  double computed = 0, counter = 0;
  GOTO(resume);
#endif

#include "vm/run/exec_flow.inc"
#include "vm/run/exec_native.inc"
#include "vm/run/exec_slow.inc"
#include "vm/run/exec_data.inc"
#include "vm/run/exec_math.inc"

#if !FERROUS_DISPATCH_GOTO
static const struct Dispatch handlers = {{
#define HANDLER(name) op_##name
#include "vm/run/exec_table.inc"
}};
#endif

/* Stands for every instruction while a trace is on: the second dispatch table. */
SLOW(traced) {
  if (vm->trace != NULL) vm_trace_report(vm, pc - 1);
  if (vm->run.hook.mask != 0) {
    pc--;
    SAVE;
    if (vm_hook_step(vm)) RESUME;
    pc++;
  }
#if FERROUS_DISPATCH_GOTO
  goto *handlers[word_op(ins)];
}
#else
  __attribute__((musttail)) return handlers.handler[word_op(ins)](ARGUMENTS);
}
#endif

#if FERROUS_DISPATCH_GOTO
}
#else
static const struct Dispatch tracing = {{[0 ... HANDLERS - 1] = s_traced}};

void vm_exec_loop(VM *vm) {
  s_resume(vm, NULL, NULL, 0, NULL, vm->trace != NULL || vm->run.hook.mask != 0 ? &tracing : &handlers, NULL, 0, 0, 0);
}
#endif
