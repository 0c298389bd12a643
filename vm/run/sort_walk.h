/* SPDX-License-Identifier: BSD-2-Clause */
/* sort_walk - table.sort between two comparisons: what its frame holds, and its usual step.
 *
 * vm/lib/sort.c is the sort.  Most answers of a comparator only move one of the two ends of a
 * partition to its next element; the loop does that itself when the comparator returns.
 * Layer: vm/run.
 */
#ifndef VM_RUN_SORT_WALK_H
#define VM_RUN_SORT_WALK_H

#include "vm/objects/table.h"
#include "vm/run/frame.h"

/* What the answer to the comparison under way decides: the frame's step. */
typedef enum {
  SORT_PHASE_RANGE,      /* no comparison: begin the range [low, up] */
  SORT_PHASE_ENDS,       /* a[up] < a[low] */
  SORT_PHASE_MIDDLE_LOW, /* a[middle] < a[low] */
  SORT_PHASE_MIDDLE_UP,  /* a[up] < a[middle] */
  SORT_PHASE_CLIMB,      /* a[i] < pivot */
  SORT_PHASE_DESCEND,    /* pivot < a[j] */
  SORT_PHASE_END
} SortPhase;

/* Slots of the frame; state[0] is low << 32 | up, state[1] is i << 32 | j. */
enum { SORT_TABLE, SORT_ORDER, SORT_A, SORT_B, SORT_C, SORT_CALL };

/* Takes the answer: i climbs or j descends one step within the array part, and the comparator with its next
 * arguments stands in SORT_CALL.  Returns false, having done nothing, when there is more to it. */
static inline __attribute__((always_inline)) bool sort_walk(Frame *frame, Value *slots, bool less) {
  const Table *t = value_table(slots[SORT_TABLE]);
  uint32_t low = (uint32_t)(frame->state[0] >> 32), up = (uint32_t)frame->state[0];
  uint32_t i = (uint32_t)(frame->state[1] >> 32), j = (uint32_t)frame->state[1];
  bool climbed = frame->step == SORT_PHASE_CLIMB;
  if (climbed && less) {
    if (i >= up || i >= t->array_size) return false;
    slots[SORT_B] = slots[SORT_CALL + 1] = table_array(t)[i];
    slots[SORT_CALL + 2] = slots[SORT_A];
    frame->state[1] = (uint64_t)(i + 1) << 32 | j;
  } else if (climbed || (frame->step == SORT_PHASE_DESCEND && less)) {
    if (j <= low || j - 2 >= t->array_size) return false;
    slots[SORT_C] = slots[SORT_CALL + 2] = table_array(t)[j - 2];
    slots[SORT_CALL + 1] = slots[SORT_A];
    frame->state[1] = (uint64_t)i << 32 | (j - 1);
    frame->step = SORT_PHASE_DESCEND;
  } else {
    return false;
  }
  slots[SORT_CALL] = slots[SORT_ORDER];
  return true;
}

#endif
