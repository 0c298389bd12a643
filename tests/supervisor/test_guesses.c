/* SPDX-License-Identifier: BSD-2-Clause */
/* test_guesses - the session, where the worker goes on with what it expects. */
#define _GNU_SOURCE
#include <signal.h>

#include "tests/check_main.h"
#include "tests/supervisor/stage.h"

static SessionStep send_guess(Stage *s, uint32_t flags, int64_t line, const char *guess) {
  ByteView argv[1] = {ipc_bytes_text("EXISTS")};
  CallMessage post = {.argv = {.count = 1, .items = argv}, .resp = 2, .flags = flags, .line = line, .guess = ipc_bytes_text(guess)};
  return send_frame(s, MESSAGE_POST, &post);
}

static bool answer_guess(Stage *s, FsbReplyKind kind, const char *bytes) {
  FsbReply reply = {.kind = kind, .bytes = {bytes, strlen(bytes)}};
  return supervisor_session_guessed(&s->session, &reply, moment(s));
}

static Stage *begin_guessing(const char *limit) {
  Stage *s = begin_with(limit);
  s->session.may_guess = true;
  return s;
}

START_TEST(a_right_guess_is_no_event) {
  Stage *s = begin_guessing(NULL);
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(answer_guess(s, FSB_REPLY_DATA, ":1\r\n"));
  ck_assert(!supervisor_session_is_stale(&s->session));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_OK);
  ck_assert(!supervisor_session_plays_again(&s->session));
}
END_TEST

/* Whatever the worker says after it rests on what is not true. */
START_TEST(after_a_wrong_guess_nothing_counts_until_the_run_is_played_again) {
  static const struct {
    FsbReplyKind kind;
    const char *answer;
  } rows[] = {{FSB_REPLY_DATA, ":0\r\n"}, {FSB_REPLY_DATA, "-ERR no\r\n"}, {FSB_REPLY_REFUSED, ":1\r\n"}, {FSB_REPLY_DATA, ""}};
  for (size_t i = 0; i < 3 * sizeof rows / sizeof *rows; i++) {
    Stage *s = begin_guessing(NULL);
    LogMessage line = {.text = ipc_bytes_text("never")};
    ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
    ck_assert(!answer_guess(s, rows[i / 3].kind, rows[i / 3].answer));
    ck_assert(supervisor_session_is_stale(&s->session));
    ck_assert_int_eq(send_post(s, 0, 5), STEP_WAIT);
    ck_assert_int_eq(send_guess(s, 0, 6, ":1\r\n"), STEP_WAIT);
    ck_assert_int_eq(send_frame(s, MESSAGE_LOG, &line), STEP_WAIT);
    if (i % 3 == 0) ck_assert_int_eq(send_integer(s), STEP_OVER);
    if (i % 3 == 1) ck_assert_int_eq(send_limit(s, LIMIT_ID_instructions + 1), STEP_OVER);
    if (i % 3 == 2) {
      ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
      ck_assert_int_eq(s->session.reply.kind, REPLY_STOPPED);
      supervisor_session_sent(&s->session, moment(s));
      ck_assert_int_eq(send_limit(s, 0), STEP_OVER);
    }
    ck_assert(supervisor_session_plays_again(&s->session));
    supervisor_session_restart(&s->session);
    supervisor_session_sent(&s->session, moment(s));
    ck_assert_int_eq(send_post(s, 0, 5), STEP_POST);
    ck_assert(!answer_post(s, FSB_REPLY_DATA, "+OK\r\n"));
    ck_assert_int_eq(send_integer(s), STEP_OVER);
    ck_assert_int_eq(s->session.outcome.code, CODE_OK);
    ck_assert_uint_eq(s->session.meter.calls, 2);
    ck_assert_uint_eq(s->session.meter.log_bytes, 0);
  }
}
END_TEST

START_TEST(who_may_not_guess_and_does_is_killed) {
  Stage *s = begin();
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_KILL);
  ck_assert_int_eq(s->session.outcome.code, CODE_PROTOCOL_VIOLATION);
  s = begin_guessing(NULL);
  ck_assert_int_eq(send_guess(s, CALL_VALUE, 4, ":1\r\n"), STEP_KILL);
  s = begin_guessing(NULL); /* not a second time, either */
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(!answer_guess(s, FSB_REPLY_DATA, ":0\r\n"));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  supervisor_session_restart(&s->session);
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_KILL);
}
END_TEST

START_TEST(a_limit_at_a_guess_stands_where_the_call_does) {
  Stage *s = begin_guessing("calls=1");
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(answer_guess(s, FSB_REPLY_DATA, ":1\r\n"));
  ck_assert_int_eq(send_guess(s, 0, 7, ":1\r\n"), STEP_STOP);
  ck_assert_int_eq(send_limit(s, 0), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_CALLS);
  ck_assert_int_eq(s->session.outcome.line, 7);
  s = begin_guessing("reply_bytes=64");
  ck_assert_int_eq(send_guess(s, 0, 8, ":1\r\n"), STEP_POST);
  ck_assert(!answer_guess(s, FSB_REPLY_TOO_LONG, ""));
  ck_assert(!supervisor_session_is_stale(&s->session));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_REPLY_BYTES);
  ck_assert_int_eq(s->session.outcome.line, 8);
}
END_TEST

START_TEST(who_is_killed_or_dies_on_a_wrong_guess_is_not_played_again) {
  Stage *s = begin_guessing(NULL);
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(!answer_guess(s, FSB_REPLY_DATA, ":0\r\n"));
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_post(s, 0, 5), STEP_STOP);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_CANCELLED);
  ck_assert(!supervisor_session_plays_again(&s->session));
  s = begin_guessing(NULL);
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(!answer_guess(s, FSB_REPLY_DATA, ":0\r\n"));
  supervisor_session_died(&s->session, CLD_KILLED, SIGKILL);
  ck_assert_int_eq(s->session.outcome.code, CODE_WORKER_CRASHED);
  ck_assert(!supervisor_session_plays_again(&s->session));
}
END_TEST

/* A value that crosses a request to stop counts, but not one that rests on what is not true. */
START_TEST(a_value_that_rests_on_a_wrong_guess_never_counts) {
  LogMessage line = {.text = ipc_bytes_text("never")};
  Stage *s = begin_guessing(NULL);
  ck_assert_int_eq(send_guess(s, 0, 4, ":1\r\n"), STEP_POST);
  ck_assert(!answer_guess(s, FSB_REPLY_DATA, ":0\r\n"));
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_frame(s, MESSAGE_LOG, &line), STEP_WAIT);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_CANCELLED);
}
END_TEST

SUITE("supervisor guesses", a_value_that_rests_on_a_wrong_guess_never_counts, a_right_guess_is_no_event,
      after_a_wrong_guess_nothing_counts_until_the_run_is_played_again,
      who_may_not_guess_and_does_is_killed,
      a_limit_at_a_guess_stands_where_the_call_does,
      who_is_killed_or_dies_on_a_wrong_guess_is_not_played_again)
