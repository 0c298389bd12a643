/* SPDX-License-Identifier: BSD-2-Clause */
/* pace - whether a worker waits awake, on a processor of its own, for its next run.
 *
 * Together: the worker sleeps between runs, the supervisor yields to it, and the kernel puts both on
 * one processor; a run costs two switches and a few system calls.  Apart: the worker is kept off the
 * supervisor's processor and looks into the ring for a moment after each run, and so does the
 * supervisor after each request; where both processors are free a run costs a third as much, and no
 * system call.  Where others want them it costs many times as much.
 *
 * No rule knows which is the case, so both are measured, over windows of runs that follow one another
 * closely: the mean of a window says what a run costs in its mode, lost processors included.  The mode
 * that is not in use is tried for a short window now and then, ever more seldom while it loses; a
 * window that costs far more than the other mode would have ends early.
 *
 * Layer: ipc, supervisor side.  Pure: times are given.
 */
#ifndef IPC_PACE_H
#define IPC_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* So soon, in nanoseconds, a run must follow the one before to be worth waiting for, and so many runs
 * must have done so. */
#define PACE_CLOSE UINT64_C(25000)
#define PACE_FOLLOWERS 4

/* After a longer pause a run says nothing about either mode. */
#define PACE_PAUSE UINT64_C(10000000)

/* Runs of a window, of one that tries the other mode, and before either, while the kernel moves the
 * worker. */
#define PACE_WINDOW 512
#define PACE_TRIAL 64
#define PACE_WARM_UP 8

/* What a run counts at most: a single hiccup of the machine must not decide. */
#define PACE_WORST UINT64_C(1000000)

/* Windows between trials, at first and at most. */
#define PACE_REST_FIRST 4
#define PACE_REST_MOST 128

typedef enum { PACE_TOGETHER, PACE_APART } PaceMode;

typedef struct {
  bool may;          /* be apart, at all */
  PaceMode mode;     /* of runs that follow closely; others are together, but count for it, too */
  bool is_trial;     /* the window at hand tries a mode */
  bool is_counted;   /* the run at hand */
  uint8_t followers; /* runs that followed closely, at most PACE_FOLLOWERS */
  uint32_t warm_up;  /* runs until the window at hand counts */
  uint32_t runs;     /* of the window at hand */
  uint64_t spent;    /* nanoseconds in it */
  uint64_t mean[2];  /* nanoseconds of a run in each mode when it was last seen; 0: never */
  uint32_t windows;  /* since the last trial */
  uint32_t rest;     /* windows between two */
  uint64_t began, ended; /* of the last run */
} PaceGauge;

/* A gauge for a worker; `may` it be apart. */
void ipc_pace_init(PaceGauge *gauge, bool may);

/* A run begins at `now`: whether supervisor and worker shall wait for each other awake. */
bool ipc_pace_begin(PaceGauge *gauge, uint64_t now);

/* Being apart was refused: it will not be asked for again. */
void ipc_pace_refused(PaceGauge *gauge);

/* The run's answer came at `now`. */
void ipc_pace_end(PaceGauge *gauge, uint64_t now);

#endif
