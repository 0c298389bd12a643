/* SPDX-License-Identifier: BSD-2-Clause */
/* test_zygote - forking, reaping, refusing and dying of the zygote. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "harness.h"
#include "ipc/fdpass.h"

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static const HarnessOptions plain = {.program = HARNESS_PUPPET};

static void start(Harness *h, const HarnessOptions *o) {
  harness_start(h, o);
  ck_assert_msg(h->report.accepted == 1, "%s", h->report.detail);
}

static HarnessWorker sealed_worker(Harness *h) {
  PuppetHello hello;
  HarnessWorker w = harness_spawn(h);
  ck_assert_int_eq(w.error, 0);
  ck_assert(harness_read(w.reply, &hello, sizeof hello));
  return w;
}

/* Whether the process behind a pidfd ends within two seconds. */
static bool ends_soon(int pidfd) {
  struct pollfd p = {pidfd, POLLIN, 0};
  return poll(&p, 1, 2000) == 1;
}

START_TEST(a_worker_answers_and_ends_when_its_pipe_is_closed) {
  Harness h;
  int64_t answer = 0;
  ZygoteExited end;
  start(&h, &plain);
  const PuppetOrder ping = {.op = PUPPET_PING, .number = 4711};
  ck_assert(harness_try(&h, &ping, &answer, &end));
  ck_assert_int_eq(answer, 4711);
  /* max_rss_bytes may read 0: the kernel counts small resident sets in batches per CPU. */
  ck_assert(end.how == CLD_EXITED && end.status == WORKER_EXIT_DONE);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(every_worker_is_reported_once_with_its_own_serial_number) {
  enum { MANY = 20 };
  Harness h;
  HarnessWorker w[MANY];
  start(&h, &plain);
  for (int i = 0; i < MANY; i++) {
    w[i] = sealed_worker(&h);
    ck_assert_uint_eq(w[i].worker, (unsigned)i + 1);
  }
  for (int i = MANY - 1; i >= 0; i--) {
    close(w[i].request);
    w[i].request = -1;
    (void)harness_wait(&h, &w[i]);
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(a_killed_worker_is_reported_with_its_signal_and_time) {
  Harness h;
  int64_t answer;
  start(&h, &plain);
  HarnessWorker w = sealed_worker(&h);
  const PuppetOrder spin = {.op = PUPPET_SPIN};
  ck_assert_int_eq(write(w.request, &spin, sizeof spin), (int)sizeof spin);
  usleep(50000);
  ck_assert_int_eq(syscall(SYS_pidfd_send_signal, w.pidfd, SIGKILL, NULL, 0), 0);
  ck_assert(!harness_read(w.reply, &answer, sizeof answer));
  ZygoteExited end = harness_wait(&h, &w);
  ck_assert_int_eq(end.how, CLD_KILLED);
  ck_assert_int_eq(end.status, SIGKILL);
  ck_assert_uint_ge(end.user_ns + end.system_ns, 1000000);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(closing_the_control_socket_ends_zygote_and_workers) {
  Harness h;
  start(&h, &plain);
  HarnessWorker a = sealed_worker(&h), b = sealed_worker(&h);
  ck_assert_int_eq(harness_stop(&h), 0);
  ck_assert(ends_soon(a.pidfd));
  ck_assert(ends_soon(b.pidfd));
}
END_TEST

START_TEST(a_killed_zygote_takes_its_workers_along) {
  Harness h;
  start(&h, &plain);
  HarnessWorker w = sealed_worker(&h);
  const PuppetOrder spin = {.op = PUPPET_SPIN};
  ck_assert_int_eq(write(w.request, &spin, sizeof spin), (int)sizeof spin);
  ck_assert_int_eq(kill(h.pid, SIGKILL), 0);
  ck_assert(ends_soon(w.pidfd));
  ck_assert(WIFSIGNALED(harness_stop(&h)));
}
END_TEST

/* The supervisor here is a child that is killed while its grandchild, forked
 * with the socket open, keeps the control connection alive. */
static void be_supervisor(int tell) {
  Harness h;
  harness_start(&h, &plain);
  HarnessWorker w = harness_spawn(&h);
  pid_t holder = fork();
  if (holder == 0) pause();
  const pid_t pids[3] = {h.pid, w.pid, holder};
  if (write(tell, pids, sizeof pids) != (ssize_t)sizeof pids) _exit(1);
  pause();
}

START_TEST(the_death_of_the_supervisor_ends_both_even_if_the_socket_stays_open) {
  int ends[2];
  pid_t pids[3];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  pid_t supervisor = fork();
  if (supervisor == 0) be_supervisor(ends[1]);
  close(ends[1]);
  ck_assert(harness_read(ends[0], pids, sizeof pids));
  int worker = (int)syscall(434 /* pidfd_open */, pids[1], 0);
  ck_assert_int_ge(worker, 0);
  ck_assert_int_eq(kill(supervisor, SIGKILL), 0);
  ck_assert(ends_soon(worker));
  ck_assert_int_eq(waitpid(supervisor, NULL, 0), supervisor);
  ck_assert_int_eq(waitpid(pids[0], NULL, 0), pids[0]);
  ck_assert_int_eq(kill(pids[2], SIGKILL), 0); /* until now it held the socket open */
  ck_assert_int_eq(waitpid(pids[2], NULL, 0), pids[2]);
  ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}
END_TEST

START_TEST(a_retired_zygote_forks_no_more_and_ends_after_its_last_worker) {
  Harness h;
  int status = -1;
  start(&h, &plain);
  HarnessWorker old = sealed_worker(&h);
  const ZygoteRetire retire = {.header = {ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, ZYGOTE_RETIRE}};
  ck_assert_int_eq(ipc_fdpass_send(h.control, &retire, sizeof retire, NULL, 0, UINT64_MAX), ST_OK);
  HarnessWorker refused = harness_spawn(&h);
  ck_assert_int_eq(refused.error, ESHUTDOWN);
  int64_t answer;
  const PuppetOrder ping = {.op = PUPPET_PING, .number = 5};
  ck_assert(harness_order(&old, &ping, &answer));
  ck_assert_int_eq(waitpid(h.pid, &status, WNOHANG), 0);
  close(old.request);
  old.request = -1;
  (void)harness_wait(&h, &old);
  ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
  ck_assert_int_eq(status, 0);
  close(h.control);
}
END_TEST

START_TEST(another_build_is_refused_with_a_reason) {
  Harness h;
  HarnessOptions o = plain;
  o.wrong_build = true;
  harness_start(&h, &o);
  ck_assert_uint_eq(h.report.accepted, 0);
  ck_assert_str_eq(h.report.detail, "the worker program belongs to another build");
  ck_assert_uint_eq(h.report.failed_step, SEAL_COUNT_);
  ck_assert(harness_stop(&h) != 0);
}
END_TEST

START_TEST(a_required_step_that_is_missing_is_fatal) {
  Harness h;
  HarnessOptions o = plain;
  o.avoid = SEAL_BIT(SEAL_landlock);
  o.require = SEAL_BIT(SEAL_landlock);
  harness_start(&h, &o);
  ck_assert_uint_eq(h.report.accepted, 0);
  ck_assert_uint_eq(h.report.failed_step, SEAL_landlock);
  ck_assert_ptr_nonnull(strstr(h.report.detail, "landlock"));
  ck_assert(harness_stop(&h) != 0);
}
END_TEST

START_TEST(floor_steps_cannot_be_avoided) {
  Harness h;
  HarnessOptions o = plain;
  o.avoid = UINT64_MAX;
  start(&h, &o);
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    unsigned state = h.report.steps[i].state;
    ck_assert_msg(state == SEAL_APPLIED || state == SEAL_NOT_NEEDED || state == SEAL_AVOIDED, "step %s: %u",
                  harness_step_name((SealStep)i), state);
  }
  ck_assert_uint_eq(h.report.steps[SEAL_filter].state, SEAL_APPLIED);
  ck_assert_uint_eq(h.report.steps[SEAL_rlimits].state, SEAL_APPLIED);
  ck_assert_uint_eq(h.report.steps[SEAL_landlock].state, SEAL_AVOIDED);
  ck_assert_uint_eq(h.report.steps[SEAL_pid_ns].state, SEAL_AVOIDED);
  HarnessWorker w = sealed_worker(&h);
  close(w.request);
  w.request = -1;
  (void)harness_wait(&h, &w);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(a_malformed_packet_ends_the_zygote) {
  static const char *const junk[] = {"", "x", "0123456789abcdef", "0123456789abcdef0123456789abcdef"};
  for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++) {
    Harness h;
    int status;
    start(&h, &plain);
    ck_assert_int_ge((int)send(h.control, junk[i], strlen(junk[i]), MSG_NOSIGNAL), 0);
    ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
    close(h.control);
  }
}
END_TEST

START_TEST(a_spawn_without_a_stop_page_ends_the_zygote) {
  Harness h;
  int status;
  const ZygoteSpawn order = {.header = {ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, ZYGOTE_SPAWN}};
  start(&h, &plain);
  ck_assert_int_eq(ipc_fdpass_send(h.control, &order, sizeof order, NULL, 0, UINT64_MAX), ST_OK);
  ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
  close(h.control);
}
END_TEST

START_TEST(too_much_memory_is_refused_with_a_reason) {
  Harness h;
  HarnessOptions o = plain;
  o.memory = UINT64_C(2) << 30;
  harness_start(&h, &o);
  ck_assert_uint_eq(h.report.accepted, 0);
  ck_assert_ptr_nonnull(strstr(h.report.detail, "memory"));
  ck_assert(harness_stop(&h) != 0);
}
END_TEST

START_TEST(the_worker_sees_the_stop_page_and_cannot_write_it) {
  Harness h;
  int64_t at = 0, seen = -1;
  start(&h, &plain);
  HarnessWorker w = sealed_worker(&h);
  volatile uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, w.stop, 0);
  ck_assert(page != MAP_FAILED);
  const PuppetOrder where = {.op = PUPPET_WHERE, .args = {WHERE_STOP}};
  ck_assert(harness_order(&w, &where, &at));
  PuppetOrder order = {.op = PUPPET_LOAD, .args = {(uint64_t)at}};
  ck_assert(harness_order(&w, &order, &seen));
  ck_assert_int_eq(seen, 0);
  page[0] = 77;
  ck_assert(harness_order(&w, &order, &seen));
  ck_assert_int_eq(seen, 77);
  order.op = PUPPET_STORE;
  ck_assert(!harness_order(&w, &order, &seen));
  ZygoteExited end = harness_wait(&h, &w);
  ck_assert_int_eq(end.status, SIGSEGV);
  ck_assert_int_eq(page[0], 77);
  munmap((void *)(uintptr_t)page, 4096);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(ignored_signals_do_not_end_a_run_but_kill_does) {
  static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
  Harness h;
  int64_t answer = 0;
  start(&h, &plain);
  HarnessWorker w = sealed_worker(&h);
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) ck_assert_int_eq(kill(w.pid, ignored[i]), 0);
  const PuppetOrder ping = {.op = PUPPET_PING, .number = 9};
  ck_assert(harness_order(&w, &ping, &answer));
  ck_assert_int_eq(kill(w.pid, SIGKILL), 0);
  ck_assert_int_eq(harness_wait(&h, &w).status, SIGKILL);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(the_zygote_keeps_at_most_one_capability) {
  Harness h;
  char path[64], line[256];
  unsigned long permitted = ~0ul;
  start(&h, &plain);
  (void)snprintf(path, sizeof path, "/proc/%d/status", (int)h.pid);
  FILE *status = fopen(path, "r");
  ck_assert_ptr_nonnull(status);
  while (fgets(line, sizeof line, status) != NULL) (void)sscanf(line, "CapPrm: %lx", &permitted);
  fclose(status);
  if (harness_has(&h, SEAL_bounding, "capabilities of the zygote"))
    ck_assert_msg((permitted & ~(1ul << 21)) == 0, "CapPrm %lx", permitted); /* CAP_SYS_ADMIN */
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(started_by_hand_the_program_says_who_starts_it) {
  char text[256] = "";
  FILE *out = popen(HARNESS_PUPPET " 3<&- 2>&1", "r");
  ck_assert_ptr_nonnull(out);
  ck_assert_uint_gt(fread(text, 1, sizeof text - 1, out), 0);
  ck_assert_int_ne(pclose(out), 0);
  ck_assert_ptr_nonnull(strstr(text, "started by the supervisor"));
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("worker/zygote");
  TCase *tc = tcase_create("zygote");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, a_worker_answers_and_ends_when_its_pipe_is_closed);
  tcase_add_test(tc, every_worker_is_reported_once_with_its_own_serial_number);
  tcase_add_test(tc, a_killed_worker_is_reported_with_its_signal_and_time);
  tcase_add_test(tc, closing_the_control_socket_ends_zygote_and_workers);
  tcase_add_test(tc, a_killed_zygote_takes_its_workers_along);
  tcase_add_test(tc, the_death_of_the_supervisor_ends_both_even_if_the_socket_stays_open);
  tcase_add_test(tc, a_retired_zygote_forks_no_more_and_ends_after_its_last_worker);
  tcase_add_test(tc, another_build_is_refused_with_a_reason);
  tcase_add_test(tc, a_required_step_that_is_missing_is_fatal);
  tcase_add_test(tc, floor_steps_cannot_be_avoided);
  tcase_add_test(tc, a_malformed_packet_ends_the_zygote);
  tcase_add_test(tc, a_spawn_without_a_stop_page_ends_the_zygote);
  tcase_add_test(tc, too_much_memory_is_refused_with_a_reason);
  tcase_add_test(tc, the_worker_sees_the_stop_page_and_cannot_write_it);
  tcase_add_test(tc, ignored_signals_do_not_end_a_run_but_kill_does);
  tcase_add_test(tc, the_zygote_keeps_at_most_one_capability);
  tcase_add_test(tc, started_by_hand_the_program_says_who_starts_it);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
