/* SPDX-License-Identifier: BSD-2-Clause */
/* throttle - for how long a tenant was told to wait.
 *
 * From a refusal to the tenant's next request, but no longer than the refusal said; while
 * requests keep being refused, that adds up to the time between the first of them and the first
 * that is let in.  A tenant that goes away after a refusal adds what that asked of it when it
 * comes back.  Time is a parameter.
 */
#ifndef TOOLS_MODULE_THROTTLE_H
#define TOOLS_MODULE_THROTTLE_H

#include <stdint.h>

typedef struct {
  uint64_t at, until; /* of the last refusal, monotonic ns; at 0: nothing is refused */
} Throttle;

/* A request comes at `now`; returns the nanoseconds that it ends. */
static inline uint64_t throttle_next(Throttle *throttle, uint64_t now) {
  uint64_t end = now < throttle->until ? now : throttle->until;
  uint64_t taken = throttle->at != 0 && end > throttle->at ? end - throttle->at : 0;
  throttle->at = 0;
  return taken;
}

/* That request is refused, and to come again after so long; -1: waiting does not help. */
static inline void throttle_refuse(Throttle *throttle, uint64_t now, int64_t retry_after_ms) {
  uint64_t wait = retry_after_ms < 0 || (uint64_t)retry_after_ms > UINT64_MAX / 2000000
                      ? UINT64_MAX / 2 : (uint64_t)retry_after_ms * UINT64_C(1000000);
  throttle->at = now;
  throttle->until = now > UINT64_MAX - wait ? UINT64_MAX : now + wait;
}

#endif
