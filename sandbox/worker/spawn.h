/* SPDX-License-Identifier: BSD-2-Clause */
/* spawn.h - forks one process with its two pipes.
 *
 * Layer: sandbox/worker, in the zygote.
 */
#ifndef SANDBOX_WORKER_SPAWN_H
#define SANDBOX_WORKER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "policy/status.h"

typedef struct {
  int request_read;  /* the worker's ends */
  int reply_write;
  int request_write; /* the supervisor's ends */
  int reply_read;
} SpawnPipes;

/* Opens both pipes, close-on-exec.  The end that the worker reads is
 * non-blocking, so that it can spin before it waits. */
Status worker_spawn_open(SpawnPipes *ret_pipes) __attribute__((nonnull, warn_unused_result));

void worker_spawn_close(SpawnPipes *pipes) __attribute__((nonnull));

/* Forks, with a pidfd, into a process namespace of its own if asked to.
 * Returns 0 in the child, else the pid, or minus an errno. */
pid_t worker_spawn_fork(bool in_pid_ns, int *ret_pidfd) __attribute__((nonnull));

/* The same, but the child begins in `body` on a stack of its own, which ends at `stack_end`.  `body` never
 * returns. */
pid_t worker_spawn_clone(bool in_pid_ns, void *stack_end, int (*body)(void *argument), void *argument, int *ret_pidfd)
    __attribute__((nonnull));

#endif
