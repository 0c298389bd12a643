/* SPDX-License-Identifier: BSD-2-Clause */
/* sort - table.sort, comparison for comparison the reference's quicksort.
 *
 * A comparator sees every comparison, and its mistakes show in the result, so the
 * sequence of comparisons and stores is that of Lua 5.1.  The reference recurses into
 * the smaller half and loops over the larger; here the larger half waits on a stack of
 * ranges in the buffer (at most 32 of them).  Between two comparisons the sort is a
 * phase and four integers in the frame: it stops wherever the comparator does.
 *
 * Where no script can tell the difference, sort_plain.c does the work instead.
 * Layer: vm/lib.
 */
#include "vm/lib/sort.h"

#include "vm/lib/builtins.h"
#include "vm/lib/meter.h"
#include "vm/run/debug.h"
#include "vm/run/meta.h"
#include "vm/run/sort_walk.h"

typedef struct {
  int32_t low, up;
} Range;

typedef struct {
  VM *vm;
  Frame *frame;
  Value *slots;
  Table *table;
  int32_t low, up;    /* the range being sorted */
  int32_t i, j;       /* i is the middle before the partition starts */
  uint8_t left, right; /* slots of the operands to compare next */
  Meter meter;
} Sort;

/* --- The table --- */

static inline void load(Sort *sort, int slot, int32_t index) {
  const Table *t = sort->table;
  uint32_t i = (uint32_t)index - 1;
  sort->slots[slot] = LIKELY(i < t->array_size) ? table_array(t)[i] : vm_table_get_integer(t, index);
}

static inline void store(Sort *sort, int32_t index, int slot) {
  Table *t = sort->table;
  uint32_t i = (uint32_t)index - 1;
  if (LIKELY(i < t->array_size)) table_store(t, i, sort->slots[slot]);
  else *vm_table_slot_integer(sort->vm, t, index) = sort->slots[slot];
}

/* The reference's set2: the value pushed last goes to a[i], the one before to a[j]. */
static void store_two(Sort *sort, int32_t i, int32_t j, int last, int before) {
  vm_native_check_writable(sort->vm, sort->table);
  store(sort, i, last);
  store(sort, j, before);
}

static SortPhase compare(Sort *sort, int left, int right, SortPhase phase) {
  sort->left = (uint8_t)left;
  sort->right = (uint8_t)right;
  return phase;
}

/* --- The ranges that wait --- */

static void push_range(Sort *sort, int32_t low, int32_t up) {
  Range range = {low, up};
  vm_buffer_put(sort->vm, &range, sizeof range);
}

static bool pop_range(Sort *sort) {
  size_t mark = sort->frame->state[2];
  size_t size = vm_buffer_size(sort->vm, mark);
  if (size == 0) return false;
  Range range;
  memcpy(&range, vm_buffer_data(sort->vm, mark) + size - sizeof range, sizeof range);
  vm_buffer_cut(sort->vm, mark, size - sizeof range);
  sort->low = range.low;
  sort->up = range.up;
  return true;
}

/* --- The quicksort, cut at its comparisons --- */

static SortPhase begin_range(Sort *sort) {
  while (sort->low >= sort->up) {
    if (!pop_range(sort)) return SORT_PHASE_END;
  }
  load(sort, SORT_A, sort->low);
  load(sort, SORT_B, sort->up);
  return compare(sort, SORT_B, SORT_A, SORT_PHASE_ENDS);
}

static SortPhase end_range(Sort *sort) {
  sort->low = sort->up; /* nothing of it is left */
  return begin_range(sort);
}

static SortPhase after_ends(Sort *sort, bool less) {
  if (less) store_two(sort, sort->low, sort->up, SORT_B, SORT_A);
  if (sort->up - sort->low == 1) return end_range(sort);
  sort->i = (int32_t)(((int64_t)sort->low + sort->up) / 2);
  load(sort, SORT_A, sort->i);
  load(sort, SORT_B, sort->low);
  return compare(sort, SORT_A, SORT_B, SORT_PHASE_MIDDLE_LOW);
}

static SortPhase climb(Sort *sort) {
  load(sort, SORT_B, ++sort->i);
  return compare(sort, SORT_B, SORT_A, SORT_PHASE_CLIMB);
}

static SortPhase descend(Sort *sort) {
  load(sort, SORT_C, --sort->j);
  return compare(sort, SORT_A, SORT_C, SORT_PHASE_DESCEND);
}

/* The pivot, SORT_A from here on, goes to a[up - 1]. */
static SortPhase begin_partition(Sort *sort) {
  if (sort->up - sort->low == 2) return end_range(sort);
  load(sort, SORT_A, sort->i);
  load(sort, SORT_B, sort->up - 1);
  store_two(sort, sort->i, sort->up - 1, SORT_B, SORT_A);
  sort->i = sort->low;
  sort->j = sort->up - 1;
  return climb(sort);
}

static SortPhase after_middle_low(Sort *sort, bool less) {
  if (less) {
    store_two(sort, sort->i, sort->low, SORT_B, SORT_A);
    return begin_partition(sort);
  }
  load(sort, SORT_B, sort->up);
  return compare(sort, SORT_B, SORT_A, SORT_PHASE_MIDDLE_UP);
}

static SortPhase after_middle_up(Sort *sort, bool less) {
  if (less) store_two(sort, sort->i, sort->up, SORT_B, SORT_A);
  return begin_partition(sort);
}

static __attribute__((noreturn)) void raise_invalid_order(Sort *sort) {
  vm_native_error(sort->vm, "invalid order function for sorting");
}

static SortPhase after_climb(Sort *sort, bool less) {
  if (!less) return descend(sort);
  if (sort->i > sort->up) raise_invalid_order(sort);
  return climb(sort);
}

static SortPhase end_partition(Sort *sort) {
  load(sort, SORT_B, sort->up - 1);
  load(sort, SORT_C, sort->i);
  store_two(sort, sort->up - 1, sort->i, SORT_C, SORT_B);
  if (sort->i - sort->low < sort->up - sort->i) {
    push_range(sort, sort->i + 1, sort->up);
    sort->up = sort->i - 1;
  } else {
    push_range(sort, sort->low, sort->i - 1);
    sort->low = sort->i + 1;
  }
  return begin_range(sort);
}

static SortPhase after_descend(Sort *sort, bool less) {
  if (less) {
    if (sort->j < sort->low) raise_invalid_order(sort);
    return descend(sort);
  }
  if (sort->j < sort->i) return end_partition(sort);
  store_two(sort, sort->i, sort->j, SORT_C, SORT_B);
  return climb(sort);
}

static SortPhase go_on(Sort *sort, SortPhase phase, bool less) {
  switch (phase) {
    case SORT_PHASE_RANGE: return begin_range(sort);
    case SORT_PHASE_ENDS: return after_ends(sort, less);
    case SORT_PHASE_MIDDLE_LOW: return after_middle_low(sort, less);
    case SORT_PHASE_MIDDLE_UP: return after_middle_up(sort, less);
    case SORT_PHASE_CLIMB: return after_climb(sort, less);
    case SORT_PHASE_DESCEND: return after_descend(sort, less);
    case SORT_PHASE_END: break;
  }
  return SORT_PHASE_END;
}

/* --- Comparing --- */

typedef enum { ANSWER_NO, ANSWER_YES, ANSWER_LATER } Answer;

static Answer call_order(Sort *sort, Value order, Value a, Value b, SortPhase phase) {
  Frame *frame = sort->frame;
  sort->slots[SORT_CALL] = order;
  sort->slots[SORT_CALL + 1] = a;
  sort->slots[SORT_CALL + 2] = b;
  frame->state[0] = (uint64_t)(uint32_t)sort->low << 32 | (uint32_t)sort->up;
  frame->state[1] = (uint64_t)(uint32_t)sort->i << 32 | (uint32_t)sort->j;
  meter_finish(&sort->meter);
  vm_native_call(sort->vm, frame, SORT_CALL, 2, 1, (uint16_t)phase);
  return ANSWER_LATER;
}

/* a < b by their __lt, which both must share. */
static Answer compare_by_event(Sort *sort, Value a, Value b, SortPhase phase) {
  Value order = VALUE_NIL;
  if (value_type(a) == value_type(b)) order = vm_meta_common(sort->vm, a, b, EVENT_LT);
  if (value_is_nil(order)) vm_debug_compare_error(sort->vm, a, b);
  return call_order(sort, order, a, b, phase);
}

static Answer ask(Sort *sort, SortPhase phase) {
  Value a = sort->slots[sort->left], b = sort->slots[sort->right];
  if (!value_is_nil(sort->slots[SORT_ORDER])) {
    return call_order(sort, sort->slots[SORT_ORDER], a, b, phase);
  }
  meter_charge(&sort->meter, COST_SORT_COMPARE, 1);
  if (value_is_number(a) && value_is_number(b)) return value_number(a) < value_number(b) ? ANSWER_YES : ANSWER_NO;
  if (value_is_string(a) && value_is_string(b)) {
    const String *s = value_string(a), *t = value_string(b);
    meter_charge(&sort->meter, COST_STRING_BYTES, s->length < t->length ? s->length : t->length);
    return vm_string_compare(s, t) < 0 ? ANSWER_YES : ANSWER_NO;
  }
  return compare_by_event(sort, a, b, phase);
}

static int run_sort(Sort *sort, SortPhase phase, bool less) {
  for (;;) {
    phase = go_on(sort, phase, less);
    if (phase == SORT_PHASE_END) break;
    Answer answer = ask(sort, phase);
    if (answer == ANSWER_LATER) return NATIVE_CALLS;
    less = answer == ANSWER_YES;
  }
  meter_finish(&sort->meter);
  vm_buffer_close(sort->vm, sort->frame->state[2]);
  return 0;
}

static Sort open_sort(VM *vm, Frame *frame) {
  Sort sort = {.vm = vm, .frame = frame, .slots = native_slots(frame), .meter = meter_start(vm)};
  sort.table = value_table(sort.slots[SORT_TABLE]);
  sort.low = (int32_t)(uint32_t)(frame->state[0] >> 32);
  sort.up = (int32_t)(uint32_t)frame->state[0];
  sort.i = (int32_t)(uint32_t)(frame->state[1] >> 32);
  sort.j = (int32_t)(uint32_t)frame->state[1];
  return sort;
}

int vm_sort_table(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step != SORT_PHASE_RANGE) {
    bool less = !value_is_false(slots[SORT_CALL]);
    if (!value_is_nil(slots[SORT_ORDER]) && sort_walk(frame, slots, less)) return vm_native_call(vm, frame, SORT_CALL, 2, 1, frame->step);
    Sort sort = open_sort(vm, frame);
    return run_sort(&sort, (SortPhase)frame->step, less);
  }
  Table *t = vm_native_check_table(vm, slots, frame->count, 1);
  uint32_t n = vm_table_length(vm, t);
  if (value_is_nil(native_arg(slots, frame->count, 2))) {
    if (vm_sort_plain(vm, t, n)) return 0;
    slots[SORT_ORDER] = VALUE_NIL;
  } else {
    vm_native_check_function(vm, slots, frame->count, 2);
  }
  frame->state[0] = UINT64_C(1) << 32 | n;
  frame->state[2] = vm_buffer_open(vm);
  Sort sort = open_sort(vm, frame);
  return run_sort(&sort, SORT_PHASE_RANGE, false);
}
