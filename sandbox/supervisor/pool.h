/* SPDX-License-Identifier: BSD-2-Clause */
/* pool - which worker serves whom.
 *
 * A worker serves one principal in its life.  The pool keeps a slot for each principal
 * seen lately (slots.h).  When workers take more memory than they may, or are too
 * many, those that were used longest ago are retired; their slots stay, as generators
 * of random numbers go on where they stood.
 * Spares are workers that were forked for nobody yet; the first principal that
 * needs one gets one, and takes it with it.  One that is late is a spare when it comes.  There are as many as were needed lately
 * between two calls of fsb_pool_tend().
 * Workers of one zygote share its memory layout, so now and then a new zygote takes
 * over and the old one retires with its last worker; at most two exist.
 * A zygote that is gone is started again at the next run, not sooner than its
 * back-off says.
 *
 * Layer: sandbox/supervisor.  Threads: one owner.
 */
#ifndef SANDBOX_SUPERVISOR_POOL_H
#define SANDBOX_SUPERVISOR_POOL_H

#include "ipc/nesting.h"
#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/fork_guard.h"
#include "sandbox/supervisor/leaving.h"
#include "sandbox/supervisor/slots.h"

/* How long starting the zygote, or a worker up to its hello, may take. */
#define POOL_START_PATIENCE UINT64_C(10000000000)

/* How long the zygote may take to tell how a worker ended, where that is waited for. */
#define POOL_DEATH_PATIENCE UINT64_C(1000000000)

struct FsbPool {
  ForkGuard guard;
  int exec_fd;
  Limits bound; /* no run exceeds these */
  uint64_t require, avoid; /* sets of steps of the seal */
  bool fresh_worker;
  FsbTransport transport;
  bool with_rings; /* workers that are forked now */
  uint32_t valkey_version; /* as FsbPoolOptions' */
  Zygote zygotes[2];
  Zygote *zygote;  /* the one that forks */
  Zygote *retired; /* the one before it, while workers of it live */
  uint32_t renew_after;
  uint64_t restart_at; /* a new zygote not before */
  uint64_t back_off;
  NestingRoom *scratch; /* heap */
  SlotTable slots;
  uint64_t memory;   /* most that workers of principals may occupy */
  unsigned workers;  /* and most of them */
  uint64_t idle;     /* nanoseconds after which they are retired; 0: never */
  Worker spares[FSB_MAX_SPARES];
  unsigned spare_least; /* kept always */
  unsigned spare_goal;  /* kept at present */
  unsigned starts;      /* workers that principals needed since the last look */
  unsigned calm;        /* looks in a row that saw no more starts than spares */
  uint64_t libraries; /* loaded so far: numbers them */
  uint64_t exits[EXIT_COUNT_]; /* workers that ended */
  Leaving leaving;             /* workers that were killed */
};

struct FsbLimits {
  Limits values;
};

/* Finds or makes the slot of a principal; NULL when memory is out. */
PoolSlot *supervisor_pool_slot(FsbPool *pool, FsbBytes principal, uint64_t now);

/* Ends the slot's worker, which does nothing; what its clock shows late is not lost. */
void supervisor_pool_dismiss(FsbPool *pool, PoolSlot *slot);

/* Notes what the slot's worker is taken to occupy after a run that touched `peak` bytes. */
void supervisor_pool_weigh(FsbPool *pool, PoolSlot *slot, uint64_t peak);

/* Makes sure that the slot has a worker that said hello, and says where it came
 * from.  On failure `ret_error` says why. */
__attribute__((warn_unused_result)) bool supervisor_pool_staff(FsbPool *pool, PoolSlot *slot,
                                                               uint64_t now, uint64_t deadline,
                                                               FsbStart *ret_start,
                                                               FsbError *ret_error);

/* Writes an error for the door. */
void supervisor_pool_explain(FsbError *error, Code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
