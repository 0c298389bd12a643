/* SPDX-License-Identifier: BSD-2-Clause */
/* message - the messages of the wire as C structs.
 *
 * One struct per message of proto/ferrous_sandbox.proto, member for field; the
 * meaning of each field is told there.  Decoded structs borrow from the frame.
 * `ipc_message_rule(type)` gives the codec's table for a type; encode and decode
 * here are ipc_codec_* with that table, so there is no per-message code.
 *
 * Decoding checks the form and each field's range.  It does not check what only
 * the receiver can know: whether a command is allowed, whether usage is true,
 * whether a Reply's data is well-formed RESP, whether tokens are valid
 * (ipc/token.h does that).
 *
 * Layer: ipc.  Used by the sealed worker: memcpy only.
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "ipc/codec.h"

typedef enum {
#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) MESSAGE_##name = (number),
#include "proto/messages.def"
#undef MESSAGE
  MESSAGE_TYPE_LIMIT_ = 32 /* every number is below it */
} MessageType;

/* Count caps.  KEYS and ARGV follow Redis's multibulk limit; a call's arguments
 * pass through Lua's C stack, which holds 8000. */
#define MESSAGE_MAX_PARAMETERS UINT32_C(1048576)
#define MESSAGE_MAX_ARGV UINT32_C(8192)
#define MESSAGE_MAX_DEPTH UINT32_C(8192)
#define MESSAGE_MAX_SPIN_ROUNDS UINT32_C(4096)
#define MESSAGE_RANDOM_STATE_MAX ((UINT64_C(1) << 48) - 1)
#define MESSAGE_LIBRARY_MAX (UINT64_C(1) << 53)
#define MESSAGE_KEY_MAX UINT32_C(40)
#define MESSAGE_MAX_LIMIT UINT32_C(255)
#define MESSAGE_ARGV_FIELD 1 /* of CallMessage.argv */

enum { /* RunMessage.flags */
       RUN_READ_ONLY = 1,
       RUN_COMPILE_ONLY = 2,
       RUN_LIBRARY = 4,
       RUN_FUNCTION = 8,
       RUN_MAY_POST = 16,
       RUN_APART = 32,
       RUN_BY_RING = 64, /* its frames, and the next RUN */
       RUN_MAY_GUESS = 128,
       RUN_ALL_FLAGS_ = 255
};

enum { /* CallMessage.flags */
       CALL_PCALL = 1,
       CALL_ACL_CHECK = 2, /* not of a POST */
       CALL_VALUE = 4,     /* of a POST only */
       CALL_ALL_FLAGS_ = 3
};

enum { /* CallMessage.replicate */
       CALL_REPLICATE_AOF = 1,
       CALL_REPLICATE_REPLICAS = 2,
       CALL_REPLICATE_ALL = 3
};

enum { /* ErrorMessage.flags */
       ERROR_IGNORE_STATS = 1,
       ERROR_ALL_FLAGS_ = 1
};

enum { /* HelloMessage.features */
       HELLO_HANDLE_CHECKS = 1,
       HELLO_SANITIZER = 2,
       HELLO_STRESS = 4,
       HELLO_RING = 8
};

typedef enum {
  REPLY_DATA = 1,    /* data: one complete RESP reply */
  REPLY_REFUSED = 2, /* text: an error line to raise in the script */
  REPLY_LIMIT = 3,   /* limit: end the run */
  REPLY_STOPPED = 4  /* killed: end the run */
} ReplyKind;

typedef struct {
  uint64_t instructions;
  uint64_t compile_units;
  uint64_t memory_peak_bytes;
  uint64_t calls;
  uint64_t log_bytes;
  uint64_t random_state; /* 48 bits */
} Usage;

typedef struct {
  ByteView source;
  ByteView chunk_name;
  ByteList keys;
  ByteList args;
  uint64_t instructions;
  uint64_t memory_bytes;
  uint64_t log_bytes;
  uint64_t reply_bytes;
  uint32_t reply_depth;
  uint32_t resp; /* 2 or 3 */
  uint64_t random_state;
  uint32_t flags;
  uint64_t base_bytes;
  uint32_t spin_rounds;
  uint64_t library; /* at most MESSAGE_LIBRARY_MAX: Lua counts it in doubles */
  ByteView key;     /* at most MESSAGE_KEY_MAX bytes */
  ByteView tape;    /* see tape.h: what the run's first calls were answered */
} RunMessage;

typedef struct {
  uint32_t kind; /* ReplyKind */
  ByteView data;
  ByteView text;
  uint32_t limit; /* row of limits.def, plus one */
} ReplyMessage;

typedef struct {
  uint32_t protocol;
  ByteView build_id; /* 1 to 64 bytes */
  uint64_t arena_bytes;
  uint64_t frame_bytes;
  uint64_t features;
  uint64_t seal;
} HelloMessage;

typedef struct {
  ByteList argv; /* 1 to MESSAGE_MAX_ARGV elements */
  uint32_t resp; /* 2 or 3 */
  uint32_t flags;
  uint32_t replicate;
  int64_t line;   /* of a POST, as the next; -1: not known */
  ByteView guess; /* the answer that the worker goes on with; empty: it needs none */
  uint64_t chance; /* state of math.random at the call, plus one; 0: that of RUN */
} CallMessage;

typedef struct {
  uint32_t level; /* 0 debug to 3 warning */
  ByteView text;
} LogMessage;

typedef struct {
  ByteView tokens; /* see ipc/token.h */
  Usage usage;
} ResultMessage;

typedef struct {
  ByteView text;
  ByteView source;
  int64_t line; /* -1: in a native function */
  uint32_t flags;
  Usage usage;
} ErrorMessage;

typedef struct {
  ByteView text;
  uint32_t line;
  Usage usage;
} CompileErrorMessage;

typedef struct {
  uint32_t limit; /* row of limits.def, plus one; 0: stopped */
  ByteView source;
  int64_t line; /* -1: in a native function, 0: not known */
  ByteView report;
  Usage usage;
} LimitMessage;

typedef struct {
  ByteView key;
} UnknownMessage;

/* Large enough for any message: for callers that decode before they switch. */
typedef union {
  RunMessage run;
  ReplyMessage reply;
  HelloMessage hello;
  CallMessage call;
  LogMessage log;
  ResultMessage result;
  ErrorMessage error;
  CompileErrorMessage compile_error;
  UnknownMessage unknown;
  LimitMessage limit;
} AnyMessage;

/* The field table of a type, NULL for a number that is no message. */
const MessageRule *ipc_message_rule(MessageType type);

/* Returns "RUN", "CALL", ..., or "?" for a number that is no message. */
const char *ipc_message_name(MessageType type);

/* Decodes a frame's body into the struct that belongs to `type`. */
IPC_MUST_CHECK Status ipc_message_decode(MessageType type, ByteView body, void *ret_message);

/* Appends the encoding of the struct that belongs to `type`. */
IPC_MUST_CHECK Status ipc_message_encode(MessageType type, const void *message, ByteWriter *writer);

/* For a worker that has its arguments one by one: any number of
 * ipc_message_put_arg(), then ipc_message_end_call() with the other fields
 * (its argv is ignored).  Same bytes as encoding a CALL or POST at once. */
void ipc_message_put_arg(ByteWriter *writer, ByteView argument);
IPC_MUST_CHECK Status ipc_message_end_call(ByteWriter *writer, MessageType type,
                                           const CallMessage *rest);

#endif
