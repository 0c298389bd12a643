/* SPDX-License-Identifier: BSD-2-Clause */
/* codec - see codec.h.
 *
 * The reader does not look fields up by number: it goes through the table, and
 * at each row asks whether the next byte is that row's tag.  What is out of
 * order, unknown, of the wrong wire type or there twice is simply left over at
 * the end, and leftovers are refused.  This works because a tag is known by its
 * first byte: field numbers are below 32, those of lists and sub-messages below 16
 * (tests check the tables).
 */
#include "ipc/codec.h"

enum { WIRE_VARINT = 0, WIRE_LENGTH = 2, VARINT_MAX_BYTES = 10 };

typedef struct {
  const uint8_t *at;
  const uint8_t *end;
} Reader;

/* An empty view may have no address, and NULL + 0 is not C. */
static Reader reader_of(ByteView view) {
  static const uint8_t nothing[1];
  const uint8_t *at = view.size != 0 ? view.data : nothing;
  Reader reader = {at, at + view.size};
  return reader;
}

/* A tag's first byte.  From 16 on it is the lower half of a varint, whose other half is 1. */
static uint8_t tag_of(const FieldRule *rule) {
  bool is_number =
      rule->kind == FIELD_UINT32 || rule->kind == FIELD_UINT64 || rule->kind == FIELD_INT64;
  return (uint8_t)(rule->number << 3 | (is_number ? WIRE_VARINT : WIRE_LENGTH));
}

static bool has_long_tag(const FieldRule *rule) { return rule->number >= 16; }

/* --- Reading --- */

static Status read_long_varint(Reader *reader, uint64_t *ret_value) {
  uint64_t value = 0;
  for (unsigned i = 0; i < VARINT_MAX_BYTES; i++) {
    if (reader->at == reader->end) return ST_TRUNCATED;
    uint8_t byte = *reader->at++;
    /* The tenth byte holds bit 63 alone. */
    if (i == VARINT_MAX_BYTES - 1 && byte > 1) return ST_INVALID;
    value |= (uint64_t)(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bool is_minimal = byte != 0 || i == 0;
      *ret_value = value;
      return is_minimal ? ST_OK : ST_INVALID;
    }
  }
  return ST_INVALID;
}

/* Nearly all numbers and sizes are one byte: these two are not calls. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE Status read_varint(Reader *reader, uint64_t *ret_value) {
  if (reader->at != reader->end && *reader->at < 0x80) {
    *ret_value = *reader->at++;
    return ST_OK;
  }
  return read_long_varint(reader, ret_value);
}

static ALWAYS_INLINE Status read_view(Reader *reader, ByteView *ret_view) {
  uint64_t size;
  Status status = read_varint(reader, &size);
  if (status != ST_OK) return status;
  if (size > (uint64_t)(reader->end - reader->at)) return ST_TRUNCATED;
  *ret_view = ipc_bytes_view(reader->at, (size_t)size);
  reader->at += size;
  return ST_OK;
}

static inline bool has_tag(const Reader *reader, uint8_t tag) {
  return reader->at != reader->end && *reader->at == tag;
}

/* Says whether a number, size or count is inside its rule's range. */
static inline bool is_in_range(const FieldRule *rule, uint64_t value) {
  if (rule->kind == FIELD_INT64)
    return (int64_t)value >= rule->min && (int64_t)value <= (int64_t)rule->max;
  return value <= rule->max && value >= (uint64_t)rule->min;
}

/* Default values are never on the wire, so a present 0 is not canonical. */
static Status read_number(const FieldRule *rule, Reader *reader, uint64_t *ret_value) {
  reader->at++;
  Status status = read_varint(reader, ret_value);
  if (status != ST_OK) return status;
  if (*ret_value == 0) return ST_INVALID;
  return is_in_range(rule, *ret_value) ? ST_OK : ST_RANGE;
}

static Status read_bytes(const FieldRule *rule, Reader *reader, ByteView *ret_view) {
  reader->at++;
  ByteView view;
  Status status = read_view(reader, &view);
  if (status != ST_OK) return status;
  if (view.size == 0) return ST_INVALID;
  if (view.size > rule->max) return ST_TOO_LARGE;
  if (view.size < (uint64_t)rule->min) return ST_RANGE;
  *ret_view = view;
  return ST_OK;
}

static Status read_list(const FieldRule *rule, uint8_t tag, Reader *reader, ByteList *ret_list) {
  const uint8_t *start = reader->at;
  uint64_t count = 0, bytes = 0;
  while (has_tag(reader, tag)) {
    if (++count > rule->max) return ST_TOO_LARGE;
    reader->at++;
    ByteView element;
    Status status = read_view(reader, &element);
    if (status != ST_OK) return status;
    bytes += element.size;
  }
  if (count < (uint64_t)rule->min) return ST_RANGE;
  ret_list->count = (uint32_t)count;
  ret_list->bytes = bytes;
  ret_list->items = NULL;
  ret_list->encoded = ipc_bytes_view(start, (size_t)(reader->at - start));
  return ST_OK;
}

static Status read_fields(const MessageRule *message, Reader *reader, uint8_t *ret_struct);

/* One level deep whatever the bytes say: the tables' sub-messages have none. */
static Status read_message(const FieldRule *rule, Reader *reader, uint8_t *ret_struct) {
  reader->at++;
  ByteView view;
  Status status = read_view(reader, &view);
  if (status != ST_OK) return status;
  Reader inner = reader_of(view);
  return read_fields(rule->sub, &inner, ret_struct);
}

static Status read_present(const FieldRule *rule, uint8_t tag, Reader *reader, uint8_t *member) {
  uint64_t value = 0;
  Status status;
  if (has_long_tag(rule)) {
    reader->at++;
    if (!has_tag(reader, 1)) return ST_INVALID;
  }
  switch ((FieldKind)rule->kind) {
    case FIELD_UINT32:
      status = read_number(rule, reader, &value);
      if (status == ST_OK) *(uint32_t *)(void *)member = (uint32_t)value;
      return status;
    case FIELD_UINT64:
    case FIELD_INT64:
      status = read_number(rule, reader, &value);
      if (status == ST_OK) memcpy(member, &value, sizeof value);
      return status;
    case FIELD_BYTES: return read_bytes(rule, reader, (ByteView *)(void *)member);
    case FIELD_LIST: return read_list(rule, tag, reader, (ByteList *)(void *)member);
    case FIELD_MESSAGE: return read_message(rule, reader, member);
    case FIELD_COUNT_: break;
  }
  __builtin_trap();
}

/* What a field means that is not there: zero, if zero is allowed. */
static Status check_absent(const FieldRule *rule) {
  if (rule->kind == FIELD_MESSAGE) return ST_INVALID;
  return rule->min <= 0 ? ST_OK : ST_RANGE;
}

static Status read_fields(const MessageRule *message, Reader *reader, uint8_t *ret_struct) {
  for (unsigned i = 0; i < message->count; i++) {
    const FieldRule *rule = &message->fields[i];
    uint8_t tag = tag_of(rule);
    Status status = has_tag(reader, tag)
                        ? read_present(rule, tag, reader, ret_struct + rule->offset)
                        : check_absent(rule);
    if (status != ST_OK) return status;
  }
  return reader->at == reader->end ? ST_OK : ST_INVALID;
}

Status ipc_codec_decode(const MessageRule *rule, ByteView body, void *ret_message) {
  Reader reader = reader_of(body);
  memset(ret_message, 0, rule->size);
  Status status = read_fields(rule, &reader, ret_message);
  if (status != ST_OK) memset(ret_message, 0, rule->size);
  return status;
}

/* --- Writing --- */

static unsigned spell_varint(uint64_t value, uint8_t to[VARINT_MAX_BYTES]) {
  unsigned size = 0;
  while (value >= 0x80) {
    to[size++] = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  to[size++] = (uint8_t)value;
  return size;
}

static void put_long_tagged(ByteWriter *writer, uint8_t tag, uint64_t value) {
  uint8_t bytes[1 + VARINT_MAX_BYTES];
  bytes[0] = tag;
  ipc_bytes_put(writer, bytes, 1 + spell_varint(value, bytes + 1));
}

/* Puts a tag and the varint after it, a number or a length. */
static inline void put_tagged(ByteWriter *writer, uint8_t tag, uint64_t value) {
  if (value >= 0x80) {
    put_long_tagged(writer, tag, value);
    return;
  }
  uint8_t *to = ipc_bytes_claim(writer, 2);
  if (to == NULL) return;
  to[0] = tag;
  to[1] = (uint8_t)value;
}

static inline void put_view(ByteWriter *writer, uint8_t tag, ByteView view) {
  put_tagged(writer, tag, view.size);
  ipc_bytes_put(writer, view.data, view.size);
}

/* Puts all of a tag but its last byte; returns that. */
static inline uint8_t begin_tag(const FieldRule *rule, ByteWriter *writer) {
  if (!has_long_tag(rule)) return tag_of(rule);
  ipc_bytes_put_byte(writer, tag_of(rule));
  return 1;
}

static Status put_number(const FieldRule *rule, uint64_t value, ByteWriter *writer) {
  if (!is_in_range(rule, value)) return ST_RANGE;
  if (value != 0) put_tagged(writer, begin_tag(rule, writer), value);
  return ST_OK;
}

static Status put_bytes(const FieldRule *rule, ByteView view, ByteWriter *writer) {
  if (!is_in_range(rule, view.size)) return ST_RANGE;
  if (view.size != 0) put_view(writer, begin_tag(rule, writer), view);
  return ST_OK;
}

static Status put_list(const FieldRule *rule, const ByteList *list, ByteWriter *writer) {
  if (!is_in_range(rule, list->count)) return ST_RANGE;
  ByteListCursor cursor = ipc_codec_walk(list);
  ByteView element;
  while (ipc_codec_next(&cursor, &element)) put_view(writer, tag_of(rule), element);
  return ST_OK;
}

static Status put_fields(const MessageRule *message, const uint8_t *from, ByteWriter *writer);

/* The length goes in front and is known only afterwards; below 128 it is one
 * byte, so a byte is left for it. */
static Status put_message(const FieldRule *rule, const uint8_t *from, ByteWriter *writer) {
  ipc_bytes_put_byte(writer, tag_of(rule));
  uint8_t *length = ipc_bytes_claim(writer, 1);
  size_t before = writer->used;
  Status status = put_fields(rule->sub, from, writer);
  size_t size = writer->used - before;
  ipc_bytes_require(size < 0x80);
  if (length != NULL) *length = (uint8_t)size;
  return status;
}

static Status put_field(const FieldRule *rule, const uint8_t *member, ByteWriter *writer) {
  uint64_t value;
  switch ((FieldKind)rule->kind) {
    case FIELD_UINT32: return put_number(rule, *(const uint32_t *)(const void *)member, writer);
    case FIELD_UINT64:
    case FIELD_INT64: memcpy(&value, member, sizeof value); return put_number(rule, value, writer);
    case FIELD_BYTES: return put_bytes(rule, *(const ByteView *)(const void *)member, writer);
    case FIELD_LIST: return put_list(rule, (const ByteList *)(const void *)member, writer);
    case FIELD_MESSAGE: return put_message(rule, member, writer);
    case FIELD_COUNT_: break;
  }
  __builtin_trap();
}

static Status put_fields(const MessageRule *message, const uint8_t *from, ByteWriter *writer) {
  for (unsigned i = 0; i < message->count; i++) {
    const FieldRule *rule = &message->fields[i];
    Status status = put_field(rule, from + rule->offset, writer);
    if (status != ST_OK) return status;
  }
  return ST_OK;
}

Status ipc_codec_encode(const MessageRule *rule, const void *message, ByteWriter *writer) {
  Status status = put_fields(rule, message, writer);
  if (status != ST_OK) return status;
  return ipc_bytes_fits(writer) ? ST_OK : ST_NO_ROOM;
}

void ipc_codec_put_element(ByteWriter *writer, uint32_t number, ByteView element) {
  put_view(writer, (uint8_t)(number << 3 | WIRE_LENGTH), element);
}

/* --- Lists --- */

ByteListCursor ipc_codec_walk(const ByteList *list) {
  ByteListCursor cursor = {list->items, list->encoded, list->count};
  return cursor;
}

bool ipc_codec_next(ByteListCursor *cursor, ByteView *ret_element) {
  if (cursor->left == 0) return false;
  if (cursor->items != NULL) {
    cursor->left--;
    *ret_element = *cursor->items++;
    return true;
  }
  /* Checked when it was decoded; checked again because it is cheap. */
  if (cursor->rest.size == 0) return false;
  Reader reader = reader_of(cursor->rest);
  reader.at++;
  if (read_view(&reader, ret_element) != ST_OK) return false;
  cursor->left--;
  cursor->rest = ipc_bytes_view(reader.at, (size_t)(reader.end - reader.at));
  return true;
}
