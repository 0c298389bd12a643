/* SPDX-License-Identifier: BSD-2-Clause */
/* guess - what a call is likely to be answered: what it was answered the last times.
 *
 * Scripts ask much of which the answer hardly changes: whether a queue is paused, whether a job exists, how
 * long its stream of events may be.  A call in the code has a row here; once it was answered
 * the same so many times in a row, that is its guess.  A call that breaks its habit soon must keep the next for twice as long.
 *
 * The rows outlive runs, and no byte of a run's data may: only answers are kept that have none.  These are numbers of
 * few digits, OK, nothing, and lists of these.
 *
 * Layer: sandbox/worker.  Pure.
 */
#ifndef SANDBOX_WORKER_GUESS_H
#define SANDBOX_WORKER_GUESS_H

#include "ipc/tape.h"

/* Calls that are known, in sets of rows that a call may stand in. */
#define GUESS_ROWS 128
#define GUESS_SET 4
/* So often in a row an answer must have been the same, at first. */
#define GUESS_HABIT 8
#define GUESS_HABIT_MOST 512
/* A guess was worth it when it had been right for so many times its habit. */
#define GUESS_WORTH 4

typedef struct {
  uint64_t site;  /* of the call in the code; 0: none */
  uint32_t used;  /* when, as the table counts */
  uint16_t same;  /* times in a row, as far as it can count */
  uint16_t habit; /* needed to be guessed */
  uint8_t size;
  uint8_t bytes[TAPE_GUESS_BYTES];
} GuessRow;

_Static_assert(sizeof(GuessRow) == 64, "one line of the cache");

typedef struct {
  _Alignas(64) GuessRow rows[GUESS_ROWS];
  uint32_t notes; /* so far */
} GuessTable;

/* Returns the answer that the call at `site` is likely to get; empty: nobody knows. */
ByteView worker_guess_find(const GuessTable *table, uint64_t site);

/* Notes what the call was answered. */
void worker_guess_note(GuessTable *table, uint64_t site, ByteView answer);

#endif
