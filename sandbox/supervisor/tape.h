/* SPDX-License-Identifier: BSD-2-Clause */
/* tape - what a run's calls were answered, for the case that it must be played again.  See ipc/tape.h.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_TAPE_H
#define SANDBOX_SUPERVISOR_TAPE_H

#include "ipc/message.h"
#include "ipc/tape.h"

typedef struct {
  uint8_t *data; /* heap; NULL until there is an entry */
  size_t size;
  size_t capacity;
  size_t counted; /* as the worker counts */
  uint32_t posts; /* since the last entry */
} Tape;

/* Notes a post, whose answer nobody looks at. */
static inline void supervisor_tape_post(Tape *tape) {
  tape->posts++;
}

/* Adds the answer to a call.  ST_NO_ROOM: the tape is full, no more may be guessed; ST_NO_MEMORY. */
IPC_MUST_CHECK Status supervisor_tape_add(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer);

/* The same for one that was guessed wrong, which is the last and always has room. */
IPC_MUST_CHECK Status supervisor_tape_end(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer);

void supervisor_tape_free(Tape *tape);

#endif
