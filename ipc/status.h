/* SPDX-License-Identifier: BSD-2-Clause */
/* status - how an operation on the wire ended.
 *
 * One enum for all of ipc/.  IPC_AGAIN is not a failure.  The difference that
 * matters to a caller is whom to blame: ipc_status_is_violation() says that the
 * peer broke the protocol (kill it), the others are the local system's.
 *
 * Layer: ipc.  Used by the sealed worker: no allocation, no system call.
 */
#ifndef IPC_STATUS_H
#define IPC_STATUS_H

#include <stdbool.h>

typedef enum {
  IPC_OK = 0,
  IPC_AGAIN,         /* incomplete: more bytes are needed */
  IPC_TIMEOUT,       /* the deadline passed */
  IPC_CLOSED,        /* the peer closed its end between two frames */
  IPC_IO,            /* a system call failed; nobody's protocol is at fault */
  IPC_NO_MEMORY,     /* a buffer could not be had */
  IPC_NO_SPACE,      /* what was to be written does not fit its buffer or cap */
  IPC_TRUNCATED,     /* violation: the bytes end inside a frame or a field */
  IPC_BAD_HEADER,    /* violation: version, type, generation or sequence */
  IPC_BAD_STATE,     /* violation: not this sender's turn to say that */
  IPC_TOO_BIG,       /* violation: above a size or count cap */
  IPC_TOO_DEEP,      /* violation: nested deeper than the cap */
  IPC_MALFORMED,     /* violation: not the canonical encoding of this message */
  IPC_OUT_OF_RANGE,  /* violation: a value outside its field's range */
  IPC_STATUS_COUNT_
} IpcStatus;

#define IPC_MUST_CHECK __attribute__((warn_unused_result))

/* Says whether the peer broke the protocol. */
static inline bool ipc_status_is_violation(IpcStatus status) {
  return status >= IPC_TRUNCATED && status < IPC_STATUS_COUNT_;
}

/* Returns a short English name for logs, never NULL. */
const char *ipc_status_text(IpcStatus status);

#endif
