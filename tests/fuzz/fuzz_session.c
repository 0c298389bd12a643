/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_session - a hostile worker's frames, and a clock, against the session.
 *
 * The input is a list of events: a frame (type and body), an answer of the host, a
 * step of time, a cancel, a death.  Whatever comes, a session that is over stays
 * over with the outcome it had, its error line has no line end in it, and what it
 * wants to be told next is consistent.
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

static void check_outcome(const Session *session) {
  size_t size = 0;
  if (session->outcome.code == CODE_OK) return;
  char *line =
      supervisor_outcome_text(&session->outcome, "0123456789012345678901234567890123456789", &size);
  if (line == NULL || memchr(line, '\n', size) != NULL || memchr(line, '\r', size) != NULL ||
      strlen(line) != size)
    __builtin_trap();
  free(line);
}

static FsbReply take_answer(Input *in) {
  FsbReply answer = {.kind = (FsbReplyKind)(take_byte(in) % (FSB_REPLY_UNAVAILABLE + 1))};
  ByteView bytes = take_bytes(in);
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
  if (supervisor_value_put(&writer, reply, 16, &scratch) != ST_OK) {
    supervisor_session_no_value(session, CODE_LIMIT_REPLY_DEPTH, ipc_bytes_text(""), now);
    return;
  }
  session->value = ipc_bytes_written(&writer);
  if (ipc_token_check(session->value, 16, &scratch) != ST_OK) __builtin_trap();
}

/* The text of a failure lies in the input, which outlives the session. */
static void answer_post(Session *session, Input *in, Moment moment) {
  FsbReply answer = take_answer(in);
  ByteView error;
  if (supervisor_session_posted(session, &answer, moment, &error))
    supervisor_session_fail(session, error, moment.now);
  else if (supervisor_session_wants_value(session))
    give_value(session, ipc_bytes_view(answer.bytes.data, answer.bytes.size), moment.now);
}

static void give_frame(Session *session, Input *in, Moment moment) {
  Frame frame = {.type = (MessageType)(take_byte(in) % MESSAGE_TYPE_LIMIT_), .generation = 1};
  frame.body = take_bytes(in);
  SessionStep step = supervisor_session_frame(session, &frame, moment);
  if (step == STEP_REPLY) supervisor_session_sent(session, moment);
  if (step == STEP_POST) answer_post(session, in, moment);
  bool is_end = step == STEP_OVER || step == STEP_KILL;
  if (is_end != (session->state == SESSION_OVER)) __builtin_trap();
  if ((step == STEP_CALL) != (session->state == SESSION_CALLING)) __builtin_trap();
}

static void give_answer(Session *session, Input *in, Moment moment) {
  FsbReply answer = take_answer(in);
  if (session->state != SESSION_CALLING) return;
  supervisor_session_answer(session, &answer, moment);
  supervisor_session_sent(session, moment);
}

static void give_event(Session *session, Input *in, Moment *moment) {
  switch (take_byte(in) % 6) {
    case 0:
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
  supervisor_session_sent(&session, moment);
  while (in.left != 0 && session.state != SESSION_OVER) {
    if (session.state == SESSION_CALLING)
      give_answer(&session, &in, moment);
    else
      give_event(&session, &in, &moment);
  }
  if (session.state != SESSION_OVER) return 0;
  Code code = session.outcome.code;
  check_outcome(&session);
  supervisor_session_died(&session, 2, 31);
  if (session.outcome.code != code) __builtin_trap();
  return 0;
}
