/* SPDX-License-Identifier: BSD-2-Clause */
/* string_find - string.find, match and gmatch.
 *
 * Results are gathered in the slots behind the arguments and moved down at the end:
 * until then the subject must stay where the collector finds it.  Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/captures.h"

/* Returns `numbers` numbers and the captures of a match as results. */
static int return_match(VM *vm, Value *args, int count, Match *m, const double *numbers,
                        int number_count, int capture_count, const char *start, const char *end) {
  int total = number_count + capture_count;
  if (total > NATIVE_SLOTS) args = vm_native_need_slots(vm, args, count, total);
  vm_captures_put(vm, m, capture_count, start, end, args + count);
  vm_pattern_settle(m);
  memmove(args - 1 + number_count, args + count, (size_t)capture_count * sizeof *args);
  for (int i = 0; i < number_count; i++) args[i - 1] = value_of_number(numbers[i]);
  return total;
}

/* Where to begin, from the optional third argument. */
static const char *start_of_search(VM *vm, Value *args, int count, const String *s) {
  int64_t position = arg_integer_or(vm, args, count, 3, 1);
  if (position < 0) position += (int64_t)s->length + 1;
  position--;
  if (position < 0) position = 0;
  if (position > s->length) position = s->length;
  return s->bytes + position;
}

static int return_nothing(Value *args, Match *m) {
  vm_pattern_settle(m);
  return native_return(args, VALUE_NIL);
}

enum { CALL_WORK = 32 }; /* quarter steps that the price of the call covers */

static int find_plain(VM *vm, Value *args, const String *s, const String *needle,
                      const char *from) {
  PlainSearch search = {from, s->bytes + s->length, needle->bytes, needle->length, 0};
  while (!vm_pattern_find_plain(&search)) {
    vm_charge(vm, COST_PATTERN_STEP, search.work / 4);
    search.work = 0;
  }
  if (UNLIKELY(search.work > CALL_WORK)) vm_charge(vm, COST_PATTERN_STEP, search.work / 4);
  if (!search.s) return native_return(args, VALUE_NIL);
  args[-1] = value_of_int(search.s - s->bytes + 1);
  args[0] = value_of_int(search.s - s->bytes + needle->length);
  return 2;
}

/* It is looked through for what is special; the call's own price covers a few words of it. */
static void charge_needle(VM *vm, const String *needle) {
  enum { SHORT = 64 };
  if (UNLIKELY(needle->length > SHORT)) vm_charge(vm, COST_STRING_BYTES, needle->length);
}

int vm_string_find(VM *vm, Value *args, int count) {
  const String *s = arg_string(vm, args, count, 1);
  const String *p = arg_string(vm, args, count, 2);
  const char *from = start_of_search(vm, args, count, s);
  charge_needle(vm, p);
  if (!value_is_false(native_arg(args, count, 4)) || vm_pattern_is_plain(p->bytes)) {
    return find_plain(vm, args, s, p, from);
  }
  Match m;
  const char *start, *end;
  bool anchored = p->bytes[0] == '^';
  vm_captures_start(vm, &m, s, p->bytes + anchored);
  if (!vm_captures_search(vm, &m, anchored, from, &start, &end)) return return_nothing(args, &m);
  double numbers[2] = {(double)(start - s->bytes + 1), (double)(end - s->bytes)};
  return return_match(vm, args, count, &m, numbers, 2, m.level, start, end);
}

/* The captures of a match as results; one alone needs no slots. */
static int return_captures(VM *vm, Value *args, int count, Match *m, const char *start,
                           const char *end) {
  if (captures_count(m) > 1) return return_match(vm, args, count, m, NULL, 0, m->level, start, end);
  Value only = vm_captures_value(vm, m, 0, start, end);
  args[-1] = only;
  vm_pattern_settle(m);
  return 1;
}

int vm_string_match(VM *vm, Value *args, int count) {
  const String *s = arg_string(vm, args, count, 1);
  const String *p = arg_string(vm, args, count, 2);
  const char *from = start_of_search(vm, args, count, s);
  Match m;
  const char *start, *end;
  bool anchored = p->bytes[0] == '^';
  vm_captures_start(vm, &m, s, p->bytes + anchored);
  if (!vm_captures_search(vm, &m, anchored, from, &start, &end)) return return_nothing(args, &m);
  return return_captures(vm, args, count, &m, start, end);
}

/* --- gmatch --- */

enum { UP_SUBJECT, UP_PATTERN, UP_POSITION, UP_COUNT };

int vm_string_gmatch(VM *vm, Value *args, int count) {
  arg_string(vm, args, count, 1);
  arg_string(vm, args, count, 2);
  Native *iterator = vm_native_closure(vm, BUILTIN__internal_gmatch_aux, UP_COUNT);
  iterator->upvalues[UP_SUBJECT] = args[0];
  iterator->upvalues[UP_PATTERN] = args[1];
  iterator->upvalues[UP_POSITION] = value_of_int(0);
  return native_return(args, value_of_native(iterator));
}

/* The iterator: the next match at or behind the position.  An anchor is not special. */
int vm_string_gmatch_aux(VM *vm, Value *args, int count) {
  Native *self = vm_native_self(vm, args);
  const String *s = value_string(self->upvalues[UP_SUBJECT]);
  const String *p = value_string(self->upvalues[UP_PATTERN]);
  int64_t position = (int64_t)value_number(self->upvalues[UP_POSITION]);
  if ((uint64_t)position > s->length) return 0;
  Match m;
  const char *start, *end;
  vm_captures_start(vm, &m, s, p->bytes);
  if (!vm_captures_search(vm, &m, false, s->bytes + position, &start, &end)) {
    vm_pattern_settle(&m);
    return 0;
  }
  self->upvalues[UP_POSITION] = value_of_int(end - s->bytes + (end == start));
  return return_captures(vm, args, count, &m, start, end);
}
