/* SPDX-License-Identifier: BSD-2-Clause */
/* spin - whether waiting may begin with spinning, and for how long.
 *
 * A wait that goes straight to sleep costs a wake-up across cores, 12 to 50
 * microseconds; read-and-yield for a moment costs 1 to 2.  Spinning pays only
 * when both sides can run at once: with one CPU, or under a CPU quota of less
 * than two, it would burn what the other side needs.  The same holds while others
 * want the processors: sched_yield then gives a whole turn away, where a sleeper would
 * have been woken at once.  So some runs are watched, and spinning rests for a while
 * when it did not pay.
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

/* A watch ends after so many waits, or after so many runs that waited less. */
#define SPIN_WATCH_WAITS 32
#define SPIN_WATCH_RUNS 16
/* Runs without spinning after it did not pay; runs between watches while it does. */
#define SPIN_REST_RUNS 256
#define SPIN_TRUST_RUNS 64

typedef struct {
  uint32_t rounds;      /* what a wait may spin here: ipc_spin_rounds() */
  uint32_t left;        /* runs until the next watch begins */
  uint32_t runs, waits; /* seen by the watch at hand */
  uint32_t misses;      /* of these waits: those for which spinning was no use */
  bool is_resting;      /* until the next watch nothing spins */
  bool is_watching;     /* the run at hand is looked at */
} SpinGauge;

/* Begins a run: the rounds that its waits may spin. */
uint32_t ipc_spin_begin(SpinGauge *gauge);

/* Ends a watched run: how often it waited for the other side, and how often in vain:
 * the rounds ran out, or this thread lost its processor to somebody else. */
void ipc_spin_end(SpinGauge *gauge, uint32_t waits, uint32_t misses);

/* How often this thread has lost its processor so far; a system call. */
uint32_t ipc_spin_losses(void);

#endif
