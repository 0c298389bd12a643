/* SPDX-License-Identifier: BSD-2-Clause */
/* test_session - the state machine under scripted frames, answers and clocks. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "policy/traps.h"
#include "sandbox/zygote_abi.h"
#include "tests/check_main.h"
#include "tests/supervisor/stage.h"

static void answer(Stage *s, FsbReplyKind kind, const char *bytes) {
  FsbReply reply = {.kind = kind, .bytes = {bytes, strlen(bytes)}};
  supervisor_session_answer(&s->session, &reply, moment(s));
}

/* --- Texts that were only named --- */

static SessionStep send_unknown(Stage *s, const char *key) {
  UnknownMessage unknown = {.key = ipc_bytes_text(key)};
  return send_frame(s, MESSAGE_UNKNOWN, &unknown);
}

START_TEST(a_text_that_is_not_kept_is_sent_once) {
  Stage *s = begin();
  s->session.recall = ipc_bytes_text("key");
  ck_assert_int_eq(send_unknown(s, "key"), STEP_RESEND);
  ck_assert_int_ne(s->session.state, SESSION_OVER);
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(send_unknown(s, "key"), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_text_that_was_sent_or_is_another_cannot_be_unknown) {
  Stage *s = begin();
  ck_assert_int_eq(send_unknown(s, "key"), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
  s = begin();
  s->session.recall = ipc_bytes_text("key");
  ck_assert_int_eq(send_unknown(s, "yek"), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_run_that_has_begun_cannot_turn_out_to_be_unknown) {
  Stage *s = begin();
  s->session.recall = ipc_bytes_text("key");
  ck_assert_int_eq(send_post(s, 0, 1), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "+OK\r\n"));
  ck_assert_int_eq(send_unknown(s, "key"), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_run_that_was_cancelled_is_not_sent_again) {
  Stage *s = begin();
  s->session.recall = ipc_bytes_text("key");
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_unknown(s, "key"), STEP_OVER);
  expect_outcome(s, CODE_CANCELLED);
}
END_TEST

/* --- Endings --- */

START_TEST(a_result_ends_the_run_with_its_tokens_and_usage) {
  Stage *s = begin();
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  expect_outcome(s, CODE_OK);
  ck_assert_uint_eq(s->session.outcome.tokens.size, 9);
  ck_assert_uint_eq(s->session.claim.instructions, 7);
}
END_TEST

START_TEST(an_error_keeps_its_text_source_and_line) {
  Stage *s = begin();
  ErrorMessage error = {.text = ipc_bytes_text("ERR user_script:4: x"),
                        .source = ipc_bytes_text("@user_script"),
                        .line = 4};
  ck_assert_int_eq(send_frame(s, MESSAGE_ERROR, &error), STEP_OVER);
  expect_outcome(s, CODE_SCRIPT_ERROR);
  ck_assert_int_eq(s->session.outcome.line, 4);
  ck_assert(ipc_bytes_is_equal(s->session.outcome.text, ipc_bytes_text("ERR user_script:4: x")));
}
END_TEST

START_TEST(a_compile_error_has_its_line) {
  Stage *s = begin();
  CompileErrorMessage error = {.text = ipc_bytes_text("user_script:9: bad"), .line = 9};
  ck_assert_int_eq(send_frame(s, MESSAGE_COMPILE_ERROR, &error), STEP_OVER);
  expect_outcome(s, CODE_COMPILE_ERROR);
  ck_assert_int_eq(s->session.outcome.line, 9);
}
END_TEST

START_TEST(nothing_is_heard_after_the_end) {
  Stage *s = begin();
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(send_integer(s), STEP_KILL);
  expect_outcome(s, CODE_OK);
}
END_TEST

/* --- Limits that the worker reports --- */

START_TEST(a_worker_may_report_only_the_limits_it_enforces) {
  for (size_t i = 0; policy_limits_row(i) != NULL; i++) {
    const LimitRow *row = policy_limits_row(i);
    Stage *s = begin();
    bool may = row->enforced_by != BY_SUPERVISOR || row->code == CODE_LIMIT_CALLS ||
               row->code == CODE_LIMIT_ARG_BYTES || row->code == CODE_LIMIT_REPLY_BYTES ||
               row->code == CODE_LIMIT_REPLY_DEPTH || row->code == CODE_LIMIT_LOG_BYTES;
    ck_assert_int_eq(send_limit(s, (uint32_t)i + 1), may ? STEP_OVER : STEP_KILL);
    expect_outcome(s, may ? row->code : CODE_PROTOCOL_VIOLATION);
    if (may) ck_assert_uint_eq(s->session.outcome.limit, row->default_value);
  }
}
END_TEST

START_TEST(an_ending_that_nobody_asked_for_is_a_violation) {
  Stage *s = begin();
  ck_assert_int_eq(send_limit(s, 0), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
  s = begin();
  ck_assert_int_eq(send_limit(s, 255), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

/* --- Calls --- */

START_TEST(a_call_is_answered_with_the_stores_bytes) {
  Stage *s = begin();
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  ck_assert_int_eq(s->session.state, SESSION_CALLING);
  answer(s, FSB_REPLY_DATA, ":1\r\n");
  ck_assert_uint_eq(s->session.reply.kind, REPLY_DATA);
  ck_assert_uint_eq(s->session.reply.data.size, 4);
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(s->session.state, SESSION_RUNNING);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  expect_outcome(s, CODE_OK);
  ck_assert_uint_eq(s->session.meter.calls, 1);
}
END_TEST

START_TEST(a_refusal_is_for_the_script_to_catch) {
  Stage *s = begin();
  ck_assert_int_eq(send_call(s, "EVAL"), STEP_CALL);
  answer(s, FSB_REPLY_REFUSED, "ERR no");
  ck_assert_uint_eq(s->session.reply.kind, REPLY_REFUSED);
  ck_assert_uint_eq(s->session.reply.text.size, 6);
}
END_TEST

START_TEST(a_frame_while_the_host_is_asked_is_a_violation) {
  Stage *s = begin();
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  ck_assert_int_eq(send_integer(s), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

static void expect_end_by_reply(Stage *s, Code code) {
  const LimitRow *row = policy_limits_by_code(code);
  uint32_t number = row == NULL ? 0 : (uint32_t)row->id + 1;
  ck_assert_uint_eq(s->session.reply.kind, number == 0 ? REPLY_STOPPED : REPLY_LIMIT);
  ck_assert_uint_eq(s->session.reply.limit, number);
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(send_limit(s, number), STEP_OVER);
  expect_outcome(s, code);
  ck_assert_int_eq(s->session.outcome.line, 3);
}

START_TEST(the_last_call_over_the_limit_is_not_made) {
  Stage *s = begin_with("calls=1");
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  answer(s, FSB_REPLY_DATA, ":1\r\n");
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
  expect_end_by_reply(s, CODE_LIMIT_CALLS);
  ck_assert_uint_eq(s->session.meter.calls, 1);
  s = begin_with("calls=0");
  ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
  expect_end_by_reply(s, CODE_LIMIT_CALLS);
}
END_TEST

START_TEST(a_request_that_is_too_long_is_not_made) {
  Stage *s = begin_with("arg_bytes=10");
  ck_assert_int_eq(send_call(s, "0123456789"), STEP_CALL);
  s = begin_with("arg_bytes=10");
  ck_assert_int_eq(send_call(s, "0123456789x"), STEP_REPLY);
  expect_end_by_reply(s, CODE_LIMIT_ARG_BYTES);
}
END_TEST

START_TEST(every_failure_of_the_host_ends_the_run) {
  static const struct {
    FsbReplyKind kind;
    Code code;
  } rows[] = {{FSB_REPLY_TOO_LONG, CODE_LIMIT_REPLY_BYTES},
              {FSB_REPLY_TIMED_OUT, CODE_LIMIT_HOST_TIME},
              {FSB_REPLY_CANCELLED, CODE_CANCELLED},
              {FSB_REPLY_UNAVAILABLE, CODE_UNAVAILABLE}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    Stage *s = begin();
    ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
    answer(s, rows[i].kind, "gone");
    expect_end_by_reply(s, rows[i].code);
    if (rows[i].code == CODE_UNAVAILABLE)
      ck_assert(ipc_bytes_is_equal(s->session.outcome.text, ipc_bytes_text("gone")));
  }
}
END_TEST

START_TEST(a_reply_above_the_cap_does_not_reach_the_worker) {
  char bytes[80] = "$72\r\n";
  Stage *s = begin_with("reply_bytes=64");
  memset(bytes + 5, 'x', 74);
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  answer(s, FSB_REPLY_DATA, bytes);
  expect_end_by_reply(s, CODE_LIMIT_REPLY_BYTES);
}
END_TEST

START_TEST(the_stores_time_adds_up_to_a_limit) {
  Stage *s = begin_with("host_time=10ms");
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
    s->now += 5 * MS;
    answer(s, FSB_REPLY_DATA, ":1\r\n");
    ck_assert_uint_eq(s->session.reply.kind, REPLY_DATA);
    supervisor_session_sent(&s->session, moment(s));
  }
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  s->now += 1;
  answer(s, FSB_REPLY_DATA, ":1\r\n");
  expect_end_by_reply(s, CODE_LIMIT_HOST_TIME);
}
END_TEST

START_TEST(an_unavailable_stores_text_outlives_the_host) {
  char text[] = "the server closed the connection";
  Stage *s = begin();
  ck_assert_int_eq(send_call(s, "GET"), STEP_CALL);
  answer(s, FSB_REPLY_UNAVAILABLE, text);
  memset(text, 'X', sizeof text - 1);
  expect_end_by_reply(s, CODE_UNAVAILABLE);
  ck_assert_mem_eq(s->session.outcome.text.data, "the server", 10);
}
END_TEST

START_TEST(a_script_that_goes_on_after_its_end_has_ended_all_the_same) {
  Stage *s = begin_with("calls=0");
  ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
  supervisor_session_sent(&s->session, moment(s));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  expect_outcome(s, CODE_LIMIT_CALLS);
}
END_TEST

/* --- Logs --- */

START_TEST(log_bytes_are_counted_here_too) {
  Stage *s = begin_with("log_bytes=10");
  LogMessage log = {.level = 2, .text = ipc_bytes_text("0123456789")};
  ck_assert_int_eq(send_frame(s, MESSAGE_LOG, &log), STEP_LOG);
  log.text = ipc_bytes_text("x");
  ck_assert_int_eq(send_frame(s, MESSAGE_LOG, &log), STEP_STOP);
  ck_assert_uint_eq(s->session.stop_limit, LIMIT_ID_log_bytes + 1);
  ck_assert_int_eq(send_limit(s, s->session.stop_limit), STEP_OVER);
  expect_outcome(s, CODE_LIMIT_LOG_BYTES);
}
END_TEST

/* --- Time --- */

START_TEST(the_clock_stops_then_kills) {
  Stage *s = begin_with("wall=10ms");
  uint64_t deadline = supervisor_session_deadline(&s->session, moment(s));
  ck_assert_uint_eq(deadline, s->now + 10 * MS + 1);
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_WAIT);
  s->now = deadline;
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_STOP);
  ck_assert_uint_eq(s->session.stop_limit, LIMIT_ID_wall + 1);
  ck_assert_uint_eq(supervisor_session_deadline(&s->session, moment(s)), s->now + SESSION_GRACE);
  s->now += SESSION_GRACE - 1;
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_WAIT);
  s->now += 1;
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_KILL);
  expect_outcome(s, CODE_LIMIT_WALL);
  ck_assert_int_eq(s->session.outcome.line, 0);
  ck_assert(s->session.outcome.has_place);
}
END_TEST

/* Those who wait for the host wait for this, too. */
START_TEST(while_the_host_is_held_the_worker_has_less_time_to_stop) {
  static const struct {
    const char *limit;
    uint64_t hold, grace;
  } cases[] = {{"hold=50ms", 50 * MS, 5 * MS}, {"hold=10ms", 10 * MS, 2 * MS}, {"hold=5s", 5000 * MS, 20 * MS}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Stage *s = begin_with(cases[i].limit);
    supervisor_meter_hold(&s->session.meter, s->now);
    s->now += cases[i].hold + 1;
    ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_STOP);
    ck_assert_uint_eq(supervisor_session_deadline(&s->session, moment(s)), s->now + cases[i].grace);
  }
}
END_TEST

START_TEST(a_value_that_comes_too_late_is_no_value) {
  Stage *s = begin_with("cpu=10ms");
  s->now += 20 * MS;
  s->cpu += 11 * MS;
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  expect_outcome(s, CODE_LIMIT_CPU);
}
END_TEST

START_TEST(a_value_that_crosses_a_cancel_counts) {
  Stage *s = begin();
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  expect_outcome(s, CODE_OK);
}
END_TEST

START_TEST(a_cancel_is_honoured_at_the_next_call) {
  Stage *s = begin();
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
  expect_end_by_reply(s, CODE_CANCELLED);
}
END_TEST

/* --- Deaths and malformed frames --- */

START_TEST(a_death_is_explained_by_its_status) {
  static const struct {
    int how;
    int status;
    Code code;
    const char *text;
  } rows[] = {{CLD_KILLED, SIGSYS, CODE_POLICY_VIOLATION, ""},
              {CLD_DUMPED, SIGSEGV, CODE_WORKER_CRASHED, "signal 11 (SIGSEGV)"},
              {CLD_KILLED, TRAP_STALE, CODE_STALE_HANDLE, ""},
              {CLD_EXITED, WORKER_EXIT_STALE, CODE_STALE_HANDLE, ""},
              {CLD_EXITED, WORKER_EXIT_STEP + SEAL_landlock, CODE_SEAL_REFUSED, "step landlock"},
              {CLD_EXITED, 1, CODE_WORKER_CRASHED, "exit status 1"},
              {CLD_EXITED, WORKER_EXIT_STEP + SEAL_COUNT_, CODE_WORKER_CRASHED, "exit status"},
              {0, 0, CODE_WORKER_CRASHED, "nobody knows how"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    Stage *s = begin();
    supervisor_session_died(&s->session, rows[i].how, rows[i].status);
    expect_outcome(s, rows[i].code);
    ByteView text = s->session.outcome.text;
    ck_assert(rows[i].text[0] == '\0' ||
              memmem(text.data, text.size, rows[i].text, strlen(rows[i].text)) != NULL);
  }
}
END_TEST

START_TEST(a_death_that_we_caused_is_the_limit) {
  Stage *s = begin_with("wall=10ms");
  s->now += 11 * MS;
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), false), STEP_STOP);
  supervisor_session_died(&s->session, CLD_KILLED, SIGKILL);
  expect_outcome(s, CODE_LIMIT_WALL);
}
END_TEST

START_TEST(every_wrong_type_and_every_cut_body_is_a_violation) {
  for (unsigned type = 0; type < MESSAGE_TYPE_LIMIT_; type++) {
    Stage *s = begin();
    Frame frame = {.type = (MessageType)type, .body = ipc_bytes_view("\xff\xff", 2)};
    ck_assert_msg(supervisor_session_frame(&s->session, &frame, moment(s)) == STEP_KILL,
                  "type %u passes", type);
    expect_outcome(s, CODE_PROTOCOL_VIOLATION);
  }
}
END_TEST

START_TEST(tokens_that_are_no_value_are_a_violation) {
  static const char *const bad[] = {"\x04", "\x0b\x01\x00\x00\x00", "\x01\x01", "\x7f",
                                    "\x06\xff\xff\xff\xff"};
  static const size_t sizes[] = {1, 5, 2, 1, 5};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    Stage *s = begin();
    ResultMessage result = {.tokens = ipc_bytes_view(bad[i], sizes[i])};
    ck_assert_int_eq(send_frame(s, MESSAGE_RESULT, &result), STEP_KILL);
    expect_outcome(s, CODE_PROTOCOL_VIOLATION);
  }
}
END_TEST

START_TEST(a_value_nested_deeper_than_allowed_is_a_violation) {
  uint8_t room[64];
  Stage *s = begin_with("reply_depth=2");
  ByteWriter tokens = ipc_bytes_writer(room, sizeof room);
  for (int i = 0; i < 3; i++) (void)ipc_token_put_aggregate(&tokens, TOKEN_ARRAY, 1);
  ipc_token_put(&tokens, TOKEN_NULL);
  ResultMessage result = {.tokens = ipc_bytes_written(&tokens)};
  ck_assert_int_eq(send_frame(s, MESSAGE_RESULT, &result), STEP_KILL);
}
END_TEST
SUITE("supervisor session", a_text_that_is_not_kept_is_sent_once,
      a_text_that_was_sent_or_is_another_cannot_be_unknown, a_run_that_has_begun_cannot_turn_out_to_be_unknown,
      a_run_that_was_cancelled_is_not_sent_again, a_result_ends_the_run_with_its_tokens_and_usage,
      an_error_keeps_its_text_source_and_line, a_compile_error_has_its_line, nothing_is_heard_after_the_end,
      a_worker_may_report_only_the_limits_it_enforces, an_ending_that_nobody_asked_for_is_a_violation,
      a_call_is_answered_with_the_stores_bytes, a_refusal_is_for_the_script_to_catch,
      a_frame_while_the_host_is_asked_is_a_violation, the_last_call_over_the_limit_is_not_made,
      a_request_that_is_too_long_is_not_made, every_failure_of_the_host_ends_the_run,
      a_reply_above_the_cap_does_not_reach_the_worker, the_stores_time_adds_up_to_a_limit,
      an_unavailable_stores_text_outlives_the_host, a_script_that_goes_on_after_its_end_has_ended_all_the_same,
      log_bytes_are_counted_here_too, the_clock_stops_then_kills,
      while_the_host_is_held_the_worker_has_less_time_to_stop, a_value_that_comes_too_late_is_no_value,
      a_value_that_crosses_a_cancel_counts, a_cancel_is_honoured_at_the_next_call,
      a_death_is_explained_by_its_status, a_death_that_we_caused_is_the_limit,
      every_wrong_type_and_every_cut_body_is_a_violation, tokens_that_are_no_value_are_a_violation,
      a_value_nested_deeper_than_allowed_is_a_violation)
