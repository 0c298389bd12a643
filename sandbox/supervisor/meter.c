/* SPDX-License-Identifier: BSD-2-Clause */
/* meter - adding up what a run uses. */
#include "sandbox/supervisor/meter.h"

/* Time that runs backwards is treated as time that stands still. */
static uint64_t since(uint64_t from, uint64_t to) {
  return to > from ? to - from : 0;
}

static uint64_t add(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static uint64_t floor_time(const Meter *m, uint64_t now) {
  return m->worker_has_floor ? add(m->floor_time, since(m->floor_began, now)) : m->floor_time;
}

/* Takes a reading in, where there is one. */
static uint64_t cpu_used(const Meter *m, Moment moment) {
  if (moment.cpu == METER_NO_CPU || m->cpu_began == METER_NO_CPU) return m->cpu_used;
  uint64_t used = since(m->cpu_began, moment.cpu);
  return used > m->cpu_used ? used : m->cpu_used;
}

static uint64_t billed_cpu(const Meter *m, Moment moment) {
  return earlier(cpu_used(m, moment), floor_time(m, moment.now));
}

static uint64_t host_time(const Meter *m, uint64_t now) {
  return m->is_calling ? add(m->host_time, since(m->call_began, now)) : m->host_time;
}

void supervisor_meter_start(Meter *meter, const Limits *limits, Moment moment) {
  *meter = (Meter){
      .limits = *limits, .started = moment.now, .timeout_at = METER_NEVER, .cpu_began = moment.cpu};
}

void supervisor_meter_patience(Meter *meter, uint64_t timeout, uint64_t timeout_at) {
  meter->timeout = timeout;
  meter->timeout_at = timeout_at;
}

void supervisor_meter_hold(Meter *meter, uint64_t since) {
  meter->held_since = since;
}

/* When the hold began; METER_NEVER: not yet. */
static uint64_t hold_began(const Meter *m) {
  if (m->held_since != 0) return m->held_since;
  return m->has_called ? m->first_call : METER_NEVER;
}

uint64_t supervisor_meter_held(const Meter *meter, uint64_t now) {
  return since(hold_began(meter), now);
}

void supervisor_meter_give(Meter *meter, Moment moment) {
  meter->cpu_used = cpu_used(meter, moment);
  meter->floor_time = floor_time(meter, moment.now);
  meter->floor_began = moment.now;
  meter->worker_has_floor = true;
}

void supervisor_meter_take(Meter *meter, Moment moment) {
  meter->cpu_used = cpu_used(meter, moment);
  meter->floor_time = floor_time(meter, moment.now);
  meter->worker_has_floor = false;
}

bool supervisor_meter_wants_cpu(const Meter *meter, uint64_t now) {
  return floor_time(meter, now) > meter->limits.cpu;
}

void supervisor_meter_answered(Meter *meter) {
  if (meter->cpu_began != METER_NO_CPU && meter->cpu_used == 0) meter->assumed = earlier(meter->floor_time, METER_TICK);
}

uint64_t supervisor_meter_cpu(const Meter *meter) {
  return meter->assumed != 0 ? meter->assumed : earlier(meter->cpu_used, meter->floor_time);
}

uint64_t supervisor_meter_wait_cpu(const Meter *meter) {
  return since(meter->floor_time, meter->cpu_used);
}

uint64_t supervisor_meter_idle(const Meter *meter) {
  return meter->cpu_began == METER_NO_CPU ? 0 : since(supervisor_meter_cpu(meter), meter->floor_time);
}

void supervisor_meter_call(Meter *meter, uint64_t now, uint64_t bytes) {
  if (!meter->has_called) meter->first_call = now;
  meter->has_called = true;
  meter->is_calling = true;
  meter->call_began = now;
  meter->calls++;
  meter->call_bytes = add(meter->call_bytes, bytes);
}

void supervisor_meter_answer(Meter *meter, uint64_t now, uint64_t bytes, uint64_t setup) {
  uint64_t taken = since(meter->call_began, now);
  if (setup > taken) setup = taken;
  if (meter->first_call == meter->call_began) meter->first_call += setup;
  meter->host_time = add(meter->host_time, taken - setup);
  meter->call_times[spread_bucket(taken - setup)]++;
  meter->is_calling = false;
  meter->reply_bytes = add(meter->reply_bytes, bytes);
}

/* The order decides which of several limits is named: the most specific first. */
Code supervisor_meter_exceeded(const Meter *meter, Moment moment) {
  const Limits *limits = &meter->limits;
  if (host_time(meter, moment.now) > limits->host_time) return CODE_LIMIT_HOST_TIME;
  if (supervisor_meter_held(meter, moment.now) > limits->hold) return CODE_LIMIT_HOLD;
  if (billed_cpu(meter, moment) > limits->cpu) return CODE_LIMIT_CPU;
  if (since(meter->started, moment.now) > limits->wall) return CODE_LIMIT_WALL;
  if (moment.now > meter->timeout_at) return CODE_TIMEOUT;
  return CODE_OK;
}

/* One nanosecond past the limit, as reaching it is not exceeding it. */
static uint64_t after(uint64_t from, uint64_t limit, uint64_t used) {
  return add(add(from, since(used, limit)), 1);
}

/* What may have been used at most. */
static uint64_t most_cpu(const Meter *m, Moment moment) {
  return moment.cpu == METER_NO_CPU ? floor_time(m, moment.now) : billed_cpu(m, moment);
}

uint64_t supervisor_meter_call_deadline(const Meter *meter) {
  const Limits *limits = &meter->limits;
  uint64_t at = add(meter->timeout_at, 1);
  at = earlier(at, after(meter->started, limits->wall, 0));
  at = earlier(at, after(hold_began(meter), limits->hold, 0));
  if (meter->is_calling)
    at = earlier(at, after(meter->call_began, limits->host_time, meter->host_time));
  return at;
}

uint64_t supervisor_meter_deadline(const Meter *meter, Moment moment) {
  const Limits *limits = &meter->limits;
  uint64_t at = supervisor_meter_call_deadline(meter);
  /* A process cannot use more processor time than passes. */
  if (meter->worker_has_floor && meter->cpu_began != METER_NO_CPU)
    at = earlier(at, after(moment.now, limits->cpu, most_cpu(meter, moment)));
  return at;
}

uint64_t supervisor_meter_limit(const Meter *meter, Code code) {
  const LimitRow *row = policy_limits_by_code(code);
  if (row != NULL) return policy_limits_get(&meter->limits, row);
  return code == CODE_TIMEOUT ? meter->timeout : 0;
}
