/* SPDX-License-Identifier: BSD-2-Clause */
/* resp - finding, reading and writing RESP2 and RESP3.
 *
 * RespScanner finds the end of a reply in a byte stream that arrives in pieces;
 * the bytes themselves are passed on unparsed.  RespReader walks a complete
 * reply element by element.  Both are iterative, cap the depth, and refuse what
 * is not RESP (bare LF, signs and spaces in lengths, streamed aggregates, which
 * Redis never sends).  ipc_resp_command() writes a command.
 *
 * Converting a reply to Lua values is not done here: vm/ does it, sealed.
 *
 * Layer: ipc.  No allocation, no system call.
 */
#ifndef IPC_RESP_H
#define IPC_RESP_H

#include "ipc/bytes.h"
#include "ipc/codec.h"
#include "ipc/nesting.h"
#include "policy/status.h"

/* Longest line of a simple string, error, number or length, without CR LF, that may arrive piece by piece. */
#define RESP_MAX_LINE UINT32_C(1048576)
/* Redis's proto-max-bulk-len default. */
#define RESP_MAX_BULK UINT32_C(536870912)
/* Most elements an aggregate may announce. */
#define RESP_MAX_COUNT UINT32_C(536870912)

typedef struct {
  uint8_t first;      /* type byte of the reply, '>' for a push; 0: none yet */
  uint8_t phase;      /* private, like the next four */
  uint8_t type;       /* of the current element */
  bool is_negative;   /* its length or count */
  uint32_t digits;    /* of its length or count so far */
  uint64_t number;    /* length or count being read, bytes to skip, or line length */
  uint64_t size;      /* bytes of the reply seen so far */
  uint64_t max_bytes; /* cap of the whole reply */
  Nesting nesting;
  NestingRoom room;
} RespScanner;

/* Starts before a reply. */
void ipc_resp_scan_init(RespScanner *scanner, uint32_t max_depth, uint64_t max_bytes);

/* Feeds the next piece.  ST_OK: the reply ended, `*ret_used` bytes of this
 * piece belong to it.  ST_WOULD_BLOCK: all of it does and more must come.
 * ST_INVALID, ST_TOO_LARGE (caps of size, depth, count): give the peer up.
 * Checks the framing only: what a line says is the reader's business. */
IPC_MUST_CHECK Status ipc_resp_scan(RespScanner *scanner, ByteView piece, size_t *ret_used);

typedef enum {
  RESP_STATUS,     /* +  text */
  RESP_ERROR,      /* -  text */
  RESP_INTEGER,    /* :  integer */
  RESP_BULK,       /* $  text */
  RESP_NULL,       /* $-1 *-1 _ */
  RESP_BOOLEAN,    /* #  integer 0 or 1 */
  RESP_DOUBLE,     /* ,  text as sent */
  RESP_BIG_NUMBER, /* (  text */
  RESP_BULK_ERROR, /* !  text */
  RESP_VERBATIM,   /* =  text without the format, format */
  RESP_ARRAY,      /* *  count */
  RESP_MAP,        /* %  count of pairs */
  RESP_SET,        /* ~  count */
  RESP_PUSH,       /* >  count */
  RESP_ATTRIBUTE,  /* |  count of pairs; the value it decorates follows them */
  RESP_KIND_COUNT_
} RespKind;

typedef struct {
  RespKind kind;
  bool is_null_array; /* RESP_NULL that was *-1 */
  uint32_t depth;     /* aggregates around it */
  int64_t integer;
  ByteView text;
  uint8_t format[3];
  uint64_t count;
} RespElement;

typedef struct {
  const uint8_t *at;
  const uint8_t *end;
  bool is_done;
  bool takes_any_number; /* set after init: big numbers need not be numbers, as a script's */
  Nesting nesting;
} RespReader;

/* `left` is memory for `max_depth` numbers. */
void ipc_resp_read_init(RespReader *reader, ByteView reply, uint32_t *left, uint32_t max_depth);

/* Yields the next element in prefix order.  ST_OK with an element; ST_NOT_FOUND
 * after the last; ST_TRUNCATED, ST_INVALID (also: bytes behind the reply) and
 * ST_TOO_LARGE (caps of depth, length, count) on bad input.  A line may be as long as the reply. */
IPC_MUST_CHECK Status ipc_resp_read(RespReader *reader, RespElement *ret_element);

/* Appends a type byte, a decimal number, CR LF. */
void ipc_resp_put_number(ByteWriter *writer, char type, int64_t number);

/* Appends a bulk string. */
void ipc_resp_put_bulk(ByteWriter *writer, ByteView text);

/* Appends an array of bulk strings: a command.  With a writer of capacity 0 it
 * computes the size. */
void ipc_resp_command(ByteWriter *writer, const ByteList *argv);

#endif
