/* SPDX-License-Identifier: BSD-2-Clause */
/* stage - a session with a clock that the test moves, and frames from its worker. */
#ifndef TESTS_SUPERVISOR_STAGE_H
#define TESTS_SUPERVISOR_STAGE_H

#include <check.h>
#include <string.h>

#include "ipc/token.h"
#include "policy/limits.h"
#include "sandbox/supervisor/session.h"

#define MS UINT64_C(1000000)

typedef struct {
  Session session;
  Limits limits;
  NestingRoom scratch;
  uint64_t now;
  uint64_t cpu;
  uint8_t body[65536];
} Stage;

static inline Moment moment(const Stage *s) {
  return (Moment){s->now, s->cpu};
}

static inline Stage *begin_with(const char *limit) {
  static Stage stage;
  char error[LIMITS_ERROR_BYTES];
  memset(&stage, 0, sizeof stage);
  stage.limits = policy_limits_defaults();
  stage.now = 1000 * MS;
  if (limit != NULL) ck_assert_int_eq(policy_limits_parse(&stage.limits, limit, error), ST_OK);
  supervisor_session_start(&stage.session, &stage.limits, moment(&stage), &stage.scratch);
  supervisor_session_sent(&stage.session, moment(&stage));
  return &stage;
}

static inline Stage *begin(void) {
  return begin_with(NULL);
}

static inline SessionStep send_frame(Stage *s, MessageType type, const void *message) {
  ByteWriter body = ipc_bytes_writer(s->body, sizeof s->body);
  ck_assert_int_eq(ipc_message_encode(type, message, &body), ST_OK);
  Frame frame = {.type = type, .generation = 1, .body = ipc_bytes_written(&body)};
  return supervisor_session_frame(&s->session, &frame, moment(s));
}

static inline SessionStep send_call(Stage *s, const char *word) {
  ByteView argv[1] = {ipc_bytes_text(word)};
  CallMessage call = {
      .argv = {.count = 1, .items = argv}, .resp = 2, .replicate = CALL_REPLICATE_ALL};
  return send_frame(s, MESSAGE_CALL, &call);
}

static inline SessionStep send_post_in(Stage *s, uint32_t resp, uint32_t flags, int64_t line) {
  ByteView argv[1] = {ipc_bytes_text("SET")};
  CallMessage post = {.argv = {.count = 1, .items = argv}, .resp = resp, .flags = flags, .line = line};
  return send_frame(s, MESSAGE_POST, &post);
}

static inline SessionStep send_post(Stage *s, uint32_t flags, int64_t line) {
  return send_post_in(s, 2, flags, line);
}

/* Answers a post as the driver does; returns whether it failed. */
static inline bool answer_post(Stage *s, FsbReplyKind kind, const char *bytes) {
  FsbReply reply = {.kind = kind, .bytes = {bytes, strlen(bytes)}, .wrote = true};
  ByteView error;
  bool has_failed = supervisor_session_posted(&s->session, &reply, moment(s), &error);
  if (has_failed) supervisor_session_fail(&s->session, error, s->now);
  return has_failed;
}

static inline SessionStep send_integer(Stage *s) {
  uint8_t room[16];
  ByteWriter tokens = ipc_bytes_writer(room, sizeof room);
  ipc_token_put_integer(&tokens, 5);
  ResultMessage result = {.tokens = ipc_bytes_written(&tokens), .usage = {.instructions = 7}};
  return send_frame(s, MESSAGE_RESULT, &result);
}

static inline SessionStep send_limit(Stage *s, uint32_t number) {
  LimitMessage limit = {.limit = number, .source = ipc_bytes_text("@user_script"), .line = 3};
  return send_frame(s, MESSAGE_LIMIT, &limit);
}

static inline void expect_outcome(const Stage *s, Code code) {
  ck_assert_int_eq(s->session.state, SESSION_OVER);
  ck_assert_msg(s->session.outcome.code == code, "%d, not %d: %.*s", (int)s->session.outcome.code,
                (int)code, (int)s->session.outcome.text.size, s->session.outcome.text.data);
}

#endif
