/* SPDX-License-Identifier: BSD-2-Clause */
/* fork_guard - the host's own children get nothing of the supervisor.
 *
 * A host may fork for purposes of its own, as Redis does to save.  The child inherits every
 * descriptor, and a pipe end that lives on in it would keep a dead worker's pipe open.
 * What is guarded is told, in the child, to close its descriptors and to know of no
 * process any more, so that even closing it there harms nobody.  Shared mappings are not
 * inherited at all (MADV_DONTFORK).
 *
 * Layer: sandbox/supervisor.  Threads: any.  Its list is the one piece of global state of
 * the library: handlers of pthread_atfork(3) get no argument.
 */
#ifndef SANDBOX_SUPERVISOR_FORK_GUARD_H
#define SANDBOX_SUPERVISOR_FORK_GUARD_H

/* Part of what is guarded; zero when it is not. */
typedef struct ForkGuard {
  struct ForkGuard *next;
  struct ForkGuard **link; /* what points here; NULL: not guarded */
  void (*forget)(void *object);
  void *object;
} ForkGuard;

/* From now on `forget(object)` is called in every child of fork(2), on its one thread. */
void supervisor_fork_guard(ForkGuard *guard, void (*forget)(void *object), void *object);

void supervisor_fork_unguard(ForkGuard *guard);

#endif
