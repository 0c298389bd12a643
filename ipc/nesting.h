/* SPDX-License-Identifier: BSD-2-Clause */
/* nesting - how deep inside aggregates a flat sequence of elements stands.
 *
 * Tokens and RESP replies are prefix notation: an aggregate says how many
 * elements follow it.  Whoever walks one keeps the number of missing elements
 * per open aggregate here, with a cap on the depth, instead of recursing.
 *
 * Layer: ipc.  Used by the sealed worker: no allocation, no system call.
 */
#ifndef IPC_NESTING_H
#define IPC_NESTING_H

#include <stdbool.h>
#include <stdint.h>

/* Redis lets a script nest just below 8000 arrays. */
#define NESTING_MAX_DEPTH 8192

/* Memory for the deepest. */
typedef struct {
  uint32_t left[NESTING_MAX_DEPTH];
} NestingRoom;

typedef struct {
  uint32_t depth; /* open aggregates */
  uint32_t cap;   /* most that may be open, <= NESTING_MAX_DEPTH */
  uint32_t *left; /* the caller's, of `cap`: elements still missing in each; never 0 */
} Nesting;

static inline void ipc_nesting_init(Nesting *nesting, uint32_t *left, uint32_t cap) {
  nesting->depth = 0;
  nesting->cap = cap < NESTING_MAX_DEPTH ? cap : NESTING_MAX_DEPTH;
  nesting->left = left;
}

/* Counts one complete element and closes every aggregate that it completes.
 * Returns true when that was the last of all. */
static inline bool ipc_nesting_complete(Nesting *nesting) {
  while (nesting->depth != 0) {
    if (--nesting->left[nesting->depth - 1] != 0) return false;
    nesting->depth--;
  }
  return true;
}

/* Opens an aggregate of `count` elements; false when too deep.  One of 0
 * elements is not entered: the caller goes on to complete it. */
static inline bool ipc_nesting_open(Nesting *nesting, uint32_t count) {
  if (nesting->depth >= nesting->cap) return false;
  if (count != 0) nesting->left[nesting->depth++] = count;
  return true;
}

#endif
