/* SPDX-License-Identifier: BSD-2-Clause */
/* channel - the supervisor's end of a worker's two pipes.
 *
 * The peer is hostile: a header is judged before its body is waited for, the
 * body is capped by messages.def and by ipc_protocol_set_cap(), memory grows
 * only as bytes really arrive, and every wait has a deadline, which is absolute
 * time on CLOCK_MONOTONIC in nanoseconds (CHANNEL_FOREVER: none).
 *
 * `receive` waits; `try_receive` does not, for an event loop that polls
 * channel.read_fd itself.  While a run is in progress a wait begins with
 * `spin_rounds` rounds of read and sched_yield before it polls: see ipc/spin.h.
 *
 * Any status but ST_OK, ST_WOULD_BLOCK, ST_TIMED_OUT and ST_NO_ROOM is final: kill
 * the worker, discard the channel.
 *
 * The process must ignore SIGPIPE: a worker may die at any moment, and pipes
 * have no MSG_NOSIGNAL.
 *
 * Layer: ipc, linked into the supervisor only.  Threads: one owner at a time.
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include "ipc/frame.h"
#include "ipc/ring.h"

#define CHANNEL_FOREVER UINT64_MAX

typedef struct {
  int read_fd;  /* what the worker writes; owned */
  int write_fd; /* what the worker reads; owned */
  uint32_t spin_rounds;
  Protocol protocol;
  FrameBuffer in; /* heap */
  uint8_t *out;   /* heap */
  size_t out_capacity;
  size_t put;     /* bytes of the last frame that went into the pipe; PUT_IN_RING: none */
  RingWriter ring_out; /* without a ring: pipes only */
  RingReader ring_in;
  uint8_t *ring_frame; /* heap; the last frame that came by ring */
  size_t ring_frame_capacity;
  bool is_by_ring;     /* so the last RUN wants it */
  bool is_unsettled;   /* ... and the one before did not want pipes: a bell may still come */
  bool is_dozing;      /* the owner may have slept since the last look */
  bool is_apart;       /* the worker has a processor of its own: looking pays */
} Channel;

/* Takes both descriptors over (also on failure), makes them non-blocking and
 * close-on-exec. */
IPC_MUST_CHECK Status ipc_channel_open(Channel *channel, int read_fd, int write_fd);

/* Lets the frames of runs that are sent with RUN_BY_RING go through shared memory, which must
 * outlive the channel.  ST_NO_MEMORY leaves it with pipes only. */
IPC_MUST_CHECK Status ipc_channel_use_ring(Channel *channel, RingPair *rings);

static inline bool ipc_channel_has_ring(const Channel *channel) {
  return channel->ring_in.ring != NULL;
}

/* Closes both descriptors and frees the buffers.  A zeroed channel is not open. */
void ipc_channel_close(Channel *channel);

/* Encodes and writes one frame.  ST_TIMED_OUT leaves a frame half written: the
 * channel is dead. */
IPC_MUST_CHECK Status ipc_channel_send(Channel *channel, MessageType type, const void *message,
                                       uint64_t deadline);

/* Waits for one frame.  Bytes of a frame that has begun stay for the next call. */
IPC_MUST_CHECK Status ipc_channel_receive(Channel *channel, uint64_t deadline, Frame *ret_frame);

/* Takes one frame if it is there, else ST_WOULD_BLOCK; reads at most 64 KiB. */
IPC_MUST_CHECK Status ipc_channel_try_receive(Channel *channel, Frame *ret_frame);

/* For an owner that waits on its own.  Looks for a moment whether a frame may be there;
 * says that it is about to sleep on channel.read_fd, false when it must look first. */
bool ipc_channel_look(const Channel *channel);
bool ipc_channel_doze(Channel *channel);

/* Between runs: whether the worker is there and has said nothing; asks the kernel. */
bool ipc_channel_is_quiet(Channel *channel);

/* Between runs: whether the worker says that it looks for the next, and has said nothing else.
 * Whether that is true the next run will show: here the kernel is not asked. */
bool ipc_channel_is_watched(const Channel *channel);

/* By pipe, between runs, with nothing read that was not asked for; nobody is asked. */
bool ipc_channel_is_at_rest(const Channel *channel);

/* Once the worker is dead: whether all that was put into the pipe of the last frame, which
 * was a RUN, is there still, so that it never began to read it.  Of a ring that cannot be
 * known. */
bool ipc_channel_is_unread(const Channel *channel);

/* Gives memory back that a large frame needed, between runs.  Invalidates the
 * last frame received. */
void ipc_channel_trim(Channel *channel);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t ipc_channel_now(void);

#endif
