/* SPDX-License-Identifier: BSD-2-Clause */
/* bytes - views of bytes and a bounded writer.
 *
 * A ByteView borrows: it is valid as long as the memory it points into, which
 * for decoded messages is the frame buffer until the next receive.
 * A ByteWriter never allocates and never writes past its end.  It goes on
 * counting after it is full, as snprintf does, so that a caller with
 * capacity 0 learns the size it needs; ipc_bytes_fits() tells the two apart.
 *
 * Layer: ipc.  Used by the sealed worker: memcpy only.
 */
#ifndef IPC_BYTES_H
#define IPC_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IPC_MUST_CHECK __attribute__((warn_unused_result))

/* Ends the process at once when an assumption about our own code is broken: the
 * sealed worker has no stdio for assert() to print with. */
static inline void ipc_bytes_require(bool holds) {
  if (!holds) __builtin_trap();
}

typedef struct {
  const uint8_t *data; /* may be NULL when size is 0 */
  size_t size;
} ByteView;

typedef struct {
  uint8_t *data;   /* may be NULL when capacity is 0 */
  size_t capacity; /* bytes there are */
  size_t used;     /* bytes wanted so far; above capacity: did not fit */
} ByteWriter;

static inline ByteView ipc_bytes_view(const void *data, size_t size) {
  ByteView view = {(const uint8_t *)data, size};
  return view;
}

/* Views a NUL-terminated text without its NUL. */
static inline ByteView ipc_bytes_text(const char *text) {
  return ipc_bytes_view(text, strlen(text));
}

static inline bool ipc_bytes_is_equal(ByteView a, ByteView b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline ByteWriter ipc_bytes_writer(uint8_t *data, size_t capacity) {
  ByteWriter writer = {data, capacity, 0};
  return writer;
}

static inline bool ipc_bytes_fits(const ByteWriter *writer) {
  return writer->used <= writer->capacity;
}

/* What was written; only meaningful while it fits. */
static inline ByteView ipc_bytes_written(const ByteWriter *writer) {
  return ipc_bytes_view(writer->data, writer->used);
}

/* Claims `size` bytes; returns where to put them, or NULL when they do not fit
 * (they are counted all the same).  `used` cannot wrap: every size passed in is
 * that of an object in memory. */
static inline uint8_t *ipc_bytes_claim(ByteWriter *writer, size_t size) {
  size_t at = writer->used;
  writer->used += size;
  if (at > writer->capacity || size > writer->capacity - at) return NULL;
  return writer->data + at;
}

static inline void ipc_bytes_put(ByteWriter *writer, const void *data, size_t size) {
  uint8_t *to = ipc_bytes_claim(writer, size);
  if (to != NULL && size != 0) memcpy(to, data, size);
}

static inline void ipc_bytes_put_byte(ByteWriter *writer, uint8_t byte) {
  uint8_t *to = ipc_bytes_claim(writer, 1);
  if (to != NULL) *to = byte;
}

/* Little-endian loads and stores.  Both supported processors are little-endian,
 * but spelling the order out costs nothing and keeps golden frames portable. */
static inline uint16_t ipc_bytes_load16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t ipc_bytes_load32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t ipc_bytes_load64(const uint8_t *p) {
  return (uint64_t)ipc_bytes_load32(p) | (uint64_t)ipc_bytes_load32(p + 4) << 32;
}

static inline void ipc_bytes_store16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

static inline void ipc_bytes_store32(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
  p[2] = (uint8_t)(v >> 16);
  p[3] = (uint8_t)(v >> 24);
}

static inline void ipc_bytes_store64(uint8_t *p, uint64_t v) {
  ipc_bytes_store32(p, (uint32_t)v);
  ipc_bytes_store32(p + 4, (uint32_t)(v >> 32));
}

#endif
