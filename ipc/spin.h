/* SPDX-License-Identifier: BSD-2-Clause */
/* spin - whether waiting may begin with spinning, and for how long.
 *
 * A wait that goes straight to sleep costs a wake-up across cores, 12 to 50
 * microseconds; read-and-yield for a moment costs 1 to 2.  Spinning pays only
 * when both sides can run at once: with one CPU, or under a CPU quota of less
 * than two, it would burn what the other side needs.  The same holds while others
 * want the processors: sched_yield then gives a whole turn away, where a sleeper would
 * have been woken at once.  So waits are compared with what the worker did in them, and
 * spinning rests for a while when it did not pay.
 *
 * Layer: ipc, supervisor side.  Reads files; asked once per worker.
 */
#ifndef IPC_SPIN_H
#define IPC_SPIN_H

#include <stdbool.h>
#include <stdint.h>

/* Rounds of read and sched_yield, about 50 microseconds of them. */
#define SPIN_ROUNDS 200

/* SPIN_ROUNDS, or 0 where spinning does not pay. */
uint32_t ipc_spin_rounds(void);

/* Says whether the text of a cgroup's cpu.max ("QUOTA PERIOD" or "max PERIOD")
 * grants less than two CPUs.  What cannot be understood grants all. */
bool ipc_spin_is_quota_small(const char *cpu_max);

/* Looks at the cpu.max files of a version 2 cgroup `path` ("/a/b") and of all
 * its parents below `root`, for ipc_spin_rounds() and its test. */
bool ipc_spin_is_cgroup_small(const char *root, const char *path);

/* --- Whether it pays at present --- */

/* Nanoseconds that a wait may last, beyond what the worker computed in it, and still be better than
 * one that sleeps; what may come on top of it before that is a verdict; and of what is looked at
 * together. */
#define SPIN_WORTH UINT64_C(5000)
#define SPIN_SLACK UINT64_C(1000000)
#define SPIN_SPAN UINT64_C(8000000)

/* Runs without spinning after it did not pay, at first and at most. */
#define SPIN_REST_FIRST 64
#define SPIN_REST_MOST 2048

/* What a run's waits came to. */
typedef struct {
  uint32_t waits;  /* for the other side */
  uint32_t misses; /* of these: the rounds ran out */
  uint64_t idle;   /* nanoseconds of them in which the worker did not compute */
  uint64_t took;   /* nanoseconds of the run */
} SpinWaits;

typedef struct {
  uint32_t rounds; /* what a wait may spin here: ipc_spin_rounds() */
  uint32_t rest;   /* runs of the last rest; 0: none since spinning paid */
  uint32_t left;   /* of the rest at hand; 0: waits spin */
  SpinWaits seen;  /* since the last verdict */
} SpinGauge;

/* Begins a run: the rounds that its waits may spin. */
uint32_t ipc_spin_begin(SpinGauge *gauge);

/* Ends a run whose waits could spin. */
void ipc_spin_end(SpinGauge *gauge, SpinWaits waits);

#endif
