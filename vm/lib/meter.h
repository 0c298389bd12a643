/* SPDX-License-Identifier: BSD-2-Clause */
/* meter - gathers small charges, so that the budget is asked once per piece of work.
 *
 * A library loop notes each bit of work just before it does it; when a piece of
 * METER_PIECE units has gathered it is taken from the budget.  A script can thus
 * overrun its budget by one piece, whatever the loop's length.  Fractions of units
 * are kept, in PARTS.  Layer: vm/lib.
 */
#ifndef VM_LIB_METER_H
#define VM_LIB_METER_H

#include "vm/memory/charge.h"

enum {
  METER_PARTS = 64, /* every denominator of costs.def divides it */
  METER_PIECE = 2048
};

typedef struct {
  VM *vm;
  uint64_t parts;
} Meter;

static inline Meter meter_start(VM *vm) { return (Meter){vm, 0}; }

/* Takes what has gathered; call it when the loop ends. */
static inline void meter_finish(Meter *meter) {
  uint64_t units = (meter->parts + METER_PARTS - 1) / METER_PARTS;
  meter->parts = 0;
  if (units > 0) vm_charge_units(meter->vm, units);
}

static inline void meter_add(Meter *meter, uint64_t parts) {
  meter->parts += parts;
  if (UNLIKELY(meter->parts >= (uint64_t)METER_PIECE * METER_PARTS)) meter_finish(meter);
}

/* Notes `amount` of a row of costs.def.  `amount` is at most 2^40. */
#define meter_charge(meter, row, amount)                                                   \
  do {                                                                                     \
    _Static_assert(METER_PARTS % row##_DENOMINATOR == 0, "parts divide a unit evenly");    \
    meter_add((meter), (uint64_t)(amount) * (row##_NUMERATOR * (METER_PARTS / row##_DENOMINATOR))); \
  } while (0)

#endif
