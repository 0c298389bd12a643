/* SPDX-License-Identifier: BSD-2-Clause */
/* tape - the answers to a run's calls, so that the run can be played again.
 *
 * A sealed run is a function of its text, its parameters and the answers to its calls: a worker has no
 * clock and no source of chance of its own.  So a worker may guess an answer and go on; when the guess was
 * wrong, the run is played from its start with the answers that are known by then, and comes to the same
 * call in the same state.
 *
 * An entry for each call that somebody waited for, or guessed the answer of: how many posts went before
 * it, a digest of its words, the kind of the answer and its bytes.  Both sides count the same bytes, so that
 * both know when no more may be guessed.
 *
 * Layer: ipc.  Used by the sealed worker: memcpy only.
 */
#ifndef IPC_TAPE_H
#define IPC_TAPE_H

#include <stdbool.h>

#include "ipc/bytes.h"
#include "policy/status.h"

/* Bytes of a tape that may be added to; a wrong guess's answer is added whatever its size. */
#define TAPE_BYTES 4096
/* Bytes of an answer that may be guessed. */
#define TAPE_GUESS_BYTES 47

#define TAPE_ENTRY_BYTES 20 /* and those of the answer */

typedef struct {
  uint32_t posts; /* since the entry before */
  uint32_t kind;  /* REPLY_DATA or REPLY_REFUSED */
  uint64_t call;  /* digest of the words */
  ByteView bytes;
} TapeEntry;

/* Takes a word into the digest of a call, which begins as 0.  It tells calls apart that a run makes by
 * mistake, not those that somebody made up to be alike. */
uint64_t ipc_tape_digest(uint64_t digest, ByteView word);

/* Counts an entry with an answer of `size` bytes; false: there is no room for it. */
bool ipc_tape_count(size_t *used, size_t size);

void ipc_tape_put(ByteWriter *writer, const TapeEntry *entry);

/* Takes the entry at the front of `*tape`.  ST_NOT_FOUND: there is none; ST_TRUNCATED. */
IPC_MUST_CHECK Status ipc_tape_next(ByteView *tape, TapeEntry *ret_entry);

#endif
