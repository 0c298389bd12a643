/* SPDX-License-Identifier: BSD-2-Clause */
/* sealed - see sealed.h. */
#include "ipc/sealed.h"

#include <errno.h>
#include <string.h>

#include "ipc/io.h"

void ipc_sealed_init(SealedChannel *channel, uint8_t *in, size_t in_size, uint8_t *out,
                     size_t out_size) {
  ipc_bytes_require(out_size >= FRAME_HEADER_BYTES);
  *channel = (SealedChannel){.read_fd = 0,
                             .write_fd = 1,
                             .out = out,
                             .out_capacity = out_size,
                             .small_in = {in, in_size},
                             .small_out = {out, out_size}};
  ipc_protocol_init(&channel->protocol, WIRE_WORKER);
  ipc_frame_init(&channel->in, in, in_size);
}

void ipc_sealed_use_ring(SealedChannel *channel, RingPair *rings, uint8_t *frame) {
  channel->rings = rings;
  channel->ring_frame = frame;
  channel->ring_out = (RingWriter){.ring = &rings->to_supervisor};
  channel->ring_in = (RingReader){.ring = &rings->to_worker};
}

/* --- The large memory --- */

void ipc_sealed_use_large(SealedChannel *channel, SealedMemory in, SealedMemory out) {
  ipc_bytes_require(in.size >= channel->small_in.size && out.size >= channel->small_out.size);
  channel->large_in = in;
  channel->large_out = out;
}

/* Bytes of a frame that has begun stay where they are. */
void ipc_sealed_narrow(SealedChannel *channel) {
  if (ipc_sealed_is_wide_in(channel) && !ipc_frame_is_partial(&channel->in))
    ipc_frame_init(&channel->in, channel->small_in.data, channel->small_in.size);
  if (channel->waiting != 0) return;
  channel->out = channel->small_out.data;
  channel->out_capacity = channel->small_out.size;
}

static Status widen_in(SealedChannel *channel) {
  if (channel->large_in.size == 0 || ipc_sealed_is_wide_in(channel)) return ST_NO_ROOM;
  ipc_frame_move(&channel->in, channel->large_in.data, channel->large_in.size);
  return ST_OK;
}

static Status widen_out(SealedChannel *channel) {
  if (channel->large_out.size == 0 || ipc_sealed_is_wide_out(channel)) return ST_NO_ROOM;
  memcpy(channel->large_out.data, channel->out, channel->waiting);
  channel->out = channel->large_out.data;
  channel->out_capacity = channel->large_out.size;
  return ST_OK;
}

Status ipc_sealed_make_room(SealedChannel *channel) {
  if (widen_out(channel) == ST_OK) return ST_OK;
  return channel->waiting == 0 ? ST_NO_ROOM : ipc_sealed_push(channel);
}

/* --- Receiving --- */

/* Spinning pays only while the other side is at work on an answer. */
static uint32_t spins_allowed(const SealedChannel *channel) {
  return channel->protocol.state == WIRE_CALLING ? channel->spin_rounds : 0;
}

/* Reads at least one byte.  Between runs nothing is there yet, unless the ring has told of it: a look
 * first would be in vain. */
static Status read_some(SealedChannel *channel, uint32_t spins) {
  size_t size;
  uint8_t *to = ipc_frame_room(&channel->in, &size);
  if (channel->protocol.state == WIRE_IDLE && !channel->is_by_ring) ipc_io_wait(channel->read_fd, POLLIN);
  for (;;) {
    long got = ipc_io_read(channel->read_fd, to, size);
    if (got > 0) {
      ipc_frame_filled(&channel->in, (size_t)got);
      return ST_OK;
    }
    if (got == 0) return ipc_frame_is_partial(&channel->in) ? ST_TRUNCATED : ST_CLOSED;
    if (got == -EINTR) continue;
    if (got != -EAGAIN) return ST_IO;
    if (spins != 0) {
      spins--;
      ipc_io_yield();
    } else {
      ipc_io_wait(channel->read_fd, POLLIN);
    }
  }
}

/* The run before was by ring, this one is not: a bell of that one may lie before the first frame of
 * this one.  It was announced before it was written, so that who has read the byte finds the record. */
static Status settle(SealedChannel *channel) {
  uint32_t size;
  while (channel->is_unsettled) {
    Status status = ipc_frame_is_partial(&channel->in) ? ST_OK : read_some(channel, spins_allowed(channel));
    if (status != ST_OK) return status;
    if (ipc_ring_next(&channel->ring_in, &size) != ST_WOULD_BLOCK) return ST_PROTOCOL;
    (void)ipc_frame_drop(&channel->in, &channel->ring_in.bells);
    channel->is_unsettled = !ipc_frame_is_partial(&channel->in);
  }
  return ST_OK;
}

static Status receive_by_pipe(SealedChannel *channel, Frame *ret_frame) {
  Status settled = settle(channel);
  if (settled != ST_OK) return settled;
  for (;;) {
    Status status = ipc_frame_take(&channel->in, &channel->protocol, ret_frame);
    if (status == ST_NO_ROOM) status = widen_in(channel);
    else if (status == ST_WOULD_BLOCK) status = read_some(channel, spins_allowed(channel));
    else return status;
    if (status != ST_OK) return status;
  }
}

/* Drops the bytes that only woke us, waiting for those on their way. */
static Status drop_bells(SealedChannel *channel) {
  while (!ipc_frame_drop(&channel->in, &channel->ring_in.bells)) {
    Status status = read_some(channel, 0);
    if (status != ST_OK) return status;
  }
  return ST_OK;
}

/* Looks for the next run.  A client that waits for this processor, to send that run, gets it. */
static bool linger(const RingReader *reader) {
  for (int round = 0; round < RING_LINGER_ROUNDS; round++) {
    if (ipc_ring_look(reader, RING_LINGER_LOOKS)) return true;
    ipc_io_yield();
  }
  return false;
}

/* Looks for a while, where that may pay, and says whether there is news. */
static bool look(const SealedChannel *channel) {
  const RingReader *reader = &channel->ring_in;
  if (channel->protocol.state == WIRE_IDLE) return channel->is_apart && linger(reader);
  for (uint32_t spins = channel->spin_rounds; spins != 0; spins--) {
    if (ipc_ring_look(reader, channel->is_apart ? RING_LOOKS : 1)) return true;
    ipc_io_yield();
  }
  return false;
}

/* Waits until something is in the ring, or the pipe has woken us. */
static Status await_news(SealedChannel *channel) {
  if (look(channel)) return ST_OK;
  if (!ipc_ring_doze(&channel->ring_in)) return ST_OK;
  ipc_io_wait(channel->read_fd, POLLIN);
  ipc_ring_wake(&channel->ring_in);
  return ipc_ring_has_news(&channel->ring_in) ? ST_OK : read_some(channel, 0);
}

/* Takes the next frame.  ST_WOULD_BLOCK: there is none. */
static Status take_by_ring(SealedChannel *channel, Frame *ret_frame) {
  uint32_t size;
  Status status = ipc_ring_next(&channel->ring_in, &size);
  if (status != ST_OK) return status;
  if (size != 0) {
    ipc_ring_fetch(&channel->ring_in, channel->ring_frame, size);
    return ipc_frame_parse(&channel->protocol, channel->ring_frame, size, ret_frame);
  }
  status = drop_bells(channel);
  if (status == ST_OK) status = receive_by_pipe(channel, ret_frame);
  ipc_ring_taken_from_pipe(&channel->ring_in);
  return status;
}

static Status receive_by_ring(SealedChannel *channel, Frame *ret_frame) {
  for (;;) {
    Status status = take_by_ring(channel, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    status = await_news(channel);
    if (status != ST_OK) return status;
  }
}

/* All that the supervisor sent in the run before has been taken, but for bells: what it gave
 * up, it uses again. */
static Status receive_run(SealedChannel *channel, Frame *ret_frame) {
  ipc_ring_renew_reader(&channel->ring_in);
  ipc_ring_wake(&channel->ring_in);
  return receive_by_ring(channel, ret_frame);
}

void ipc_sealed_begin(SealedChannel *channel, bool is_by_ring) {
  if (channel->rings == NULL) return;
  /* This RUN may have come with the words that all further frames come by pipe. */
  if (!channel->is_by_ring || !is_by_ring) ipc_ring_renew_reader(&channel->ring_in);
  ipc_ring_renew_writer(&channel->ring_out);
  channel->is_unsettled = channel->is_by_ring && !is_by_ring;
  channel->is_by_ring = is_by_ring;
  if (is_by_ring) ipc_ring_wake(&channel->ring_in);
}

Status ipc_sealed_receive(SealedChannel *channel, Frame *ret_frame) {
  if (!channel->is_by_ring) return receive_by_pipe(channel, ret_frame);
  if (channel->protocol.state == WIRE_IDLE) return receive_run(channel, ret_frame);
  return receive_by_ring(channel, ret_frame);
}

/* --- Sending --- */

/* A frame may exceed the pipe; the write blocks or is repeated until all of it
 * has gone. */
static Status write_all(int fd, const uint8_t *from, size_t size) {
  while (size != 0) {
    long put = ipc_io_write(fd, from, size);
    if (put > 0) {
      from += put;
      size -= (size_t)put;
    } else if (put == -EAGAIN) {
      ipc_io_wait(fd, POLLOUT);
    } else if (put != -EINTR) {
      return put == -EPIPE ? ST_CLOSED : ST_IO;
    }
  }
  return ST_OK;
}

/* Sends the frame of `size` bytes behind those that wait, and these with it. */
static Status deliver(SealedChannel *channel, size_t size) {
  static const uint8_t bell;
  size_t all = channel->waiting + size;
  channel->waiting = 0;
  /* After an ending the worker may end, too: until it says otherwise it looks at nothing. */
  if (channel->is_by_ring && channel->protocol.state == WIRE_IDLE) ipc_ring_leave(&channel->ring_in);
  RingPut put = channel->is_by_ring ? ipc_ring_put(&channel->ring_out, channel->out, size) : RING_USE_PIPE;
  if (put == RING_PUT) return ST_OK;
  bool is_bell = put == RING_PUT_AND_ASLEEP;
  return write_all(channel->write_fd, is_bell ? &bell : channel->out, is_bell ? 1 : all);
}

static uint8_t *next_frame(const SealedChannel *channel) {
  return channel->out + channel->waiting;
}

ByteWriter ipc_sealed_body(SealedChannel *channel) {
  size_t room = channel->out_capacity - channel->waiting;
  if (room < FRAME_HEADER_BYTES) return ipc_bytes_writer(next_frame(channel), 0);
  return ipc_bytes_writer(next_frame(channel) + FRAME_HEADER_BYTES, room - FRAME_HEADER_BYTES);
}

/* Puts the header in front of a body that is complete. */
static Status head(SealedChannel *channel, MessageType type, const ByteWriter *body) {
  FrameHeader header;
  if (!ipc_bytes_fits(body) || channel->out_capacity - channel->waiting < FRAME_HEADER_BYTES) return ST_NO_ROOM;
  Status status = ipc_protocol_send(&channel->protocol, type, body->used, &header);
  if (status == ST_OK) ipc_frame_store(next_frame(channel), &header);
  return status;
}

Status ipc_sealed_flush(SealedChannel *channel, MessageType type, const ByteWriter *body) {
  Status status = head(channel, type, body);
  return status == ST_OK ? deliver(channel, FRAME_HEADER_BYTES + body->used) : status;
}

Status ipc_sealed_queue(SealedChannel *channel, MessageType type, const ByteWriter *body) {
  if (channel->is_by_ring) return ipc_sealed_flush(channel, type, body);
  Status status = head(channel, type, body);
  if (status == ST_OK) channel->waiting += FRAME_HEADER_BYTES + body->used;
  return status;
}

Status ipc_sealed_push(SealedChannel *channel) {
  return channel->waiting == 0 ? ST_OK : deliver(channel, 0);
}

Status ipc_sealed_send(SealedChannel *channel, MessageType type, const void *message) {
  for (;;) {
    ByteWriter body = ipc_sealed_body(channel);
    Status status = ipc_message_encode(type, message, &body);
    if (status == ST_OK) return ipc_sealed_flush(channel, type, &body);
    if (status == ST_NO_ROOM) status = ipc_sealed_make_room(channel);
    if (status != ST_OK) return status;
  }
}
