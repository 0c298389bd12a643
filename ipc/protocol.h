/* SPDX-License-Identifier: BSD-2-Clause */
/* protocol - who may say what, when: the state of one supervisor-worker pair.
 *
 * Both ends run the same machine over the table proto/messages.def.  It does no
 * I/O.  Sending makes the header and advances; receiving judges a header first
 * (`check`, before the body is read) and advances when the frame is whole
 * (`accept`).  After a violation the state is BROKEN and nothing is permitted
 * any more.
 *
 *   STARTING --HELLO--> IDLE --RUN--> RUNNING --CALL--> CALLING
 *                         ^            |  ^  '-LOG-'       |
 *                         '--endings---'  '-----REPLY------'
 *
 * Generation: 0 until the first RUN; each RUN carries its predecessor's plus
 * one, everything after it the same.  Sequence: from 0, per direction, within a
 * generation.
 *
 * Layer: ipc.  Used by the sealed worker: no allocation, no system call.
 */
#ifndef IPC_PROTOCOL_H
#define IPC_PROTOCOL_H

#include "ipc/message.h"

#define FRAME_HEADER_BYTES 16
#define FRAME_VERSION 1

typedef struct {
  uint32_t length; /* of the body */
  uint16_t version;
  uint16_t type;
  uint32_t generation;
  uint32_t sequence;
} FrameHeader;

typedef enum { WIRE_SUPERVISOR, WIRE_WORKER } WireRole;

typedef enum {
  WIRE_STARTING,
  WIRE_IDLE,
  WIRE_RUNNING,
  WIRE_CALLING,
  WIRE_BROKEN,
  WIRE_STATE_COUNT_
} WireState;

typedef struct {
  WireRole role; /* whose end this is */
  WireState state;
  uint32_t generation;
  uint32_t sent;                           /* sequence of the next frame to send */
  uint32_t received;                       /* sequence of the next frame to receive */
  uint32_t max_bytes[MESSAGE_TYPE_LIMIT_]; /* cap of each type's body */
} Protocol;

/* Starts at STARTING with the caps of messages.def. */
void ipc_protocol_init(Protocol *protocol, WireRole role);

/* Lowers (never raises above messages.def) the cap of a type, for instance to a
 * tenant's reply_bytes plus some slack. */
void ipc_protocol_set_cap(Protocol *protocol, MessageType type, uint64_t max_bytes);

/* Makes the header of a frame that this end sends now, and advances.
 * ST_STATE when it is not its turn, ST_NO_ROOM above the cap: both leave
 * the state as it was. */
IPC_MUST_CHECK Status ipc_protocol_send(Protocol *protocol, MessageType type, size_t length,
                                        FrameHeader *ret_header);

/* Judges a header that has arrived; a violation breaks the protocol for good. */
IPC_MUST_CHECK Status ipc_protocol_check(Protocol *protocol, const FrameHeader *header);

/* Advances over a frame whose header was checked. */
void ipc_protocol_accept(Protocol *protocol, const FrameHeader *header);

/* Marks the protocol as broken, for a receiver whose own checks failed. */
static inline void ipc_protocol_break(Protocol *protocol) {
  protocol->state = WIRE_BROKEN;
}

/* Says whether the failure of a receive is the peer's: it broke the protocol.
 * The other failures are the local system's. */
static inline bool ipc_protocol_is_violation(Status status) {
  return status == ST_PROTOCOL || status == ST_STATE || status == ST_TOO_LARGE ||
         status == ST_INVALID || status == ST_RANGE || status == ST_TRUNCATED;
}

const char *ipc_protocol_state_name(WireState state);

#endif
