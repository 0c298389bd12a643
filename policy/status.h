/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h - how functions outside the language report failure.
 *
 * policy, ipc, sandbox and tools return a Status; ST_OK is 0.  Tenants never
 * see one: the door turns it into a Code (codes.h).  Functions that return a
 * Status carry warn_unused_result.
 *
 * Layer: policy.
 */
#ifndef POLICY_STATUS_H
#define POLICY_STATUS_H

typedef enum {
#define STATUS(name, text) ST_##name,
#include "policy/status.def"
#undef STATUS
  ST_COUNT_
} Status;

/* Returns the phrase of a status, for logs. */
const char *policy_status_text(Status status);

/* Returns the status that an errno value amounts to; never ST_OK. */
Status policy_status_from_errno(int error);

#endif
