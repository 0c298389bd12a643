/* SPDX-License-Identifier: BSD-2-Clause */
/* test_place - on which processors a worker may run: a process that only waits stands for it. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/supervisor/worker.h"
#include "tests/check_main.h"

static cpu_set_t allowed;
static int cpus[2];
static Worker worker;

/* The first two processors that we may use; the same one twice where there is no other. */
static void find_cpus(void) {
  int found = 0;
  ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
    if (CPU_ISSET((size_t)cpu, &allowed)) cpus[found++] = cpu;
  if (found == 1) cpus[1] = cpus[0];
}

static void start(void) {
  find_cpus();
  pid_t pid = fork();
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  worker = (Worker){.pid = pid, .may_place = true};
}

static void stop(void) {
  ck_assert_int_eq(kill(worker.pid, SIGKILL), 0);
  ck_assert_int_eq(waitpid(worker.pid, NULL, 0), worker.pid);
  ck_assert_int_eq(sched_setaffinity(0, sizeof allowed, &allowed), 0);
}

static void move_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
}

static bool is_only_on(int cpu) {
  cpu_set_t set;
  ck_assert_int_eq(sched_getaffinity(worker.pid, sizeof set, &set), 0);
  return CPU_COUNT(&set) == 1 && CPU_ISSET((size_t)cpu, &set);
}

START_TEST(a_worker_follows_a_caller_that_stays_where_it_went) {
  move_to(cpus[0]);
  ck_assert(supervisor_worker_follow(&worker));
  ck_assert(is_only_on(cpus[0]));
  move_to(cpus[1]);
  for (int i = 0; i < 4; i++) {
    ck_assert(supervisor_worker_follow(&worker));
    ck_assert(is_only_on(cpus[0]));
  }
  ck_assert(supervisor_worker_follow(&worker));
  ck_assert(is_only_on(cpus[1]));
}
END_TEST

START_TEST(a_worker_does_not_follow_a_caller_that_goes_to_and_fro) {
  move_to(cpus[0]);
  ck_assert(supervisor_worker_follow(&worker));
  for (int i = 1; i < 100; i++) {
    move_to(cpus[i % 2]);
    ck_assert(supervisor_worker_follow(&worker));
    ck_assert(is_only_on(cpus[0]));
  }
}
END_TEST

START_TEST(whoever_was_elsewhere_comes_at_once) {
  move_to(cpus[0]);
  ck_assert(supervisor_worker_follow(&worker));
  ck_assert(supervisor_worker_place(&worker, PLACE_ANYWHERE));
  move_to(cpus[1]);
  ck_assert(supervisor_worker_follow(&worker));
  ck_assert(is_only_on(cpus[1]));
}
END_TEST

START_TEST(one_that_is_gone_cannot_be_placed) {
  ck_assert_int_eq(kill(worker.pid, SIGKILL), 0);
  ck_assert_int_eq(waitpid(worker.pid, NULL, 0), worker.pid);
  ck_assert(!supervisor_worker_follow(&worker));
  ck_assert(!supervisor_worker_follow(&worker));
  start();
}
END_TEST

static Suite *make_suite(void) {
  TCase *tests = tcase_create("place");
  Suite *suite = suite_create("supervisor place");
  tcase_add_checked_fixture(tests, start, stop);
  tcase_add_test(tests, a_worker_follows_a_caller_that_stays_where_it_went);
  tcase_add_test(tests, a_worker_does_not_follow_a_caller_that_goes_to_and_fro);
  tcase_add_test(tests, whoever_was_elsewhere_comes_at_once);
  tcase_add_test(tests, one_that_is_gone_cannot_be_placed);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
