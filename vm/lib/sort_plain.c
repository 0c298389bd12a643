/* SPDX-License-Identifier: BSD-2-Clause */
/* sort_plain - sorts arrays of numbers and of strings in place.
 *
 * Quicksort that partitions without branches, insertion sort for short ranges, heap
 * sort where the pivots keep being bad, so n log n at worst.  A range is only ever
 * permuted by swaps: wherever the budget ends the run, the table holds its values.
 * Layer: vm/lib.
 */
#include "vm/lib/meter.h"
#include "vm/lib/native.h"
#include "vm/lib/sort.h"

enum {
  SHORT_RANGE = 12,      /* insertion sort up to here */
  CHARGE_PIECE = 1024,   /* elements partitioned between two looks at the budget */
  RANGE_MAX = 64         /* the larger half waits, so log2(n) ranges at most */
};

typedef bool (*Less)(Meter *meter, Value a, Value b);

static inline bool less_number(Meter *meter, Value a, Value b) {
  (void)meter;
  return value_number(a) < value_number(b);
}

static inline bool less_string(Meter *meter, Value a, Value b) {
  const String *s = value_string(a), *t = value_string(b);
  uint32_t shared = s->length < t->length ? s->length : t->length;
  if (UNLIKELY(shared > 64)) meter_charge(meter, COST_STRING_BYTES, shared);
  return vm_string_compare(s, t) < 0;
}

#define SPECIALISED static inline __attribute__((always_inline))

SPECIALISED void swap_values(Value *a, Value *b) {
  Value v = *a;
  *a = *b;
  *b = v;
}

SPECIALISED void insertion_sort(Meter *meter, Value *a, uint32_t n, Less less) {
  for (uint32_t i = 1; i < n; i++) {
    for (uint32_t j = i; j > 0 && less(meter, a[j], a[j - 1]); j--) swap_values(&a[j], &a[j - 1]);
  }
}

SPECIALISED void sift_down(Meter *meter, Value *a, uint32_t root, uint32_t n, Less less) {
  for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && less(meter, a[child], a[child + 1])) child++;
    if (!less(meter, a[root], a[child])) return;
    swap_values(&a[root], &a[child]);
  }
}

SPECIALISED void heap_sort(Meter *meter, Value *a, uint32_t n, Less less) {
  for (uint32_t i = n / 2; i-- > 0;) {
    meter_charge(meter, COST_SORT_COMPARE, 4);
    sift_down(meter, a, i, n, less);
  }
  for (uint32_t end = n - 1; end > 0; end--) {
    meter_charge(meter, COST_SORT_COMPARE, 2 * (32 - (uint32_t)__builtin_clz(end)));
    swap_values(&a[0], &a[end]);
    sift_down(meter, a, 0, end, less);
  }
}

/* Moves the values below `pivot` (or not above it, with `equal_too`) to the front;
 * returns their number. */
SPECIALISED uint32_t partition(Meter *meter, Value *a, uint32_t n, Value pivot, bool equal_too, Less less) {
  uint32_t front = 0;
  for (uint32_t i = 0; i < n;) {
    uint32_t end = n - i < CHARGE_PIECE ? n : i + CHARGE_PIECE;
    meter_charge(meter, COST_SORT_COMPARE, end - i);
    for (; i < end; i++) {
      Value v = a[i];
      bool in_front = equal_too ? !less(meter, pivot, v) : less(meter, v, pivot);
      a[i] = a[front];
      a[front] = v;
      front += in_front;
    }
  }
  return front;
}

SPECIALISED Value median_of_three(Meter *meter, Value a, Value b, Value c, Less less) {
  if (less(meter, b, a)) {
    Value v = a;
    a = b;
    b = v;
  }
  if (!less(meter, c, b)) return b;
  return less(meter, c, a) ? a : c;
}

SPECIALISED Value choose_pivot(Meter *meter, const Value *a, uint32_t n, Less less) {
  uint32_t step = n / 8;
  Value low = median_of_three(meter, a[0], a[step], a[2 * step], less);
  Value middle = median_of_three(meter, a[3 * step], a[4 * step], a[5 * step], less);
  Value high = median_of_three(meter, a[6 * step], a[7 * step], a[n - 1], less);
  return median_of_three(meter, low, middle, high, less);
}

typedef struct {
  uint32_t first, count, depth;
} Range;

SPECIALISED void sort_values(Meter *meter, Value *a, uint32_t count, Less less) {
  Range waiting[RANGE_MAX];
  uint32_t top = 0;
  Range now = {0, count, 2 * (32 - (uint32_t)__builtin_clz(count | 1))};
  for (;;) {
    Value *part = a + now.first;
    if (now.count <= SHORT_RANGE || now.depth == 0) {
      meter_charge(meter, COST_SORT_COMPARE, 3 * now.count);
      if (now.count <= SHORT_RANGE) insertion_sort(meter, part, now.count, less);
      else heap_sort(meter, part, now.count, less);
      if (top == 0) return;
      now = waiting[--top];
      continue;
    }
    Value pivot = choose_pivot(meter, part, now.count, less);
    uint32_t front = partition(meter, part, now.count, pivot, false, less);
    if (front == 0) { /* the pivot is the smallest: its equals are in place */
      front = partition(meter, part, now.count, pivot, true, less);
      now = (Range){now.first + front, now.count - front, now.depth};
      continue;
    }
    Range low = {now.first, front, now.depth - 1};
    Range high = {now.first + front, now.count - front, now.depth - 1};
    bool low_first = low.count < high.count;
    waiting[top++] = low_first ? high : low;
    now = low_first ? low : high;
  }
}

static void sort_numbers(Meter *meter, Value *a, uint32_t n) { sort_values(meter, a, n, less_number); }
static void sort_strings(Meter *meter, Value *a, uint32_t n) { sort_values(meter, a, n, less_string); }

/* --- What may be sorted here --- */

static bool are_ordered_numbers(const Value *a, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (!value_is_number(a[i]) || value_number(a[i]) != value_number(a[i])) return false;
    if (a[i] == UINT64_C(1) << 63) return false; /* -0 equals 0 but does not print so */
  }
  return true;
}

static bool are_strings(const Value *a, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (!value_is_string(a[i])) return false;
  }
  return true;
}

bool vm_sort_plain(VM *vm, Table *t, uint32_t n) {
  if (n > t->array_size || table_is_readonly(t)) return false;
  if (n < 2) return true;
  Value *a = table_array(t);
  vm_charge(vm, COST_TABLE_STEP, n);
  Meter meter = meter_start(vm);
  if (are_ordered_numbers(a, n)) sort_numbers(&meter, a, n);
  else if (are_strings(a, n)) sort_strings(&meter, a, n);
  else return false;
  meter_finish(&meter);
  return true;
}
