/* SPDX-License-Identifier: BSD-2-Clause */
/* test_serve - the real worker, spoken to frame by frame, without the supervisor. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "build_info.h"
#include "served.h"
#include "sandbox/worker/relax.h"

/* --- Runs --- */

START_TEST(hello_tells_build_seal_and_sizes) {
  Served s;
  start(&s);
  ck_assert_uint_eq(s.hello.protocol, FRAME_VERSION);
  ck_assert(ipc_bytes_is_equal(s.hello.build_id, ipc_bytes_text(FERROUS_BUILD_ID)));
  ck_assert_uint_eq(s.hello.seal, s.zygote.report.applied);
  ck_assert_uint_eq(s.hello.arena_bytes, 20 << 20);
  ck_assert_uint_eq((s.hello.features & HELLO_SANITIZER) != 0, RELAX_FOR_ASAN);
  ZygoteExited end = stop(&s);
  ck_assert(end.how == CLD_EXITED && end.status == WORKER_EXIT_DONE);
}
END_TEST

START_TEST(a_text_that_came_twice_with_its_key_is_run_by_the_key) {
  Served s;
  UnknownMessage unknown;
  start(&s);
  RunMessage by_key = request_for(""), with_text = request_for("return 42");
  by_key.key = with_text.key = ipc_bytes_text("key");
  run(&s, &by_key);
  receive(&s, MESSAGE_UNKNOWN, &unknown);
  ck_assert(ipc_bytes_is_equal(unknown.key, by_key.key));
  for (int i = 0; i < 5; i++) {
    run(&s, i < 2 ? &with_text : &by_key);
    ck_assert_str_eq(result_of(&s), ":42\r\n");
  }
  (void)stop(&s);
}
END_TEST

START_TEST(one_worker_runs_one_script_after_the_other) {
  Served s;
  start(&s);
  expect(&s, "return 1 + 1", ":2\r\n");
  expect(&s, "return {1, 'two', false, {3}}", "*4\r\n:1\r\n$3\r\ntwo\r\n$-1\r\n*1\r\n:3\r\n");
  expect(&s, "return redis.status_reply('FINE')", "+FINE\r\n");
  expect(&s, "return 'x'", "$1\r\nx\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(keys_and_arguments_arrive_byte_for_byte) {
  Served s;
  const ByteView keys[] = {ipc_bytes_text("k1"), ipc_bytes_view("a\0\r\n\xff", 5)};
  const ByteView args[] = {ipc_bytes_text("")};
  start(&s);
  RunMessage request = request_for("return {#KEYS, #ARGV, KEYS[1], KEYS[2], ARGV[1]}");
  request.keys = (ByteList){.count = 2, .items = keys};
  request.args = (ByteList){.count = 1, .items = args};
  run(&s, &request);
  ResultMessage result;
  receive(&s, MESSAGE_RESULT, &result);
  char text[256];
  ByteWriter w = ipc_bytes_writer((uint8_t *)text, sizeof text);
  ck_assert_int_eq(ipc_token_render(result.tokens, 2, &w), ST_OK);
  static const char wanted[] = "*5\r\n:2\r\n:1\r\n$2\r\nk1\r\n$5\r\na\0\r\n\xff\r\n$0\r\n\r\n";
  ck_assert_uint_eq(w.used, sizeof wanted - 1);
  ck_assert_int_eq(memcmp(text, wanted, w.used), 0);
  (void)stop(&s);
}
END_TEST

START_TEST(nothing_of_a_run_is_left_for_the_next) {
  Served s;
  start(&s);
  expect(&s, "cjson.encode_max_depth(2) return cjson.encode_max_depth()", ":2\r\n");
  expect(&s, "return cjson.encode_max_depth()", ":1000\r\n");
  expect(&s, "redis.setresp(3) return 1", ":1\r\n");
  expect(&s, "return true", ":1\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(errors_carry_text_place_and_usage) {
  Served s;
  ErrorMessage error;
  CompileErrorMessage bad;
  start(&s);
  RunMessage request = request_for("\nlocal x = nil\nreturn x.y");
  run(&s, &request);
  receive(&s, MESSAGE_ERROR, &error);
  ck_assert_ptr_nonnull(memmem(error.text.data, error.text.size, "attempt to index", 16));
  ck_assert(ipc_bytes_is_equal(error.source, ipc_bytes_text("@user_script")));
  ck_assert_int_eq(error.line, 3);
  ck_assert_uint_gt(error.usage.instructions, 0);
  request = request_for("return +");
  run(&s, &request);
  receive(&s, MESSAGE_COMPILE_ERROR, &bad);
  ck_assert_ptr_nonnull(memmem(bad.text.data, bad.text.size, "user_script:1:", 14));
  expect(&s, "return 5", ":5\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(compiling_only_runs_nothing) {
  Served s;
  start(&s);
  RunMessage request = request_for("while true do end");
  request.flags = RUN_COMPILE_ONLY;
  run(&s, &request);
  ck_assert_str_eq(result_of(&s), "$-1\r\n");
  (void)stop(&s);
}
END_TEST

/* --- Host calls --- */

START_TEST(a_call_waits_for_its_reply_and_goes_on) {
  Served s;
  CallMessage call;
  start(&s);
  RunMessage request = request_for("local v = redis.call('GET', 'k') return v .. '!'");
  run(&s, &request);
  receive(&s, MESSAGE_CALL, &call);
  ck_assert_uint_eq(call.argv.count, 2);
  ByteListCursor cursor = ipc_codec_walk(&call.argv);
  ByteView word;
  ck_assert(ipc_codec_next(&cursor, &word) && ipc_bytes_is_equal(word, ipc_bytes_text("GET")));
  ck_assert(ipc_codec_next(&cursor, &word) && ipc_bytes_is_equal(word, ipc_bytes_text("k")));
  answer(&s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_text("$2\r\nhi\r\n")});
  ck_assert_str_eq(result_of(&s), "$3\r\nhi!\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(a_refusal_is_raised_by_call_and_returned_by_pcall) {
  Served s;
  CallMessage call;
  ErrorMessage error;
  const ReplyMessage refusal = {.kind = REPLY_REFUSED, .text = ipc_bytes_text("ERR no")};
  start(&s);
  RunMessage request = request_for("return redis.pcall('X').err");
  run(&s, &request);
  receive(&s, MESSAGE_CALL, &call);
  ck_assert_uint_eq(call.flags & CALL_PCALL, CALL_PCALL);
  answer(&s, &refusal);
  ck_assert_str_eq(result_of(&s), "$6\r\nERR no\r\n");
  request = request_for("return redis.call('X')");
  run(&s, &request);
  receive(&s, MESSAGE_CALL, &call);
  answer(&s, &refusal);
  receive(&s, MESSAGE_ERROR, &error);
  ck_assert_ptr_nonnull(memmem(error.text.data, error.text.size, "ERR no", 6));
  (void)stop(&s);
}
END_TEST

START_TEST(a_limit_or_a_stop_in_a_reply_ends_the_run) {
  Served s;
  CallMessage call;
  LimitMessage limit;
  const ReplyMessage replies[] = {{.kind = REPLY_LIMIT, .limit = LIMIT_ID_host_time + 1}, {.kind = REPLY_STOPPED}};
  start(&s);
  for (int i = 0; i < 2; i++) {
    RunMessage request = request_for("\npcall(redis.call, 'X') return 1");
    run(&s, &request);
    receive(&s, MESSAGE_CALL, &call);
    answer(&s, &replies[i]);
    receive(&s, MESSAGE_LIMIT, &limit);
    ck_assert_uint_eq(limit.limit, replies[i].limit);
    ck_assert_uint_eq(limit.usage.calls, 1);
    expect(&s, "return 1", ":1\r\n");
  }
  (void)stop(&s);
}
END_TEST

/* --- Posts --- */

static void run_posting(Served *s, const char *source) {
  RunMessage request = request_for(source);
  request.flags = RUN_MAY_POST;
  run(s, &request);
}

/* Expects a posted call of one word; returns its line. */
static int64_t expect_post(Served *s, const char *word, uint32_t flags) {
  CallMessage post;
  ByteView view;
  receive(s, MESSAGE_POST, &post);
  ByteListCursor cursor = ipc_codec_walk(&post.argv);
  ck_assert(ipc_codec_next(&cursor, &view) && ipc_bytes_is_equal(view, ipc_bytes_text(word)));
  ck_assert_uint_eq(post.flags, flags);
  return post.line;
}

START_TEST(calls_whose_replies_nobody_wants_are_posted) {
  Served s;
  start(&s);
  run_posting(&s, "redis.call('A')\nlocal function f() redis.pcall('B') end f()\n\nredis.call('C') return 1");
  ck_assert_int_eq(expect_post(&s, "A", 0), 1);
  (void)expect_post(&s, "B", CALL_PCALL);
  ck_assert_int_eq(expect_post(&s, "C", 0), 4);
  ck_assert_str_eq(result_of(&s), ":1\r\n");
  (void)stop(&s);
}
END_TEST

/* Expects one call that is waited for, and the script's value when it has its reply. */
static void expect_awaited(Served *s, const char *reply, const char *value) {
  CallMessage call;
  receive(s, MESSAGE_CALL, &call);
  answer(s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_text(reply)});
  ck_assert_str_eq(result_of(s), value);
}

/* Expects it of each of the scripts, and of `plain`, whose call would be posted if it might. */
static void expect_all_awaited(const char *const *scripts, size_t count, const char *plain, const char *reply, const char *value) {
  Served s;
  start(&s);
  for (size_t i = 0; i < count; i++) {
    run_posting(&s, scripts[i]);
    expect_awaited(&s, reply, value);
  }
  RunMessage request = request_for(plain); /* without RUN_MAY_POST */
  run(&s, &request);
  expect_awaited(&s, reply, value);
  (void)stop(&s);
}

/* Wherever its error could be seen, or its value is wanted, a call is waited for. */
START_TEST(calls_that_the_script_may_hear_of_are_not_posted) {
  static const char *const scripts[] = {
      "local a = redis.call('A') return 1",
      "if redis.call('A') then end return 1",
      "pcall(function() redis.call('A') end) return 1",
      "xpcall(function() redis.call('A') end, function() end) return 1",
      "coroutine.wrap(function() redis.call('A') end)() return 1",
      "pcall(redis.call, 'A') return 1",
      "loadstring([[redis.call('A')]], '@other')() return 1",
      "local function f(n) if n > 0 then f(n - 1) else redis.call('A') end end f(40) return 1",
      "table.foreach({1}, function() return redis.call('A') end) return 1"};
  expect_all_awaited(scripts, sizeof scripts / sizeof *scripts, "redis.call('A') return 1", "$-1\r\n", ":1\r\n");
}
END_TEST

/* The worker is done: what the call is answered is the value. */
START_TEST(a_call_whose_reply_is_returned_is_the_last_post) {
  static const char *const scripts[] = {
      "redis.call('A')\nreturn redis.call('B')",
      "redis.call('A')\nlocal r = redis.call('B') return r",
      "local n = 1 local function f() n = n + 1 end f() redis.call('A')\nlocal r = redis.call('B') return r",
      "redis.call('A')\nlocal function f() return redis.call('B') end return f()",
      "redis.call('A')\nreturn (redis.call('B'))",
      "redis.call('A')\nreturn redis.call(unpack({'B'}))"};
  Served s;
  ResultMessage result;
  start(&s);
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    run_posting(&s, scripts[i]);
    ck_assert_int_eq(expect_post(&s, "A", 0), 1);
    ck_assert_int_eq(expect_post(&s, "B", CALL_VALUE), 2);
    receive(&s, MESSAGE_RESULT, &result);
    ck_assert_uint_eq(result.tokens.size, 0);
    ck_assert_uint_eq(result.usage.calls, 2);
    expect(&s, "return 5", ":5\r\n");
  }
  run_posting(&s, "return redis.pcall('B')");
  (void)expect_post(&s, "B", CALL_VALUE | CALL_PCALL);
  receive(&s, MESSAGE_RESULT, &result);
  (void)stop(&s);
}
END_TEST

START_TEST(a_call_whose_reply_is_not_all_is_waited_for) {
  static const char *const scripts[] = {
      "local r = redis.call('A') return r or 1",
      "local r, q = redis.call('A') return r",
      "local q, r = 7, redis.call('A') if q then return r end",
      "return select(2, pcall(function() return redis.call('A') end))",
      "return coroutine.wrap(function() return redis.call('A') end)()",
      "return loadstring([[return redis.call('A')]], '@other')()",
      "redis.setresp(3) return redis.call('A')",
      "local function f() local r = redis.call('A') return r end local r = f() return r"};
  expect_all_awaited(scripts, sizeof scripts / sizeof *scripts, "return redis.call('A')", ":7\r\n", ":7\r\n");
}
END_TEST

START_TEST(posts_keep_their_place_among_calls_logs_and_errors) {
  Served s;
  CallMessage call;
  LogMessage line;
  ErrorMessage error;
  start(&s);
  run_posting(&s, "redis.call('A') local x = redis.call('B') redis.call('C') redis.log(3, 'l') redis.call('D') error('e')");
  (void)expect_post(&s, "A", 0);
  receive(&s, MESSAGE_CALL, &call);
  answer(&s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_text("$-1\r\n")});
  (void)expect_post(&s, "C", 0);
  receive(&s, MESSAGE_LOG, &line);
  (void)expect_post(&s, "D", 0);
  receive(&s, MESSAGE_ERROR, &error);
  ck_assert_uint_eq(error.usage.calls, 4);
  (void)stop(&s);
}
END_TEST

/* What was posted does not wait for a script that computes on. */
START_TEST(a_post_goes_out_within_a_quantum) {
  Served s;
  LimitMessage limit;
  start(&s);
  run_posting(&s, "redis.call('A') while true do end");
  (void)expect_post(&s, "A", 0);
  ipc_stop_request(s.stop, STOP_KILLED, 0);
  receive(&s, MESSAGE_LIMIT, &limit);
  ck_assert_uint_eq(limit.limit, 0);
  (void)stop(&s);
}
END_TEST

START_TEST(many_and_large_posts_arrive_whole) {
  Served s;
  LimitMessage limit;
  start(&s);
  run_posting(&s, "for i = 1, 3000 do redis.call('A', ('x'):rep(i % 100)) end redis.call('B', ('x'):rep(300000)) return 1");
  for (int i = 0; i < 3000; i++) (void)expect_post(&s, "A", 0);
  (void)expect_post(&s, "B", 0);
  ck_assert_str_eq(result_of(&s), ":1\r\n");
  run_posting(&s, "redis.call('A') local s = ('x'):rep(2000000) redis.call('B', s, s, s, s, s, s) return 1");
  (void)expect_post(&s, "A", 0);
  receive(&s, MESSAGE_LIMIT, &limit);
  ck_assert_uint_eq(limit.limit, LIMIT_ID_arg_bytes + 1);
  (void)stop(&s);
}
END_TEST

START_TEST(log_lines_arrive_and_are_bounded) {
  Served s;
  LogMessage log;
  start(&s);
  RunMessage request = request_for("redis.log(redis.LOG_WARNING, 'yes') return 1");
  run(&s, &request);
  receive(&s, MESSAGE_LOG, &log);
  ck_assert(ipc_bytes_is_equal(log.text, ipc_bytes_text("yes")));
  ck_assert_uint_eq(log.level, 3);
  ck_assert_str_eq(result_of(&s), ":1\r\n");
  request = request_for("for i = 1, 100 do redis.log(redis.LOG_WARNING, string.rep('x', 100)) end");
  request.log_bytes = 250;
  run(&s, &request);
  receive(&s, MESSAGE_LOG, &log);
  receive(&s, MESSAGE_LOG, &log);
  LimitMessage limit;
  receive(&s, MESSAGE_LIMIT, &limit);
  ck_assert_uint_eq(limit.limit, LIMIT_ID_log_bytes + 1);
  (void)stop(&s);
}
END_TEST

/* --- Limits --- */

START_TEST(limits_end_a_run_and_not_the_worker) {
  Served s;
  start(&s);
  RunMessage request = request_for("local n = 0\nwhile true do\n n = n + 1 end");
  request.instructions = 100000;
  LimitMessage limit = expect_limit(&s, &request, LIMIT_ID_instructions);
  ck_assert_uint_ge(limit.usage.instructions, 100000);
  ck_assert_uint_lt(limit.usage.instructions, 101000);
  ck_assert_msg(limit.line == 2 || limit.line == 3, "line %d", (int)limit.line);
  request = request_for("local t = {} for i = 1, 1e9 do t[i] = {} end");
  request.memory_bytes = 1 << 19;
  (void)expect_limit(&s, &request, LIMIT_ID_memory);
  request = request_for("return string.rep('x', 5000)");
  request.reply_bytes = 1000;
  (void)expect_limit(&s, &request, LIMIT_ID_reply_bytes);
  request = request_for("local t = {} for i = 1, 20 do t = {t} end return t");
  request.reply_depth = 10;
  (void)expect_limit(&s, &request, LIMIT_ID_reply_depth);
  expect(&s, "return 7", ":7\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(the_stop_word_ends_a_run_and_says_why) {
  Served s;
  LimitMessage limit;
  start(&s);
  RunMessage request = request_for("while true do end");
  request.instructions = UINT64_C(1000000000000);
  run(&s, &request);
  usleep(20000);
  uint64_t began = harness_now();
  ipc_stop_request(s.stop, STOP_LIMIT, LIMIT_ID_wall + 1);
  receive(&s, MESSAGE_LIMIT, &limit);
  printf("stop word to answer: %" PRIu64 " us\n", (harness_now() - began) / 1000);
  ck_assert_uint_eq(limit.limit, LIMIT_ID_wall + 1);
  ck_assert_int_eq(limit.line, 1);
  ipc_stop_clear(s.stop);
  expect(&s, "return 1", ":1\r\n");
  ipc_stop_request(s.stop, STOP_KILLED, 0);
  run(&s, &request);
  receive(&s, MESSAGE_LIMIT, &limit);
  ck_assert_uint_eq(limit.limit, 0);
  (void)stop(&s);
}
END_TEST

/* --- A supervisor without manners --- */

static void end_badly(const void *bytes, size_t size, int status) {
  Served s;
  start(&s);
  ck_assert_int_eq(write(s.channel.write_fd, bytes, size), (int)size);
  close(s.channel.write_fd);
  s.channel.write_fd = open("/dev/null", O_WRONLY);
  Frame frame;
  ck_assert_int_eq(ipc_channel_receive(&s.channel, soon(), &frame), ST_CLOSED);
  ZygoteExited end = stop(&s);
  ck_assert_int_eq(end.how, CLD_EXITED);
  ck_assert_int_eq(end.status, status);
}

START_TEST(frames_that_make_no_sense_end_the_worker) {
  uint8_t frame[64] = {0};
  FrameHeader header = {.length = 4, .version = FRAME_VERSION, .type = MESSAGE_RUN, .generation = 1, .sequence = 0};
  ipc_frame_store(frame, &header); /* a body of four zeros is no RUN */
  end_badly(frame, FRAME_HEADER_BYTES + 4, WORKER_EXIT_BAD_FRAME);
  end_badly(frame, FRAME_HEADER_BYTES + 2, WORKER_EXIT_BAD_FRAME); /* ends too early */
  end_badly(frame, 3, WORKER_EXIT_BAD_FRAME);
  header.type = MESSAGE_REPLY; /* to nothing */
  ipc_frame_store(frame, &header);
  end_badly(frame, FRAME_HEADER_BYTES + 4, WORKER_EXIT_BAD_FRAME);
  memset(frame, 0xff, sizeof frame);
  end_badly(frame, sizeof frame, WORKER_EXIT_BAD_FRAME);
}
END_TEST

START_TEST(closing_the_pipe_in_the_middle_of_a_call_ends_the_worker) {
  Served s;
  CallMessage call;
  start(&s);
  RunMessage request = request_for("return redis.call('GET', 'k')");
  run(&s, &request);
  receive(&s, MESSAGE_CALL, &call);
  ZygoteExited end = stop(&s);
  ck_assert(end.how == CLD_EXITED && end.status == WORKER_EXIT_DONE);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("worker/serve");
  TCase *tc = tcase_create("serve");
  tcase_set_timeout(tc, 180);
  tcase_add_test(tc, hello_tells_build_seal_and_sizes);
  tcase_add_test(tc, a_text_that_came_twice_with_its_key_is_run_by_the_key);
  tcase_add_test(tc, one_worker_runs_one_script_after_the_other);
  tcase_add_test(tc, keys_and_arguments_arrive_byte_for_byte);
  tcase_add_test(tc, nothing_of_a_run_is_left_for_the_next);
  tcase_add_test(tc, errors_carry_text_place_and_usage);
  tcase_add_test(tc, compiling_only_runs_nothing);
  tcase_add_test(tc, a_call_waits_for_its_reply_and_goes_on);
  tcase_add_test(tc, a_refusal_is_raised_by_call_and_returned_by_pcall);
  tcase_add_test(tc, a_limit_or_a_stop_in_a_reply_ends_the_run);
  tcase_add_test(tc, calls_whose_replies_nobody_wants_are_posted);
  tcase_add_test(tc, calls_that_the_script_may_hear_of_are_not_posted);
  tcase_add_test(tc, a_call_whose_reply_is_returned_is_the_last_post);
  tcase_add_test(tc, a_call_whose_reply_is_not_all_is_waited_for);
  tcase_add_test(tc, posts_keep_their_place_among_calls_logs_and_errors);
  tcase_add_test(tc, a_post_goes_out_within_a_quantum);
  tcase_add_test(tc, many_and_large_posts_arrive_whole);
  tcase_add_test(tc, log_lines_arrive_and_are_bounded);
  tcase_add_test(tc, limits_end_a_run_and_not_the_worker);
  tcase_add_test(tc, the_stop_word_ends_a_run_and_says_why);
  tcase_add_test(tc, frames_that_make_no_sense_end_the_worker);
  tcase_add_test(tc, closing_the_pipe_in_the_middle_of_a_call_ends_the_worker);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
