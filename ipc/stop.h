/* SPDX-License-Identifier: BSD-2-Clause */
/* stop - the stop word: how a running script is told to end.
 *
 * One page per worker, written by the supervisor, mapped read-only in the
 * worker.  Its first word is 0 (carry on) or says why to end; the machine looks
 * at it each quantum and ends the run.  The supervisor clears it before each
 * run; whoever sets it from another thread holds the lock under which runs
 * begin, or a stop that comes late would hit the next run.
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
  _Atomic uint32_t word; /* reason | limit << 8 */
  uint8_t page[STOP_PAGE_BYTES];
} StopPage;

_Static_assert(sizeof(StopPage) == STOP_PAGE_BYTES, "one page");

static inline StopReason ipc_stop_reason(uint32_t word) {
  return (StopReason)(word & 0xff);
}

/* Row of limits.def plus one, for STOP_LIMIT; else 0. */
static inline uint32_t ipc_stop_limit(uint32_t word) {
  return word >> 8 & 0xff;
}

/* Supervisor: asks the run to end. */
static inline void ipc_stop_request(StopPage *page, StopReason reason, uint32_t limit) {
  uint32_t word = (uint32_t)reason | (limit & 0xff) << 8;
  atomic_store_explicit(&page->word, word, memory_order_release);
}

/* Supervisor: clears the word before a run. */
static inline void ipc_stop_clear(StopPage *page) {
  atomic_store_explicit(&page->word, 0, memory_order_release);
}

/* Worker: the word, 0 to carry on. */
static inline uint32_t ipc_stop_seen(const StopPage *page) {
  return atomic_load_explicit(&page->word, memory_order_acquire);
}

#endif
