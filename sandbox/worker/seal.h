/* SPDX-License-Identifier: BSD-2-Clause */
/* seal.h - the steps that each worker takes after the fork, and their order.
 *
 * worker_seal_apply() takes every WORKER row of sandbox/seal_steps.def in turn.
 * When it returns, descriptors 0 and 1 are the two pipes, there are no others,
 * and all but the system calls of policy/syscalls.def kill the process.
 *
 * The same function runs in a throw-away child first (probe.c), where a step
 * that fails is noted and passed over; `board` is then a page shared with the
 * parent, because a sealed child has no other way to say anything.
 *
 * Layer: sandbox/worker.  No allocation, no stdio.
 */
#ifndef SANDBOX_WORKER_SEAL_H
#define SANDBOX_WORKER_SEAL_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/worker/layout.h"
#include "sandbox/zygote_abi.h"

/* What a probe tells its parent.  `current` is set before each step. */
typedef struct {
  uint32_t current; /* SealStep, SEAL_COUNT_ when through */
  SealReport steps[SEAL_COUNT_];
} SealBoard;

typedef struct {
  int request_fd;  /* becomes 0 */
  int reply_fd;    /* becomes 1 */
  int stop_fd;     /* mapped over stop_page; -1: the page stays as it is */
  int proc_fd;     /* an open /proc, or -1 */
  int lifeline_fd; /* pidfd of the zygote */
  void *stop_page;
  Region rings;    /* mapped from behind the stop page; size 0: nothing is */
  Region clock[LAYOUT_CLOCK_MAX];
  unsigned clock_count;
  uint64_t address_space; /* bytes mapped: the limit to set */
  struct sock_fprog filter;
  uint64_t skip;    /* set of steps not to take */
  SealBoard *board; /* NULL: a failing step ends the sealing */
} SealPlan;

/* Descriptors that exist only between the steps `fds` and `worker_death`. */
enum { SEAL_FD_PROC = 2, SEAL_FD_LIFELINE = 3 };

/* Seals the calling process.  Returns SEAL_COUNT_, or the step that failed;
 * `ret_applied` gets the set of steps taken.  The stack canary changes: a
 * caller that returns from a function protected by one must skip SEAL_canary. */
SealStep worker_seal_apply(SealPlan *plan, uint64_t *ret_applied) __attribute__((nonnull));

/* Closes every descriptor from `first` on. */
int worker_seal_close_from(unsigned first);

/* Whether a step is FLOOR, and whether it is taken in the worker. */
bool worker_seal_is_floor(SealStep step);
bool worker_seal_is_worker_step(SealStep step);

#endif
