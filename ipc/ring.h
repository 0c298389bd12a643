/* SPDX-License-Identifier: BSD-2-Clause */
/* ring - frames through shared memory: one direction of a worker's second transport.
 *
 * Once the worker has said hello, frames go from memory to memory while the other side is
 * awake, without a system call.  The pipes stay: by pipe goes every frame that does not fit or
 * whose reader sleeps.  The ring says so in its place, so that the order of frames is the
 * order of records here:
 *
 *   a frame           its size, and its bytes
 *   RING_PIPE         the next frame is in the pipe
 *   RING_PIPE_REST    all further frames are: the ring was full, and is given up
 *   RING_BELL         one byte in the pipe wakes a reader that fell asleep while the frame
 *                     before was put here; it belongs to no frame
 *
 * Positions only grow and each side keeps its own; it reads the other's once, and what
 * cannot be true is a violation.  A frame is copied out before anything looks at it.  The
 * shared memory is a memfd whose size is sealed before it is mapped.
 *
 * Going to sleep: the reader sets `sleeps`, then looks once more; the writer puts a frame,
 * then looks at `sleeps`: one of them sees the other.
 *
 * Layer: ipc.  Used by the sealed worker: memcpy and memset only.
 */
#ifndef IPC_RING_H
#define IPC_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/bytes.h"
#include "policy/status.h"

#define RING_BYTES UINT32_C(16384)

/* Shared; every word has one writer. */
typedef struct {
  _Alignas(64) _Atomic uint32_t head;   /* writer: bytes put so far */
  _Alignas(64) _Atomic uint32_t tail;   /* reader: bytes taken so far */
  _Alignas(64) _Atomic uint32_t sleeps; /* reader: 1 from before it sleeps until it is awake */
  _Alignas(64) uint8_t data[RING_BYTES];
} Ring;

/* Both directions, in the order of the memory behind the stop page. */
typedef struct {
  Ring to_worker;
  Ring to_supervisor;
} RingPair;

#define RING_PAIR_BYTES ((sizeof(RingPair) + 4095) / 4096 * 4096)

/* Looks, a processor's pause apart, 5 to 20 microseconds together: how long a side that waits
 * awake looks at the ring before it yields.  Longer than most calls take, for whoever yields
 * while others want the processor may wait for milliseconds.  And how often it does so before it
 * sleeps. */
#define RING_LOOKS 256
#define RING_ROUNDS 8

/* Looks of a worker that has been told to wait for its next run awake, 5 to 20 microseconds before it
 * yields, and how often: 50 to 160 in all. */
#define RING_LINGER_LOOKS 256
#define RING_LINGER_ROUNDS 8

typedef struct {
  Ring *ring;    /* NULL: pipes only */
  uint32_t head;
  bool is_given_up;
} RingWriter;

typedef struct {
  Ring *ring;
  uint32_t tail;
  uint32_t bells; /* bytes in the pipe that belong to no frame */
  bool pipe_next;
  bool is_given_up;
} RingReader;

typedef enum {
  RING_PUT,           /* done */
  RING_PUT_AND_ASLEEP, /* done, but the reader may sleep: write one byte to the pipe */
  RING_USE_PIPE       /* write the frame to the pipe */
} RingPut;

/* Puts a frame, or says where it goes. */
RingPut ipc_ring_put(RingWriter *writer, const uint8_t *frame, size_t size);

/* Takes the next record.  ST_OK with the size of a frame, to be fetched by
 * ipc_ring_fetch(); ST_OK with size 0: the frame is in the pipe; ST_WOULD_BLOCK: nothing
 * is there; ST_PROTOCOL. */
IPC_MUST_CHECK Status ipc_ring_next(RingReader *reader, uint32_t *ret_size);

/* Copies the frame that ipc_ring_next() told of; `to` has room for it. */
void ipc_ring_fetch(RingReader *reader, uint8_t *to, uint32_t size);

/* The frame in the pipe was taken. */
static inline void ipc_ring_taken_from_pipe(RingReader *reader) {
  reader->pipe_next = false;
}

/* Whether a record may be waiting: cheap, for spinning. */
static inline bool ipc_ring_has_news(const RingReader *reader) {
  return atomic_load_explicit(&reader->ring->head, memory_order_acquire) != reader->tail;
}

/* Says that the reader is about to sleep; false when it must not: there is news. */
bool ipc_ring_doze(RingReader *reader);

/* Says that the reader may never look again: a frame for it goes by pipe. */
static inline void ipc_ring_leave(RingReader *reader) {
  atomic_store_explicit(&reader->ring->sleeps, 1, memory_order_relaxed);
}

/* Whether the writer's reader says that it will look before it sleeps. */
static inline bool ipc_ring_is_watched(const RingWriter *writer) {
  return atomic_load_explicit(&writer->ring->sleeps, memory_order_relaxed) == 0;
}

static inline void ipc_ring_wake(RingReader *reader) {
  atomic_store_explicit(&reader->ring->sleeps, 0, memory_order_relaxed);
}

/* A run begins: a direction that was given up is used again, for nothing is in it. */
static inline void ipc_ring_renew_writer(RingWriter *writer) {
  writer->is_given_up = false;
}
static inline void ipc_ring_renew_reader(RingReader *reader) {
  reader->is_given_up = reader->pipe_next = false;
}

/* Looks so many times; true when there is news. */
bool ipc_ring_look(const RingReader *reader, int looks);

/* One look's pause. */
static inline void ipc_ring_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
