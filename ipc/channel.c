/* SPDX-License-Identifier: BSD-2-Clause */
/* channel - see channel.h. */
#include "ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ipc/deadline.h"

/* Buffers start small and large frames grow them; what one read may bring in
 * bounds the work of one turn of an event loop. */
#define BUFFER_START 1024 /* each worker has its own: most need no more */
#define BUFFER_KEPT 4096  /* between runs, once more was needed */
#define READ_LIMIT UINT32_C(65536)

/* `put` of a frame that went by ring: whether it was read cannot be known. */
#define PUT_IN_RING SIZE_MAX

/* --- Life --- */

static Status prepare_fd(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return ST_IO;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? ST_IO : ST_OK;
}

static Status prepare(Channel *channel) {
  Status status = prepare_fd(channel->read_fd);
  if (status == ST_OK) status = prepare_fd(channel->write_fd);
  if (status != ST_OK) return status;
  uint8_t *in = malloc(BUFFER_START);
  channel->out = malloc(BUFFER_START);
  channel->out_capacity = BUFFER_START;
  if (in != NULL) ipc_frame_init(&channel->in, in, BUFFER_START);
  return in != NULL && channel->out != NULL ? ST_OK : ST_NO_MEMORY;
}

Status ipc_channel_open(Channel *channel, int read_fd, int write_fd) {
  *channel = (Channel){.read_fd = read_fd, .write_fd = write_fd};
  ipc_protocol_init(&channel->protocol, WIRE_SUPERVISOR);
  Status status = prepare(channel);
  if (status != ST_OK) ipc_channel_close(channel);
  return status;
}

void ipc_channel_close(Channel *channel) {
  if (channel->read_fd >= 0) close(channel->read_fd);
  if (channel->write_fd >= 0) close(channel->write_fd);
  free(channel->in.data);
  free(channel->out);
  free(channel->ring_frame);
  *channel = (Channel){.read_fd = -1, .write_fd = -1};
  ipc_protocol_break(&channel->protocol);
}

Status ipc_channel_use_ring(Channel *channel, RingPair *rings) {
  channel->ring_frame = malloc(BUFFER_START);
  if (channel->ring_frame == NULL) return ST_NO_MEMORY;
  channel->ring_frame_capacity = BUFFER_START;
  channel->ring_out = (RingWriter){.ring = &rings->to_worker};
  channel->ring_in = (RingReader){.ring = &rings->to_supervisor};
  return ST_OK;
}

uint64_t ipc_channel_now(void) {
  return ipc_deadline_now();
}

/* --- Receiving --- */

static Status move_to(FrameBuffer *buffer, size_t capacity) {
  uint8_t *data = malloc(capacity);
  if (data == NULL) return ST_NO_MEMORY;
  uint8_t *old = buffer->data;
  ipc_frame_move(buffer, data, capacity);
  free(old);
  return ST_OK;
}

/* Doubles at most, so that a frame has memory in proportion to what has come of
 * it, not to what its header claims. */
static Status grow(FrameBuffer *buffer) {
  size_t held = buffer->end - buffer->start;
  if (held < buffer->capacity) return ST_OK;
  size_t doubled = buffer->capacity * 2;
  size_t larger = doubled < buffer->wanted ? doubled : buffer->wanted;
  return move_to(buffer, larger > BUFFER_KEPT ? larger : BUFFER_KEPT);
}

/* Reads what is there, READ_LIMIT at most.  ST_WOULD_BLOCK: nothing. */
static Status read_some(Channel *channel) {
  size_t size;
  uint8_t *to = ipc_frame_room(&channel->in, &size);
  ssize_t got;
  do {
    got = read(channel->read_fd, to, size < READ_LIMIT ? size : READ_LIMIT);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    ipc_frame_filled(&channel->in, (size_t)got);
    return ST_OK;
  }
  if (got == 0) return ipc_frame_is_partial(&channel->in) ? ST_TRUNCATED : ST_CLOSED;
  return errno == EAGAIN ? ST_WOULD_BLOCK : ST_IO;
}

/* Takes the next frame from the buffer; ST_WOULD_BLOCK once there is room for
 * more bytes of it. */
static Status take_or_make_room(Channel *channel, Frame *ret_frame) {
  Status status = ipc_frame_take(&channel->in, &channel->protocol, ret_frame);
  if (status != ST_NO_ROOM) return status;
  status = grow(&channel->in);
  return status == ST_OK ? ST_WOULD_BLOCK : status;
}

/* The run before was by ring, this one is not: a bell of that one may lie before the first frame of
 * this one.  It was announced before it was written, so that who has read the byte finds the record. */
static Status settle(Channel *channel) {
  uint32_t size;
  Status status = ipc_frame_is_partial(&channel->in) ? ST_OK : read_some(channel);
  if (status != ST_OK) return status;
  if (ipc_ring_next(&channel->ring_in, &size) != ST_WOULD_BLOCK) return ST_PROTOCOL;
  (void)ipc_frame_drop(&channel->in, &channel->ring_in.bells);
  if (!ipc_frame_is_partial(&channel->in)) return ST_WOULD_BLOCK;
  channel->is_unsettled = false;
  return ST_OK;
}

static Status try_pipe(Channel *channel, Frame *ret_frame) {
  if (channel->is_unsettled) {
    Status settled = settle(channel);
    if (settled != ST_OK) return settled;
  }
  Status status = take_or_make_room(channel, ret_frame);
  if (status != ST_WOULD_BLOCK) return status;
  status = read_some(channel);
  if (status != ST_OK) return status;
  return take_or_make_room(channel, ret_frame);
}

/* --- The ring --- */

/* Only in a run do frames come by ring. */
static bool is_by_ring(const Channel *channel) {
  return channel->is_by_ring && channel->protocol.state == WIRE_RUNNING;
}

/* Drops the bytes that only woke us; ST_WOULD_BLOCK: one is still on its way. */
static Status drop_bells(Channel *channel) {
  while (!ipc_frame_drop(&channel->in, &channel->ring_in.bells)) {
    Status status = read_some(channel);
    if (status != ST_OK) return status;
  }
  return ST_OK;
}

static Status take_announced(Channel *channel, Frame *ret_frame) {
  Status status = drop_bells(channel);
  if (status == ST_OK) status = try_pipe(channel, ret_frame);
  if (status == ST_OK) ipc_ring_taken_from_pipe(&channel->ring_in);
  return status;
}

/* What came before is overwritten by what comes next anyway. */
static Status make_ring_room(Channel *channel, uint32_t size) {
  if (size <= channel->ring_frame_capacity) return ST_OK;
  uint8_t *larger = malloc(RING_BYTES);
  if (larger == NULL) return ST_NO_MEMORY;
  free(channel->ring_frame);
  channel->ring_frame = larger;
  channel->ring_frame_capacity = RING_BYTES;
  return ST_OK;
}

static Status try_ring(Channel *channel, Frame *ret_frame) {
  uint32_t size;
  Status status = ipc_ring_next(&channel->ring_in, &size);
  if (status != ST_OK) return status;
  if (size == 0) return take_announced(channel, ret_frame);
  status = make_ring_room(channel, size);
  if (status != ST_OK) return status;
  ipc_ring_fetch(&channel->ring_in, channel->ring_frame, size);
  return ipc_frame_parse(&channel->protocol, channel->ring_frame, size, ret_frame);
}

/* Nothing was in the ring, and yet something woke us: a bell whose record came since, an
 * end of file, or bytes that nothing announced. */
static Status look_at_pipe(Channel *channel, Frame *ret_frame) {
  Status status = read_some(channel);
  if (status != ST_OK) return status;
  status = try_ring(channel, ret_frame);
  if (status != ST_WOULD_BLOCK || channel->ring_in.pipe_next) return status;
  (void)ipc_frame_drop(&channel->in, &channel->ring_in.bells);
  return ipc_frame_is_partial(&channel->in) ? ST_PROTOCOL : ST_WOULD_BLOCK;
}

Status ipc_channel_try_receive(Channel *channel, Frame *ret_frame) {
  if (!is_by_ring(channel)) return try_pipe(channel, ret_frame);
  bool may_have_slept = channel->is_dozing;
  if (may_have_slept) ipc_ring_wake(&channel->ring_in);
  channel->is_dozing = false;
  Status status = try_ring(channel, ret_frame);
  if (status != ST_WOULD_BLOCK || !may_have_slept || channel->ring_in.pipe_next) return status;
  return look_at_pipe(channel, ret_frame);
}

bool ipc_channel_look(const Channel *channel) {
  return is_by_ring(channel) && ipc_ring_look(&channel->ring_in, channel->is_apart ? RING_LOOKS : 1);
}

bool ipc_channel_doze(Channel *channel) {
  if (!is_by_ring(channel) || channel->ring_in.pipe_next) return true;
  channel->is_dozing = ipc_ring_doze(&channel->ring_in);
  return channel->is_dozing;
}

/* Whether the pipe says nothing; a bell that is still on its way may come at any moment. */
static bool is_pipe_quiet(const Channel *channel) {
  struct pollfd poll_fd = {.fd = channel->read_fd, .events = POLLIN};
  if (ipc_frame_is_partial(&channel->in)) return false;
  if (poll(&poll_fd, 1, 0) == 0) return true;
  return channel->ring_in.bells != 0 && (poll_fd.revents & POLLHUP) == 0;
}

/* A bell's record comes before its byte, but either may come after our look: a byte that
 * nothing announces may be announced by now. */
static bool is_ring_quiet(Channel *channel) {
  RingReader *reader = &channel->ring_in;
  for (int looks = 0; looks < 3; looks++) {
    uint32_t size;
    /* Nothing follows the record that gives a ring up. */
    bool is_over = reader->is_given_up && !reader->pipe_next;
    if (!is_over && ipc_ring_next(reader, &size) != ST_WOULD_BLOCK) return false;
    Status status = drop_bells(channel);
    if (status != ST_OK && status != ST_WOULD_BLOCK) return false;
    if (is_pipe_quiet(channel)) return true;
  }
  return false;
}

bool ipc_channel_is_watched(const Channel *channel) {
  return channel->is_by_ring && channel->protocol.state == WIRE_IDLE &&
         ipc_ring_is_watched(&channel->ring_out) && !ipc_ring_has_news(&channel->ring_in) &&
         !ipc_frame_is_partial(&channel->in);
}

bool ipc_channel_is_at_rest(const Channel *channel) {
  return !channel->is_by_ring && channel->protocol.state == WIRE_IDLE && !ipc_frame_is_partial(&channel->in);
}

bool ipc_channel_is_quiet(Channel *channel) {
  if (channel->protocol.state != WIRE_IDLE) return false;
  return channel->is_by_ring ? is_ring_quiet(channel) : is_pipe_quiet(channel);
}

/* --- Waiting --- */

/* Waits until bytes were read. */
static Status read_waiting(Channel *channel, uint32_t *spins, uint64_t deadline) {
  for (;;) {
    Status status = read_some(channel);
    if (status != ST_WOULD_BLOCK) return status;
    if (*spins != 0) {
      --*spins;
      sched_yield();
      continue;
    }
    status = ipc_deadline_poll(channel->read_fd, POLLIN, deadline);
    if (status != ST_OK) return status;
  }
}

/* Waits for a frame, wherever it comes from. */
static Status receive_by_any(Channel *channel, uint64_t deadline, Frame *ret_frame) {
  for (uint32_t spins = channel->spin_rounds;; spins -= spins != 0) {
    Status status = ipc_channel_try_receive(channel, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    if (spins != 0) {
      if (!ipc_channel_look(channel)) sched_yield();
      continue;
    }
    if (ipc_deadline_is_over(deadline)) return ST_TIMED_OUT;
    if (!ipc_channel_doze(channel)) continue;
    status = ipc_deadline_poll(channel->read_fd, POLLIN, deadline);
    if (status != ST_OK) return status;
  }
}

Status ipc_channel_receive(Channel *channel, uint64_t deadline, Frame *ret_frame) {
  if (is_by_ring(channel) || channel->is_unsettled) return receive_by_any(channel, deadline, ret_frame);
  bool is_busy = channel->protocol.state == WIRE_RUNNING;
  uint32_t spins = is_busy ? channel->spin_rounds : 0;
  for (bool has_read = false;; has_read = true) {
    Status status = take_or_make_room(channel, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    /* Against a peer that trickles bytes, so that poll() never has to wait. */
    if (has_read && ipc_deadline_is_over(deadline)) return ST_TIMED_OUT;
    status = read_waiting(channel, &spins, deadline);
    if (status != ST_OK) return status;
  }
}

/* --- Sending --- */

static Status write_all(Channel *channel, const uint8_t *from, size_t size, uint64_t deadline) {
  int fd = channel->write_fd;
  for (channel->put = 0; channel->put < size;) {
    ssize_t put = write(fd, from + channel->put, size - channel->put);
    if (put > 0) {
      channel->put += (size_t)put;
    } else if (put == 0) {
      return ST_IO; /* a pipe never does that; without this it would be an endless loop */
    } else if (errno == EAGAIN) {
      Status status = ipc_deadline_poll(fd, POLLOUT, deadline);
      if (status != ST_OK) return status;
    } else if (errno != EINTR) {
      return errno == EPIPE ? ST_CLOSED : ST_IO;
    }
  }
  return ST_OK;
}

/* Our own messages are trusted: when one does not fit, memory of its size is got
 * and it is encoded again. */
static Status encode(Channel *channel, MessageType type, const void *message, size_t *ret_size) {
  ByteWriter body = ipc_bytes_writer(channel->out + FRAME_HEADER_BYTES,
                                     channel->out_capacity - FRAME_HEADER_BYTES);
  Status status = ipc_message_encode(type, message, &body);
  *ret_size = body.used;
  if (status != ST_NO_ROOM) return status;
  if (body.used > channel->protocol.max_bytes[type]) return ST_NO_ROOM;
  size_t capacity = FRAME_HEADER_BYTES + body.used > BUFFER_KEPT ? FRAME_HEADER_BYTES + body.used : BUFFER_KEPT;
  uint8_t *larger = malloc(capacity);
  if (larger == NULL) return ST_NO_MEMORY;
  free(channel->out);
  channel->out = larger;
  channel->out_capacity = capacity;
  body = ipc_bytes_writer(larger + FRAME_HEADER_BYTES, body.used);
  return ipc_message_encode(type, message, &body);
}

/* Sends the frame in `out`. */
static Status deliver(Channel *channel, size_t size, uint64_t deadline) {
  static const uint8_t bell;
  if (!channel->is_by_ring) return write_all(channel, channel->out, size, deadline);
  RingPut put = ipc_ring_put(&channel->ring_out, channel->out, size);
  if (put == RING_USE_PIPE) return write_all(channel, channel->out, size, deadline);
  Status status = put == RING_PUT_AND_ASLEEP ? write_all(channel, &bell, 1, deadline) : ST_OK;
  channel->put = PUT_IN_RING;
  return status;
}

static Status deliver_run(Channel *channel, const RunMessage *run, size_t size, uint64_t deadline) {
  if (!ipc_channel_has_ring(channel)) return write_all(channel, channel->out, size, deadline);
  ipc_ring_renew_writer(&channel->ring_out);
  ipc_ring_renew_reader(&channel->ring_in);
  Status status = deliver(channel, size, deadline);
  bool is_by_ring = (run->flags & RUN_BY_RING) != 0;
  channel->is_unsettled = channel->is_by_ring && !is_by_ring;
  channel->is_by_ring = is_by_ring;
  return status;
}

Status ipc_channel_send(Channel *channel, MessageType type, const void *message,
                        uint64_t deadline) {
  size_t size;
  FrameHeader header;
  Status status = encode(channel, type, message, &size);
  if (status == ST_OK) status = ipc_protocol_send(&channel->protocol, type, size, &header);
  if (status != ST_OK) return status;
  ipc_frame_store(channel->out, &header);
  size += FRAME_HEADER_BYTES;
  status = type == MESSAGE_RUN ? deliver_run(channel, message, size, deadline) : deliver(channel, size, deadline);
  if (status != ST_OK) ipc_protocol_break(&channel->protocol);
  return status;
}

bool ipc_channel_is_unread(const Channel *channel) {
  int left = 0;
  return ioctl(channel->write_fd, FIONREAD, &left) == 0 && (size_t)left >= channel->put;
}

void ipc_channel_trim(Channel *channel) {
  bool is_empty = !ipc_frame_is_partial(&channel->in);
  if (is_empty && channel->in.capacity > BUFFER_KEPT) (void)move_to(&channel->in, BUFFER_START);
  if (channel->out_capacity <= BUFFER_KEPT) return;
  uint8_t *smaller = malloc(BUFFER_START);
  if (smaller == NULL) return;
  free(channel->out);
  channel->out = smaller;
  channel->out_capacity = BUFFER_START;
}
