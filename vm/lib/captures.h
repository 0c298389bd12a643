/* SPDX-License-Identifier: BSD-2-Clause */
/* captures - the pattern engine at work for the VM: its budget, memory, errors, and
 * what a match found as values.  Layer: vm/lib.
 */
#ifndef VM_LIB_CAPTURES_H
#define VM_LIB_CAPTURES_H

#include "vm/lib/native.h"
#include "vm/lib/pattern.h"

/* Prepares a match; both strings must stay reachable. */
void vm_captures_start(VM *vm, Match *match, const String *subject, const char *pattern);

/* As vm_pattern_search (at `s` only, when `anchored`).  The caller settles. */
bool vm_captures_search(VM *vm, Match *match, bool anchored, const char *s, const char **ret_start,
                        const char **ret_end) MAY_RAISE(script);

/* Capture `index`, or the whole match for index 0 of a pattern without captures. */
Value vm_captures_value(VM *vm, Match *match, int index, const char *start, const char *end)
    MAY_RAISE(script);

/* How many values a match gives: its captures, or the whole match. */
static inline int captures_count(const Match *match) {
  return match->level > 0 ? match->level : 1;
}

/* Stores the first `count` captures to slots[0..]. */
void vm_captures_put(VM *vm, Match *match, int count, const char *start, const char *end,
                     Value *slots) MAY_RAISE(script);

#endif
