/* SPDX-License-Identifier: BSD-2-Clause */
/* slow - every instruction in its general form, and how operations are finished.
 *
 * vm_slow_execute redoes the instruction before the top frame's pc with everything that
 * Lua allows: metamethods, coercions, errors, allocation.  When a metamethod must be
 * called, its frame is pushed and the instruction is finished by vm_slow_finish when the
 * results are there.  pc stands behind the first word of the instruction until it is
 * finished; then it passes the extra words.  Layer: vm/run.
 */
#ifndef VM_RUN_SLOW_H
#define VM_RUN_SLOW_H

#include "vm/run/state.h"

void vm_slow_execute(VM *vm) MAY_RAISE(script);
void vm_slow_finish(VM *vm, const Value *results, int count) MAY_RAISE(script);

/* What NEWTABLE makes, and CONCAT of values `first` to `last`: nil when one of them is no text. */
Table *vm_slow_new_table(VM *vm, Word ins) MAY_RAISE(memory);

/* Whether a NEWTABLE makes room for so much, over 64 elements or fields, that it is charged. */
static inline bool slow_is_roomy(Word ins) {
  enum { SIXTY_FOUR = 4 << 3 }; /* as a hint */
  return word_b(ins) > SIXTY_FOUR || word_c(ins) > SIXTY_FOUR;
}

Value vm_slow_join(VM *vm, const Value *first, const Value *last) MAY_RAISE(script);

/* Number of a value by Lua's coercion; false when it has none.  The second form charges for
 * reading a string, which takes time with its length. */
bool vm_slow_to_number(Value v, double *ret_number);
bool vm_slow_coerce(VM *vm, Value v, double *ret_number) MAY_RAISE(script);
double vm_slow_arith(int operation, double a, double b);

/* <0, 0, >0, charged by the byte. */
int vm_slow_order_strings(VM *vm, const String *a, const String *b) MAY_RAISE(script);

/* Asks the metatable of `t`, which has no value at `key`, on behalf of the instruction at the
 * top frame's pc.  False: it needs its general form. */
bool vm_slow_ask_index(VM *vm, const Table *t, Value key) MAY_RAISE(script);

/* a < b or a <= b by raw rules when both are numbers or both strings. */
bool vm_slow_raw_order(Value a, Value b, bool or_equal, bool *ret_result);

#endif
