/* SPDX-License-Identifier: BSD-2-Clause */
/* test_faults - a pool against zygotes and workers that die, lie and hang. */
#define _GNU_SOURCE
#include <signal.h>

#include "sandbox/zygote_abi.h"
#include "tests/supervisor/faults.h"

/* --- Runs that go well --- */

START_TEST(a_result_and_its_usage_come_back) {
  FsbPool *pool = open_good();
  FsbResult *result = run(pool, "result 5");
  const FsbUsage *usage = fsb_result_usage(result);
  ck_assert_int_eq(fsb_result_code(result), 0);
  ck_assert_int_eq(integer_of(result), 5);
  ck_assert_uint_eq(usage->instructions, 77);
  ck_assert_uint_eq(usage->random_state, 99);
  ck_assert_int_eq(usage->start_kind, FSB_START_COLD);
  ck_assert_uint_gt(usage->wall_ns, 0);
  ck_assert(!usage->is_claim_missing);
  fsb_result_free(result);
  result = run(pool, "result 6");
  ck_assert_int_eq(fsb_result_usage(result)->start_kind, FSB_START_WARM);
  ck_assert_int_eq(integer_of(result), 6);
  fsb_result_free(result);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(each_principal_has_a_worker_of_its_own) {
  FsbPool *pool = open_good();
  FsbRequest request = request_of("result 1");
  for (int i = 0; i < 200; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "user%d", i);
    request.principal = (FsbBytes){name, strlen(name)};
    FsbResult *result = fsb_run(pool, &request);
    ck_assert_int_eq(fsb_result_code(result), 0);
    ck_assert_int_eq(fsb_result_usage(result)->start_kind, FSB_START_COLD);
    fsb_result_free(result);
  }
  fsb_pool_close(pool);
}
END_TEST

static void answer_pong(void *context, const FsbCall *call, FsbReply *reply) {
  static const char pong[] = "+PONG\r\n";
  *(int *)context += 1;
  ck_assert_uint_eq(call->argc, 1);
  ck_assert_mem_eq(call->argv[0].data, "PING", 4);
  *reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {pong, sizeof pong - 1}, .wrote = true};
}

START_TEST(a_call_reaches_the_host_and_its_reply_the_worker) {
  int calls = 0;
  FsbHost host = {.context = &calls, .call = answer_pong};
  FsbPool *pool = open_good();
  FsbRequest request = request_of("call");
  request.host = &host;
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), 0);
  ck_assert_int_eq(integer_of(result), 7);
  ck_assert_int_eq(calls, 1);
  ck_assert(fsb_result_usage(result)->wrote);
  ck_assert_uint_eq(fsb_result_usage(result)->calls, 1);
  ck_assert_uint_eq(fsb_result_usage(result)->reply_bytes, 7);
  fsb_result_free(result);
  fsb_pool_close(pool);
}
END_TEST

/* The call was made when the worker goes wrong behind it, and that it may have written is known. */
START_TEST(behind_the_last_post_nothing_counts_but_the_end) {
  static const struct {
    const char *source;
    Code code;
    int calls;
  } rows[] = {{"last end", CODE_OK, 1},  {"last value", CODE_PROTOCOL_VIOLATION, 1}, {"last call", CODE_PROTOCOL_VIOLATION, 1},
              {"last again", CODE_PROTOCOL_VIOLATION, 1}, {"last resp3", CODE_PROTOCOL_VIOLATION, 0},
              {"last die", CODE_WORKER_CRASHED, 1}, {"last hang", CODE_LIMIT_WALL, 1}};
  FsbError error;
  FsbPool *pool = open_good();
  FsbLimits *limits = fsb_limits_new();
  ck_assert(fsb_limits_set(limits, "wall=500ms", &error));
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int calls = 0;
    FsbHost host = {.context = &calls, .call = answer_pong};
    FsbRequest request = request_of(rows[i].source);
    request.host = &host;
    request.limits = limits;
    FsbResult *result = fsb_run(pool, &request);
    FsbBytes reply;
    ck_assert_msg(fsb_result_code(result) == (int)rows[i].code, "%s: %d", rows[i].source, fsb_result_code(result));
    ck_assert_int_eq(calls, rows[i].calls);
    ck_assert_int_eq(fsb_result_usage(result)->wrote, calls != 0);
    ck_assert(fsb_result_reply(result, 2, &reply));
    if (rows[i].code == CODE_OK) ck_assert_mem_eq(reply.data, "+PONG\r\n", reply.size);
    fsb_result_free(result);
    expect_alive(pool);
  }
  fsb_limits_free(limits);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(without_a_host_a_call_ends_the_run) {
  FsbPool *pool = open_good();
  expect(pool, "call", CODE_UNAVAILABLE, "no data store");
  expect_alive(pool);
  fsb_pool_close(pool);
}
END_TEST

/* --- Workers that die --- */

START_TEST(every_death_has_its_outcome) {
  static const struct {
    const char *source;
    Code code;
    const char *text;
  } deaths[] = {
      {"die 9", CODE_WORKER_CRASHED, "signal 9 (SIGKILL)"},
      {"die 11", CODE_WORKER_CRASHED, "signal 11 (SIGSEGV)"},
      {"die 4", CODE_WORKER_CRASHED, "signal 4 (SIGILL)"},
      {"die 31", CODE_POLICY_VIOLATION, "system call filter"},
      {"exit 0", CODE_WORKER_CRASHED, "exit status 0"},
      {"exit 13", CODE_STALE_HANDLE, "line unknown"},
      {"die 5", CODE_STALE_HANDLE, "line unknown"},
      {"exit 12", CODE_WORKER_CRASHED, "exit status 12"},
      {"half-die", CODE_WORKER_CRASHED, "exit status 0"},
  };
  FsbPool *pool = open_good();
  int fds = count_fds();
  for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
    expect(pool, deaths[i].source, deaths[i].code, deaths[i].text);
    expect_alive(pool);
  }
  expect(pool, "die 9", CODE_WORKER_CRASHED, "");
  ck_assert_int_le(count_fds(), fds);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

START_TEST(a_hundred_crashes_leave_no_descriptor_behind) {
  FsbPool *pool = open_good();
  expect(pool, "die 9", CODE_WORKER_CRASHED, "");
  int fds = count_fds();
  for (int i = 0; i < 100; i++) expect(pool, "die 9", CODE_WORKER_CRASHED, "signal 9");
  ck_assert_int_eq(count_fds(), fds);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_worker_that_retired_unseen_is_replaced) {
  FsbError error;
  FsbPool *pool = open_mood("retire", &error);
  for (int i = 0; i < 20; i++) expect_alive(pool);
  fsb_pool_close(pool);
}
END_TEST

/* --- Workers that lie --- */

START_TEST(every_violation_costs_the_worker_its_life) {
  static const char *const lies[] = {"garbage", "huge", "old",    "sequence", "hello",
                                     "run",     "body", "tokens", "unasked",  "wall"};
  FsbPool *pool = open_good();
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    expect(pool, lies[i], CODE_PROTOCOL_VIOLATION, "impermissible");
    FsbResult *result = run(pool, "result 1");
    ck_assert_msg(fsb_result_usage(result)->start_kind == FSB_START_COLD, "%s: the liar lives on",
                  lies[i]);
    fsb_result_free(result);
  }
  fsb_pool_close(pool);
}
END_TEST

START_TEST(bytes_left_behind_disqualify_a_worker_for_the_next_run) {
  FsbPool *pool = open_good();
  expect(pool, "leftover", CODE_OK, "");
  usleep(20000);
  FsbResult *result = run(pool, "result 3");
  ck_assert_int_eq(fsb_result_usage(result)->start_kind, FSB_START_COLD);
  ck_assert_int_eq(integer_of(result), 3);
  fsb_result_free(result);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_flood_of_log_frames_ends_at_the_limit) {
  FsbPool *pool = open_good();
  expect(pool, "flood", CODE_LIMIT_LOG_BYTES, "log_bytes");
  expect_alive(pool);
  fsb_pool_close(pool);
}
END_TEST

/* --- Time --- */

static FsbResult *run_limited(FsbPool *pool, const char *source, const char *limit,
                              uint64_t timeout) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  if (limit != NULL) ck_assert_msg(fsb_limits_set(limits, limit, &error), "%s", error.text);
  FsbRequest request = request_of(source);
  request.limits = limits;
  request.timeout = timeout;
  FsbResult *result = fsb_run(pool, &request);
  fsb_limits_free(limits);
  return result;
}

static bool ends_with_text(FsbPool *pool, const char *source, const char *limit, uint64_t timeout,
                           Code code, const char *text) {
  uint64_t began = now();
  FsbResult *result = run_limited(pool, source, limit, timeout);
  FsbBytes error = fsb_result_error(result);
  ck_assert_msg(fsb_result_code(result) == (int)code, "%s: %.*s", source, (int)error.size,
                error.data);
  ck_assert_uint_lt(now() - began, PROMPT);
  bool has_text = memmem(error.data, error.size, text, strlen(text)) != NULL;
  fsb_result_free(result);
  expect_alive(pool);
  return has_text;
}

/* A worker has 20 ms to say where it stood; on a busy machine it may not get to run. */
static void expect_limited(FsbPool *pool, const char *source, const char *limit, uint64_t timeout,
                           Code code, const char *text) {
  for (int i = 0; i < 10; i++)
    if (ends_with_text(pool, source, limit, timeout, code, text)) return;
  ck_abort_msg("%s: never '%s'", source, text);
}

START_TEST(a_worker_that_hears_the_stop_word_says_where_it_stood) {
  FsbPool *pool = open_good();
  expect_limited(pool, "wait", "wall=30ms", 0, CODE_LIMIT_WALL,
                 "LIMIT wall: script exceeded 30ms of elapsed time, at user_script:12");
  expect_limited(pool, "wait", NULL, 30 * MS, CODE_TIMEOUT,
                 "TIMEOUT the tool's --timeout of 30ms ran out, at user_script:12");
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_worker_that_does_not_is_killed_and_its_line_unknown) {
  FsbPool *pool = open_good();
  expect_limited(pool, "hang", "wall=30ms", 0, CODE_LIMIT_WALL, "elapsed time, line unknown");
  expect_limited(pool, "half", "wall=30ms", 0, CODE_LIMIT_WALL, "line unknown");
  expect_limited(pool, "burn", "cpu=30ms", 0, CODE_LIMIT_CPU,
                 "cpu: script exceeded 30ms of processor time, line unknown");
  fsb_pool_close(pool);
}
END_TEST

START_TEST(processor_time_is_measured_outside_the_worker) {
  FsbPool *pool = open_good();
  FsbResult *result = run_limited(pool, "burn", "cpu=50ms", 0);
  const FsbUsage *usage = fsb_result_usage(result);
  ck_assert_uint_ge(usage->wall_ns, 50 * MS);
  ck_assert(usage->is_claim_missing);
  fsb_result_free(result);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_worker_that_never_stops_talking_does_not_outlive_its_time) {
  FsbPool *pool = open_good();
  expect_limited(pool, "babble", "wall=50ms", 0, CODE_LIMIT_WALL, "line unknown");
  expect_limited(pool, "babble", NULL, 50 * MS, CODE_TIMEOUT, "line unknown");
  fsb_pool_close(pool);
}
END_TEST

static void answer_one(void *context, const FsbCall *call, FsbReply *reply) {
  (void)context;
  (void)call;
  *reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {":1\r\n", 4}};
}

/* Neither one that goes on behind a wrong guess, of which nothing counts any more, nor one that asks again and again
 * although it is told to end. */
START_TEST(a_worker_that_does_not_heed_its_end_does_not_outlive_its_time) {
  static const struct {
    const char *source, *limit;
    Code code;
  } rows[] = {{"guess-babble", "wall=50ms", CODE_LIMIT_WALL}, {"guess-post", "wall=50ms", CODE_LIMIT_WALL},
              {"guess-call", "wall=50ms", CODE_LIMIT_WALL}, {"calls", "calls=3", CODE_LIMIT_CALLS}};
  FsbHost host = {.call = answer_one};
  FsbPool *pool = open_good();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    FsbError error;
    FsbLimits *limits = fsb_limits_new();
    FsbRequest request = request_of(rows[i].source);
    ck_assert(fsb_limits_set(limits, rows[i].limit, &error));
    request.host = &host;
    request.limits = limits;
    uint64_t began = now();
    FsbResult *result = fsb_run(pool, &request);
    ck_assert_msg(fsb_result_code(result) == (int)rows[i].code, "%s: %d", rows[i].source, fsb_result_code(result));
    ck_assert_uint_lt(now() - began, PROMPT);
    fsb_result_free(result);
    fsb_limits_free(limits);
    expect_alive(pool);
  }
  fsb_pool_close(pool);
}
END_TEST

static FsbCancel *handler_cancel;
static void on_alarm(int number) {
  (void)number;
  fsb_cancel_request(handler_cancel);
}

START_TEST(a_cancel_from_a_signal_handler_ends_the_run) {
  static const char *const sources[] = {"wait", "hang"};
  FsbPool *pool = open_good();
  struct sigaction action = {.sa_handler = on_alarm};
  (void)sigaction(SIGALRM, &action, NULL);
  handler_cancel = fsb_cancel_new();
  for (int i = 0; i < 2; i++) {
    FsbRequest request = request_of(sources[i]);
    request.cancel = handler_cancel;
    fsb_cancel_reset(handler_cancel);
    uint64_t began = now();
    (void)ualarm(30000, 0);
    FsbResult *result = fsb_run(pool, &request);
    ck_assert_int_eq(fsb_result_code(result), CODE_CANCELLED);
    ck_assert_uint_lt(now() - began, PROMPT);
    fsb_result_free(result);
  }
  expect_alive(pool);
  fsb_cancel_free(handler_cancel);
  fsb_pool_close(pool);
}
END_TEST

static int turns;

/* Gives up at the third turn. */
static void take_turn(void *context) {
  turns++;
  if (turns == 3) fsb_cancel_request(context);
}

START_TEST(the_host_gets_its_turn_while_the_worker_computes) {
  FsbPool *pool = open_good();
  FsbCancel *cancel = fsb_cancel_new();
  FsbHost host = {.context = cancel, .idle = take_turn, .idle_interval = 10 * MS};
  FsbRequest request = request_of("wait");
  request.host = &host;
  request.cancel = cancel;
  uint64_t began = now();
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), CODE_CANCELLED);
  ck_assert_int_ge(turns, 3);
  ck_assert_uint_ge(now() - began, 30 * MS);
  ck_assert_uint_lt(now() - began, PROMPT);
  fsb_result_free(result);
  fsb_cancel_free(cancel);
  fsb_pool_close(pool);
}
END_TEST

static void answer_slowly(void *context, const FsbCall *call, FsbReply *reply) {
  (void)context;
  (void)call;
  usleep(60000);
  *reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {"+OK\r\n", 5}, .wrote = true};
}

START_TEST(the_stores_time_is_limited_and_the_error_says_that_it_wrote) {
  FsbError error;
  FsbHost host = {.call = answer_slowly};
  static const char *const limits[] = {"host_time=30ms", "hold=30ms"};
  static const Code codes[] = {CODE_LIMIT_HOST_TIME, CODE_LIMIT_HOLD};
  FsbPool *pool = open_good();
  for (int i = 0; i < 2; i++) {
    FsbLimits *own = fsb_limits_new();
    ck_assert(fsb_limits_set(own, limits[i], &error));
    FsbRequest request = request_of("call");
    request.host = &host;
    request.limits = own;
    FsbResult *result = fsb_run(pool, &request);
    FsbBytes text = fsb_result_error(result);
    ck_assert_int_eq(fsb_result_code(result), codes[i]);
    ck_assert(memmem(text.data, text.size, "(wrote=1)", 9) != NULL);
    fsb_result_free(result);
    fsb_limits_free(own);
  }
  fsb_pool_close(pool);
}
END_TEST

/* --- Limits of the request --- */

START_TEST(what_is_too_long_never_reaches_a_worker) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  FsbPool *pool = open_good();
  FsbBytes argument = {"0123456789", 10};
  FsbRequest request = request_of("result 1");
  request.limits = limits;
  request.args = &argument;
  request.arg_count = 1;
  ck_assert(fsb_limits_set(limits, "arg_bytes=9", &error));
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), CODE_LIMIT_ARG_BYTES);
  ck_assert_int_eq(fsb_result_usage(result)->start_kind, FSB_START_NONE);
  fsb_result_free(result);
  ck_assert(fsb_limits_set(limits, "script_bytes=7", &error));
  result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), CODE_LIMIT_SCRIPT_BYTES);
  fsb_result_free(result);
  fsb_limits_free(limits);
  fsb_pool_close(pool);
}
END_TEST

/* --- Before the first run --- */

static void expect_no_pool(const char *mood, Code code, const char *text) {
  FsbError error = {.code = 0};
  FsbPool *pool = open_mood(mood, &error);
  ck_assert_msg(pool == NULL, "%s opens", mood);
  ck_assert_msg(error.code == (int)code, "%s: %s: %s", mood, fsb_code_label(error.code),
                error.text);
  ck_assert_msg(strstr(error.text, text) != NULL, "%s: %s", mood, error.text);
  ck_assert(!has_children());
}

START_TEST(a_zygote_that_cannot_start_is_explained) {
  expect_no_pool("refuse", CODE_SEAL_REFUSED, "step filter: the kernel said no");
  expect_no_pool("zygote-dies", CODE_INTERNAL, "does not start");
  expect_no_pool("zygote-short", CODE_INTERNAL, "does not start");
}
END_TEST

START_TEST(a_program_that_is_none_is_explained) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  static const char *const paths[] = {"/nowhere/worker", "/etc/passwd", "/"};
  for (int i = 0; i < 3; i++) {
    options.worker_path = paths[i];
    ck_assert_ptr_null(fsb_pool_open(&options, &error));
    ck_assert_int_ne(error.code, 0);
    ck_assert_int_ne((int)strlen(error.text), 0);
  }
  options.worker_path = NULL;
  options.require = "landlock,nonsense";
  ck_assert_ptr_null(fsb_pool_open(&options, &error));
  ck_assert_ptr_nonnull(strstr(error.text, "nonsense"));
}
END_TEST

static void expect_unavoidable(const char *require, const char *avoid, const char *text) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.require = require;
  options.avoid = avoid;
  ck_assert_ptr_null(fsb_pool_open(&options, &error));
  ck_assert_int_eq(error.code, CODE_CONFIG);
  ck_assert_msg(strstr(error.text, text) != NULL, "%s", error.text);
}

START_TEST(a_step_that_is_needed_cannot_be_avoided) {
  expect_unavoidable(NULL, "nonsense", "'nonsense' is no step");
  expect_unavoidable(NULL, "tsc,filter", "step 'filter' of the seal cannot be avoided: nothing runs without it");
  expect_unavoidable("mdwe,tsc", "tsc", "step 'tsc' of the seal cannot be avoided: it is required");
}
END_TEST

static void expect_no_start(const char *mood, Code code, const char *text) {
  FsbError error;
  FsbPool *pool = open_mood(mood, &error);
  ck_assert_msg(pool != NULL, "%s: %s", mood, pool == NULL ? error.text : "");
  FsbResult *result = run_limited(pool, "result 1", NULL, 1500 * MS);
  FsbBytes line = fsb_result_error(result);
  ck_assert_msg(fsb_result_code(result) == (int)code, "%s: %.*s", mood, (int)line.size, line.data);
  ck_assert_msg(memmem(line.data, line.size, text, strlen(text)) != NULL, "%s: %.*s", mood,
                (int)line.size, line.data);
  fsb_result_free(result);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}

START_TEST(a_worker_that_fails_before_its_hello_is_explained) {
  expect_no_start("die-at-hello", CODE_WORKER_CRASHED, "signal 9");
  expect_no_start("seal-fails", CODE_SEAL_REFUSED, "step filter");
  expect_no_start("other-build", CODE_PROTOCOL_VIOLATION, "another build");
  expect_no_start("unsealed", CODE_PROTOCOL_VIOLATION, "no valid hello");
  expect_no_start("babble", CODE_PROTOCOL_VIOLATION, "no valid hello");
  expect_no_start("mute", CODE_TIMEOUT, "--timeout");
}
END_TEST

START_TEST(closing_a_pool_ends_every_process_of_it) {
  FsbPool *pool = open_good();
  expect_alive(pool);
  ck_assert(has_children());
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

SUITE("supervisor faults", a_result_and_its_usage_come_back,
      each_principal_has_a_worker_of_its_own, a_call_reaches_the_host_and_its_reply_the_worker,
      behind_the_last_post_nothing_counts_but_the_end, without_a_host_a_call_ends_the_run, every_death_has_its_outcome,
      a_hundred_crashes_leave_no_descriptor_behind, a_worker_that_retired_unseen_is_replaced,
      every_violation_costs_the_worker_its_life,
      bytes_left_behind_disqualify_a_worker_for_the_next_run,
      a_flood_of_log_frames_ends_at_the_limit,
      a_worker_that_hears_the_stop_word_says_where_it_stood,
      a_worker_that_does_not_is_killed_and_its_line_unknown,
      processor_time_is_measured_outside_the_worker, a_cancel_from_a_signal_handler_ends_the_run,
      the_host_gets_its_turn_while_the_worker_computes,
      the_stores_time_is_limited_and_the_error_says_that_it_wrote,
      what_is_too_long_never_reaches_a_worker, a_zygote_that_cannot_start_is_explained,
      a_program_that_is_none_is_explained, a_step_that_is_needed_cannot_be_avoided, a_worker_that_fails_before_its_hello_is_explained,
      closing_a_pool_ends_every_process_of_it,
      a_worker_that_never_stops_talking_does_not_outlive_its_time,
      a_worker_that_does_not_heed_its_end_does_not_outlive_its_time)
