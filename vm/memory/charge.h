/* SPDX-License-Identifier: BSD-2-Clause */
/* charge - takes library work from the instruction budget.
 *
 * `vm_charge(vm, COST_STRING_BYTES, size)` before the work.  When the budget does not
 * suffice, or the supervisor has set the stop word, the run ends there: the call does
 * not return and no script can catch it.  Long work is charged in pieces of at most a
 * few thousand units, so that a stop is obeyed soon.  Layer: vm/memory (implemented by vm/run).
 */
#ifndef VM_MEMORY_CHARGE_H
#define VM_MEMORY_CHARGE_H

#include <stdint.h>

#include "policy/costs.h"
#include "vm/config.h"

typedef struct VM VM;

/* Takes `units` from the budget. */
void vm_charge_units(VM *vm, uint64_t units) MAY_RAISE(script);

#define vm_charge(vm, row, amount)                                                        \
  vm_charge_units((vm), ((uint64_t)(amount) * row##_NUMERATOR + row##_DENOMINATOR - 1) / \
                            row##_DENOMINATOR)

#endif
