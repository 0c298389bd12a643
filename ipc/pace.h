/* SPDX-License-Identifier: BSD-2-Clause */
/* pace - whether a worker waits awake, on a processor of its own, for its next run.
 *
 * Together: the worker sleeps between runs, the supervisor yields to it, and the kernel puts both on
 * one processor; a run costs two switches between address spaces and a few system calls.  Apart: the
 * worker is kept off the supervisor's processor and looks into the ring for a moment after each run,
 * and so does the supervisor after each request; where both processors are free a run costs a third
 * as much, and no system call.  Where others want them, the clients perhaps, it costs many times as
 * much, or they lose more than the run gains.
 *
 * No rule knows which is the case, so both are measured, over windows of runs.  What counts is the
 * lap: from the start of a run to the start of the next.  Of clients that wait for their answers it
 * holds their part as well, so that what they lose is seen.  The mode that is not in use is tried for
 * a window now and then, ever more seldom while it loses; a window that is clearly lost ends early.
 *
 * Layer: ipc, supervisor side.  Pure: times are given.
 */
#ifndef IPC_PACE_H
#define IPC_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* So soon, in nanoseconds, a run must follow the one before to be worth waiting for, and so many runs
 * must have done so.  Time for a client on the other processor to be woken and to answer; before it the
 * worker does not sleep (RING_LINGER_ROUNDS). */
#define PACE_CLOSE UINT64_C(60000)
#define PACE_FOLLOWERS 4

/* After a longer pause a run says nothing about either mode. */
#define PACE_PAUSE UINT64_C(10000000)

/* Nanoseconds of a window, so many that clients show what they lose; runs before one while the kernel
 * moves the worker; and those after which a trial is given up that makes no run faster. */
#define PACE_SPAN UINT64_C(8000000)
#define PACE_WARM_UP 8
#define PACE_GLANCE 64

/* What a run counts at most: a single hiccup of the machine must not decide. */
#define PACE_WORST UINT64_C(1000000)

/* Windows before a mode that has lost is tried again, at first and at most. */
#define PACE_REST_FIRST 4
#define PACE_REST_MOST 256

/* At most so many where what was known of apart may not hold any more: when laps together have been a
 * third longer or a quarter shorter than they were then, two windows in a row. */
#define PACE_REST_AFRESH 8

typedef enum { PACE_TOGETHER, PACE_APART } PaceMode;

/* What a run takes on the mean, in nanoseconds: from its start to the start of the next, and to its
 * end. */
typedef struct {
  uint64_t lap, run;
} PaceCost;

typedef struct {
  bool may;          /* be apart, at all */
  PaceMode mode;     /* of runs that follow closely; others are together, but count for it, too */
  bool is_trial;     /* the window at hand tries a mode */
  bool is_counted;   /* the last run */
  uint8_t followers; /* runs that followed closely, at most PACE_FOLLOWERS */
  uint32_t warm_up;  /* runs until the window at hand counts */
  uint32_t runs;     /* of the window at hand */
  PaceCost spent;    /* sums of it */
  PaceCost mean[2];  /* of each mode when it was last seen; 0: never */
  bool has_failed;   /* the window before, in use, was worse than the other mode */
  uint32_t windows;  /* that the mode in use has held */
  uint32_t rest[2];  /* windows that the other mode must hold before this one is tried */
  uint64_t lap_then; /* of together, when apart was worse */
  bool is_different; /* the lap of the window before from that */
  uint64_t began, ended; /* of the last run */
} PaceGauge;

/* A gauge for a worker; `may` it be apart. */
void ipc_pace_init(PaceGauge *gauge, bool may);

/* A run begins at `now`: whether supervisor and worker shall wait for each other awake. */
bool ipc_pace_begin(PaceGauge *gauge, uint64_t now);

/* Whether the run at hand, and some before it, followed closely. */
static inline bool ipc_pace_is_close(const PaceGauge *gauge) {
  return gauge->followers == PACE_FOLLOWERS;
}

/* Being apart was refused: it will not be asked for again. */
void ipc_pace_refused(PaceGauge *gauge);

/* The run's answer came at `now`. */
void ipc_pace_end(PaceGauge *gauge, uint64_t now);

#endif
