/* SPDX-License-Identifier: BSD-2-Clause */
/* frame - one message on a pipe: a 16-byte header and a body.
 *
 * Header, little-endian: u32 length of the body, u16 version, u16 type,
 * u32 generation, u32 sequence.  The generation is the number of the run (0
 * before the first), the sequence counts the frames of one direction within a
 * generation; together they make a leftover of an earlier run, a replay or a
 * duplicate visible (ipc/protocol.h checks them).
 *
 * A FrameBuffer gathers bytes until a frame is whole.  It does no I/O: the
 * owner reads into ipc_frame_room(), says ipc_frame_filled(), and asks
 * ipc_frame_take().  A header is judged as soon as it is there, before any
 * byte of the body is waited for or any memory got for it.
 *
 * Layer: ipc.  Used by the sealed worker: no allocation, no system call.
 */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "ipc/message.h"
#include "ipc/protocol.h"

typedef struct {
  MessageType type;
  uint32_t generation;
  ByteView body; /* borrowed from the buffer until the next take */
} Frame;

/* Bytes [start, end) have arrived and are not yet taken. */
typedef struct {
  uint8_t *data;
  size_t capacity; /* at least FRAME_HEADER_BYTES */
  size_t start;
  size_t end;
  size_t wanted; /* size of the frame at start, header included; 0: not known yet */
} FrameBuffer;

void ipc_frame_store(uint8_t to[FRAME_HEADER_BYTES], const FrameHeader *header);
FrameHeader ipc_frame_load(const uint8_t from[FRAME_HEADER_BYTES]);

/* Starts an empty buffer over memory of the caller's. */
void ipc_frame_init(FrameBuffer *buffer, uint8_t *data, size_t capacity);

/* Takes the next whole frame and advances `protocol`.
 * ST_WOULD_BLOCK: read more.  ST_NO_ROOM: permitted, but larger than the buffer:
 * the owner may give it a larger one (ipc_frame_move) up to `wanted`.
 * Any violation: the channel is dead. */
IPC_MUST_CHECK Status ipc_frame_take(FrameBuffer *buffer, Protocol *protocol, Frame *ret_frame);

/* Judges the bytes of exactly one frame and advances `protocol`; the frame borrows them. */
IPC_MUST_CHECK Status ipc_frame_parse(Protocol *protocol, const uint8_t *bytes, size_t size,
                                      Frame *ret_frame);

/* Drops up to `*count` bytes at the front, which belong to no frame, and counts them down;
 * says whether none is left to come. */
bool ipc_frame_drop(FrameBuffer *buffer, uint32_t *count);

/* Where the next bytes go; moves what is there to the front when the rest of
 * the frame would not fit behind it.  Invalidates the last frame taken. */
uint8_t *ipc_frame_room(FrameBuffer *buffer, size_t *ret_size);

/* Says that `size` bytes were put there. */
void ipc_frame_filled(FrameBuffer *buffer, size_t size);

/* Carries the content over to a larger memory. */
void ipc_frame_move(FrameBuffer *buffer, uint8_t *data, size_t capacity);

/* Says whether bytes of an unfinished frame are waiting: an end of file now is
 * a truncation. */
static inline bool ipc_frame_is_partial(const FrameBuffer *buffer) {
  return buffer->end != buffer->start;
}

#endif
