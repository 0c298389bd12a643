/* SPDX-License-Identifier: BSD-2-Clause */
/* spawn - starting another program without forking the host.
 *
 * A child of clone(CLONE_VM | CLONE_VFORK) shares our memory until it executes,
 * so no page table is copied however large the host is, and our memory is in
 * nobody's child.  In the child: a session of its own (a Ctrl-C at the terminal
 * is ours to handle), signals to their defaults, death with the thread that
 * spawned it, exactly the descriptors of the plan, nothing else.
 *
 * Layer: sandbox/supervisor.  Linux.
 */
#ifndef SANDBOX_SUPERVISOR_SPAWN_H
#define SANDBOX_SUPERVISOR_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "policy/status.h"

#define SPAWN_MAX_FDS 8

typedef struct {
  int exec_fd; /* the worker program, to which brk is refused until it lifts that; -1: by `path` */
  const char *path;
  const char *const *argv; /* both end with NULL */
  const char *const *envp;
  const int *fds; /* fds[i] becomes descriptor i */
  size_t fd_count;
  const char *directory; /* to start in; NULL: the same */
} SpawnPlan;

typedef struct {
  pid_t pid;
  int pidfd; /* owned by the caller */
} Spawned;

/* Starts a program.  On failure `*ret_error` is the errno, of the exec if it came
 * that far. */
__attribute__((warn_unused_result)) Status supervisor_spawn_start(const SpawnPlan *plan,
                                                                  Spawned *ret_spawned,
                                                                  int *ret_error);

/* Kills it, waits for its end and closes the pidfd. */
void supervisor_spawn_kill(Spawned *spawned);

/* In a child of the host: gives up what it has inherited, and leaves the process alone. */
void supervisor_spawn_forget(Spawned *spawned);

/* Asks it to end with `signal`, and kills it when it has not after `patience`
 * nanoseconds. */
void supervisor_spawn_end(Spawned *spawned, int signal, unsigned long patience);

#endif
