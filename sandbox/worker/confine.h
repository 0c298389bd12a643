/* SPDX-License-Identifier: BSD-2-Clause */
/* confine.h - what the zygote gives up once, for itself and all its workers.
 *
 * Namespaces and the empty root are too slow to make for each worker (a network
 * namespace costs half a millisecond), and children inherit them.
 *
 * A host may run us under a system call filter of its own that kills.  Then the
 * whole sequence is tried in throw-away children first, and a step that killed
 * its child is left out (probe.h).
 *
 * Layer: sandbox/worker.
 */
#ifndef SANDBOX_WORKER_CONFINE_H
#define SANDBOX_WORKER_CONFINE_H

#include <stdint.h>
#include <sys/types.h>

#include "sandbox/worker/seal.h"

typedef struct {
  pid_t parent_pid;
  uid_t uid; /* taken when started as root */
  gid_t gid;
  uint64_t skip;    /* set of steps not to take */
  SealBoard *board; /* gets a report per step; never NULL */
} ConfinePlan;

/* Takes every ZYGOTE step but `layout`.  Goes on after an optional step that
 * fails; returns SEAL_COUNT_, or the floor step that failed. */
SealStep worker_confine_apply(const ConfinePlan *plan) __attribute__((nonnull));

#endif
