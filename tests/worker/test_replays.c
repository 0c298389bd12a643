/* SPDX-License-Identifier: BSD-2-Clause */
/* test_replays - the worker guesses what it has seen often, and plays again what it is given a tape of. */
#define _GNU_SOURCE
#include <stdio.h>

#include "ipc/tape.h"
#include "sandbox/worker/guess.h"
#include "sandbox/zygote_abi.h"
#include "served.h"
#include "tests/check_main.h"

static const char script[] = "local a = redis.call('A') redis.call('P') redis.log(3, 'l' .. a) local b = redis.call('B', a) return {a, b}";

static RunMessage request_with(unsigned flags, ByteView tape) {
  RunMessage request = request_for(script);
  request.key = ipc_bytes_text("0123456789");
  request.flags = RUN_MAY_POST | flags;
  request.tape = tape;
  return request;
}

static void give(Served *s, const char *reply) {
  answer(s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_text(reply)});
}

static uint64_t digest(const char *first, const char *second) {
  uint64_t one = ipc_tape_digest(0, ipc_bytes_text(first));
  return second == NULL ? one : ipc_tape_digest(one, ipc_bytes_text(second));
}

static CallMessage expect_call(Served *s, MessageType type, uint32_t words) {
  CallMessage call;
  receive(s, type, &call);
  ck_assert_uint_eq(call.argv.count, words);
  return call;
}

static void expect_log(Served *s, const char *text) {
  LogMessage line;
  receive(s, MESSAGE_LOG, &line);
  ck_assert(ipc_bytes_is_equal(line.text, ipc_bytes_text(text)));
}

/* A run that waits for each answer. */
static void wait_for_all(Served *s, unsigned flags) {
  RunMessage request = request_with(flags, ipc_bytes_view(NULL, 0));
  run(s, &request);
  (void)expect_call(s, MESSAGE_CALL, 1);
  give(s, ":1\r\n");
  (void)expect_call(s, MESSAGE_POST, 1);
  expect_log(s, "l1");
  (void)expect_call(s, MESSAGE_CALL, 2);
  give(s, "$6\r\nsecret\r\n");
  ck_assert_str_eq(result_of(s), "*2\r\n:1\r\n$6\r\nsecret\r\n");
}

START_TEST(an_answer_that_was_always_the_same_is_guessed) {
  Served s;
  start(&s);
  for (int i = 0; i < GUESS_HABIT + 4; i++) wait_for_all(&s, 0); /* it learns all the time, and guesses when it may */
  RunMessage request = request_with(RUN_MAY_GUESS, ipc_bytes_view(NULL, 0));
  for (int i = 0; i < 3; i++) {
    run(&s, &request);
    CallMessage guessed = expect_call(&s, MESSAGE_POST, 1);
    ck_assert(ipc_bytes_is_equal(guessed.guess, ipc_bytes_text(":1\r\n")));
    ck_assert_int_eq(guessed.line, 1);
    ck_assert_uint_eq(expect_call(&s, MESSAGE_POST, 1).guess.size, 0);
    expect_log(&s, "l1");
    (void)expect_call(&s, MESSAGE_CALL, 2); /* which has data in it: nobody keeps that */
    give(&s, "$6\r\nsecret\r\n");
    ck_assert_str_eq(result_of(&s), "*2\r\n:1\r\n$6\r\nsecret\r\n");
  }
  (void)stop(&s);
}
END_TEST

static ByteView make_tape(uint8_t room[256], const TapeEntry *entries, size_t count) {
  ByteWriter writer = ipc_bytes_writer(room, 256);
  for (size_t i = 0; i < count; i++) ipc_tape_put(&writer, &entries[i]);
  return ipc_bytes_written(&writer);
}

START_TEST(what_is_on_the_tape_is_neither_asked_nor_told_again) {
  Served s;
  uint8_t room[256];
  const TapeEntry one = {.kind = REPLY_DATA, .call = digest("A", NULL), .bytes = ipc_bytes_text(":2\r\n")};
  const TapeEntry two[] = {one, {.posts = 1, .kind = REPLY_DATA, .call = digest("B", "2"), .bytes = ipc_bytes_text("$2\r\nhi\r\n")}};
  const TapeEntry refused[] = {one, {.posts = 1, .kind = REPLY_REFUSED, .call = digest("B", "2"), .bytes = ipc_bytes_text("ERR no")}};
  ErrorMessage error;
  ResultMessage result;
  start(&s);
  RunMessage request = request_with(0, make_tape(room, &one, 1));
  run(&s, &request); /* ends behind the first call: the post and the line are new */
  (void)expect_call(&s, MESSAGE_POST, 1);
  expect_log(&s, "l2");
  (void)expect_call(&s, MESSAGE_CALL, 2);
  give(&s, ":7\r\n");
  ck_assert_str_eq(result_of(&s), "*2\r\n:2\r\n:7\r\n");
  request.tape = make_tape(room, two, 2);
  run(&s, &request);
  receive(&s, MESSAGE_RESULT, &result);
  ck_assert_uint_eq(result.usage.calls, 3);
  ck_assert_uint_eq(result.usage.log_bytes, 2);
  request.tape = make_tape(room, refused, 2);
  run(&s, &request);
  receive(&s, MESSAGE_ERROR, &error);
  ck_assert_ptr_nonnull(memmem(error.text.data, error.text.size, "ERR no", 6));
  (void)stop(&s);
}
END_TEST

/* A tape that is not of this run: there is no such thing, unless somebody has broken something. */
START_TEST(a_run_that_strays_from_its_tape_ends_the_worker) {
  const TapeEntry rows[] = {{.kind = REPLY_DATA, .call = digest("X", NULL), .bytes = ipc_bytes_text(":2\r\n")},
                            {.posts = 1, .kind = REPLY_DATA, .call = digest("A", NULL), .bytes = ipc_bytes_text(":2\r\n")}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Served s;
    uint8_t room[256];
    start(&s);
    RunMessage request = request_with(0, make_tape(room, &rows[i], 1));
    run(&s, &request);
    ZygoteExited end = stop(&s);
    ck_assert(end.how == CLD_EXITED && end.status == WORKER_EXIT_STRAYED);
  }
}
END_TEST

SUITE("worker/replays", an_answer_that_was_always_the_same_is_guessed, what_is_on_the_tape_is_neither_asked_nor_told_again,
      a_run_that_strays_from_its_tape_ends_the_worker)
