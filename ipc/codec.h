/* SPDX-License-Identifier: BSD-2-Clause */
/* codec - a small strict reader and writer of the protobuf wire format.
 *
 * A message type is a table of FieldRules in ascending field order; the same
 * table drives both directions.  The reader copies nothing and allocates
 * nothing: byte fields become views into the frame, repeated byte fields become
 * a ByteList, a validated stretch of the frame that is walked with
 * ipc_codec_next().  It accepts exactly the bytes that the writer would produce
 * for the same values, which are the bytes protobuf-c packs: minimal varints,
 * ascending order, no defaults, no duplicates, nothing unknown, every value
 * inside its rule's range.  It is linear in the frame's size and does not
 * recurse (a sub-message holds no sub-message).
 *
 * Layer: ipc.  Used by the sealed worker: memcpy only.
 */
#ifndef IPC_CODEC_H
#define IPC_CODEC_H

#include "ipc/bytes.h"
#include "policy/status.h"

/* A repeated bytes field.  To encode, point `items` at `count` views.  A decoded
 * list has `items` NULL and the elements still in their encoded form. */
typedef struct {
  uint32_t count;
  uint64_t bytes; /* of all elements of a decoded list together */
  const ByteView *items;
  ByteView encoded;
} ByteList;

/* A position in a list; start with ipc_codec_walk(). */
typedef struct {
  const ByteView *items;
  ByteView rest; /* still encoded */
  uint32_t left;
} ByteListCursor;

typedef enum {
  FIELD_UINT32,  /* uint32_t member */
  FIELD_UINT64,  /* uint64_t member */
  FIELD_INT64,   /* int64_t member */
  FIELD_BYTES,   /* ByteView member; min and max bound its size */
  FIELD_LIST,    /* ByteList member; min and max bound its count */
  FIELD_MESSAGE, /* a struct; always present; encoded size below 128 */
  FIELD_COUNT_
} FieldKind;

typedef struct MessageRule MessageRule;

typedef struct {
  uint16_t number;        /* 1 to 15: a tag is one byte */
  uint8_t kind;           /* FieldKind */
  uint32_t offset;        /* of the member in its struct */
  int64_t min;            /* least value, size or count; above 0: must be present */
  uint64_t max;           /* greatest value, size or count */
  const MessageRule *sub; /* FIELD_MESSAGE only */
} FieldRule;

struct MessageRule {
  const char *name; /* as in the .proto */
  uint16_t size;    /* of the struct */
  uint16_t count;
  const FieldRule *fields; /* ascending numbers */
};

/* Decodes `body` into the struct that `rule` describes.  On failure the struct
 * holds no view into the body. */
IPC_MUST_CHECK Status ipc_codec_decode(const MessageRule *rule, ByteView body, void *ret_message);

/* Appends the encoding of a struct.  ST_RANGE when a value breaks its
 * rule; ST_NO_ROOM when it does not fit (the writer knows by how much). */
IPC_MUST_CHECK Status ipc_codec_encode(const MessageRule *rule, const void *message,
                                       ByteWriter *writer);

/* Appends one element of a repeated bytes field, for a caller that streams its
 * elements instead of collecting views of them. */
void ipc_codec_put_element(ByteWriter *writer, uint32_t number, ByteView element);

/* Starts a walk over a list, decoded or not. */
ByteListCursor ipc_codec_walk(const ByteList *list);

/* Yields the next element; false at the end. */
bool ipc_codec_next(ByteListCursor *cursor, ByteView *ret_element);

/* The same where walks are short and many: elements below 128 bytes of a decoded list are found in place. */
static inline bool codec_next(ByteListCursor *cursor, ByteView *ret_element) {
  const ByteView rest = cursor->rest;
  bool is_short = cursor->items == NULL && cursor->left != 0 && rest.size >= 2 && rest.data[1] < 0x80 &&
                  rest.data[1] <= rest.size - 2;
  if (!is_short) return ipc_codec_next(cursor, ret_element);
  *ret_element = ipc_bytes_view(rest.data + 2, rest.data[1]);
  cursor->rest = ipc_bytes_view(rest.data + 2 + rest.data[1], rest.size - 2 - rest.data[1]);
  cursor->left--;
  return true;
}

#endif
