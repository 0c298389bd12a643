/* SPDX-License-Identifier: BSD-2-Clause */
/* commit - making what a transaction left the new base. */
#ifndef VM_RUN_COMMIT_H
#define VM_RUN_COMMIT_H

#include "vm/run/state.h"

typedef enum {
  COMMIT_OK,
  COMMIT_TOO_LARGE, /* the base would exceed its limit */
  COMMIT_COROUTINE  /* a coroutine is alive: a base holds none */
} CommitStatus;

/* Packs everything that is reachable into a new base of at most `limit` bytes, arena and
 * control together, and ends the transaction.  No step after the last check can fail:
 * on any other status the old base stands and the transaction goes on. */
CommitStatus vm_commit_base(VM *vm, uint64_t limit);

#endif
