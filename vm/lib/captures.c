/* SPDX-License-Identifier: BSD-2-Clause */
/* captures - see captures.h.
 *
 * Choices that do not fit the Match lie in the VM's buffer, above whatever its owner
 * is building there, and are given back when the match ends.
 */
#include "vm/lib/captures.h"

enum { SEARCH_WORK = 16 }; /* quarter steps of setting out, and of what is done with a match */

static void charge(void *owner, uint64_t units) {
  _Static_assert(COST_PATTERN_STEP_DENOMINATOR == 1, "a step is a whole number of units");
  vm_charge_units(owner, units * COST_PATTERN_STEP_NUMERATOR);
}

/* The choices in the buffer behind `mark`, aligned. */
static Choice *choices_at(VM *vm, size_t mark) {
  uintptr_t address = (uintptr_t)vm_buffer_data(vm, mark);
  return (Choice *)((address + _Alignof(Choice) - 1) & ~(uintptr_t)(_Alignof(Choice) - 1));
}

static Choice *grow(Match *m) {
  VM *vm = m->owner;
  size_t size = sizeof(Choice) * (size_t)m->room;
  bool moved = m->choices != m->first_choices;
  size_t old = m->mark;
  size_t mark = vm_buffer_open(vm);
  vm_buffer_space(vm, 2 * size + _Alignof(Choice));
  Choice *choices = choices_at(vm, mark);
  memcpy(choices, moved ? choices_at(vm, old) : m->first_choices, size);
  if (!moved) m->first_mark = mark;
  m->mark = mark;
  return choices;
}

static void give_back(VM *vm, Match *m) {
  vm_buffer_close(vm, m->first_mark);
  m->choices = m->first_choices;
  m->room = MATCH_CHOICES;
}

void vm_captures_start(VM *vm, Match *m, const String *subject, const char *pattern) {
  vm_pattern_start(m, subject->bytes, subject->length, pattern);
  m->owner = vm;
  m->charge = charge;
  m->grow = grow;
}

bool vm_captures_search(VM *vm, Match *m, bool anchored, const char *s, const char **ret_start,
                        const char **ret_end) {
  bool found;
  m->work += SEARCH_WORK;
  if (anchored) {
    const char *end = vm_pattern_match(m, s);
    found = end != NULL;
    *ret_start = s;
    *ret_end = end;
  } else {
    found = vm_pattern_search(m, s, ret_start, ret_end);
  }
  if (UNLIKELY(m->choices != m->first_choices)) give_back(vm, m);
  if (UNLIKELY(m->error != NULL)) {
    vm_pattern_settle(m);
    vm_native_error(vm, "%s", m->error);
  }
  return found;
}

Value vm_captures_value(VM *vm, Match *m, int index, const char *start, const char *end) {
  const char *from = start;
  ptrdiff_t size = end - start;
  if (index < m->level) {
    from = m->captures[index].start;
    size = m->captures[index].size;
  } else if (index > 0) {
    vm_native_error(vm, "invalid capture index");
  }
  if (size == CAPTURE_POSITION) return value_of_int(from - m->subject + 1);
  if (size == CAPTURE_OPEN) vm_native_error(vm, "unfinished capture");
  m->work += (uint64_t)size / 4;
  return value_of_string(vm_string_new(vm, from, (size_t)size));
}

void vm_captures_put(VM *vm, Match *m, int count, const char *start, const char *end,
                     Value *slots) {
  for (int i = 0; i < count; i++) slots[i] = vm_captures_value(vm, m, i, start, end);
}
