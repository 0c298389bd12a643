/* SPDX-License-Identifier: BSD-2-Clause */
/* token - writing, reading and checking tokens; see token.h. */
#include "ipc/token.h"

#define NAN_PAYLOAD_MASK UINT64_C(0x7fffffffffffffff)
#define NAN_CANONICAL UINT64_C(0x7ff8000000000000)
#define NAN_LEAST UINT64_C(0x7ff0000000000001)

/* --- Writing --- */

void ipc_token_put(ByteWriter *writer, TokenKind plain) {
  ipc_bytes_put_byte(writer, (uint8_t)plain);
}

static void put_kind_and_64(ByteWriter *writer, TokenKind kind, uint64_t bits) {
  uint8_t *to = ipc_bytes_claim(writer, 9);
  if (to == NULL) return;
  to[0] = (uint8_t)kind;
  ipc_bytes_store64(to + 1, bits);
}

static void put_kind_and_32(ByteWriter *writer, TokenKind kind, uint32_t number) {
  uint8_t *to = ipc_bytes_claim(writer, 5);
  if (to == NULL) return;
  to[0] = (uint8_t)kind;
  ipc_bytes_store32(to + 1, number);
}

void ipc_token_put_integer(ByteWriter *writer, int64_t value) {
  put_kind_and_64(writer, TOKEN_INTEGER, (uint64_t)value);
}

static bool is_nan_bits(uint64_t bits) {
  return (bits & NAN_PAYLOAD_MASK) >= NAN_LEAST;
}

void ipc_token_put_double(ByteWriter *writer, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (is_nan_bits(bits)) bits = (bits & ~NAN_PAYLOAD_MASK) | NAN_CANONICAL;
  put_kind_and_64(writer, TOKEN_DOUBLE, bits);
}

void ipc_token_put_text(ByteWriter *writer, TokenKind kind, ByteView text) {
  put_kind_and_32(writer, kind, (uint32_t)text.size);
  ipc_bytes_put(writer, text.data, text.size);
}

size_t ipc_token_put_aggregate(ByteWriter *writer, TokenKind kind, uint32_t count) {
  size_t place = writer->used;
  put_kind_and_32(writer, kind, count);
  return place;
}

void ipc_token_patch(ByteWriter *writer, size_t place, uint32_t count) {
  if (place + 5 <= writer->capacity) ipc_bytes_store32(writer->data + place + 1, count);
}

/* --- Reading --- */

static Status take(ByteView *input, size_t size, const uint8_t **ret_bytes) {
  if (input->size < size) return ST_TRUNCATED;
  *ret_bytes = input->data;
  input->data += size;
  input->size -= size;
  return ST_OK;
}

static Status read_integer(ByteView *input, Token *token) {
  const uint8_t *bytes;
  Status status = take(input, 8, &bytes);
  if (status == ST_OK) token->integer = (int64_t)ipc_bytes_load64(bytes);
  return status;
}

static Status read_double(ByteView *input, Token *token) {
  const uint8_t *bytes;
  Status status = take(input, 8, &bytes);
  if (status != ST_OK) return status;
  uint64_t bits = ipc_bytes_load64(bytes);
  if (is_nan_bits(bits) && (bits & NAN_PAYLOAD_MASK) != NAN_CANONICAL) return ST_INVALID;
  memcpy(&token->number, &bits, sizeof bits);
  return ST_OK;
}

static Status read_text(ByteView *input, Token *token) {
  const uint8_t *bytes;
  Status status = take(input, 4, &bytes);
  if (status != ST_OK) return status;
  token->text.size = ipc_bytes_load32(bytes);
  return take(input, token->text.size, &token->text.data);
}

static Status read_verbatim(ByteView *input, Token *token) {
  Status status = read_text(input, token);
  if (status != ST_OK) return status;
  bool has_format = token->text.size >= 4 && token->text.data[3] == ':';
  return has_format ? ST_OK : ST_INVALID;
}

/* A value takes a byte at least, so a count above the bytes left is a lie. */
static Status read_count(ByteView *input, Token *token) {
  const uint8_t *bytes;
  Status status = take(input, 4, &bytes);
  if (status != ST_OK) return status;
  token->count = ipc_bytes_load32(bytes);
  uint64_t values = (uint64_t)token->count * (token->kind == TOKEN_MAP ? 2 : 1);
  return values <= input->size ? ST_OK : ST_TRUNCATED;
}

Status ipc_token_next(ByteView *input, Token *ret_token) {
  const uint8_t *kind;
  Status status = take(input, 1, &kind);
  if (status != ST_OK) return status;
  *ret_token = (Token){.kind = (TokenKind)*kind};
  switch (ret_token->kind) {
    case TOKEN_NULL:
    case TOKEN_FALSE:
    case TOKEN_TRUE: return ST_OK;
    case TOKEN_INTEGER: return read_integer(input, ret_token);
    case TOKEN_DOUBLE: return read_double(input, ret_token);
    case TOKEN_BULK:
    case TOKEN_STATUS:
    case TOKEN_ERROR:
    case TOKEN_BIG_NUMBER: return read_text(input, ret_token);
    case TOKEN_VERBATIM: return read_verbatim(input, ret_token);
    case TOKEN_ARRAY:
    case TOKEN_MAP:
    case TOKEN_SET: return read_count(input, ret_token);
    case TOKEN_KIND_LIMIT_: break;
  }
  return ST_INVALID;
}

static bool is_aggregate(TokenKind kind) {
  return kind == TOKEN_ARRAY || kind == TOKEN_MAP || kind == TOKEN_SET;
}

Status ipc_token_check(ByteView tokens, uint32_t max_depth, NestingRoom *scratch) {
  Nesting nesting;
  ipc_nesting_init(&nesting, scratch->left, max_depth);
  for (;;) {
    Token token;
    Status status = ipc_token_next(&tokens, &token);
    if (status != ST_OK) return status;
    if (is_aggregate(token.kind)) {
      /* Below 2^32, because read_count() bounded it by the bytes left. */
      uint64_t values = (uint64_t)token.count * (token.kind == TOKEN_MAP ? 2 : 1);
      if (values > UINT32_MAX) return ST_TOO_LARGE;
      if (!ipc_nesting_open(&nesting, (uint32_t)values)) return ST_TOO_LARGE;
      if (values != 0) continue;
    }
    if (ipc_nesting_complete(&nesting)) return tokens.size == 0 ? ST_OK : ST_INVALID;
  }
}
