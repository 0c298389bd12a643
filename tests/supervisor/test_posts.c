/* SPDX-License-Identifier: BSD-2-Clause */
/* test_posts - calls that the worker does not wait for, against the session. */
#include <signal.h>

#include "tests/check_main.h"
#include "tests/supervisor/stage.h"

START_TEST(a_post_is_carried_out_and_the_worker_goes_on) {
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, 0, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "+OK\r\n"));
  ck_assert_int_eq(send_post(s, 0, 5), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, ":1\r\n"));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_OK);
  ck_assert(s->session.outcome.wrote);
  ck_assert_uint_eq(s->session.meter.calls, 2);
}
END_TEST

/* Whatever the worker says after it, the run ended where the call stood. */
START_TEST(a_post_that_fails_ends_the_run_at_its_line) {
  for (int ending = 0; ending < 3; ending++) {
    Stage *s = begin();
    ck_assert_int_eq(send_post(s, 0, 4), STEP_POST);
    ck_assert(answer_post(s, ending == 0 ? FSB_REPLY_DATA : FSB_REPLY_REFUSED, ending == 0 ? "-ERR no\r\n" : "ERR no"));
    ck_assert_int_eq(send_post(s, 0, 5), STEP_STOP);
    ck_assert_int_eq(send_call(s, "GET"), STEP_REPLY);
    ck_assert_int_eq(s->session.reply.kind, REPLY_STOPPED);
    supervisor_session_sent(&s->session, moment(s));
    if (ending == 0) ck_assert_int_eq(send_integer(s), STEP_OVER);
    if (ending == 1) ck_assert_int_eq(send_limit(s, 0), STEP_OVER);
    if (ending == 2) supervisor_session_died(&s->session, CLD_KILLED, SIGKILL);
    ck_assert_int_eq(s->session.outcome.code, CODE_SCRIPT_ERROR);
    ck_assert(ipc_bytes_is_equal(s->session.outcome.source, ipc_bytes_text("@user_script")));
    ck_assert_int_eq(s->session.outcome.line, 4);
    ck_assert_uint_eq(s->session.meter.calls, 1);
  }
}
END_TEST

START_TEST(the_error_of_a_posted_pcall_is_lost) {
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, CALL_PCALL, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "-ERR no\r\n"));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_OK);
}
END_TEST

START_TEST(a_post_beyond_a_limit_ends_the_run_with_it) {
  Stage *s = begin_with("calls=1");
  ck_assert_int_eq(send_post(s, CALL_PCALL, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "+OK\r\n"));
  ck_assert_int_eq(send_post(s, CALL_PCALL, 5), STEP_STOP);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_CALLS);
  s = begin_with("reply_bytes=64");
  ck_assert_int_eq(send_post(s, CALL_PCALL, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_TOO_LONG, ""));
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_REPLY_BYTES);
}
END_TEST

static SessionStep send_no_tokens(Stage *s) {
  return send_frame(s, MESSAGE_RESULT, &(ResultMessage){.usage = {.instructions = 7}});
}

START_TEST(the_answer_to_a_post_may_be_the_value) {
  uint8_t room[16];
  ByteWriter value = ipc_bytes_writer(room, sizeof room);
  ipc_token_put_integer(&value, 3);
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, 0, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, ":2\r\n"));
  ck_assert(!supervisor_session_wants_value(&s->session));
  ck_assert_int_eq(send_post(s, CALL_VALUE, 5), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, ":3\r\n"));
  ck_assert(supervisor_session_wants_value(&s->session));
  s->session.value = ipc_bytes_written(&value);
  ck_assert_int_eq(send_no_tokens(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_OK);
  ck_assert(ipc_bytes_is_equal(s->session.outcome.tokens, ipc_bytes_written(&value)));
  ck_assert_uint_eq(s->session.claim.instructions, 7);
}
END_TEST

START_TEST(a_worker_that_returns_what_nobody_answered_is_killed) {
  Stage *s = begin();
  ck_assert_int_eq(send_no_tokens(s), STEP_KILL);
  ck_assert_int_eq(s->session.outcome.code, CODE_PROTOCOL_VIOLATION);
  s = begin();
  ck_assert_int_eq(send_post(s, 0, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, ":2\r\n"));
  ck_assert_int_eq(send_no_tokens(s), STEP_KILL);
  ck_assert_int_eq(s->session.outcome.code, CODE_PROTOCOL_VIOLATION);
}
END_TEST

/* The worker had nothing left to do: what it says now it has made up. */
START_TEST(a_worker_that_goes_on_behind_its_last_post_is_killed) {
  for (int kind = 0; kind < 7; kind++) {
    Stage *s = begin();
    ck_assert_int_eq(send_post(s, CALL_VALUE, 4), STEP_POST);
    ck_assert(!answer_post(s, FSB_REPLY_DATA, ":2\r\n"));
    SessionStep step = STEP_WAIT;
    if (kind == 0) step = send_post(s, 0, 5);
    if (kind == 1) step = send_post(s, CALL_VALUE, 5);
    if (kind == 2) step = send_call(s, "GET");
    if (kind == 3) step = send_integer(s);
    if (kind == 4) step = send_limit(s, 0);
    if (kind == 5) step = send_frame(s, MESSAGE_LOG, &(LogMessage){.text = ipc_bytes_text("x")});
    if (kind == 6) step = send_frame(s, MESSAGE_ERROR, &(ErrorMessage){.text = ipc_bytes_text("ERR x")});
    ck_assert_msg(step == STEP_KILL, "kind %d", kind);
    expect_outcome(s, CODE_PROTOCOL_VIOLATION);
  }
}
END_TEST

/* The host would be blamed for a reply that is not RESP2. */
START_TEST(a_last_post_in_resp3_is_a_breach) {
  Stage *s = begin();
  ck_assert_int_eq(send_post_in(s, 3, 0, 4), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "%0\r\n"));
  ck_assert_int_eq(send_post_in(s, 3, CALL_VALUE, 4), STEP_KILL);
  expect_outcome(s, CODE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(the_limit_on_processor_time_cuts_no_posted_call_short) {
  static const uint32_t flags[] = {0, CALL_VALUE};
  for (size_t i = 0; i < 2; i++) {
    Stage *s = begin_with("cpu=1ms");
    ck_assert_int_eq(send_post(s, flags[i], 4), STEP_POST);
    ck_assert_uint_eq(supervisor_session_call_deadline(&s->session), s->now + s->limits.host_time + 1);
  }
}
END_TEST

START_TEST(what_passes_during_the_last_post_is_not_the_workers) {
  Stage *s = begin();
  s->now += MS;
  ck_assert_int_eq(send_post(s, CALL_VALUE, 4), STEP_POST);
  s->now += 50 * MS;
  ck_assert(!answer_post(s, FSB_REPLY_DATA, ":2\r\n"));
  s->session.value = ipc_bytes_view("\1", 1);
  s->now += MS;
  s->cpu += 40 * MS;
  ck_assert_int_eq(send_no_tokens(s), STEP_OVER);
  expect_outcome(s, CODE_OK);
  ck_assert_uint_eq(supervisor_meter_cpu(&s->session.meter), 2 * MS);
  ck_assert_uint_eq(supervisor_meter_wait_cpu(&s->session.meter), 38 * MS);
}
END_TEST

START_TEST(a_post_that_asks_for_rights_is_a_breach) {
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, CALL_ACL_CHECK, 4), STEP_KILL);
  ck_assert_int_eq(s->session.outcome.code, CODE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_value_that_cannot_be_is_how_the_run_ends) {
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, CALL_VALUE, 5), STEP_POST);
  ck_assert(answer_post(s, FSB_REPLY_DATA, "-ERR no\r\n"));
  ck_assert(!supervisor_session_wants_value(&s->session));
  ck_assert_int_eq(send_no_tokens(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_SCRIPT_ERROR);
  ck_assert_int_eq(s->session.outcome.line, 5);
  s = begin_with("calls=0");
  ck_assert_int_eq(send_post(s, CALL_VALUE, 5), STEP_STOP);
  ck_assert_int_eq(send_no_tokens(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_CALLS);
  ck_assert_int_eq(s->session.outcome.line, 5);
  s = begin();
  ck_assert_int_eq(send_post(s, CALL_VALUE, 5), STEP_POST);
  ck_assert(!answer_post(s, FSB_REPLY_DATA, "*1\r\n*0\r\n"));
  supervisor_session_give_up(&s->session, CODE_LIMIT_REPLY_DEPTH, ipc_bytes_text(""), s->now);
  ck_assert_int_eq(send_no_tokens(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_LIMIT_REPLY_DEPTH);
  ck_assert_int_eq(s->session.outcome.line, 0);
}
END_TEST

/* A value that crosses a mere request to stop counts, but not when calls before it were
 * dropped. */
START_TEST(a_value_behind_a_dropped_post_does_not_count) {
  Stage *s = begin();
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_post(s, 0, 4), STEP_STOP);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_CANCELLED);
  s = begin();
  ck_assert_int_eq(supervisor_session_tick(&s->session, moment(s), true), STEP_STOP);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_OK);
}
END_TEST
/* Had the call been waited for, the script would not have come to it. */
START_TEST(what_is_logged_behind_a_call_that_failed_is_dropped) {
  LogMessage line = {.text = ipc_bytes_text("never")};
  Stage *s = begin();
  ck_assert_int_eq(send_post(s, 0, 5), STEP_POST);
  ck_assert(answer_post(s, FSB_REPLY_DATA, "-ERR no\r\n"));
  ck_assert_int_eq(send_frame(s, MESSAGE_LOG, &line), STEP_WAIT);
  ck_assert_int_eq(send_integer(s), STEP_OVER);
  ck_assert_int_eq(s->session.outcome.code, CODE_SCRIPT_ERROR);
}
END_TEST

static SessionStep send_post_at(Stage *s, uint64_t chance) {
  ByteView argv[1] = {ipc_bytes_text("SET")};
  CallMessage post = {.argv = {.count = 1, .items = argv}, .resp = 2, .line = 4, .chance = chance};
  return send_frame(s, MESSAGE_POST, &post);
}

/* A script that had waited would have drawn no more numbers. */
START_TEST(chance_stands_where_the_run_ends) {
  static const struct {
    const char *limit;
    uint64_t first, second, left;
  } rows[] = {{NULL, 0, 0, 77}, {NULL, 6, 0, 5}, {NULL, 6, 9, 5}, {"calls=0", 6, 9, 5}, {"calls=0", 0, 9, 77}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Stage *s = begin_with(rows[i].limit);
    s->session.random_state = 77;
    bool is_limit = rows[i].limit != NULL;
    ck_assert_int_eq(send_post_at(s, rows[i].first), is_limit ? STEP_STOP : STEP_POST);
    if (!is_limit) ck_assert(answer_post(s, FSB_REPLY_DATA, "-ERR no\r\n"));
    ck_assert_int_eq(send_post_at(s, rows[i].second), STEP_STOP);
    ck_assert_int_eq(send_integer(s), STEP_OVER);
    ck_assert(s->session.has_claim);
    ck_assert_uint_eq(s->session.claim.random_state, rows[i].left);
  }
}
END_TEST

SUITE("supervisor posts", what_is_logged_behind_a_call_that_failed_is_dropped, a_post_is_carried_out_and_the_worker_goes_on, a_post_that_fails_ends_the_run_at_its_line,
      the_error_of_a_posted_pcall_is_lost, a_post_beyond_a_limit_ends_the_run_with_it,
      the_answer_to_a_post_may_be_the_value, a_worker_that_returns_what_nobody_answered_is_killed,
      a_worker_that_goes_on_behind_its_last_post_is_killed, a_last_post_in_resp3_is_a_breach,
      the_limit_on_processor_time_cuts_no_posted_call_short, what_passes_during_the_last_post_is_not_the_workers,
      a_post_that_asks_for_rights_is_a_breach, a_value_that_cannot_be_is_how_the_run_ends,
      a_value_behind_a_dropped_post_does_not_count, chance_stands_where_the_run_ends)
