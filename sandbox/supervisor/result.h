/* SPDX-License-Identifier: BSD-2-Clause */
/* result - what fsb_run() hands out: the outcome in memory of its own.
 *
 * Made once the run is over; a copy, since the session's views borrow from the
 * worker's last frame.  Rendering as RESP happens on demand.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_RESULT_H
#define SANDBOX_SUPERVISOR_RESULT_H

#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/outcome.h"
#include "sandbox/supervisor/sha1.h"

struct FsbResult {
  Code code;
  char *error; /* heap; the error line, NULL when the code is OK */
  size_t error_size;
  char chunk[OUTCOME_CHUNK_BYTES];
  int64_t line;
  uint8_t *tokens; /* heap; checked */
  size_t token_size;
  char *report; /* heap */
  size_t report_size;
  char *rendered[2]; /* heap; as RESP2 and RESP3 once asked for */
  size_t rendered_size[2];
  char sha1[SHA1_HEX_BYTES]; /* empty for a function */
  char *name;                /* heap; of a function, else NULL */
  FsbUsage usage;
};

/* Makes a result with nothing in it but the digest of `source`.  Never NULL:
 * without memory it is a constant one that says so. */
FsbResult *supervisor_result_new(ByteView source);

/* The same when the digest is known. */
FsbResult *supervisor_result_new_known(ByteView source, const char *sha1);

/* The same for a call of a function. */
FsbResult *supervisor_result_new_function(ByteView name);

/* Says whether it is the constant one, which must not be written. */
bool supervisor_result_is_constant(const FsbResult *result);

/* Fills in how the run ended. */
void supervisor_result_set(FsbResult *result, const Outcome *outcome);

/* The same for endings without a session: a code and a detail. */
void supervisor_result_fail(FsbResult *result, Code code, const char *detail);

#endif
