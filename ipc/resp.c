/* SPDX-License-Identifier: BSD-2-Clause */
/* resp - finding a reply's end and writing commands; see resp.h.
 *
 * The scanner is a state machine over phases; what it keeps between pieces is
 * the phase, one number and the nesting.  Bodies are skipped, not looked at.
 * An attribute (`|`) precedes the value that it decorates and is no element of
 * its own; it is treated as an aggregate whose last element is that value, so
 * the two count as one.
 */
#include "ipc/resp.h"

enum {
  PHASE_TYPE,
  PHASE_LINE,
  PHASE_LINE_LF,
  PHASE_NUMBER,
  PHASE_NUMBER_LF,
  PHASE_BODY,
  PHASE_BODY_CR,
  PHASE_BODY_LF,
  PHASE_DONE
};

/* The shortest element is "_" CR LF. */
#define SHORTEST_ELEMENT 3
#define MAX_DIGITS 10

void ipc_resp_scan_init(RespScanner *scanner, uint32_t max_depth, uint64_t max_bytes) {
  scanner->first = 0;
  scanner->phase = PHASE_TYPE;
  scanner->type = 0;
  scanner->is_negative = false;
  scanner->digits = 0;
  scanner->number = 0;
  scanner->size = 0;
  scanner->max_bytes = max_bytes;
  ipc_nesting_init(&scanner->nesting, scanner->room.left, max_depth);
}

/* --- Scanning --- */

static uint64_t bytes_left(const RespScanner *scanner) {
  return scanner->max_bytes - scanner->size;
}

static Status end_element(RespScanner *scanner) {
  bool is_last = ipc_nesting_complete(&scanner->nesting);
  scanner->phase = is_last ? PHASE_DONE : PHASE_TYPE;
  return is_last ? ST_OK : ST_WOULD_BLOCK;
}

static Status scan_type(RespScanner *scanner, uint8_t type) {
  if (scanner->first == 0) scanner->first = type;
  scanner->type = type;
  scanner->number = 0;
  scanner->digits = 0;
  scanner->is_negative = false;
  switch (type) {
    case '+':
    case '-':
    case ':':
    case ',':
    case '#':
    case '(':
    case '_': scanner->phase = PHASE_LINE; return ST_WOULD_BLOCK;
    case '$':
    case '=':
    case '!':
    case '*':
    case '%':
    case '~':
    case '>':
    case '|': scanner->phase = PHASE_NUMBER; return ST_WOULD_BLOCK;
    default: return ST_INVALID;
  }
}

/* A length or count: no sign but that of -1, no leading zero. */
static Status scan_number(RespScanner *scanner, uint8_t byte) {
  if (byte == '\r') {
    if (scanner->digits == 0) return ST_INVALID;
    scanner->phase = PHASE_NUMBER_LF;
    return ST_WOULD_BLOCK;
  }
  if (byte == '-' && scanner->digits == 0 && !scanner->is_negative) {
    scanner->is_negative = true;
    return ST_WOULD_BLOCK;
  }
  bool has_leading_zero = scanner->digits != 0 && scanner->number == 0;
  if (byte < '0' || byte > '9' || has_leading_zero) return ST_INVALID;
  if (++scanner->digits > MAX_DIGITS) return ST_TOO_LARGE;
  scanner->number = scanner->number * 10 + (uint64_t)(byte - '0');
  return ST_WOULD_BLOCK;
}

static Status open_aggregate(RespScanner *scanner) {
  uint64_t count = scanner->number;
  if (count > RESP_MAX_COUNT) return ST_TOO_LARGE;
  if (scanner->type == '%') count *= 2;
  if (scanner->type == '|') count = count * 2 + 1;
  if (count > bytes_left(scanner) / SHORTEST_ELEMENT) return ST_TOO_LARGE;
  if (!ipc_nesting_open(&scanner->nesting, (uint32_t)count)) return ST_TOO_LARGE;
  if (count == 0) return end_element(scanner);
  scanner->phase = PHASE_TYPE;
  return ST_WOULD_BLOCK;
}

static Status open_bulk(RespScanner *scanner) {
  if (scanner->number > RESP_MAX_BULK) return ST_TOO_LARGE;
  if (scanner->number + 2 > bytes_left(scanner)) return ST_TOO_LARGE;
  scanner->phase = scanner->number == 0 ? PHASE_BODY_CR : PHASE_BODY;
  return ST_WOULD_BLOCK;
}

/* The line with the length or count is over. */
static Status end_number(RespScanner *scanner) {
  if (scanner->is_negative) {
    bool is_null = scanner->number == 1 && (scanner->type == '$' || scanner->type == '*');
    return is_null ? end_element(scanner) : ST_INVALID;
  }
  bool is_bulk = scanner->type == '$' || scanner->type == '=' || scanner->type == '!';
  return is_bulk ? open_bulk(scanner) : open_aggregate(scanner);
}

/* Skips the text of a line up to its CR; returns how many bytes. */
static size_t skip_line(RespScanner *scanner, ByteView rest, Status *ret_status) {
  const uint8_t *cr = memchr(rest.data, '\r', rest.size);
  size_t size = cr != NULL ? (size_t)(cr - rest.data) : rest.size;
  scanner->number += size;
  *ret_status = ST_WOULD_BLOCK;
  if (memchr(rest.data, '\n', size) != NULL) *ret_status = ST_INVALID;
  if (scanner->number > RESP_MAX_LINE) *ret_status = ST_TOO_LARGE;
  if (cr == NULL) return size;
  scanner->phase = PHASE_LINE_LF;
  return size + 1;
}

static size_t skip_body(RespScanner *scanner, ByteView rest) {
  size_t size = scanner->number < rest.size ? (size_t)scanner->number : rest.size;
  scanner->number -= size;
  if (scanner->number == 0) scanner->phase = PHASE_BODY_CR;
  return size;
}

static Status scan_byte(RespScanner *scanner, uint8_t byte) {
  switch (scanner->phase) {
    case PHASE_TYPE: return scan_type(scanner, byte);
    case PHASE_NUMBER: return scan_number(scanner, byte);
    case PHASE_NUMBER_LF: return byte == '\n' ? end_number(scanner) : ST_INVALID;
    case PHASE_BODY_CR:
      scanner->phase = PHASE_BODY_LF;
      return byte == '\r' ? ST_WOULD_BLOCK : ST_INVALID;
    case PHASE_LINE_LF:
    case PHASE_BODY_LF: return byte == '\n' ? end_element(scanner) : ST_INVALID;
    default: return ST_STATE; /* fed after the end */
  }
}

Status ipc_resp_scan(RespScanner *scanner, ByteView piece, size_t *ret_used) {
  size_t at = 0;
  Status status = ST_WOULD_BLOCK;
  while (at < piece.size && status == ST_WOULD_BLOCK) {
    size_t before = at;
    ByteView rest = ipc_bytes_view(piece.data + at, piece.size - at);
    if (scanner->phase == PHASE_LINE) {
      at += skip_line(scanner, rest, &status);
    } else if (scanner->phase == PHASE_BODY) {
      at += skip_body(scanner, rest);
    } else {
      if (bytes_left(scanner) == 0) return ST_TOO_LARGE;
      scanner->size++; /* before the byte is judged: caps look at what is left */
      status = scan_byte(scanner, piece.data[at++]);
      continue;
    }
    if (at - before > bytes_left(scanner)) return ST_TOO_LARGE;
    scanner->size += at - before;
  }
  *ret_used = at;
  return status;
}

/* --- Writing --- */

void ipc_resp_put_number(ByteWriter *writer, char type, int64_t number) {
  char text[24];
  char *at = text + sizeof text;
  *--at = '\n';
  *--at = '\r';
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (number < 0) *--at = '-';
  *--at = type;
  ipc_bytes_put(writer, at, (size_t)(text + sizeof text - at));
}

void ipc_resp_put_bulk(ByteWriter *writer, ByteView text) {
  ipc_resp_put_number(writer, '$', (int64_t)text.size);
  ipc_bytes_put(writer, text.data, text.size);
  ipc_bytes_put(writer, "\r\n", 2);
}

void ipc_resp_command(ByteWriter *writer, const ByteList *argv) {
  ipc_resp_put_number(writer, '*', argv->count);
  ByteListCursor cursor = ipc_codec_walk(argv);
  ByteView argument;
  while (ipc_codec_next(&cursor, &argument)) ipc_resp_put_bulk(writer, argument);
}
