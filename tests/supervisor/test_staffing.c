/* SPDX-License-Identifier: BSD-2-Clause */
/* test_staffing - who gets which worker: spares, renewal, workers and zygotes that die between runs. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>

#include "tests/supervisor/faults.h"

/* --- Spares --- */

static FsbStart start_of(FsbPool *pool, const char *principal) {
  FsbRequest request = request_of("result 1");
  request.principal = (FsbBytes){principal, strlen(principal)};
  FsbResult *result = fsb_run(pool, &request);
  FsbStart start = fsb_result_usage(result)->start_kind;
  ck_assert_int_eq(fsb_result_code(result), 0);
  fsb_result_free(result);
  return start;
}

static FsbPool *open_with_spares(const char *path, unsigned spares) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = path;
  options.spares = spares;
  FsbPool *pool = fsb_pool_open(&options, &error);
  ck_assert_msg(pool != NULL, "%s", pool == NULL ? error.text : "");
  return pool;
}

START_TEST(a_spare_goes_to_one_principal_and_stays_there) {
  FsbPool *pool = open_with_spares(FAKE_WORKER, 2);
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_SPARE);
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_WARM);
  ck_assert_int_eq(start_of(pool, "b"), FSB_START_SPARE);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_COLD);
  fsb_pool_tend(pool);
  ck_assert_int_eq(start_of(pool, "d"), FSB_START_SPARE);
  ck_assert_int_eq(start_of(pool, "b"), FSB_START_WARM);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

START_TEST(a_crashed_worker_is_replaced_by_a_spare) {
  FsbPool *pool = open_with_spares(FAKE_WORKER, 1);
  ck_assert_int_eq(start_of(pool, "p"), FSB_START_SPARE);
  fsb_pool_tend(pool);
  expect(pool, "die 9", CODE_WORKER_CRASHED, "signal 9");
  ck_assert_int_eq(start_of(pool, "p"), FSB_START_SPARE);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(retired_principals_get_new_workers_and_others_keep_theirs) {
  FsbPool *pool = open_with_spares(FAKE_WORKER, 0);
  static const char *const names[] = {"acme:ann", "acme:bob", "acm", "other"};
  for (size_t i = 0; i < 4; i++) ck_assert_int_eq(start_of(pool, names[i]), FSB_START_COLD);
  ck_assert_uint_eq(fsb_pool_retire(pool, (FsbBytes){"acme:", 5}), 2);
  ck_assert_uint_eq(fsb_pool_retire(pool, (FsbBytes){"acme:", 5}), 0);
  for (size_t i = 0; i < 4; i++)
    ck_assert_int_eq(start_of(pool, names[i]), i < 2 ? FSB_START_COLD : FSB_START_WARM);
  ck_assert_uint_eq(fsb_pool_retire(pool, (FsbBytes){NULL, 0}), 4);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* --- Renewal --- */

static int count_children_of(pid_t parent) {
  char path[64];
  char text[4096] = "";
  int count = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *file = fopen(path, "r");
  size_t size = fread(text, 1, sizeof text - 1, file);
  (void)fclose(file);
  for (size_t i = 0; i < size; i++) count += text[i] == ' ';
  return count;
}

static int count_children(void) {
  return count_children_of(getpid());
}

START_TEST(a_zygote_that_served_long_enough_retires_with_its_last_worker) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = FAKE_WORKER;
  options.renew_after = 2;
  FsbPool *pool = fsb_pool_open(&options, &error);
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_COLD);
  fsb_pool_tend(pool);
  ck_assert_int_eq(count_children(), 1);
  ck_assert_int_eq(start_of(pool, "b"), FSB_START_COLD);
  fsb_pool_tend(pool);
  ck_assert_int_eq(count_children(), 2);
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_WARM);
  ck_assert_int_eq(start_of(pool, "b"), FSB_START_WARM);
  for (int i = 0; i < 2; i++) {
    FsbRequest request = request_of("die 9");
    request.principal = (FsbBytes){i == 0 ? "a" : "b", 1};
    fsb_result_free(fsb_run(pool, &request));
  }
  fsb_pool_tend(pool);
  ck_assert_int_eq(count_children(), 1);
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_COLD);
  for (int i = 0; i < 20; i++) {
    expect(pool, "die 9", CODE_WORKER_CRASHED, "signal 9");
    fsb_pool_tend(pool);
    ck_assert_int_le(count_children(), 2);
  }
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* --- Zygotes that die --- */

static pid_t first_child_of(pid_t parent) {
  char path[64], text[256] = "";
  (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
  (void)fclose(file);
  return (pid_t)atoi(text);
}

/* Ends the one zygote there is, and waits until it has ended. */
static void kill_zygote(void) {
  siginfo_t info;
  pid_t zygote = first_child_of(getpid());
  ck_assert_int_eq(kill(zygote, SIGKILL), 0);
  ck_assert_int_eq(waitid(P_PID, (id_t)zygote, &info, WEXITED | WNOWAIT), 0);
}

static const struct timespec back_off = {.tv_nsec = 120 * MS};

START_TEST(a_zygote_that_dies_is_started_again_but_not_at_once) {
  FsbError error;
  FsbPool *pool = open_mood("zygote-dies-at-spawn", &error);
  ck_assert_ptr_nonnull(pool);
  expect(pool, "result 1", CODE_WORKER_CRASHED, "none could be forked");
  expect(pool, "result 1", CODE_OK, ""); /* another one, in better mood */
  kill_zygote(); /* its workers go with it */
  for (int i = 0; i < 2; i++)
    expect(pool, "result 1", CODE_WORKER_CRASHED, "the zygote ended and is not started again yet");
  (void)nanosleep(&back_off, NULL);
  expect(pool, "result 1", CODE_OK, "");
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

START_TEST(a_zygote_that_dies_between_two_runs_costs_neither) {
  for (unsigned spares = 0; spares < 3; spares++) {
    FsbPool *pool = open_with_spares(FAKE_WORKER, spares);
    for (int i = 0; i < 5; i++) {
      expect_alive(pool);
      kill_zygote();
      expect_alive(pool);
      (void)nanosleep(&back_off, NULL);
    }
    fsb_pool_close(pool);
  }
  ck_assert(!has_children());
}
END_TEST

static void kill_worker(void *context) {
  pid_t *worker = context;
  if (*worker != 0) ck_assert_int_eq(kill(*worker, SIGKILL), 0);
  *worker = 0;
}

/* Stops a process and waits until it stands: the kernel may still hand it bytes before. */
static void stop(pid_t process) {
  char path[64], text[256] = "";
  (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
  ck_assert_int_eq(kill(process, SIGSTOP), 0);
  while (strstr(text, ") T ") == NULL) {
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    (void)fclose(file);
  }
}

/* Runs `source`; the worker at hand is killed while the answer is waited for. */
static FsbResult *run_with_kill(FsbPool *pool, const char *source, bool is_stopped) {
  expect_alive(pool);
  pid_t worker = first_child_of(first_child_of(getpid()));
  FsbHost host = {.context = &worker, .idle = kill_worker, .idle_interval = 5 * MS};
  FsbRequest request = request_of(source);
  request.host = &host;
  if (is_stopped) stop(worker);
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(worker, 0);
  return result;
}

START_TEST(a_run_that_its_worker_never_read_is_played_again_and_no_other) {
  FsbPool *pool = open_good();
  for (int i = 0; i < 10; i++) {
    FsbResult *result = run_with_kill(pool, "result 5", true);
    ck_assert_int_eq(fsb_result_code(result), CODE_OK);
    ck_assert_int_eq(fsb_result_usage(result)->start_kind, FSB_START_COLD);
    ck_assert_int_eq(integer_of(result), 5);
    fsb_result_free(result);
    result = run_with_kill(pool, "hang", false);
    ck_assert_int_eq(fsb_result_code(result), CODE_WORKER_CRASHED);
    fsb_result_free(result);
  }
  fsb_pool_close(pool);
}
END_TEST

/* --- Zygotes that are late --- */

/* A pool of workers of `a` and `b`, whose zygote stands still when it is asked for a spare. */
static FsbPool *open_late(pid_t *ret_zygote) {
  FsbWorker worker;
  FsbPool *pool = open_with_spares(FAKE_WORKER, 1);
  (void)start_of(pool, "a");
  (void)start_of(pool, "b");
  ck_assert(fsb_pool_worker(pool, 1, &worker));
  *ret_zygote = worker.zygote;
  stop(*ret_zygote);
  fsb_pool_tend(pool);
  return pool;
}

/* Gives what is waited for a moment; false once that is overdue. */
static bool goes_on(uint64_t began) {
  const struct timespec moment = {.tv_nsec = 5 * MS};
  (void)nanosleep(&moment, NULL);
  return now() - began < 2 * PROMPT;
}

static bool has_spare(const FsbPool *pool) {
  FsbWorker worker;
  return fsb_pool_worker(pool, 2, &worker) && worker.is_spare;
}

static int count_workers(const FsbPool *pool) {
  FsbWorker worker;
  int count = 0;
  while (fsb_pool_worker(pool, (size_t)count, &worker)) count++;
  return count;
}

static void expect_timeout(FsbPool *pool, const char *principal) {
  FsbRequest request = request_of("result 1");
  request.principal = (FsbBytes){principal, strlen(principal)};
  request.timeout = 20 * MS;
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), CODE_TIMEOUT);
  fsb_result_free(result);
}

START_TEST(a_zygote_that_is_late_is_waited_for_and_nobody_loses_a_worker) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  uint64_t began = now();
  for (int i = 0; i < 40; i++) fsb_pool_tend(pool); /* asks no more, and so waits no more */
  ck_assert_uint_lt(now() - began, 3000 * MS);
  expect_timeout(pool, "c");
  ck_assert_int_eq(start_of(pool, "a"), FSB_START_WARM);
  ck_assert_int_eq(kill(zygote, SIGCONT), 0);
  for (began = now(); !has_spare(pool) && goes_on(began);) fsb_pool_tend(pool);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_SPARE);
  ck_assert_int_eq(start_of(pool, "b"), FSB_START_WARM);
  ck_assert_int_eq(kill(zygote, 0), 0);
  ck_assert_int_eq(count_children_of(zygote), count_workers(pool)); /* it was forked once */
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* The one that was forked last. */
static pid_t last_child_of(pid_t parent) {
  char path[64];
  long child = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  while (fscanf(file, "%ld", &child) == 1) continue;
  (void)fclose(file);
  return (pid_t)child;
}

START_TEST(a_spare_that_is_late_is_one_when_it_comes) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  uint64_t began = now();
  ck_assert_int_eq(kill(zygote, SIGCONT), 0);
  while (count_children_of(zygote) != 3 && goes_on(began)) continue;
  ck_assert_int_eq(count_children_of(zygote), 3);
  pid_t late = last_child_of(zygote);
  FsbWorker worker;
  for (began = now(); !has_spare(pool) && goes_on(began);) fsb_pool_tend(pool);
  ck_assert(has_spare(pool) && fsb_pool_worker(pool, 2, &worker));
  ck_assert_int_eq(worker.pid, late);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_SPARE);
  ck_assert(fsb_pool_worker(pool, 0, &worker));
  ck_assert_int_eq(worker.pid, late);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

START_TEST(a_machine_on_which_every_spare_is_late_has_spares) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  for (int i = 0; i < 5; i++) {
    const char name[] = {(char)('c' + i), 0};
    uint64_t began = now();
    ck_assert_int_eq(kill(zygote, SIGCONT), 0);
    while (count_children_of(zygote) != 3 + i && goes_on(began)) continue;
    ck_assert_int_eq(count_children_of(zygote), 3 + i);
    stop(zygote);
    ck_assert_int_eq(start_of(pool, name), FSB_START_SPARE);
    fsb_pool_tend(pool); /* asks for the next, which is late again */
  }
  ck_assert_int_eq(kill(zygote, SIGCONT), 0);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* Wakes a process up in a while, from a process of its own. */
static pid_t wake_later(pid_t process, unsigned milliseconds) {
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child != 0) return child;
  (void)usleep(milliseconds * 1000);
  _exit(kill(process, SIGCONT) == 0 ? 0 : 1);
}

START_TEST(who_needs_a_worker_waits_for_the_spare_that_is_late_and_asks_for_no_other) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  pid_t waker = wake_later(zygote, 100);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_SPARE);
  ck_assert_int_eq(count_children_of(zygote), 3);
  ck_assert_int_eq(waitpid(waker, NULL, 0), waker);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* Nobody has it when it comes: its pipes close, and it ends. */
START_TEST(a_spare_that_is_late_and_not_wanted_any_more_is_let_go) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  fsb_pool_set_transport(pool, FSB_TRANSPORT_PIPE);
  fsb_pool_set_transport(pool, FSB_TRANSPORT_RING);
  ck_assert_int_eq(kill(zygote, SIGCONT), 0);
  uint64_t began = now();
  while ((count_children_of(zygote) != 3 || !has_spare(pool)) && goes_on(began)) fsb_pool_tend(pool);
  ck_assert(has_spare(pool));
  ck_assert_int_eq(count_children_of(zygote), 3);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

/* Others wait for the host meanwhile. */
START_TEST(who_may_hold_the_host_for_a_while_is_waited_for_no_longer) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  FsbLimits *limits = fsb_limits_new();
  FsbError error;
  FsbRequest request = request_of("result 1");
  ck_assert(fsb_limits_set(limits, "hold=50ms", &error));
  request.principal = (FsbBytes){"c", 1};
  request.limits = limits;
  request.held_since = now();
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), CODE_LIMIT_HOLD);
  ck_assert_uint_ge(now() - request.held_since, 50 * MS);
  ck_assert_uint_lt(now() - request.held_since, 1000 * MS);
  fsb_result_free(result);
  ck_assert_int_eq(kill(zygote, SIGCONT), 0);
  for (uint64_t began = now(); !has_spare(pool) && goes_on(began);) fsb_pool_tend(pool);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_SPARE);
  fsb_limits_free(limits);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_zygote_that_never_answers_is_ended_and_another_started) {
  pid_t zygote;
  FsbPool *pool = open_late(&zygote);
  for (uint64_t began = now(); kill(zygote, 0) == 0 && goes_on(began);) fsb_pool_tend(pool);
  ck_assert_int_eq(kill(zygote, 0), -1);
  ck_assert_int_eq(start_of(pool, "c"), FSB_START_COLD);
  fsb_pool_close(pool);
  ck_assert(!has_children());
}
END_TEST

SUITE("supervisor staffing", a_spare_goes_to_one_principal_and_stays_there,
      a_crashed_worker_is_replaced_by_a_spare,
      retired_principals_get_new_workers_and_others_keep_theirs,
      a_zygote_that_served_long_enough_retires_with_its_last_worker,
      a_zygote_that_dies_is_started_again_but_not_at_once,
      a_zygote_that_dies_between_two_runs_costs_neither,
      a_run_that_its_worker_never_read_is_played_again_and_no_other,
      a_zygote_that_is_late_is_waited_for_and_nobody_loses_a_worker,
      a_spare_that_is_late_is_one_when_it_comes, a_machine_on_which_every_spare_is_late_has_spares,
      who_needs_a_worker_waits_for_the_spare_that_is_late_and_asks_for_no_other,
      a_spare_that_is_late_and_not_wanted_any_more_is_let_go,
      who_may_hold_the_host_for_a_while_is_waited_for_no_longer,
      a_zygote_that_never_answers_is_ended_and_another_started)
