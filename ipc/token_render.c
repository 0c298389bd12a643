/* SPDX-License-Identifier: BSD-2-Clause */
/* token_render - tokens as RESP; see token.h.
 *
 * Apart from token.c because it prints doubles through stdio, which the sealed
 * worker must not link.  Tokens are prefix notation and so is RESP: there is one
 * output per token and no nesting to keep.
 */
#include <stdio.h>

#include "ipc/resp.h"
#include "ipc/token.h"

static void put_literal(ByteWriter *writer, const char *text) {
  ipc_bytes_put(writer, text, strlen(text));
}

/* Writes a text with spaces for line ends, and for `other`. */
static void put_spaced(ByteWriter *writer, ByteView text, uint8_t other) {
  uint8_t *to = ipc_bytes_claim(writer, text.size);
  if (to == NULL) return;
  for (size_t i = 0; i < text.size; i++) {
    uint8_t c = text.data[i];
    to[i] = c == '\r' || c == '\n' || c == other ? ' ' : c;
  }
}

/* Writes what a line may hold.  Only CR and LF can end a line; NUL cannot, but
 * a client that treats the line as a C string would see it end there. */
static void put_line_text(ByteWriter *writer, ByteView text) { put_spaced(writer, text, '\0'); }

static void put_line(ByteWriter *writer, char type, ByteView text) {
  ipc_bytes_put_byte(writer, (uint8_t)type);
  put_line_text(writer, text);
  put_literal(writer, "\r\n");
}

void ipc_token_render_error(ByteWriter *writer, ByteView text) {
  /* Redis drops line ends at the end of an error before it replaces others. */
  while (text.size != 0 && (text.data[text.size - 1] == '\r' || text.data[text.size - 1] == '\n')) {
    text.size--;
  }
  put_line(writer, '-', text);
}

static void render_double(ByteWriter *writer, double number, uint32_t resp) {
  char text[40];
  int size = snprintf(text, sizeof text, "%.17g", number);
  ByteView view = ipc_bytes_view(text, (size_t)size);
  if (resp == 3) {
    put_line(writer, ',', view);
  } else {
    ipc_resp_put_bulk(writer, view);
  }
}

static void render_big_number(ByteWriter *writer, ByteView text, uint32_t resp) {
  if (resp == 3) {
    put_line(writer, '(', text);
    return;
  }
  ipc_resp_put_number(writer, '$', (int64_t)text.size);
  put_spaced(writer, text, '\n'); /* the length tells where it ends: a NUL stays, as in Redis */
  put_literal(writer, "\r\n");
}

static void render_verbatim(ByteWriter *writer, ByteView text, uint32_t resp) {
  if (resp != 3) {
    ipc_resp_put_bulk(writer, ipc_bytes_view(text.data + 4, text.size - 4));
    return;
  }
  ipc_resp_put_number(writer, '=', (int64_t)text.size);
  ipc_bytes_put(writer, text.data, text.size);
  put_literal(writer, "\r\n");
}

static void render_map(ByteWriter *writer, uint32_t pairs, uint32_t resp) {
  if (resp == 3) {
    ipc_resp_put_number(writer, '%', pairs);
  } else {
    ipc_resp_put_number(writer, '*', (int64_t)pairs * 2);
  }
}

static void render_boolean(ByteWriter *writer, bool value, uint32_t resp) {
  if (resp == 3) {
    put_literal(writer, value ? "#t\r\n" : "#f\r\n");
  } else {
    put_literal(writer, value ? ":1\r\n" : ":0\r\n");
  }
}

static void render_token(ByteWriter *writer, const Token *token, uint32_t resp) {
  switch (token->kind) {
    case TOKEN_NULL: put_literal(writer, resp == 3 ? "_\r\n" : "$-1\r\n"); return;
    case TOKEN_FALSE: render_boolean(writer, false, resp); return;
    case TOKEN_TRUE: render_boolean(writer, true, resp); return;
    case TOKEN_INTEGER: ipc_resp_put_number(writer, ':', token->integer); return;
    case TOKEN_DOUBLE: render_double(writer, token->number, resp); return;
    case TOKEN_BULK: ipc_resp_put_bulk(writer, token->text); return;
    case TOKEN_STATUS: put_line(writer, '+', token->text); return;
    case TOKEN_ERROR: ipc_token_render_error(writer, token->text); return;
    case TOKEN_BIG_NUMBER: render_big_number(writer, token->text, resp); return;
    case TOKEN_VERBATIM: render_verbatim(writer, token->text, resp); return;
    case TOKEN_ARRAY: ipc_resp_put_number(writer, '*', token->count); return;
    case TOKEN_MAP: render_map(writer, token->count, resp); return;
    case TOKEN_SET: ipc_resp_put_number(writer, resp == 3 ? '~' : '*', token->count); return;
    case TOKEN_KIND_LIMIT_: break;
  }
  __builtin_trap();
}

Status ipc_token_render(ByteView tokens, uint32_t resp, ByteWriter *writer) {
  while (tokens.size != 0) {
    Token token;
    Status status = ipc_token_next(&tokens, &token);
    if (status != ST_OK) return status;
    render_token(writer, &token, resp);
  }
  return ipc_bytes_fits(writer) ? ST_OK : ST_NO_ROOM;
}
