/* SPDX-License-Identifier: BSD-2-Clause */
/* resp_read - walking a complete reply element by element; see resp.h. */
#include "ipc/resp.h"

void ipc_resp_read_init(RespReader *reader, ByteView reply, uint32_t *left, uint32_t max_depth) {
  reader->at = reply.data;
  reader->end = reply.size != 0 ? reply.data + reply.size : reply.data;
  reader->is_done = false;
  reader->takes_any_number = false;
  ipc_nesting_init(&reader->nesting, left, max_depth);
}

static bool is_digit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

/* Takes a line without its CR LF. */
static Status read_line(RespReader *reader, ByteView *ret_line) {
  size_t left = (size_t)(reader->end - reader->at);
  const uint8_t *cr = left != 0 ? memchr(reader->at, '\r', left) : NULL;
  if (cr == NULL || cr + 1 == reader->end) return ST_TRUNCATED;
  ByteView line = ipc_bytes_view(reader->at, (size_t)(cr - reader->at));
  if (cr[1] != '\n') return ST_INVALID;
  if (line.size != 0 && memchr(line.data, '\n', line.size) != NULL) return ST_INVALID;
  reader->at = cr + 2;
  *ret_line = line;
  return ST_OK;
}

/* Decimal digits without sign or leading zero, at most `max`. */
static Status parse_digits(ByteView digits, uint64_t max, uint64_t *ret_value) {
  if (digits.size == 0 || (digits.size > 1 && digits.data[0] == '0')) return ST_INVALID;
  uint64_t value = 0;
  for (size_t i = 0; i < digits.size; i++) {
    if (!is_digit(digits.data[i])) return ST_INVALID;
    uint64_t digit = (uint64_t)(digits.data[i] - '0');
    if (value > (max - digit) / 10) return ST_TOO_LARGE;
    value = value * 10 + digit;
  }
  *ret_value = value;
  return ST_OK;
}

static Status parse_integer(ByteView text, int64_t *ret_value) {
  bool is_negative = text.size != 0 && text.data[0] == '-';
  if (is_negative) text = ipc_bytes_view(text.data + 1, text.size - 1);
  uint64_t max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
  uint64_t magnitude;
  Status status = parse_digits(text, max, &magnitude);
  if (status != ST_OK) return status;
  *ret_value = (int64_t)(is_negative ? 0 - magnitude : magnitude);
  return ST_OK;
}

static Status end_element(RespReader *reader) {
  reader->is_done = ipc_nesting_complete(&reader->nesting);
  return ST_OK;
}

/* --- Elements that are one line --- */

static bool is_big_number(ByteView text) {
  if (text.size != 0 && text.data[0] == '-') text = ipc_bytes_view(text.data + 1, text.size - 1);
  for (size_t i = 0; i < text.size; i++) {
    if (!is_digit(text.data[i])) return false;
  }
  return text.size != 0;
}

/* Lets through what printf and Redis write for a double, no more. */
static bool is_double(ByteView text) {
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] == 0 || strchr("0123456789+-.einfaEINFA", text.data[i]) == NULL) return false;
  }
  return text.size != 0;
}

static Status read_boolean(ByteView line, RespElement *element) {
  if (line.size != 1 || (line.data[0] != 't' && line.data[0] != 'f')) return ST_INVALID;
  element->integer = line.data[0] == 't';
  return ST_OK;
}

static Status judge_line(const RespReader *reader, RespElement *element) {
  switch (element->kind) {
    case RESP_INTEGER: return parse_integer(element->text, &element->integer);
    case RESP_BOOLEAN: return read_boolean(element->text, element);
    case RESP_NULL: return element->text.size == 0 ? ST_OK : ST_INVALID;
    case RESP_DOUBLE: return is_double(element->text) ? ST_OK : ST_INVALID;
    case RESP_BIG_NUMBER:
      return reader->takes_any_number || is_big_number(element->text) ? ST_OK : ST_INVALID;
    default: return ST_OK;
  }
}

static Status read_line_element(RespReader *reader, RespElement *element) {
  Status status = read_line(reader, &element->text);
  if (status == ST_OK) status = judge_line(reader, element);
  return status == ST_OK ? end_element(reader) : status;
}

/* --- Elements with a length or a count --- */

static Status read_null(RespReader *reader, RespElement *element) {
  element->is_null_array = element->kind == RESP_ARRAY;
  element->kind = RESP_NULL;
  return end_element(reader);
}

static bool is_minus_one(ByteView line) {
  return line.size == 2 && line.data[0] == '-' && line.data[1] == '1';
}

static Status split_format(RespElement *element) {
  if (element->text.size < 4 || element->text.data[3] != ':') return ST_INVALID;
  memcpy(element->format, element->text.data, 3);
  element->text = ipc_bytes_view(element->text.data + 4, element->text.size - 4);
  return ST_OK;
}

static Status read_bulk(RespReader *reader, RespElement *element) {
  ByteView line;
  Status status = read_line(reader, &line);
  if (status != ST_OK) return status;
  if (element->kind == RESP_BULK && is_minus_one(line)) return read_null(reader, element);
  uint64_t size;
  status = parse_digits(line, RESP_MAX_BULK, &size);
  if (status != ST_OK) return status;
  uint64_t left = (uint64_t)(reader->end - reader->at);
  if (size > left || left - size < 2) return ST_TRUNCATED;
  element->text = ipc_bytes_view(reader->at, (size_t)size);
  reader->at += size;
  if (reader->at[0] != '\r' || reader->at[1] != '\n') return ST_INVALID;
  reader->at += 2;
  if (element->kind == RESP_VERBATIM) status = split_format(element);
  return status == ST_OK ? end_element(reader) : status;
}

static Status read_aggregate(RespReader *reader, RespElement *element) {
  ByteView line;
  Status status = read_line(reader, &line);
  if (status != ST_OK) return status;
  if (element->kind == RESP_ARRAY && is_minus_one(line)) return read_null(reader, element);
  status = parse_digits(line, RESP_MAX_COUNT, &element->count);
  if (status != ST_OK) return status;
  uint64_t inside = element->count;
  if (element->kind == RESP_MAP) inside *= 2;
  if (element->kind == RESP_ATTRIBUTE) inside = inside * 2 + 1;
  if (inside > (uint64_t)(reader->end - reader->at)) return ST_TRUNCATED;
  if (!ipc_nesting_open(&reader->nesting, (uint32_t)inside)) return ST_TOO_LARGE;
  return inside != 0 ? ST_OK : end_element(reader);
}

typedef Status (*ElementFunction)(RespReader *reader, RespElement *element);

static ElementFunction function_of(uint8_t type, RespKind *ret_kind) {
  switch (type) {
    case '+': *ret_kind = RESP_STATUS; return read_line_element;
    case '-': *ret_kind = RESP_ERROR; return read_line_element;
    case ':': *ret_kind = RESP_INTEGER; return read_line_element;
    case '_': *ret_kind = RESP_NULL; return read_line_element;
    case '#': *ret_kind = RESP_BOOLEAN; return read_line_element;
    case ',': *ret_kind = RESP_DOUBLE; return read_line_element;
    case '(': *ret_kind = RESP_BIG_NUMBER; return read_line_element;
    case '$': *ret_kind = RESP_BULK; return read_bulk;
    case '!': *ret_kind = RESP_BULK_ERROR; return read_bulk;
    case '=': *ret_kind = RESP_VERBATIM; return read_bulk;
    case '*': *ret_kind = RESP_ARRAY; return read_aggregate;
    case '%': *ret_kind = RESP_MAP; return read_aggregate;
    case '~': *ret_kind = RESP_SET; return read_aggregate;
    case '>': *ret_kind = RESP_PUSH; return read_aggregate;
    case '|': *ret_kind = RESP_ATTRIBUTE; return read_aggregate;
    default: return NULL;
  }
}

Status ipc_resp_read(RespReader *reader, RespElement *ret_element) {
  if (reader->is_done) return reader->at == reader->end ? ST_NOT_FOUND : ST_INVALID;
  if (reader->at == reader->end) return ST_TRUNCATED;
  RespElement element = {.depth = reader->nesting.depth};
  ElementFunction read = function_of(*reader->at++, &element.kind);
  if (read == NULL) return ST_INVALID;
  Status status = read(reader, &element);
  if (status == ST_OK) *ret_element = element;
  return status;
}
