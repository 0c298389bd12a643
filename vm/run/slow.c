/* SPDX-License-Identifier: BSD-2-Clause */
/* slow - see slow.h. */
#include "vm/run/slow.h"

#include <math.h>

#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/builtin.h"
#include "vm/run/call.h"
#include "vm/run/closure.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/meta.h"
#include "vm/run/slow_table.h"
#include "vm/run/stack.h"
#include "vm/values/number.h"

/* --- Going on --- */

static void walk(VM *vm, int words) {
  vm->run.frame->pc += words;
  vm->run.remaining -= (int64_t)words * (int64_t)sizeof(Word);
}

/* Passes the extra words of a finished instruction. */
static void finish_words(VM *vm, Word ins) { walk(vm, vm_opcode_info[word_op(ins)].extra); }

/* Takes or passes over the jump behind a test. */
static void finish_test(VM *vm, bool condition) {
  Word jump = *vm->run.frame->pc;
  walk(vm, 1);
  if (condition) vm->run.frame->pc += word_j(jump);
}

static void store(VM *vm, Word ins, Value v) {
  vm->run.frame->base[word_a(ins)] = v;
  finish_words(vm, ins);
}

/* Slots above everything the top frame uses, for calling a metamethod. */
static Value *call_slots(VM *vm, int count) {
  Value *end = vm_stack_frame_end(vm, vm->run.frame);
  return vm_call_need_stack(vm, end, (uint32_t)count);
}

static void call_method(VM *vm, Value method, Value a, Value b) {
  Value *func = call_slots(vm, 3);
  func[0] = method;
  func[1] = a;
  func[2] = b;
  vm_call_operation(vm, func, 2);
}

/* --- Operands --- */

static Value operand(const Frame *frame, uint8_t kind, uint32_t field) {
  return kind == OPERAND_K ? frame->constants[field] : frame->base[field];
}
static Value operand_b(VM *vm, Word ins) {
  return operand(vm->run.frame, vm_opcode_info[word_op(ins)].b, word_b(ins));
}
static Value operand_c(VM *vm, Word ins) {
  return operand(vm->run.frame, vm_opcode_info[word_op(ins)].c, word_c(ins));
}
/* The register of an operand, or -1 for a constant. */
static int register_b(Word ins) { return vm_opcode_info[word_op(ins)].b == OPERAND_R ? (int)word_b(ins) : -1; }
static int register_c(Word ins) { return vm_opcode_info[word_op(ins)].c == OPERAND_R ? (int)word_c(ins) : -1; }

/* --- Indexing --- */

static void get_index(VM *vm, Word ins, Value object, int reg, Value key) {
  Value found;
  Value method = vm_slow_table_get(vm, object, reg, key, &found);
  if (method == VALUE_NIL) store(vm, ins, found);
  else call_method(vm, method, found, key); /* found: the object that the method gets */
}

bool vm_slow_ask_index(VM *vm, const Table *t, Value key) {
  Value method = vm_slow_table_index(vm, t);
  if (method == VALUE_NIL) {
    store(vm, vm->run.frame->pc[-1], VALUE_NIL);
    return true;
  }
  if (!value_is_function(method)) return false;
  call_method(vm, method, value_of_table(t), key);
  if (value_is_native(method)) vm_call_settle(vm);
  return true;
}

static void set_index(VM *vm, Word ins, Value object, int reg, Value key, Value value) {
  Value receiver;
  Value method = vm_slow_table_set(vm, object, reg, key, value, &receiver);
  if (method == VALUE_NIL) {
    finish_words(vm, ins);
    return;
  }
  Value *func = call_slots(vm, 4);
  func[0] = method;
  func[1] = receiver;
  func[2] = key;
  func[3] = value;
  vm_call_operation(vm, func, 3);
}

static void execute_self(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  Value object = frame->base[word_b(ins)];
  Value key = operand_c(vm, ins);
  frame->base[word_a(ins) + 1] = object;
  get_index(vm, ins, object, (int)word_b(ins), key);
}

static Value global_key(VM *vm, Word ins) {
  const Frame *frame = vm->run.frame;
  bool wide = word_op(ins) == OP_GETGLOBALX || word_op(ins) == OP_SETGLOBALX;
  return frame->constants[wide ? *frame->pc : word_d(ins)];
}

static void execute_index(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  Value *base = frame->base;
  Value environment = frame->closure->environment;
  switch (word_op(ins)) {
    case OP_GETGLOBAL:
    case OP_GETGLOBALX: get_index(vm, ins, environment, -1, global_key(vm, ins)); break;
    case OP_SETGLOBAL:
    case OP_SETGLOBALX: set_index(vm, ins, environment, -1, global_key(vm, ins), base[word_a(ins)]); break;
    case OP_GETINDEX_I: get_index(vm, ins, base[word_b(ins)], (int)word_b(ins), value_of_int(word_c(ins))); break;
    case OP_SETINDEX_IR:
      set_index(vm, ins, base[word_a(ins)], (int)word_a(ins), value_of_int(word_b(ins)), base[word_c(ins)]);
      break;
    case OP_GETFIELD:
    case OP_GETINDEX_R:
    case OP_GETINDEX_K: get_index(vm, ins, base[word_b(ins)], (int)word_b(ins), operand_c(vm, ins)); break;
    default:
      set_index(vm, ins, base[word_a(ins)], (int)word_a(ins), operand_b(vm, ins), operand_c(vm, ins));
      break;
  }
}

/* --- Constructors --- */

/* The reference's compact form of a size hint: eeeeexxx. */
static uint32_t decode_hint(uint32_t hint) {
  uint32_t exponent = hint >> 3 & 31;
  return exponent == 0 ? hint : ((hint & 7) + 8) << (exponent - 1);
}

Table *vm_slow_new_table(VM *vm, Word ins) { return vm_table_new(vm, decode_hint(word_b(ins)), decode_hint(word_c(ins))); }

/* A constructor need not get to what it makes room for: its first element may raise an error. */
static void execute_new_table(VM *vm, Word ins) {
  if (slow_is_roomy(ins)) vm_charge(vm, COST_TABLE_SLOTS, (uint64_t)decode_hint(word_b(ins)) + decode_hint(word_c(ins)));
  store(vm, ins, value_of_table(vm_slow_new_table(vm, ins)));
}

static void execute_set_list(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  Value *from = frame->base + word_a(ins);
  uint32_t count = word_op(ins) == OP_SETLISTM ? (uint32_t)(vm->run.top - from) - 1 : word_b(ins);
  uint32_t first = (*frame->pc - 1) * 50;
  VM_ASSERT(value_is_table(*from)); /* the full profile's debug.setlocal can change it */
  Table *t = value_table(*from);
  vm_charge(vm, COST_TABLE_STEP, count);
  if (first + count > t->array_size) vm_table_resize_array(vm, t, first + count);
  /* From the last to the first, as the reference stores them. */
  for (uint32_t i = count; i > 0; i--) vm_table_set_integer(vm, t, first + i, frame->base[word_a(ins) + i]);
  finish_words(vm, ins);
}

/* --- Arithmetic --- */

bool vm_slow_to_number(Value v, double *ret_number) {
  if (value_is_number(v)) {
    *ret_number = value_number(v);
    return true;
  }
  if (!value_is_string(v)) return false;
  const String *s = value_string(v);
  return vm_number_read(s->bytes, s->length, ret_number);
}

bool vm_slow_coerce(VM *vm, Value v, double *ret_number) {
  if (value_is_string(v)) vm_charge(vm, COST_NUMBER_TEXT, 1 + value_string(v)->length / 16);
  return vm_slow_to_number(v, ret_number);
}

double vm_slow_arith(int operation, double a, double b) {
  switch (operation) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return a / b;
    case 4: return a - floor(a / b) * b;
    case 5: return pow(a, b);
    default: return -a;
  }
}

static __attribute__((noreturn)) void arith_error(VM *vm, Value a, Value b, int reg_a, int reg_b) {
  double ignored;
  /* The first operand that is no number is the culprit. */
  if (vm_slow_to_number(a, &ignored)) {
    a = b;
    reg_a = reg_b;
  }
  vm_debug_type_error(vm, reg_a, a, "perform arithmetic on");
}

static void arith(VM *vm, Word ins, int operation, Value a, Value b, int reg_a, int reg_b) {
  double x, y;
  if (!value_is_table(a) && vm_slow_coerce(vm, a, &x) && vm_slow_coerce(vm, b, &y)) {
    store(vm, ins, value_of_number(value_operation_result(vm_slow_arith(operation, x, y), x, y)));
    return;
  }
  Event event = (Event)(EVENT_ADD + operation);
  Value method = vm_meta_event(vm, a, event);
  if (method == VALUE_NIL) method = vm_meta_event(vm, b, event);
  if (method == VALUE_NIL) arith_error(vm, a, b, reg_a, reg_b);
  call_method(vm, method, a, b);
}

static void execute_arith(VM *vm, Word ins) {
  Opcode op = word_op(ins);
  int operation = op == OP_ARITH_KK ? (int)*vm->run.frame->pc : (int)(op - OP_ADD_RR) / 3;
  arith(vm, ins, operation, operand_b(vm, ins), operand_c(vm, ins), register_b(ins), register_c(ins));
}

static void execute_unm(VM *vm, Word ins) {
  Value v = operand_b(vm, ins);
  arith(vm, ins, 6, v, v, register_b(ins), register_b(ins));
}

static void execute_len(VM *vm, Word ins) {
  Value v = operand_b(vm, ins);
  if (value_is_table(v)) {
    store(vm, ins, value_of_int(vm_table_length(vm, value_table(v))));
  } else if (value_is_string(v)) {
    store(vm, ins, value_of_int(value_string(v)->length));
  } else {
    Value method = vm_meta_event(vm, v, EVENT_LEN);
    if (method == VALUE_NIL) vm_debug_type_error(vm, register_b(ins), v, "get length of");
    call_method(vm, method, v, VALUE_NIL);
  }
}

/* --- Concatenation --- */

enum { JOIN_PRICE = 64, NUMBER_PRICE = 16 }; /* of a join, and of a number in it, in bytes */

static bool is_text(Value v) { return value_is_string(v) || value_is_number(v); }

/* Texts are mostly short: a few moves are sooner done than memcpy called. */
static inline char *write_bytes(char *at, const char *bytes, uint32_t length) {
  if (length > 16) {
    memcpy(at, bytes, length);
  } else if (length >= 8) {
    uint64_t low, high;
    memcpy(&low, bytes, 8);
    memcpy(&high, bytes + length - 8, 8);
    memcpy(at, &low, 8);
    memcpy(at + length - 8, &high, 8);
  } else if (length >= 4) {
    uint32_t low, high;
    memcpy(&low, bytes, 4);
    memcpy(&high, bytes + length - 4, 4);
    memcpy(at, &low, 4);
    memcpy(at + length - 4, &high, 4);
  } else {
    for (uint32_t i = 0; i < length; i++) {
      at[i] = bytes[i];
      __asm__("" : "+r"(i)); /* stays a loop */
    }
  }
  return at + length;
}

/* Writes a text before `end`.  Its length was read when the room was measured, and lies in
 * the arena: it is looked at again. */
static inline char *write_text(char *at, const char *end, Value v) {
  size_t room = (size_t)(end - at);
  if (!value_is_string(v)) {
    VM_ASSERT(room >= NUMBER_TEXT_MAX);
    return at + vm_number_write(value_number(v), at);
  }
  const String *s = value_string(v);
  const uint32_t length = s->length;
  VM_ASSERT(length <= room);
  return write_bytes(at, s->bytes, length);
}

enum { JOIN_LOCAL = 512 }; /* bytes joined on the C stack */

static Value join_long(VM *vm, const Value *first, const Value *last, uint64_t most) {
  size_t mark = vm_buffer_open(vm);
  char *text = vm_buffer_space(vm, most);
  char *end = text;
  for (const Value *v = first; v <= last; v++) end = write_text(end, text + most, *v);
  Value joined = value_of_string(vm_string_new(vm, text, (size_t)(end - text)));
  vm_buffer_close(vm, mark);
  return joined;
}

/* Strings only: written where the new one is to stand. */
static Value join_strings(VM *vm, const Value *first, const Value *last, uint64_t size) {
  String *s = vm_string_blank(vm, size);
  char *end = s->bytes;
  for (const Value *v = first; v <= last; v++) end = write_text(end, s->bytes + size, *v);
  VM_ASSERT(end == s->bytes + size);
  return value_of_string(vm_string_finish(vm, s, size));
}

/* What needs more room than the C stack has for it. */
static __attribute__((noinline)) Value join_large(VM *vm, const Value *first, const Value *last) {
  uint64_t total = 0, numbers = 0;
  for (const Value *v = first; v <= last; v++) {
    if (!is_text(*v)) return VALUE_NIL;
    bool number = value_is_number(*v);
    numbers += number;
    total += number ? NUMBER_PRICE : value_string(*v)->length;
  }
  vm_charge(vm, COST_STRING_BYTES, total + JOIN_PRICE);
  return numbers == 0 ? join_strings(vm, first, last, total) : join_long(vm, first, last, total + numbers * NUMBER_TEXT_MAX);
}

Value vm_slow_join(VM *vm, const Value *first, const Value *last) {
  char local[JOIN_LOCAL + NUMBER_TEXT_MAX];
  char *end = local;
  uint64_t total = JOIN_PRICE;
  for (const Value *v = first; v <= last; v++) {
    if (LIKELY(value_is_string(*v))) {
      const String *s = value_string(*v);
      const uint32_t length = s->length;
      if (UNLIKELY((ptrdiff_t)length > local + JOIN_LOCAL - end)) return join_large(vm, first, last);
      total += length;
      end = write_bytes(end, s->bytes, length);
      continue;
    }
    if (!value_is_number(*v)) return VALUE_NIL;
    if (UNLIKELY(end >= local + JOIN_LOCAL)) return join_large(vm, first, last);
    total += NUMBER_PRICE;
    end += vm_number_write(value_number(*v), end);
  }
  vm_charge(vm, COST_STRING_BYTES, total);
  return value_of_string(vm_string_new(vm, local, (size_t)(end - local)));
}

/* Reduces slots first..last of the top frame to one, from the right as the reference
 * does; returns false when a metamethod was pushed: the result belongs in slot `last-1`. */
static void concat(VM *vm, Word ins, uint32_t last) {
  uint32_t first = word_b(ins);
  while (last > first) {
    Value *base = vm->run.frame->base;
    Value left = base[last - 1], right = base[last];
    if (!is_text(left) || !is_text(right)) {
      Value method = vm_meta_event(vm, left, EVENT_CONCAT);
      if (method == VALUE_NIL) method = vm_meta_event(vm, right, EVENT_CONCAT);
      if (method == VALUE_NIL) {
        bool second = is_text(left);
        vm_debug_type_error(vm, (int)(second ? last : last - 1), second ? right : left, "concatenate");
      }
      vm->run.frame->step = (uint16_t)last;
      call_method(vm, method, left, right);
      return;
    }
    uint32_t start = last - 1;
    while (start > first && is_text(base[start - 1])) start--;
    Value joined = vm_slow_join(vm, base + start, base + last);
    vm->run.frame->base[start] = joined;
    last = start;
  }
  store(vm, ins, vm->run.frame->base[first]);
}

/* --- Comparisons --- */

bool vm_slow_raw_order(Value a, Value b, bool or_equal, bool *ret_result) {
  if (value_is_number(a) && value_is_number(b)) {
    double x = value_number(a), y = value_number(b);
    *ret_result = or_equal ? x <= y : x < y;
    return true;
  }
  if (value_is_string(a) && value_is_string(b)) {
    int order = vm_string_compare(value_string(a), value_string(b));
    *ret_result = or_equal ? order <= 0 : order < 0;
    return true;
  }
  return false;
}

enum { STEP_PLAIN, STEP_SWAPPED }; /* of a comparison in progress: __le asked as not __lt */

int vm_slow_order_strings(VM *vm, const String *a, const String *b) {
  vm_charge(vm, COST_STRING_BYTES, 16 + (a->length < b->length ? a->length : b->length));
  return vm_string_compare(a, b);
}

/* Asks the metamethods of an order; `negated` says that the jump is on "not". */
static void order(VM *vm, Value a, Value b, bool or_equal, bool negated) {
  bool result;
  if (value_is_string(a) && value_is_string(b)) {
    vm_charge(vm, COST_STRING_BYTES, 16 + (value_string(a)->length < value_string(b)->length ? value_string(a)->length
                                                                                              : value_string(b)->length));
  }
  if (vm_slow_raw_order(a, b, or_equal, &result)) {
    finish_test(vm, result != negated);
    return;
  }
  if (value_type(a) != value_type(b)) vm_debug_compare_error(vm, a, b);
  Value method = vm_meta_common(vm, a, b, or_equal ? EVENT_LE : EVENT_LT);
  vm->run.frame->step = STEP_PLAIN;
  if (method == VALUE_NIL && or_equal) {
    method = vm_meta_common(vm, b, a, EVENT_LT);
    vm->run.frame->step = STEP_SWAPPED;
    Value t = a;
    a = b;
    b = t;
  }
  if (method == VALUE_NIL) {
    if (vm->run.frame->step == STEP_SWAPPED) vm_debug_compare_error(vm, b, a);
    vm_debug_compare_error(vm, a, b);
  }
  call_method(vm, method, a, b);
}

static void equal(VM *vm, Value a, Value b, bool negated) {
  bool same = value_equal(a, b);
  bool may_ask = (value_is_table(a) && value_is_table(b)) || (value_is_userdata(a) && value_is_userdata(b));
  if (!same && may_ask) {
    Table *first = vm_meta_table(vm, a), *second = vm_meta_table(vm, b);
    Value method = vm_meta_fast(vm, first, EVENT_EQ);
    if (method != VALUE_NIL && first != second && !value_equal(method, vm_meta_fast(vm, second, EVENT_EQ))) {
      method = VALUE_NIL;
    }
    if (method != VALUE_NIL) {
      vm->run.frame->step = STEP_PLAIN;
      call_method(vm, method, a, b);
      return;
    }
  }
  finish_test(vm, same != negated);
}

/* What a comparison asks: 0 ==, 1 not ==, 2 <, 3 not <, 4 <=, 5 not <=. */
static uint32_t comparison_of(Word ins) {
  switch (word_op(ins)) {
    case OP_EQ_RR: case OP_EQ_RK: return 0;
    case OP_NE_RR: case OP_NE_RK: return 1;
    case OP_LT_RR: case OP_LT_RK: case OP_LT_KR: return 2;
    case OP_NLT_RR: case OP_NLT_RK: case OP_NLT_KR: return 3;
    case OP_LE_RR: case OP_LE_RK: case OP_LE_KR: return 4;
    case OP_NLE_RR: case OP_NLE_RK: case OP_NLE_KR: return 5;
    default: return word_a(ins);
  }
}

static void execute_comparison(VM *vm, Word ins) {
  uint32_t asked = comparison_of(ins);
  Value a = operand_b(vm, ins), b = operand_c(vm, ins);
  if (asked < 2) equal(vm, a, b, asked & 1);
  else order(vm, a, b, asked >= 4, asked & 1);
}

/* --- Loops --- */

static void execute_for_prep(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  Value *r = frame->base + word_a(ins);
  static const char *const messages[] = {"'for' initial value must be a number", "'for' limit must be a number",
                                         "'for' step must be a number"};
  for (int i = 0; i < 3; i++) {
    double n;
    if (!vm_slow_coerce(vm, r[i], &n)) vm_error_text(vm, messages[i]);
    r[i] = value_of_number(n);
  }
  r[0] = value_of_number(value_number(r[0]) - value_number(r[2]));
  int32_t distance = (int32_t)*frame->pc;
  walk(vm, 1);
  frame->pc += distance;
}

static void execute_iterator(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  uint32_t a = word_a(ins);
  Value *func = vm_call_need_stack(vm, frame->base + a + 3, 4);
  Value *r = frame->base + a;
  func[0] = r[0];
  func[1] = r[1];
  func[2] = r[2];
  vm_call_operation(vm, func, 2);
}

static void finish_iterator(VM *vm, Word ins, const Value *results, int count) {
  Frame *frame = vm->run.frame;
  Value *r = frame->base + word_a(ins);
  int wanted = (int)word_c(ins);
  int given = count < wanted ? count : wanted;
  memmove(r + 3, results, (size_t)given * sizeof(Value));
  for (int i = given; i < wanted; i++) r[3 + i] = VALUE_NIL;
  walk(vm, 1);
  if (r[3] != VALUE_NIL) r[2] = r[3];
  /* The place behind the new key, for the fast form of pairs. */
  finish_test(vm, r[3] != VALUE_NIL);
}

/* --- Varargs --- */

static void execute_vararg(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  uint32_t a = word_a(ins);
  int have = frame->count;
  int wanted = word_b(ins) == 0 ? have : (int)word_b(ins) - 1;
  vm_charge(vm, COST_STACK_SLOTS, wanted);
  Value *target = vm_call_need_stack(vm, frame->base + a, (uint32_t)wanted + 2);
  const Value *source = frame->base - have;
  for (int i = 0; i < wanted; i++) target[i] = i < have ? source[i] : VALUE_NIL;
  if (word_b(ins) == 0) vm->run.top = target + wanted;
}

/* --- Dispatch --- */

static void execute_other(VM *vm, Word ins) {
  Frame *frame = vm->run.frame;
  switch (word_op(ins)) {
    case OP_NEWTABLE: execute_new_table(vm, ins); break;
    case OP_SETLIST:
    case OP_SETLISTM: execute_set_list(vm, ins); break;
    case OP_UNM: execute_unm(vm, ins); break;
    case OP_LEN: execute_len(vm, ins); break;
    case OP_CONCAT: concat(vm, ins, word_c(ins)); break;
    case OP_FORPREP: execute_for_prep(vm, ins); break;
    case OP_TFORLOOP: execute_iterator(vm, ins); break;
    case OP_CLOSE: vm_call_close(vm, frame->base + word_a(ins)); break;
    case OP_CLOSURE: store(vm, ins, vm_closure_make(vm, word_d(ins))); break;
    case OP_CLOSUREX: store(vm, ins, vm_closure_make(vm, *frame->pc)); break;
    case OP_VARARG: execute_vararg(vm, ins); break;
    default: __builtin_trap();
  }
}

static void execute(VM *vm, Word ins) {
  Opcode op = word_op(ins);
  if (op >= OP_GETGLOBAL && op <= OP_SETINDEX_IR) execute_index(vm, ins);
  else if (op == OP_SELF || op == OP_SELF_R) execute_self(vm, ins);
  else if (op >= OP_ADD_RR && op <= OP_ARITH_KK) execute_arith(vm, ins);
  else if (op >= OP_EQ_RR && op <= OP_CMP_KK) execute_comparison(vm, ins);
  else execute_other(vm, ins);
}

void vm_slow_execute(VM *vm) {
  execute(vm, vm->run.frame->pc[-1]);
  vm_call_settle(vm);
}

/* --- Finishing --- */

void vm_slow_finish(VM *vm, const Value *results, int count) {
  Frame *frame = vm->run.frame;
  Word ins = frame->pc[-1];
  Opcode op = word_op(ins);
  Value result = count > 0 ? results[0] : VALUE_NIL;
  if (op >= OP_EQ_RR && op <= OP_CMP_KK) {
    bool truth = !value_is_false(result);
    if (frame->step == STEP_SWAPPED) truth = !truth;
    frame->step = STEP_PLAIN;
    finish_test(vm, truth != (bool)(comparison_of(ins) & 1));
  } else if (op == OP_TFORLOOP) {
    finish_iterator(vm, ins, results, count);
  } else if (op == OP_CONCAT) {
    uint32_t last = frame->step;
    frame->step = 0;
    frame->base[last - 1] = result;
    concat(vm, ins, last - 1);
  } else if ((op >= OP_SETGLOBAL && op <= OP_SETGLOBALX) || (op >= OP_SETFIELD_R && op <= OP_SETINDEX_IR)) {
    finish_words(vm, ins);
  } else {
    store(vm, ins, result);
  }
}
