/* SPDX-License-Identifier: BSD-2-Clause */
/* ring - see ring.h.
 *
 * A record is eight bytes, the first four its kind or the size of the frame that follows,
 * padded to a multiple of eight.  The writer always leaves room for the records that may
 * have to follow a frame, so that a full ring can still say so. */
#include "ipc/ring.h"

#include <string.h>

enum {
  RECORD_BYTES = 8,
  RESERVE = 2 * RECORD_BYTES /* behind a frame: RING_BELL and RING_PIPE_REST */
};

#define RING_PIPE UINT32_C(0xfffffff1)
#define RING_PIPE_REST UINT32_C(0xfffffff2)
#define RING_BELL UINT32_C(0xfffffff3)

/* Records taken in one go: a hostile writer must not keep its reader from the clock. */
#define MOST_RECORDS 64

static uint32_t padded(uint32_t size) {
  return (size + RECORD_BYTES - 1) & ~(uint32_t)(RECORD_BYTES - 1);
}

static uint32_t place(uint32_t position) {
  return position & (RING_BYTES - 1);
}

/* --- Writing --- */

static void copy_in(Ring *ring, uint32_t position, const uint8_t *from, uint32_t size) {
  uint32_t at = place(position);
  uint32_t first = size < RING_BYTES - at ? size : RING_BYTES - at;
  memcpy(ring->data + at, from, first);
  memcpy(ring->data, from + first, size - first);
}

static void put_record(RingWriter *writer, uint32_t kind) {
  uint8_t record[RECORD_BYTES] = {0};
  ipc_bytes_store32(record, kind);
  copy_in(writer->ring, writer->head, record, sizeof record);
  writer->head += RECORD_BYTES;
}

/* What was put before becomes visible with the position. */
static void publish(RingWriter *writer) {
  atomic_store_explicit(&writer->ring->head, writer->head, memory_order_release);
}

/* Bytes that are free; a position that cannot be true leaves none. */
static uint32_t room_of(const RingWriter *writer) {
  uint32_t tail = atomic_load_explicit(&writer->ring->tail, memory_order_acquire);
  uint32_t used = writer->head - tail;
  return used > RING_BYTES ? 0 : RING_BYTES - used;
}

static RingPut use_pipe(RingWriter *writer, uint32_t room) {
  if (room < RECORD_BYTES) { /* only a lying reader gets us here */
    writer->is_given_up = true;
    return RING_USE_PIPE;
  }
  writer->is_given_up = room < RECORD_BYTES + RESERVE;
  put_record(writer, writer->is_given_up ? RING_PIPE_REST : RING_PIPE);
  publish(writer);
  return RING_USE_PIPE;
}

RingPut ipc_ring_put(RingWriter *writer, const uint8_t *frame, size_t size) {
  if (writer->is_given_up) return RING_USE_PIPE;
  uint32_t room = room_of(writer);
  bool fits = size <= RING_BYTES && RECORD_BYTES + padded((uint32_t)size) + RESERVE <= room;
  if (!fits || !ipc_ring_is_watched(writer)) return use_pipe(writer, room);
  put_record(writer, (uint32_t)size);
  copy_in(writer->ring, writer->head, frame, (uint32_t)size);
  writer->head += padded((uint32_t)size);
  publish(writer);
  atomic_thread_fence(memory_order_seq_cst);
  if (ipc_ring_is_watched(writer)) return RING_PUT;
  put_record(writer, RING_BELL);
  publish(writer);
  return RING_PUT_AND_ASLEEP;
}

/* --- Reading --- */

static void copy_out(const Ring *ring, uint32_t position, uint8_t *to, uint32_t size) {
  uint32_t at = place(position);
  uint32_t first = size < RING_BYTES - at ? size : RING_BYTES - at;
  memcpy(to, ring->data + at, first);
  memcpy(to + first, ring->data, size - first);
}

/* What was said in one run must not be there for the next one to find. */
static void clear(Ring *ring, uint32_t position, uint32_t size) {
  uint32_t at = place(position);
  uint32_t first = size < RING_BYTES - at ? size : RING_BYTES - at;
  memset(ring->data + at, 0, first);
  memset(ring->data, 0, size - first);
}

static void advance(RingReader *reader, uint32_t size) {
  reader->tail += size;
  atomic_store_explicit(&reader->ring->tail, reader->tail, memory_order_release);
}

/* Takes one record, of which `held` bytes are there at least; ST_WOULD_BLOCK: go on. */
static Status take_record(RingReader *reader, uint32_t held, uint32_t *ret_size) {
  uint8_t record[RECORD_BYTES];
  copy_out(reader->ring, reader->tail, record, sizeof record);
  uint32_t kind = ipc_bytes_load32(record);
  *ret_size = 0;
  switch (kind) {
    case RING_BELL:
      reader->bells++;
      advance(reader, RECORD_BYTES);
      return ST_WOULD_BLOCK;
    case RING_PIPE_REST:
    case RING_PIPE:
      reader->is_given_up = kind == RING_PIPE_REST;
      reader->pipe_next = true;
      advance(reader, RECORD_BYTES);
      return ST_OK;
    default: break;
  }
  if (kind == 0 || kind > RING_BYTES || RECORD_BYTES + padded(kind) > held) return ST_PROTOCOL;
  *ret_size = kind;
  return ST_OK;
}

Status ipc_ring_next(RingReader *reader, uint32_t *ret_size) {
  *ret_size = 0;
  for (int i = 0; i < MOST_RECORDS; i++) {
    if (reader->pipe_next || reader->is_given_up) return ST_OK;
    uint32_t head = atomic_load_explicit(&reader->ring->head, memory_order_acquire);
    uint32_t held = head - reader->tail;
    if (held == 0) return ST_WOULD_BLOCK;
    if (held > RING_BYTES || held < RECORD_BYTES) return ST_PROTOCOL;
    Status status = take_record(reader, held, ret_size);
    if (status != ST_WOULD_BLOCK) return status;
  }
  return ST_WOULD_BLOCK;
}

void ipc_ring_fetch(RingReader *reader, uint8_t *to, uint32_t size) {
  copy_out(reader->ring, reader->tail + RECORD_BYTES, to, size);
  clear(reader->ring, reader->tail, RECORD_BYTES + size);
  advance(reader, RECORD_BYTES + padded(size));
}

bool ipc_ring_doze(RingReader *reader) {
  ipc_ring_leave(reader);
  atomic_thread_fence(memory_order_seq_cst);
  if (!ipc_ring_has_news(reader)) return true;
  ipc_ring_wake(reader);
  return false;
}

bool ipc_ring_look(const RingReader *reader, int looks) {
  for (; looks > 0; looks--) {
    if (ipc_ring_has_news(reader)) return true;
    ipc_ring_pause();
  }
  return false;
}
