/* SPDX-License-Identifier: BSD-2-Clause */
/* stop - the stop word: how a running script is told to end.
 *
 * One page per worker, written by the supervisor, mapped read-only in the
 * worker.  Its first 8 bytes are one atomic word: the low half says why (0:
 * carry on), the high half which run is meant, so that a stop that arrives too
 * late cannot hit the next run.  The machine looks at the low half alone
 * (StopPage.why) each quantum; the worker then asks ipc_stop_seen().
 *
 * Layer: ipc.  Used by the sealed worker: loads only.
 */
#ifndef IPC_STOP_H
#define IPC_STOP_H

#include <stdatomic.h>
#include <stdint.h>

#define STOP_PAGE_BYTES 4096

typedef enum {
  STOP_NONE = 0,
  STOP_KILLED = 1,   /* SCRIPT KILL, an admin, Ctrl-C */
  STOP_SHUTDOWN = 2, /* the pool is closing */
  STOP_LIMIT = 3     /* a limit the supervisor measures: wall, cpu, hold, ... */
} StopReason;

typedef union {
  _Atomic uint64_t word;
  struct {
    uint32_t why;        /* reason | limit << 8 */
    uint32_t generation; /* of the run that is meant */
  };
  uint8_t page[STOP_PAGE_BYTES];
} StopPage;

_Static_assert(sizeof(StopPage) == STOP_PAGE_BYTES, "one page");

static inline StopReason ipc_stop_reason(uint32_t why) { return (StopReason)(why & 0xff); }

/* Row of limits.def plus one, for STOP_LIMIT. */
static inline uint32_t ipc_stop_limit(uint32_t why) { return why >> 8 & 0xff; }

/* Supervisor: asks the run `generation` to end. */
static inline void ipc_stop_request(StopPage *page, uint32_t generation, StopReason reason, uint32_t limit) {
  uint64_t why = (uint32_t)reason | (limit & 0xff) << 8;
  atomic_store_explicit(&page->word, why | (uint64_t)generation << 32, memory_order_release);
}

/* Supervisor: clears the word before a run. */
static inline void ipc_stop_clear(StopPage *page) {
  atomic_store_explicit(&page->word, 0, memory_order_release);
}

/* Worker: why the run `generation` shall end, 0 when it shall not. */
static inline uint32_t ipc_stop_seen(const StopPage *page, uint32_t generation) {
  uint64_t word = atomic_load_explicit(&page->word, memory_order_acquire);
  return (uint32_t)(word >> 32) == generation ? (uint32_t)word : 0;
}

#endif
