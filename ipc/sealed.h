/* SPDX-License-Identifier: BSD-2-Clause */
/* sealed - the worker's end of the two pipes.
 *
 * Uses nothing but the calls of ipc/io.h and memory that was mapped before the
 * seal.  Both pipe ends may be blocking or non-blocking; only a non-blocking
 * read end can spin.  A wait is: read; on EAGAIN yield and read again, at most
 * `spin_rounds` times (a worker has no clock, so the bound is a count; a round
 * costs a quarter of a microsecond, or a turn of the other process on one core);
 * then ppoll.  With a ring, the wait for the next RUN may begin in the same way.
 *
 * Any failure is final: the worker should end with ipc_io_exit().
 *
 *   ipc_sealed_receive(&channel, &frame)            RUN or REPLY
 *   ipc_sealed_send(&channel, MESSAGE_LOG, &log)    encode and write a struct
 *   ipc_sealed_body(&channel) ... ipc_sealed_flush(&channel, MESSAGE_CALL, &w)
 *                                                   stream the body in place
 *
 * It may have two memories for each direction: a small one, which lies with what else every run
 * touches, and a large one for the frame that does not fit.  Each direction changes over on its own,
 * and goes back when the owner says so.
 *
 * Layer: ipc, linked into the worker only.
 */
#ifndef IPC_SEALED_H
#define IPC_SEALED_H

#include "ipc/frame.h"
#include "ipc/ring.h"

typedef struct {
  uint8_t *data;
  size_t size;
} SealedMemory;

typedef struct {
  int read_fd;  /* 0 in a worker */
  int write_fd; /* 1 in a worker */
  uint32_t spin_rounds;
  bool is_apart;   /* on a processor of its own: waits for a ring awake, also between runs */
  Protocol protocol;
  FrameBuffer in;
  uint8_t *out;        /* frames that wait, then header and body of the one being made */
  size_t out_capacity; /* at least FRAME_HEADER_BYTES + the largest body to send */
  size_t waiting;      /* bytes of the frames that wait: ipc_sealed_queue() */
  SealedMemory small_in, small_out;
  SealedMemory large_in, large_out; /* size 0: there is none */
  RingPair *rings;     /* NULL: pipes only */
  bool is_by_ring;     /* so the last RUN wanted it */
  bool is_unsettled;   /* ... and the one before did not want pipes: a bell may still come */
  RingWriter ring_out;
  RingReader ring_in;
  uint8_t *ring_frame; /* RING_BYTES, behind which the frame that came by ring lies */
} SealedChannel;

/* Starts a worker's end over memory of the caller's.  `in` bounds the largest
 * RUN and REPLY, `out` the largest CALL and RESULT, unless there is more:
 * ipc_sealed_use_large(). */
void ipc_sealed_init(SealedChannel *channel, uint8_t *in, size_t in_size, uint8_t *out,
                     size_t out_size);

/* Gives the channel larger memory, for what does not fit into that which it was started with. */
void ipc_sealed_use_large(SealedChannel *channel, SealedMemory in, SealedMemory out);

/* Whether the large memory is in use.  What lies in the small one is then nobody's. */
static inline bool ipc_sealed_is_wide_in(const SealedChannel *channel) {
  return channel->in.data != channel->small_in.data;
}
static inline bool ipc_sealed_is_wide_out(const SealedChannel *channel) {
  return channel->out != channel->small_out.data;
}

/* Between runs: goes back to the small memory.  Invalidates the last frame received. */
void ipc_sealed_narrow(SealedChannel *channel);

/* Makes room for a message that did not fit behind the frames that wait: by the large memory, or by
 * sending them.  ST_NO_ROOM: there is no more to be had. */
IPC_MUST_CHECK Status ipc_sealed_make_room(SealedChannel *channel);

/* Gives the channel shared memory, and RING_BYTES of its own for a frame out of it. */
void ipc_sealed_use_ring(SealedChannel *channel, RingPair *rings, uint8_t *frame);

/* A RUN came: its frames, and the next RUN, go by ring, or by pipe alone. */
void ipc_sealed_begin(SealedChannel *channel, bool is_by_ring);

/* Waits for the next frame, without end.  ST_CLOSED: the supervisor went away. */
IPC_MUST_CHECK Status ipc_sealed_receive(SealedChannel *channel, Frame *ret_frame);

/* Encodes a message struct and writes the frame.  ST_NO_ROOM: it does not fit
 * the buffer or the cap; nothing was written and another may be sent instead. */
IPC_MUST_CHECK Status ipc_sealed_send(SealedChannel *channel, MessageType type,
                                      const void *message);

/* A writer over the body of the next frame, for streaming. */
ByteWriter ipc_sealed_body(SealedChannel *channel);

/* Sends what `body` holds, and before it what waits.  Same failures as ipc_sealed_send(). */
IPC_MUST_CHECK Status ipc_sealed_flush(SealedChannel *channel, MessageType type,
                                       const ByteWriter *body);

/* Makes a frame of what `body` holds, to go out with the next one that is sent.  Same
 * failures; where rings are in use it goes out at once. */
IPC_MUST_CHECK Status ipc_sealed_queue(SealedChannel *channel, MessageType type,
                                       const ByteWriter *body);

/* Sends the frames that wait. */
IPC_MUST_CHECK Status ipc_sealed_push(SealedChannel *channel);

/* Bytes of the buffer for outgoing frames that are spoken for. */
static inline size_t ipc_sealed_waiting(const SealedChannel *channel) {
  return channel->waiting;
}

#endif
