/* SPDX-License-Identifier: BSD-2-Clause */
/* meter - the clocks and counters of one run, kept outside the worker.
 *
 * A run alternates between two phases: the worker has the floor, or the supervisor
 * has it and the worker waits.  The meter is told of each change; it never reads a
 * clock, so tests need no sleeping.  It answers two questions: which limit has been
 * exceeded, and when to ask again.
 *
 * Processor time.  Reading a worker's clock is a system call, too dear for every call
 * of a script, so it is read when the run begins and ends, and in between only once
 * the limit may have been exceeded.  Billed is what the worker used of it while it had
 * the floor: no more than it used in all, and no more than the time that passed while
 * it had the floor.  The rest is its waiting, which is told apart and not billed.
 *
 * Layer: sandbox/supervisor.  Pure.
 */
#ifndef SANDBOX_SUPERVISOR_METER_H
#define SANDBOX_SUPERVISOR_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/codes.h"
#include "policy/limits.h"
#include "policy/spread.h"

/* A moment: monotonic time, and the worker's processor time if it can be read. */
typedef struct {
  uint64_t now;
  uint64_t cpu; /* METER_NO_CPU: not readable */
} Moment;

#define METER_NO_CPU UINT64_MAX
#define METER_NEVER UINT64_MAX
/* A clock of the kernel's is at most so far behind, HZ being at least 100. */
#define METER_TICK UINT64_C(10000000)

typedef struct {
  Limits limits;
  uint64_t started;
  uint64_t timeout;    /* how long the caller waits, for texts */
  uint64_t timeout_at; /* METER_NEVER: without end */
  uint64_t cpu_began; /* the worker's reading when the run began */
  uint64_t cpu_used;  /* since then, at the last reading */
  uint64_t assumed;   /* in place of a reading that has not moved */
  bool worker_has_floor;
  uint64_t floor_began; /* when */
  uint64_t floor_time;  /* of the phases that are over */
  uint64_t held_since; /* when the host began to do nothing else; 0: with the first call */
  bool has_called;
  uint64_t first_call; /* when */
  bool is_calling;
  uint64_t call_began;
  /* Totals so far. */
  uint64_t host_time;
  uint64_t calls;
  uint64_t call_bytes;
  uint64_t reply_bytes;
  uint64_t log_bytes;
  uint64_t call_times[SPREAD_BUCKETS]; /* of the calls, as spread.h sorts them */
} Meter;

/* Starts a run; the supervisor has the floor. */
void supervisor_meter_start(Meter *meter, const Limits *limits, Moment moment);

/* Says that the caller waits only `timeout` in all, until `timeout_at`. */
void supervisor_meter_patience(Meter *meter, uint64_t timeout, uint64_t timeout_at);

/* Says that the host does nothing else since `since`. */
void supervisor_meter_hold(Meter *meter, uint64_t since);

/* Returns for how long it has not, or since the first call; 0 before that. */
uint64_t supervisor_meter_held(const Meter *meter, uint64_t now);

/* The worker was given the floor: a RUN or REPLY went out. */
void supervisor_meter_give(Meter *meter, Moment moment);

/* The worker gave the floor back: a CALL or the last frame came in. */
void supervisor_meter_take(Meter *meter, Moment moment);

/* Whether the limit on processor time may be exceeded at `now`: later moments need a reading. */
bool supervisor_meter_wants_cpu(const Meter *meter, uint64_t now);

/* The worker has answered, so it has run.  A kernel counts a process that is on another
 * processor at this moment only up to its last switch or tick: where its clock has not moved at
 * all, the time for which it had the floor stands for it, up to a tick. */
void supervisor_meter_answered(Meter *meter);

/* Processor time up to the last reading: billed, and of waiting. */
uint64_t supervisor_meter_cpu(const Meter *meter);
uint64_t supervisor_meter_wait_cpu(const Meter *meter);

/* For how long the worker had the floor and did not compute, up to the last reading; 0 without a clock. */
uint64_t supervisor_meter_idle(const Meter *meter);

/* The data store is asked; it has answered.  Of the time in between, `setup` was
 * not the store's work for this script (connecting to it), and holds up nobody. */
void supervisor_meter_call(Meter *meter, uint64_t now, uint64_t bytes);
void supervisor_meter_answer(Meter *meter, uint64_t now, uint64_t bytes, uint64_t setup);

/* Returns the outcome of the first limit on time that is exceeded, or CODE_OK. */
Code supervisor_meter_exceeded(const Meter *meter, Moment moment);

/* Returns when the next limit on time could be exceeded at the earliest. */
uint64_t supervisor_meter_deadline(const Meter *meter, Moment moment);

/* Returns until when the answer to a call is of use.  What the worker of a posted call does meanwhile is no
 * reason to give the call up: it may do nothing. */
uint64_t supervisor_meter_call_deadline(const Meter *meter);

/* Returns the limit that `code` is about, as the meter knows it: for a text. */
uint64_t supervisor_meter_limit(const Meter *meter, Code code);

#endif
