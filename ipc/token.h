/* SPDX-License-Identifier: BSD-2-Clause */
/* token - a script's result on the wire, and its rendering as RESP.
 *
 * A result is one value in prefix notation, a flat list of tokens.  A token is
 * a kind byte and a payload of fixed form, little-endian:
 *
 *   NULL FALSE TRUE                     nothing
 *   INTEGER                             i64
 *   DOUBLE                              f64; a NaN only as 7ff8... or fff8...
 *   BULK STATUS ERROR BIG_NUMBER        u32 size, bytes
 *   VERBATIM                            u32 size, bytes: format (3), ':', text
 *   ARRAY SET                           u32 count; that many values follow
 *   MAP                                 u32 pairs; twice as many values follow
 *
 * Why not protobuf messages: a Lua table's length is known only once it was
 * walked, and a fixed-width count can be written afterwards in place
 * (ipc_token_patch); and there is exactly one encoding of every value.
 *
 * The supervisor never passes on what a worker encoded: ipc_token_check()
 * validates, ipc_token_render() writes RESP anew.  In status and error lines CR,
 * LF (as Redis does) and NUL (which Redis's own clients would stop at) become
 * spaces, so no script can inject into a client's connection.
 *
 * Layer: ipc.  Used by the sealed worker: memcpy only.  No recursion.
 */
#ifndef IPC_TOKEN_H
#define IPC_TOKEN_H

#include "ipc/bytes.h"
#include "ipc/nesting.h"
#include "policy/status.h"

typedef enum {
  TOKEN_NULL = 1,
  TOKEN_FALSE = 2, /* after setresp(3); before it a script's false is NULL */
  TOKEN_TRUE = 3,  /* after setresp(3); before it a script's true is INTEGER 1 */
  TOKEN_INTEGER = 4,
  TOKEN_DOUBLE = 5,
  TOKEN_BULK = 6,
  TOKEN_STATUS = 7,
  TOKEN_ERROR = 8, /* text with its code, without '-' */
  TOKEN_BIG_NUMBER = 9,
  TOKEN_VERBATIM = 10,
  TOKEN_ARRAY = 11,
  TOKEN_MAP = 12,
  TOKEN_SET = 13,
  TOKEN_KIND_LIMIT_
} TokenKind;

/* A decoded token; which members count depends on the kind. */
typedef struct {
  TokenKind kind;
  int64_t integer;
  double number;
  ByteView text;  /* BULK STATUS ERROR BIG_NUMBER VERBATIM */
  uint32_t count; /* ARRAY SET: elements; MAP: pairs */
} Token;

/* --- Writing (worker) --- */

void ipc_token_put(ByteWriter *writer, TokenKind plain); /* NULL FALSE TRUE */
void ipc_token_put_integer(ByteWriter *writer, int64_t value);
void ipc_token_put_double(ByteWriter *writer, double value);
/* BULK STATUS ERROR BIG_NUMBER VERBATIM; the text is written as it is. */
void ipc_token_put_text(ByteWriter *writer, TokenKind kind, ByteView text);
/* Begins an aggregate; returns its place for ipc_token_patch(). */
size_t ipc_token_put_aggregate(ByteWriter *writer, TokenKind kind, uint32_t count);
/* Sets the count of the aggregate, or the size of the text, that began at `place`. */
void ipc_token_patch(ByteWriter *writer, size_t place, uint32_t count);

/* --- Reading --- */

/* Reads one token at the front of `*input` and moves past it.  Says nothing
 * about the nesting. */
IPC_MUST_CHECK Status ipc_token_next(ByteView *input, Token *ret_token);

/* Checks that `tokens` is exactly one well-formed value, nested at most
 * `max_depth` deep.  `scratch` is the walk's memory. */
IPC_MUST_CHECK Status ipc_token_check(ByteView tokens, uint32_t max_depth, NestingRoom *scratch);

/* Appends the RESP form of tokens for a reader that speaks `resp` 2 or 3, byte
 * for byte what Redis 7 sends for the Lua value.  With a writer of capacity 0 it
 * computes the size.  The tokens must have passed ipc_token_check(). */
IPC_MUST_CHECK Status ipc_token_render(ByteView tokens, uint32_t resp, ByteWriter *writer);

/* Appends "-TEXT\r\n" with TEXT made safe; for errors that are no result. */
void ipc_token_render_error(ByteWriter *writer, ByteView text);

#endif
