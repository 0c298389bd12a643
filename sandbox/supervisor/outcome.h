/* SPDX-License-Identifier: BSD-2-Clause */
/* outcome - how a run ended, and the error line that says so.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_OUTCOME_H
#define SANDBOX_SUPERVISOR_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/bytes.h"
#include "policy/codes.h"

/* The views borrow from the worker's last frame, or point to static text. */
typedef struct {
  Code code;
  uint64_t limit;  /* what was exceeded, in the limit's unit */
  ByteView text;   /* the script's or compiler's message; for other codes the detail */
  ByteView source; /* chunk name as Lua has it, "@user_script"; may be empty */
  int64_t line;    /* 0 or less: not known */
  bool has_place;  /* the text says where, even if only that it is not known */
  ByteView report; /* of a limit: where the script stood */
  ByteView tokens; /* CODE_OK: the value */
  bool wrote;
  bool is_library; /* of loading a library: its errors are worded so */
  bool is_unnamed; /* Valkey does not say which script it was */
} Outcome;

#define OUTCOME_CHUNK_BYTES 64

/* Writes the chunk's name for people: without the mark '@' or '=', cut at a line
 * end or NUL.  Terminates it; returns its length. */
size_t supervisor_outcome_chunk(const Outcome *outcome, char ret_chunk[OUTCOME_CHUNK_BYTES]);

/* Makes the error line of an outcome that is not CODE_OK, "CODE text" without
 * '-' and line end, as Redis words it.  `name` names the script by its SHA1, a function by its name.  Returns memory
 * for free(), NULL when there is none. */
char *supervisor_outcome_text(const Outcome *outcome, const char *name, size_t *ret_size);

#endif
