/* SPDX-License-Identifier: BSD-2-Clause */
/* arrears - what a clock that lags has not shown yet, from one run to the principal's next.
 *
 * A kernel brings the clock of a process that is on another processor up to date only when that
 * is switched or at a tick.  So at the end of a run it may show up to a tick too little, and the
 * rest is seen later: at the begin of the next run, when the worker has slept meanwhile.  What a
 * run was billed too little is added to the bill of the next one, what it was billed too much
 * (where the clock had not moved at all, the time of the floor stood for it) is taken off.
 *
 * Between two moments at which the clock was known to be right, billed is what it moved, but
 * not more than the time for which the worker had the floor.  The sum over runs is exact; each
 * single bill is right but for a tick.
 *
 * Layer: sandbox/supervisor.  Pure.
 */
#ifndef SANDBOX_SUPERVISOR_ARREARS_H
#define SANDBOX_SUPERVISOR_ARREARS_H

#include "sandbox/supervisor/meter.h"

typedef struct {
  uint64_t known; /* the worker's clock when it was right */
  uint64_t last;  /* the last reading, right or not */
  uint64_t floor; /* time of the floors since then */
  uint64_t billed; /* since then */
  int64_t owed;   /* to be added to the principal's next bill */
} Arrears;

/* Another worker serves the principal from now on; what is owed stays. */
void supervisor_arrears_renew(Arrears *arrears);

/* The worker does nothing, and its clock shows `cpu`, or METER_NO_CPU: finds what is owed. */
void supervisor_arrears_find(Arrears *arrears, uint64_t cpu);

/* A run is over: returns what to bill for it, with what was owed. */
uint64_t supervisor_arrears_bill(Arrears *arrears, const Meter *meter);

/* Something is over that nobody is billed for. */
void supervisor_arrears_skip(Arrears *arrears, const Meter *meter);

#endif
