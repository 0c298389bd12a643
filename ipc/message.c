/* SPDX-License-Identifier: BSD-2-Clause */
/* message - the field tables behind message.h.
 *
 * FIELD(member, number, kind, min, max): rows in the order of the numbers in
 * ferrous_sandbox.proto; a test compares them with protobuf-c's descriptors.
 * min and max bound a number, the size of bytes, or the count of a list.
 */
#include "ipc/message.h"

#include "ipc/tape.h"

/* Sizes of single fields; the frame's own cap bounds their sum. */
#define MAX_DATA UINT32_C(67108864)   /* ceiling of reply_bytes and arg_bytes */
#define MAX_SOURCE UINT32_C(16777216) /* ceiling of script_bytes */
#define MAX_NAME 256                  /* a chunk name; PUC cuts at 60 to show it */
#define MAX_ERROR_LINE UINT32_C(1048576)
#define MAX_LINE INT64_C(0x7fffffff)

#define TABLE(type) static const FieldRule type##_fields[]
#define FIELD(type, member, number, kind, min, max) \
  { number, FIELD_##kind, offsetof(type, member), min, max, NULL }
#define USAGE(type, number) \
  { number, FIELD_MESSAGE, offsetof(type, usage), 0, 0, &Usage_rule }
#define RULE(type, proto_name)             \
  static const MessageRule type##_rule = { \
      proto_name, sizeof(type), sizeof type##_fields / sizeof type##_fields[0], type##_fields}

TABLE(Usage) = {
    FIELD(Usage, instructions, 1, UINT64, 0, UINT64_MAX),
    FIELD(Usage, compile_units, 2, UINT64, 0, UINT64_MAX),
    FIELD(Usage, memory_peak_bytes, 3, UINT64, 0, UINT64_MAX),
    FIELD(Usage, calls, 4, UINT64, 0, UINT64_MAX),
    FIELD(Usage, log_bytes, 5, UINT64, 0, UINT64_MAX),
    FIELD(Usage, random_state, 6, UINT64, 0, MESSAGE_RANDOM_STATE_MAX),
};
RULE(Usage, "Usage");

TABLE(RunMessage) = {
    FIELD(RunMessage, source, 1, BYTES, 0, MAX_SOURCE),
    FIELD(RunMessage, chunk_name, 2, BYTES, 1, MAX_NAME),
    FIELD(RunMessage, keys, 3, LIST, 0, MESSAGE_MAX_PARAMETERS),
    FIELD(RunMessage, args, 4, LIST, 0, MESSAGE_MAX_PARAMETERS),
    FIELD(RunMessage, instructions, 5, UINT64, 1, UINT64_MAX),
    FIELD(RunMessage, memory_bytes, 6, UINT64, 1, UINT64_MAX),
    FIELD(RunMessage, log_bytes, 7, UINT64, 0, UINT64_MAX),
    FIELD(RunMessage, reply_bytes, 8, UINT64, 1, UINT64_MAX),
    FIELD(RunMessage, reply_depth, 9, UINT32, 1, MESSAGE_MAX_DEPTH),
    FIELD(RunMessage, resp, 10, UINT32, 2, 3),
    FIELD(RunMessage, random_state, 11, UINT64, 0, MESSAGE_RANDOM_STATE_MAX),
    FIELD(RunMessage, flags, 12, UINT32, 0, RUN_ALL_FLAGS_),
    FIELD(RunMessage, base_bytes, 13, UINT64, 0, UINT64_MAX),
    FIELD(RunMessage, spin_rounds, 14, UINT32, 0, MESSAGE_MAX_SPIN_ROUNDS),
    FIELD(RunMessage, library, 15, UINT64, 0, MESSAGE_LIBRARY_MAX),
    FIELD(RunMessage, key, 16, BYTES, 0, MESSAGE_KEY_MAX),
    FIELD(RunMessage, tape, 17, BYTES, 0, MAX_DATA),
};
RULE(RunMessage, "Run");

TABLE(ReplyMessage) = {
    FIELD(ReplyMessage, kind, 1, UINT32, REPLY_DATA, REPLY_STOPPED),
    FIELD(ReplyMessage, data, 2, BYTES, 0, MAX_DATA),
    FIELD(ReplyMessage, text, 3, BYTES, 0, MAX_ERROR_LINE),
    FIELD(ReplyMessage, limit, 4, UINT32, 0, MESSAGE_MAX_LIMIT),
};
RULE(ReplyMessage, "Reply");

TABLE(HelloMessage) = {
    FIELD(HelloMessage, protocol, 1, UINT32, 1, UINT16_MAX),
    FIELD(HelloMessage, build_id, 2, BYTES, 1, 64),
    FIELD(HelloMessage, arena_bytes, 3, UINT64, 1, UINT64_MAX),
    FIELD(HelloMessage, frame_bytes, 4, UINT64, 1, UINT64_MAX),
    FIELD(HelloMessage, features, 5, UINT64, 0, UINT64_MAX),
    FIELD(HelloMessage, seal, 6, UINT64, 0, UINT64_MAX),
};
RULE(HelloMessage, "Hello");

#define CALL_FIELDS(flags_)                                              \
  FIELD(CallMessage, argv, MESSAGE_ARGV_FIELD, LIST, 1, MESSAGE_MAX_ARGV), \
      FIELD(CallMessage, resp, 2, UINT32, 2, 3),                         \
      FIELD(CallMessage, flags, 3, UINT32, 0, flags_),                   \
      FIELD(CallMessage, replicate, 4, UINT32, 0, CALL_REPLICATE_ALL)

TABLE(CallMessage) = {CALL_FIELDS(CALL_ALL_FLAGS_)};
RULE(CallMessage, "Call");

static const FieldRule post_fields[] = {CALL_FIELDS(CALL_VALUE | CALL_PCALL),
                                        FIELD(CallMessage, line, 5, INT64, -1, MAX_LINE),
                                        FIELD(CallMessage, guess, 6, BYTES, 0, TAPE_GUESS_BYTES),
                                        FIELD(CallMessage, chance, 7, UINT64, 0, MESSAGE_RANDOM_STATE_MAX + 1)};
static const MessageRule post_rule = {"Post", sizeof(CallMessage),
                                      sizeof post_fields / sizeof post_fields[0], post_fields};

/* Without the arguments, for ipc_message_end_call(). */
static const MessageRule call_rest_rule = {
    "Call", sizeof(CallMessage), sizeof CallMessage_fields / sizeof CallMessage_fields[0] - 1,
    CallMessage_fields + 1};
static const MessageRule post_rest_rule = {
    "Post", sizeof(CallMessage), sizeof post_fields / sizeof post_fields[0] - 1, post_fields + 1};

TABLE(LogMessage) = {
    FIELD(LogMessage, level, 1, UINT32, 0, 3),
    FIELD(LogMessage, text, 2, BYTES, 0, MAX_DATA),
};
RULE(LogMessage, "Log");

TABLE(ResultMessage) = {
    FIELD(ResultMessage, tokens, 1, BYTES, 0, MAX_DATA),
    USAGE(ResultMessage, 2),
};
RULE(ResultMessage, "Result");

TABLE(ErrorMessage) = {
    FIELD(ErrorMessage, text, 1, BYTES, 0, MAX_DATA),
    FIELD(ErrorMessage, source, 2, BYTES, 0, MAX_NAME),
    FIELD(ErrorMessage, line, 3, INT64, -1, MAX_LINE),
    FIELD(ErrorMessage, flags, 4, UINT32, 0, ERROR_ALL_FLAGS_),
    USAGE(ErrorMessage, 5),
};
RULE(ErrorMessage, "Error");

TABLE(CompileErrorMessage) = {
    FIELD(CompileErrorMessage, text, 1, BYTES, 1, MAX_DATA),
    FIELD(CompileErrorMessage, line, 2, UINT32, 0, MAX_LINE),
    USAGE(CompileErrorMessage, 3),
};
RULE(CompileErrorMessage, "CompileError");

TABLE(UnknownMessage) = {
    FIELD(UnknownMessage, key, 1, BYTES, 1, MESSAGE_KEY_MAX),
};
RULE(UnknownMessage, "Unknown");

TABLE(LimitMessage) = {
    FIELD(LimitMessage, limit, 1, UINT32, 0, MESSAGE_MAX_LIMIT),
    FIELD(LimitMessage, source, 2, BYTES, 0, MAX_NAME),
    FIELD(LimitMessage, line, 3, INT64, -1, MAX_LINE),
    FIELD(LimitMessage, report, 4, BYTES, 0, MAX_DATA),
    USAGE(LimitMessage, 5),
};
RULE(LimitMessage, "Limit");

const MessageRule *ipc_message_rule(MessageType type) {
  switch (type) {
    case MESSAGE_RUN: return &RunMessage_rule;
    case MESSAGE_REPLY: return &ReplyMessage_rule;
    case MESSAGE_HELLO: return &HelloMessage_rule;
    case MESSAGE_CALL: return &CallMessage_rule;
    case MESSAGE_POST: return &post_rule;
    case MESSAGE_LOG: return &LogMessage_rule;
    case MESSAGE_RESULT: return &ResultMessage_rule;
    case MESSAGE_ERROR: return &ErrorMessage_rule;
    case MESSAGE_COMPILE_ERROR: return &CompileErrorMessage_rule;
    case MESSAGE_UNKNOWN: return &UnknownMessage_rule;
    case MESSAGE_LIMIT: return &LimitMessage_rule;
    case MESSAGE_TYPE_LIMIT_: break;
  }
  return NULL;
}

#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) [number] = #name,
static const char *const names[MESSAGE_TYPE_LIMIT_] = {
#include "proto/messages.def"
#undef MESSAGE
};

const char *ipc_message_name(MessageType type) {
  if ((unsigned)type >= MESSAGE_TYPE_LIMIT_ || names[type] == NULL) return "?";
  return names[type];
}

/* A Reply holds exactly what its kind names, so that no reader can be made to
 * look at the wrong field. */
static Status check_reply(const ReplyMessage *reply) {
  bool has_data = reply->data.size != 0;
  bool has_text = reply->text.size != 0;
  bool has_limit = reply->limit != 0;
  bool wants_data = reply->kind == REPLY_DATA;
  bool wants_text = reply->kind == REPLY_REFUSED;
  bool wants_limit = reply->kind == REPLY_LIMIT;
  bool is_good = has_data == wants_data && has_text == wants_text && has_limit == wants_limit;
  return is_good ? ST_OK : ST_INVALID;
}

Status ipc_message_decode(MessageType type, ByteView body, void *ret_message) {
  const MessageRule *rule = ipc_message_rule(type);
  if (rule == NULL) return ST_PROTOCOL;
  Status status = ipc_codec_decode(rule, body, ret_message);
  if (status != ST_OK || type != MESSAGE_REPLY) return status;
  status = check_reply(ret_message);
  if (status != ST_OK) memset(ret_message, 0, rule->size);
  return status;
}

Status ipc_message_encode(MessageType type, const void *message, ByteWriter *writer) {
  const MessageRule *rule = ipc_message_rule(type);
  if (rule == NULL) return ST_PROTOCOL;
  if (type == MESSAGE_REPLY && check_reply(message) != ST_OK) return ST_INVALID;
  return ipc_codec_encode(rule, message, writer);
}

void ipc_message_put_arg(ByteWriter *writer, ByteView argument) {
  ipc_codec_put_element(writer, MESSAGE_ARGV_FIELD, argument);
}

Status ipc_message_end_call(ByteWriter *writer, MessageType type, const CallMessage *rest) {
  return ipc_codec_encode(type == MESSAGE_POST ? &post_rest_rule : &call_rest_rule, rest, writer);
}
