/* SPDX-License-Identifier: BSD-2-Clause */
/* test_leaving - processes that are killed for good, and a zygote that the test plays itself. */
#define _GNU_SOURCE
#include "sandbox/supervisor/leaving.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/deadline.h"
#include "tests/check_main.h"

#define MS UINT64_C(1000000)

typedef struct {
  Zygote zygote;
  int other; /* where its packets come from */
  Leaving leaving;
  uint64_t exits[EXIT_COUNT_];
  uint32_t serial;
} World;

static World *new_world(void) {
  static World world;
  int pair[2];
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  world = (World){.zygote = {.process = {-1, -1}, .socket = pair[0]}, .other = pair[1]};
  return &world;
}

static void end_world(World *w) {
  supervisor_zygote_stop(&w->zygote);
  (void)close(w->other);
  while (waitpid(-1, NULL, 0) > 0) continue;
}

static Worker new_worker(World *w, bool is_serving) {
  Worker worker = WORKER_NONE;
  pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0)
    for (;;) (void)pause();
  worker.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  ck_assert_int_ge(worker.pidfd, 0);
  worker.zygote = &w->zygote;
  worker.serial = ++w->serial;
  worker.exits = w->exits;
  worker.is_serving = is_serving;
  return worker;
}

static uint32_t dismiss(World *w, bool is_serving, Arrears *arrears) {
  Worker worker = new_worker(w, is_serving);
  supervisor_leaving_dismiss(&w->leaving, &worker, arrears);
  ck_assert(!supervisor_worker_is_there(&worker));
  return w->serial;
}

static void tell(const World *w, uint32_t serial, int how, int status, uint64_t cpu) {
  const ZygoteExited packet = {.header = {ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, ZYGOTE_EXITED},
                               .worker = serial,
                               .how = how,
                               .status = status,
                               .user_ns = cpu / 2,
                               .system_ns = cpu - cpu / 2};
  ck_assert_int_eq(send(w->other, &packet, sizeof packet, 0), (ssize_t)sizeof packet);
}

static uint64_t told_in_all(const World *w) {
  uint64_t sum = 0;
  for (size_t i = 0; i < EXIT_COUNT_; i++) sum += w->exits[i];
  return sum;
}

/* For each there was a second's wait once. */
START_TEST(nobody_waits_for_a_zygote_that_tells_nothing) {
  World *w = new_world();
  uint64_t began = ipc_deadline_now();
  for (int i = 0; i < LEAVING_MOST; i++) (void)dismiss(w, false, NULL);
  supervisor_leaving_collect(&w->leaving);
  ck_assert_uint_eq(told_in_all(w), 0);
  for (int i = 0; i < 10; i++) (void)dismiss(w, false, NULL);
  ck_assert_uint_lt(ipc_deadline_now() - began, 5000 * MS);
  ck_assert_uint_eq(w->leaving.count, LEAVING_MOST);
  ck_assert_uint_eq(w->exits[EXIT_UNKNOWN], 10);
  end_world(w);
}
END_TEST

START_TEST(causes_are_counted_when_they_are_told) {
  static const struct {
    bool is_serving;
    int how, status;
    ExitCause cause;
  } rows[] = {{false, CLD_KILLED, SIGKILL, EXIT_RETIRED},  {true, CLD_KILLED, SIGKILL, EXIT_KILLED},
              {false, CLD_EXITED, 0, EXIT_EXITED},         {true, CLD_KILLED, SIGSYS, EXIT_VIOLATION},
              {false, CLD_DUMPED, SIGSEGV, EXIT_SIGNAL}};
  World *w = new_world();
  for (size_t i = 0; i < 5; i++) (void)dismiss(w, rows[i].is_serving, NULL);
  ck_assert(supervisor_leaving_has(&w->leaving, &w->zygote));
  for (size_t i = 5; i-- > 0;) {
    ck_assert_uint_eq(w->exits[rows[i].cause], 0);
    tell(w, (uint32_t)i + 1, rows[i].how, rows[i].status, 0);
    supervisor_leaving_collect(&w->leaving);
    ck_assert_uint_eq(w->exits[rows[i].cause], 1);
  }
  ck_assert_uint_eq(told_in_all(w), 5);
  ck_assert(!supervisor_leaving_has(&w->leaving, &w->zygote));
  end_world(w);
}
END_TEST

/* --- What is owed --- */

/* A run that ended with its worker, whose clock stood still at `shown` for all of the floor. */
static Arrears billed_run(uint64_t shown, uint64_t floor) {
  Arrears arrears = {.known = shown};
  const Meter meter = {.cpu_began = shown, .floor_time = floor};
  ck_assert_uint_eq(supervisor_arrears_bill(&arrears, &meter), 0);
  return arrears;
}

START_TEST(what_the_clock_had_not_shown_is_owed_up_to_a_tick) {
  static const struct {
    uint64_t floor, cpu, owed;
  } rows[] = {{8 * MS, 5 * MS, 5 * MS},    /* all of it */
              {3 * MS, 5 * MS, 3 * MS},    /* no more than it had the floor */
              {90 * MS, 80 * MS, METER_TICK}}; /* ending takes time, too */
  World *w = new_world();
  for (size_t i = 0; i < 3; i++) {
    Arrears arrears = billed_run(MS, rows[i].floor);
    tell(w, dismiss(w, true, &arrears), CLD_KILLED, SIGKILL, MS + rows[i].cpu);
    supervisor_leaving_collect(&w->leaving);
    ck_assert_int_eq(arrears.owed, (int64_t)rows[i].owed);
  }
  end_world(w);
}
END_TEST

START_TEST(what_is_told_after_another_worker_came_is_owed_all_the_same) {
  World *w = new_world();
  Arrears arrears = billed_run(MS, 8 * MS);
  uint32_t serial = dismiss(w, true, &arrears);
  supervisor_leaving_part(&w->leaving, &arrears);
  supervisor_arrears_renew(&arrears);
  supervisor_arrears_find(&arrears, 700 * MS); /* the other's clock */
  tell(w, serial, CLD_KILLED, SIGKILL, 3 * MS);
  supervisor_leaving_collect(&w->leaving);
  ck_assert_int_eq(arrears.owed, 2 * MS);
  ck_assert_uint_eq(arrears.known, 700 * MS);
  end_world(w);
}
END_TEST

START_TEST(who_is_gone_owes_nothing_and_the_end_is_counted) {
  World *w = new_world();
  Arrears arrears = billed_run(MS, 8 * MS);
  uint32_t serial = dismiss(w, true, &arrears);
  supervisor_leaving_drop(&w->leaving, &arrears);
  memset(&arrears, 0xff, sizeof arrears);
  tell(w, serial, CLD_KILLED, SIGKILL, 3 * MS);
  supervisor_leaving_collect(&w->leaving);
  ck_assert_int_eq(arrears.owed, -1);
  ck_assert_uint_eq(w->exits[EXIT_KILLED], 1);
  end_world(w);
}
END_TEST

/* --- Zygotes --- */

START_TEST(of_a_zygote_that_ended_nobody_is_told_anything) {
  World *w = new_world();
  (void)dismiss(w, false, NULL);
  (void)dismiss(w, true, NULL);
  supervisor_leaving_lose(&w->leaving, &w->zygote);
  ck_assert_uint_eq(w->exits[EXIT_UNKNOWN], 2);
  (void)dismiss(w, false, NULL);
  (void)shutdown(w->other, SHUT_RDWR);
  supervisor_leaving_collect(&w->leaving);
  ck_assert_uint_eq(w->exits[EXIT_UNKNOWN], 3);
  ck_assert_uint_eq(w->leaving.count, 0);
  end_world(w);
}
END_TEST

START_TEST(who_needs_the_cause_waits_for_it_but_not_for_ever) {
  World *w = new_world();
  Worker worker = new_worker(w, true);
  tell(w, w->serial, CLD_KILLED, SIGSEGV, 7 * MS);
  WorkerEnd end = supervisor_leaving_kill(&w->leaving, &worker, NULL, 60000 * MS);
  ck_assert(end.how == CLD_KILLED && end.status == SIGSEGV && end.cpu == 7 * MS);
  worker = new_worker(w, true);
  uint64_t began = ipc_deadline_now();
  end = supervisor_leaving_kill(&w->leaving, &worker, NULL, 20 * MS);
  ck_assert_uint_ge(ipc_deadline_now() - began, 20 * MS);
  ck_assert(end.how == 0 && end.cpu == METER_NO_CPU);
  tell(w, w->serial, CLD_KILLED, SIGKILL, 0);
  supervisor_leaving_await(&w->leaving, ipc_deadline_now() + 10000 * MS);
  ck_assert_uint_eq(w->exits[EXIT_SIGNAL], 1);
  ck_assert_uint_eq(w->exits[EXIT_KILLED], 1);
  end_world(w);
}
END_TEST

SUITE("supervisor leaving", nobody_waits_for_a_zygote_that_tells_nothing,
      causes_are_counted_when_they_are_told,
      what_the_clock_had_not_shown_is_owed_up_to_a_tick,
      what_is_told_after_another_worker_came_is_owed_all_the_same,
      who_is_gone_owes_nothing_and_the_end_is_counted,
      of_a_zygote_that_ended_nobody_is_told_anything,
      who_needs_the_cause_waits_for_it_but_not_for_ever)
