/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_session - a hostile worker's frames, and a clock, against the session.
 *
 * The input is a list of events: a frame (type and body, or a message whose fields are
 * chosen, for few bodies are well-formed), an answer of the host (bytes, or a reply that is
 * one), a step of time, a cancel, a death.  Whatever comes, a session that is over stays
 * over with the outcome it had, its error line has no line end in it, its value is within
 * the limits, no more calls were made than allowed, and what it wants to be told next is
 * consistent.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/value.h"

typedef struct {
  const uint8_t *at;
  size_t left;
} Input;

static uint8_t take_byte(Input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

static ByteView take_bytes(Input *in) {
  size_t size = take_byte(in);
  if (size > in->left) size = in->left;
  ByteView view = ipc_bytes_view(in->at, size);
  in->at += size;
  in->left -= size;
  return view;
}

static void check_value(const Session *session) {
  static NestingRoom scratch;
  const Limits *limits = &session->meter.limits;
  ByteView tokens = session->outcome.tokens;
  if (tokens.size > limits->reply_bytes || ipc_token_check(tokens, (uint32_t)limits->reply_depth, &scratch) != ST_OK)
    __builtin_trap();
}

static void check_outcome(const Session *session) {
  size_t size = 0;
  if (session->outcome.code == CODE_OK) {
    check_value(session);
    return;
  }
  char *line =
      supervisor_outcome_text(&session->outcome, "0123456789012345678901234567890123456789", &size);
  if (line == NULL || memchr(line, '\n', size) != NULL || memchr(line, '\r', size) != NULL ||
      strlen(line) != size)
    __builtin_trap();
  free(line);
}

static ByteView take_reply(Input *in) {
  static const char *const replies[] = {"+OK\r\n",  ":9007199254740993\r\n", "$-1\r\n", "*-1\r\n", "-ERR no\r\n", "-\r\n",
                                        "$2\r\nab\r\n", "*2\r\n*1\r\n:1\r\n-x\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "%0\r\n", "*0\r\n", "*2\r\n:1\r\n"};
  uint8_t choice = take_byte(in);
  if (choice < 128) return take_bytes(in);
  return ipc_bytes_text(replies[choice % (sizeof replies / sizeof *replies)]);
}

static FsbReply take_answer(Input *in) {
  FsbReply answer = {.kind = (FsbReplyKind)(take_byte(in) % (FSB_REPLY_UNAVAILABLE + 1))};
  ByteView bytes = take_reply(in);
  answer.bytes = (FsbBytes){(const char *)bytes.data, bytes.size};
  answer.setup_ns = take_byte(in);
  return answer;
}

/* Tokens that were made pass the check that a worker's have to. */
static void give_value(Session *session, ByteView reply, uint64_t now) {
  static uint8_t room[1 << 16];
  static NestingRoom scratch;
  ByteWriter writer = ipc_bytes_writer(room, supervisor_value_room(reply));
  if (writer.capacity > sizeof room) return;
  uint32_t depth = (uint32_t)session->meter.limits.reply_depth;
  if (supervisor_value_put(&writer, reply, depth, &scratch) != ST_OK) {
    supervisor_session_give_up(session, CODE_LIMIT_REPLY_DEPTH, ipc_bytes_text(""), now);
    return;
  }
  session->value = ipc_bytes_written(&writer);
  if (ipc_token_check(session->value, depth, &scratch) != ST_OK) __builtin_trap();
}

/* The text of a failure lies in the input, which outlives the session. */
static void answer_post(Session *session, Input *in, Moment moment) {
  FsbReply answer = take_answer(in);
  ByteView error;
  if (session->message.call.guess.size != 0) {
    bool is_right = supervisor_session_guessed(session, &answer, moment);
    if (is_right && (session->is_stale || session->stop != CODE_OK)) __builtin_trap();
    return;
  }
  if (supervisor_session_posted(session, &answer, moment, &error))
    supervisor_session_fail(session, error, moment.now);
  else if (supervisor_session_wants_value(session))
    give_value(session, ipc_bytes_view(answer.bytes.data, answer.bytes.size), moment.now);
}

/* Behind the last post nothing is taken but the end. */
static void check_last(SessionStep step, bool had_asked, MessageType type) {
  if (had_asked && type != MESSAGE_RESULT && step != STEP_KILL) __builtin_trap();
}

static void give(Session *session, Input *in, Moment moment, const Frame *frame) {
  bool had_asked = session->has_asked;
  SessionStep step = supervisor_session_frame(session, frame, moment);
  check_last(step, had_asked, frame->type);
  if (step == STEP_REPLY) supervisor_session_sent(session, moment);
  if (step == STEP_POST) answer_post(session, in, moment);
  bool is_end = step == STEP_OVER || step == STEP_KILL;
  if (is_end != (session->state == SESSION_OVER)) __builtin_trap();
  if ((step == STEP_CALL) != (session->state == SESSION_CALLING)) __builtin_trap();
  if (session->meter.calls > session->meter.limits.calls) __builtin_trap();
}

static void give_frame(Session *session, Input *in, Moment moment) {
  Frame frame = {.type = (MessageType)(take_byte(in) % MESSAGE_TYPE_LIMIT_), .generation = 1};
  frame.body = take_bytes(in);
  give(session, in, moment, &frame);
}

/* Encodes a message with fields of the input's choice. */
static MessageType put_message(Input *in, ByteWriter *body) {
  static const MessageType types[] = {MESSAGE_CALL, MESSAGE_POST, MESSAGE_POST, MESSAGE_POST, MESSAGE_RESULT, MESSAGE_RESULT, MESSAGE_LIMIT, MESSAGE_ERROR};
  MessageType type = types[take_byte(in) % (sizeof types / sizeof *types)];
  uint8_t choice = take_byte(in);
  ByteView bytes = take_bytes(in), argv[1] = {bytes};
  AnyMessage message = {.hello = {.protocol = 0}};
  if (type == MESSAGE_CALL || type == MESSAGE_POST) {
    message.call = (CallMessage){.argv = {.count = 1, .items = argv}, .resp = 2 + (choice >> 7), .flags = choice & 7,
                                 .replicate = choice >> 3 & 3, .line = type == MESSAGE_POST ? choice : 0};
    if (type == MESSAGE_POST && (choice & 32) != 0) {
      message.call.guess = ipc_bytes_text((choice & 64) != 0 ? ":1\r\n" : "$-1\r\n");
      message.call.chance = choice;
    }
  } else if (type == MESSAGE_RESULT) {
    message.result = (ResultMessage){.tokens = choice < 128 ? ipc_bytes_view(NULL, 0) : bytes};
  } else if (type == MESSAGE_LIMIT) {
    message.limit = (LimitMessage){.limit = choice & 15, .line = choice};
  } else {
    message.error = (ErrorMessage){.text = bytes, .line = choice};
  }
  return ipc_message_encode(type, &message, body) == ST_OK ? type : MESSAGE_TYPE_LIMIT_;
}

static void give_message(Session *session, Input *in, Moment moment) {
  static uint8_t room[1024];
  ByteWriter body = ipc_bytes_writer(room, sizeof room);
  Frame frame = {.type = put_message(in, &body), .generation = 1};
  if (frame.type == MESSAGE_TYPE_LIMIT_) return;
  frame.body = ipc_bytes_written(&body);
  give(session, in, moment, &frame);
}

static void give_answer(Session *session, Input *in, Moment moment) {
  FsbReply answer = take_answer(in);
  if (session->state != SESSION_CALLING) return;
  supervisor_session_answer(session, &answer, moment);
  supervisor_session_sent(session, moment);
}

static void give_event(Session *session, Input *in, Moment *moment) {
  switch (take_byte(in) % 8) {
    case 0:
    case 6:
    case 7: give_message(session, in, *moment); break;
    case 1: give_frame(session, in, *moment); break;
    case 2: give_answer(session, in, *moment); break;
    case 3:
      moment->now += (uint64_t)take_byte(in) << (take_byte(in) % 40);
      moment->cpu += (uint64_t)take_byte(in) << (take_byte(in) % 40);
      break;
    case 4: (void)supervisor_session_tick(session, *moment, (take_byte(in) & 1) != 0); break;
    default: supervisor_session_died(session, take_byte(in) % 7, take_byte(in)); break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static NestingRoom scratch;
  static Session session;
  Input in = {data, size};
  Moment moment = {1000, 0};
  Limits limits = policy_limits_defaults();
  limits.calls = 3;
  limits.log_bytes = 100;
  limits.reply_bytes = 200;
  limits.arg_bytes = 100;
  limits.reply_depth = 4;
  supervisor_session_start(&session, &limits, moment, &scratch);
  session.may_guess = true;
  supervisor_session_sent(&session, moment);
  while (in.left != 0 && (session.state != SESSION_OVER || supervisor_session_plays_again(&session))) {
    if (supervisor_session_plays_again(&session)) {
      supervisor_session_restart(&session);
      supervisor_session_sent(&session, moment);
    } else if (session.state == SESSION_CALLING)
      give_answer(&session, &in, moment);
    else
      give_event(&session, &in, &moment);
  }
  if (session.state != SESSION_OVER || supervisor_session_plays_again(&session)) return 0;
  Code code = session.outcome.code;
  check_outcome(&session);
  supervisor_session_died(&session, 2, 31);
  if (session.outcome.code != code) __builtin_trap();
  return 0;
}
