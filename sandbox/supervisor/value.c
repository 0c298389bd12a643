/* SPDX-License-Identifier: BSD-2-Clause */
/* value - see value.h. */
#include "sandbox/supervisor/value.h"

#include <string.h>

#include "ipc/resp.h"
#include "ipc/token.h"
#include "policy/error_line.h"

/* As the machine does: to a double, and back as the processor truncates one that is too large. */
static int64_t through_double(int64_t integer) {
  double number = (double)integer;
  return number < 0x1p63 ? (int64_t)number : INT64_MIN;
}

/* As a field of a table it was a C string. */
static ByteView until_nul(ByteView text) {
  const uint8_t *nul = text.size == 0 ? NULL : memchr(text.data, 0, text.size);
  return nul == NULL ? text : ipc_bytes_view(text.data, (size_t)(nul - text.data));
}

void supervisor_value_put_error(ByteWriter *writer, ByteView line) {
  ErrorLine split = policy_error_line_split(line.size == 0 ? "" : (const char *)line.data, line.size);
  size_t place = writer->used;
  ipc_token_put_text(writer, TOKEN_ERROR, ipc_bytes_view(split.code, split.code_bytes));
  ipc_bytes_put_byte(writer, ' ');
  ipc_bytes_put(writer, split.message, split.message_bytes);
  ipc_token_patch(writer, place, (uint32_t)(split.code_bytes + 1 + split.message_bytes));
}

static Status put(ByteWriter *writer, const RespElement *element) {
  switch (element->kind) {
    case RESP_NULL: ipc_token_put(writer, TOKEN_NULL); return ST_OK;
    case RESP_INTEGER: ipc_token_put_integer(writer, through_double(element->integer)); return ST_OK;
    case RESP_BULK: ipc_token_put_text(writer, TOKEN_BULK, element->text); return ST_OK;
    case RESP_STATUS: ipc_token_put_text(writer, TOKEN_STATUS, until_nul(element->text)); return ST_OK;
    case RESP_ERROR: supervisor_value_put_error(writer, element->text); return ST_OK;
    case RESP_ARRAY:
      (void)ipc_token_put_aggregate(writer, TOKEN_ARRAY, (uint32_t)element->count);
      return ST_OK;
    default: return ST_INVALID;
  }
}

Status supervisor_value_put(ByteWriter *writer, ByteView reply, uint32_t max_depth, NestingRoom *scratch) {
  RespReader reader;
  RespElement element;
  uint32_t depth = max_depth < NESTING_MAX_DEPTH ? max_depth : NESTING_MAX_DEPTH;
  ipc_resp_read_init(&reader, reply, scratch->left, depth);
  for (;;) {
    Status status = ipc_resp_read(&reader, &element);
    if (status == ST_NOT_FOUND) return ipc_bytes_fits(writer) ? ST_OK : ST_NO_ROOM;
    if (status == ST_TRUNCATED) return ST_INVALID;
    if (status == ST_TOO_LARGE) return reader.nesting.depth == depth ? status : ST_INVALID; /* or a number is */
    if (status == ST_OK) status = put(writer, &element);
    if (status != ST_OK) return status;
  }
}
