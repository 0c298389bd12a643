/* SPDX-License-Identifier: BSD-2-Clause */
/* deadline - waiting for a descriptor until a moment on CLOCK_MONOTONIC.
 *
 * A deadline is absolute, in nanoseconds; UINT64_MAX means without end.  Absolute
 * time survives EINTR and many small waits without arithmetic at the callers.
 *
 * Layer: ipc, supervisor side.  System calls: clock_gettime, ppoll.
 */
#ifndef IPC_DEADLINE_H
#define IPC_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/status.h"

#define DEADLINE_NEVER UINT64_MAX

uint64_t ipc_deadline_now(void);

/* Says whether the moment has come; never for DEADLINE_NEVER. */
bool ipc_deadline_is_over(uint64_t deadline);

/* Waits until poll() reports anything about `fd`.  ST_TIMED_OUT at the deadline;
 * with one that has passed it looks once and does not wait. */
__attribute__((warn_unused_result)) Status ipc_deadline_poll(int fd, short events,
                                                             uint64_t deadline);

#endif
