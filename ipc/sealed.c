/* SPDX-License-Identifier: BSD-2-Clause */
/* sealed - see sealed.h. */
#include "ipc/sealed.h"

#include <errno.h>

#include "ipc/io.h"

void ipc_sealed_init(SealedChannel *channel, uint8_t *in, size_t in_size, uint8_t *out,
                     size_t out_size) {
  ipc_bytes_require(out_size >= FRAME_HEADER_BYTES);
  *channel = (SealedChannel){.read_fd = 0, .write_fd = 1, .out = out, .out_capacity = out_size};
  ipc_protocol_init(&channel->protocol, WIRE_WORKER);
  ipc_frame_init(&channel->in, in, in_size);
}

/* --- Receiving --- */

/* Spinning pays only while the other side is at work on an answer. */
static uint32_t spins_allowed(const SealedChannel *channel) {
  return channel->protocol.state == WIRE_CALLING ? channel->spin_rounds : 0;
}

/* Reads at least one byte. */
static Status read_some(SealedChannel *channel, uint32_t spins) {
  size_t size;
  uint8_t *to = ipc_frame_room(&channel->in, &size);
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

Status ipc_sealed_receive(SealedChannel *channel, Frame *ret_frame) {
  for (;;) {
    Status status = ipc_frame_take(&channel->in, &channel->protocol, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    status = read_some(channel, spins_allowed(channel));
    if (status != ST_OK) return status;
  }
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

ByteWriter ipc_sealed_body(SealedChannel *channel) {
  return ipc_bytes_writer(channel->out + FRAME_HEADER_BYTES,
                          channel->out_capacity - FRAME_HEADER_BYTES);
}

Status ipc_sealed_flush(SealedChannel *channel, MessageType type, const ByteWriter *body) {
  if (!ipc_bytes_fits(body)) return ST_NO_ROOM;
  FrameHeader header;
  Status status = ipc_protocol_send(&channel->protocol, type, body->used, &header);
  if (status != ST_OK) return status;
  ipc_frame_store(channel->out, &header);
  return write_all(channel->write_fd, channel->out, FRAME_HEADER_BYTES + body->used);
}

Status ipc_sealed_send(SealedChannel *channel, MessageType type, const void *message) {
  ByteWriter body = ipc_sealed_body(channel);
  Status status = ipc_message_encode(type, message, &body);
  if (status != ST_OK) return status;
  return ipc_sealed_flush(channel, type, &body);
}
