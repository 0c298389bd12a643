/* SPDX-License-Identifier: BSD-2-Clause */
/* arrears - sums between two moments at which a clock was right. */
#include "sandbox/supervisor/arrears.h"

static uint64_t since(uint64_t from, uint64_t to) {
  return to > from ? to - from : 0;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* What may be billed of what the clock shows at `cpu`. */
static uint64_t due_at(const Arrears *a, uint64_t cpu) {
  return earlier(since(a->known, cpu), a->floor);
}

static void begin_anew(Arrears *a, uint64_t cpu) {
  *a = (Arrears){.known = cpu, .last = cpu, .owed = a->owed};
}

void supervisor_arrears_renew(Arrears *arrears) {
  begin_anew(arrears, 0);
}

/* A clock that stands where it stood at the end of a run has not caught up. */
void supervisor_arrears_find(Arrears *arrears, uint64_t cpu) {
  if (cpu == METER_NO_CPU || cpu <= arrears->last) return;
  arrears->owed += (int64_t)due_at(arrears, cpu) - (int64_t)arrears->billed;
  begin_anew(arrears, cpu);
}

/* More than a tick of the floor cannot hide behind the clock: that the worker did not have. */
static void add_floor(Arrears *a, uint64_t floor) {
  uint64_t most = since(a->known, a->last) + METER_TICK;
  a->floor = a->floor + floor < most ? a->floor + floor : most;
}

uint64_t supervisor_arrears_bill(Arrears *arrears, const Meter *meter) {
  if (meter->cpu_began == METER_NO_CPU) return supervisor_meter_cpu(meter);
  arrears->last = meter->cpu_began + meter->cpu_used;
  add_floor(arrears, meter->floor_time);
  uint64_t own = since(arrears->billed, due_at(arrears, arrears->last));
  if (own < meter->assumed) own = meter->assumed;
  arrears->billed += own;
  int64_t bill = (int64_t)own + arrears->owed;
  arrears->owed = bill < 0 ? bill : 0;
  return bill < 0 ? 0 : (uint64_t)bill;
}

void supervisor_arrears_skip(Arrears *arrears, const Meter *meter) {
  if (meter->cpu_began != METER_NO_CPU) begin_anew(arrears, meter->cpu_began + meter->cpu_used);
}
