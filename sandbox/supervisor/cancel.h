/* SPDX-License-Identifier: BSD-2-Clause */
/* cancel - a request to end a run, made from a signal handler or another thread.
 *
 * An eventfd: a write is async-signal-safe and stays until it is reset, so a
 * request cannot be missed between two looks.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_CANCEL_H
#define SANDBOX_SUPERVISOR_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "sandbox/ferrous_sandbox.h"

struct FsbCancel {
  int fd;
  atomic_bool is_used; /* since the last reset, which need not ask the kernel then */
};

/* Says whether a request was made; `cancel` may be NULL. */
bool supervisor_cancel_is_requested(const FsbCancel *cancel);

/* Returns the descriptor to poll, -1 for none. */
static inline int supervisor_cancel_fd(const FsbCancel *cancel) {
  return cancel == NULL ? -1 : cancel->fd;
}

#endif
