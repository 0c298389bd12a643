/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h - finds out which steps work here, in throw-away children.
 *
 * A step can fail in two ways.  The kernel says no: the step is unavailable.
 * Or the host runs us under a system call filter that kills: the child dies, the
 * step counts as refused, and the next child leaves it out.  What remains after
 * the last child came through is what every worker will do.
 *
 * Layer: sandbox/worker, in the zygote.
 */
#ifndef SANDBOX_WORKER_PROBE_H
#define SANDBOX_WORKER_PROBE_H

#include "sandbox/worker/confine.h"
#include "sandbox/worker/seal.h"

/* Fills in the zygote's part of `reports`, takes the steps for good, and adds
 * those that were refused to plan->skip.  `plan->board` is set here.
 * Returns SEAL_COUNT_ or the floor step that failed. */
SealStep worker_probe_confine(ConfinePlan *plan, SealReport *reports) __attribute__((nonnull));

/* Fills in the workers' part of `reports`, and adds to plan->skip the steps
 * that do not work.  Takes nothing in the calling process.
 * Returns SEAL_COUNT_ or the floor step that failed. */
SealStep worker_probe_seal(SealPlan *plan, SealReport *reports) __attribute__((nonnull));

/* Whether sched_setaffinity may be called here without being killed for it.  The supervisor is
 * under the same filter, if there is one. */
bool worker_probe_place(void);

#endif
