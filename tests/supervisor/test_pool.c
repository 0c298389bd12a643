/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pool - how many workers there are, and whose: real ones. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"
#include "tests/supervisor/real_pool.h"

static int64_t run(FsbPool *pool, unsigned user, const char *source, FsbStart *ret_start) {
  char name[16];
  FsbElement element;
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = (FsbBytes){name, (size_t)snprintf(name, sizeof name, "%u", user)};
  request.source = (FsbBytes){source, strlen(source)};
  FsbResult *result = fsb_run(pool, &request);
  FsbBytes error = fsb_result_error(result);
  ck_assert_msg(fsb_result_code(result) == 0, "%.*s", (int)error.size, error.data);
  FsbWalk *walk = fsb_walk_open(result, 2);
  ck_assert(fsb_walk_next(walk, &element));
  fsb_walk_close(walk);
  if (ret_start != NULL) *ret_start = fsb_result_usage(result)->start_kind;
  fsb_result_free(result);
  return element.integer;
}

static FsbStart start_of(FsbPool *pool, unsigned user) {
  FsbStart start;
  ck_assert_int_eq(run(pool, user, "return 1", &start), 1);
  return start;
}

static unsigned count(const FsbPool *pool, bool is_spare) {
  FsbWorker worker;
  unsigned found = 0;
  for (size_t i = 0; fsb_pool_worker(pool, i, &worker); i++) found += worker.is_spare == is_spare;
  return found;
}

static void wait_ms(long ms) {
  (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

START_TEST(those_used_longest_ago_make_room) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.workers = 3;
  FsbPool *pool = real_pool_open(options);
  for (unsigned user = 0; user < 3; user++) ck_assert_int_eq(start_of(pool, user), FSB_START_COLD);
  ck_assert_int_eq(start_of(pool, 0), FSB_START_WARM);
  ck_assert_int_eq(start_of(pool, 3), FSB_START_COLD);
  ck_assert_uint_eq(count(pool, false), 3);
  ck_assert_int_eq(start_of(pool, 0), FSB_START_WARM);
  ck_assert_int_eq(start_of(pool, 2), FSB_START_WARM);
  ck_assert_int_eq(start_of(pool, 1), FSB_START_COLD);
  fsb_pool_close(pool);
}
END_TEST

/* An idle worker counts 192 KiB, and what its runs touched. */
START_TEST(memory_bounds_workers_too) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.memory = 2 << 20;
  FsbPool *pool = real_pool_open(options);
  for (unsigned user = 0; user < 20; user++) (void)start_of(pool, user);
  unsigned small = count(pool, false);
  ck_assert_uint_ge(small, 5);
  ck_assert_uint_le(small, 10);
  for (unsigned user = 20; user < 40; user++)
    (void)run(pool, user, "local s = ('x'):rep(400000) return #s", NULL);
  unsigned large = count(pool, false);
  ck_assert_uint_ge(large, 1);
  ck_assert_uint_lt(large, small);
  fsb_pool_set_memory(pool, 300 << 10);
  (void)start_of(pool, 50);
  ck_assert_uint_eq(count(pool, false), 1);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(generators_go_on_when_a_worker_made_room) {
  static const char draw[] = "return math.random(1000000)";
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.workers = 1;
  FsbPool *pool = real_pool_open(options);
  int64_t first = run(pool, 1, draw, NULL), second = run(pool, 1, draw, NULL);
  ck_assert_int_ne(first, second);
  ck_assert_int_eq(run(pool, 2, draw, NULL), first);
  ck_assert_int_eq(run(pool, 1, "math.random(1000000) return 0", NULL), 0);
  ck_assert_int_eq(run(pool, 2, draw, NULL), second);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(idle_workers_end) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.idle = 200000000;
  FsbPool *pool = real_pool_open(options);
  (void)start_of(pool, 1);
  fsb_pool_tend(pool);
  ck_assert_uint_eq(count(pool, false), 1);
  wait_ms(300);
  (void)start_of(pool, 2);
  fsb_pool_tend(pool);
  ck_assert_uint_eq(count(pool, false), 1);
  ck_assert_int_eq(start_of(pool, 1), FSB_START_COLD);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(spares_follow_demand) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.spares = 1;
  FsbPool *pool = real_pool_open(options);
  ck_assert_uint_eq(count(pool, true), 1);
  for (unsigned user = 0; user < 6; user++) (void)start_of(pool, user);
  /* On a busy machine some are late; after a hundred looks there would be fewer again. */
  for (int i = 0; i < 90 && count(pool, true) != 6; i++) {
    if (i > 2) wait_ms(20);
    fsb_pool_tend(pool);
  }
  ck_assert_uint_eq(count(pool, true), 6);
  ck_assert_int_eq(start_of(pool, 10), FSB_START_SPARE);
  for (int i = 0; i < 1000; i++) fsb_pool_tend(pool);
  ck_assert_uint_eq(count(pool, true), 1);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_request_may_ask_for_stricter_limits_and_gets_no_laxer_ones) {
  static const struct {
    const char *pool, *request, *text;
  } cases[] = {
      {"instructions=5000", "instructions=1g", "exceeded 5000 instructions"},
      {"instructions=1g", "instructions=5000", "exceeded 5000 instructions"},
      {"instructions=5000", NULL, "exceeded 5000 instructions"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    FsbError error;
    FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
    FsbLimits *bound = fsb_limits_new(), *own = cases[i].request == NULL ? NULL : fsb_limits_new();
    ck_assert(fsb_limits_set(bound, cases[i].pool, &error));
    ck_assert(own == NULL || fsb_limits_set(own, cases[i].request, &error));
    options.limits = bound;
    options.worker_path = FERROUS_TEST_BIN_DIR "/ferrous-sandbox-worker";
    FsbPool *pool = fsb_pool_open(&options, &error);
    ck_assert_msg(pool != NULL, "%s", error.text);
    FsbRequest request = FSB_REQUEST_INIT;
    request.source = (FsbBytes){"while true do end", 17};
    request.limits = own;
    FsbResult *result = fsb_run(pool, &request);
    FsbBytes text = fsb_result_error(result);
    ck_assert_msg(memmem(text.data, text.size, cases[i].text, strlen(cases[i].text)) != NULL, "%zu: %.*s", i,
                  (int)text.size, text.data);
    fsb_result_free(result);
    fsb_limits_free(own);
    fsb_limits_free(bound);
    fsb_pool_close(pool);
  }
}
END_TEST

/* --- What a worker used that did not live to say so --- */

typedef struct {
  pid_t pid; /* 0: it was killed */
  uint64_t used; /* in all its life */
} Doomed;

static uint64_t used_by(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
  ck_assert_int_eq(clock_gettime(clock, &time), 0);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Standing still, its clock is right. */
static void stop_process(pid_t pid) {
  char path[64], text[256] = "";
  (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  ck_assert_int_eq(kill(pid, SIGSTOP), 0);
  while (strstr(text, ") T ") == NULL) {
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    (void)fclose(file);
  }
}

static void kill_when_busy(void *context) {
  Doomed *doomed = context;
  if (doomed->pid == 0 || used_by(doomed->pid) < 50000000) return;
  stop_process(doomed->pid);
  doomed->used = used_by(doomed->pid);
  ck_assert_int_eq(kill(doomed->pid, SIGKILL), 0);
  doomed->pid = 0;
}

START_TEST(a_worker_killed_in_the_middle_is_billed_for_what_it_used) {
  FsbPool *pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT);
  static const char source[] = "while true do end";
  for (int i = 0; i < 5; i++) {
    FsbWorker worker;
    (void)start_of(pool, 0);
    wait_ms(5);
    ck_assert(fsb_pool_worker(pool, 0, &worker));
    Doomed doomed = {.pid = worker.pid};
    FsbHost host = {.context = &doomed, .idle = kill_when_busy, .idle_interval = 1000000};
    FsbRequest request = FSB_REQUEST_INIT;
    request.principal = (FsbBytes){"0", 1};
    request.source = (FsbBytes){source, sizeof source - 1};
    request.host = &host;
    uint64_t before = used_by(doomed.pid);
    FsbResult *result = fsb_run(pool, &request);
    const FsbUsage *usage = fsb_result_usage(result);
    ck_assert_str_eq(fsb_code_label(fsb_result_code(result)), "worker_crashed");
    /* What is told is in microseconds. */
    ck_assert_uint_ge(usage->own_cpu_ns + 2000, doomed.used - before);
    ck_assert_uint_ge(usage->cpu_ns + 2000, doomed.used - before);
    ck_assert_uint_le(usage->own_cpu_ns, usage->wall_ns);
    fsb_result_free(result);
  }
  fsb_pool_close(pool);
}
END_TEST

SUITE("supervisor pool", those_used_longest_ago_make_room, memory_bounds_workers_too,
      generators_go_on_when_a_worker_made_room, idle_workers_end, spares_follow_demand,
      a_request_may_ask_for_stricter_limits_and_gets_no_laxer_ones,
      a_worker_killed_in_the_middle_is_billed_for_what_it_used)
