/* SPDX-License-Identifier: BSD-2-Clause */
/* sort - table.sort's fast path. */
#ifndef VM_LIB_SORT_H
#define VM_LIB_SORT_H

#include "vm/objects/table.h"

/* Sorts t[1..n] where nobody can tell by which algorithm: no comparator, all of it in
 * the array part, all numbers (neither NaN nor -0) or all strings.  Returns false, the
 * table untouched, when it is not so. */
bool vm_sort_plain(VM *vm, Table *t, uint32_t n) MAY_RAISE(script);

#endif
