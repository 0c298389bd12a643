/* SPDX-License-Identifier: BSD-2-Clause */
/* work - what a run itself did while it held the server's thread.
 *
 * Held, by the clock on the wall, is more: a busy machine keeps the worker from a processor, and its host
 * may take the processor from the server in the middle of a run.  What a run worked is the sum of
 *   - what its worker computed, by the kernel's clock of that process;
 *   - the server's part, which is all the time that the worker did not have the floor, no more than the
 *     thread has computed meanwhile;
 *   - what going to the worker and back takes, and its start where it had none, within bounds.
 * Of a worker whose clock cannot be read all is taken for work.
 *
 * Pure: times are nanoseconds.
 */
#ifndef TOOLS_MODULE_WORK_H
#define TOOLS_MODULE_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/ferrous_sandbox.h"

/* To the worker and back, at most: two wake-ups and their switches. */
#define WORK_SWITCH UINT64_C(50000)
/* A start of a worker, at most. */
#define WORK_START UINT64_C(1000000)
/* A server's part as short as this is taken as it is. */
#define WORK_BRIEF UINT64_C(200000)

/* Returns whether the thread's clock may show that a run that held it for `held` worked less. */
bool module_work_may_be_less(const FsbUsage *usage, uint64_t held);

/* Returns what of `held` the run worked.  `thread`: what the server's thread computed from its beginning to its
 * end, or a little more; UINT64_MAX: not known. */
uint64_t module_work_of(const FsbUsage *usage, uint64_t held, uint64_t thread);

#endif
