/* SPDX-License-Identifier: BSD-2-Clause */
/* test_syscalls - every system call, live, from inside a sealed process.
 *
 * tests/policy proves the filter on paper; this proves that the kernel runs it.
 * Each attempt has a worker of its own, because each but the allowed ones kills.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "harness.h"
#include "policy/seccomp.h"
#include "sandbox/worker/relax.h"

#define PAST_THE_TABLE 1024

static const HarnessOptions sealed = {.program = HARNESS_PUPPET};
static const HarnessOptions unfiltered = {.program = HARNESS_PUPPET, .no_filter = true};

static void start(Harness *h, const HarnessOptions *o) {
  harness_start(h, o);
  ck_assert_msg(h->report.accepted == 1, "%s", h->report.detail);
}

static bool is_named(uint64_t number) {
  if (RELAX_FOR_ASAN && number == SYS_sigaltstack) return true; /* sandbox/worker/relax.h */
  const SyscallRow *row;
  for (size_t i = 0; (row = policy_seccomp_row(i)) != NULL; i++)
    if ((uint64_t)policy_seccomp_number(POLICY_NATIVE_ARCH, row->name) == number) return true;
  return false;
}

/* Two numbers never reach a filter: since Linux 6.14 the kernel lets its own
 * uprobe trampolines through (x86-64, 335 uretprobe and 336 uprobe).  Called
 * from anywhere else the one raises SIGILL and the other returns ENXIO, and
 * neither does anything; exactly that is accepted. */
static bool is_passed_by_kernel(uint64_t number, bool is_alive, int64_t answer, const ZygoteExited *end) {
#if defined(__x86_64__)
  if ((uint32_t)number == 335) return !is_alive && end->status == SIGILL;
  if ((uint32_t)number == 336) return is_alive && answer == -ENXIO;
#endif
  (void)number, (void)is_alive, (void)answer, (void)end;
  return false;
}

/* The attempt must end in SIGSYS, with no core. */
static void must_die(Harness *h, const PuppetOrder *order, const char *what) {
  int64_t answer = 0;
  ZygoteExited end;
  bool is_alive = harness_try(h, order, &answer, &end);
  if (order->op == PUPPET_SYSCALL && is_passed_by_kernel(order->number, is_alive, answer, &end)) return;
  ck_assert_msg(!is_alive, "%s %llu (%llx): survived with %lld", what, (unsigned long long)order->number,
                (unsigned long long)order->args[0], (long long)answer);
  /* After KILL_PROCESS the kernel says "dumped" although nothing is. */
  ck_assert_msg((end.how == CLD_KILLED || end.how == CLD_DUMPED) && end.status == SIGSYS, "%s %llu: how %d status %d",
                what, (unsigned long long)order->number, end.how, end.status);
}

static void sweep(uint64_t from, uint64_t to, uint64_t argument) {
  Harness h;
  start(&h, &sealed);
  for (uint64_t number = from; number < to; number++) {
    if (is_named(number & 0x3fffffff) && number < PAST_THE_TABLE) continue;
    PuppetOrder order = {.op = PUPPET_SYSCALL, .number = number};
    for (int i = 0; i < 6; i++) order.args[i] = argument;
    must_die(&h, &order, "system call");
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}

START_TEST(every_call_that_is_not_listed_kills_with_zero_arguments) { sweep(0, PAST_THE_TABLE, 0); }
END_TEST

START_TEST(every_call_that_is_not_listed_kills_with_all_bits_set) { sweep(0, PAST_THE_TABLE, UINT64_MAX); }
END_TEST

START_TEST(calls_of_the_future_kill) {
  sweep(1024, 1100, 1);
  sweep(4090, 4100, 1);
}
END_TEST

#if defined(__x86_64__)
START_TEST(x32_numbers_kill) {
  sweep(UINT64_C(0x40000000), UINT64_C(0x40000010), 1);
  sweep(UINT64_C(0x40000200), UINT64_C(0x40000224), 0);
}
END_TEST

START_TEST(the_i386_entry_kills_whatever_the_number) {
  Harness h;
  start(&h, &sealed);
  for (uint64_t number = 0; number < 450; number += number < 10 ? 1 : 40) {
    PuppetOrder order = {.op = PUPPET_INT80, .number = number, .args = {1, 0, 0}};
    must_die(&h, &order, "int 0x80");
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(without_the_filter_the_i386_entry_works) {
  Harness h;
  int64_t answer = 0;
  ZygoteExited end;
  start(&h, &unfiltered);
  const PuppetOrder getpid32 = {.op = PUPPET_INT80, .number = 20};
  bool is_alive = harness_try(&h, &getpid32, &answer, &end);
  if (!is_alive) printf("SKIP i386 control: this kernel has no 32-bit entry (status %d)\n", end.status);
  else ck_assert_int_gt(answer, 0);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(the_vsyscall_page_is_no_way_out) {
  Harness h;
  int64_t answer;
  ZygoteExited end;
  start(&h, &sealed);
  for (uint64_t entry = 0; entry < 3; entry++) {
    const PuppetOrder order = {.op = PUPPET_CALL, .args = {UINT64_C(0xffffffffff600000) + entry * 1024}};
    ck_assert(!harness_try(&h, &order, &answer, &end));
    ck_assert_msg(end.status == SIGSYS || end.status == SIGSEGV, "status %d", end.status);
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST
#endif

/* High halves of the number register are ignored by the kernel: 64-bit garbage
 * above a listed number is that number, above any other it is death. */
START_TEST(garbage_above_the_number_changes_nothing) {
  Harness h;
  start(&h, &sealed);
  for (uint64_t number = 0; number < 400; number += 7) {
    if (is_named(number)) continue;
    const PuppetOrder order = {.op = PUPPET_SYSCALL, .number = number | UINT64_C(0xdead00000000)};
    must_die(&h, &order, "number with garbage");
  }
  const PuppetOrder minus_one = {.op = PUPPET_SYSCALL, .number = UINT64_MAX};
  must_die(&h, &minus_one, "number -1");
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* --- The listed calls, with arguments that are not --- */

typedef struct {
  const char *what;
  long number;
  uint64_t args[6];
} Attempt;

static const Attempt misuses[] = {
    {"read from 1", SYS_read, {1, 0, 0}},
    {"read from 2", SYS_read, {2, 0, 0}},
    {"read from 3", SYS_read, {3, 0, 0}},
    {"read from 1023", SYS_read, {1023, 0, 0}},
    {"read from -1", SYS_read, {UINT64_MAX, 0, 0}},
    {"read from AT_FDCWD", SYS_read, {(uint64_t)(int64_t)AT_FDCWD, 0, 0}},
    {"read from 0 with a high half", SYS_read, {UINT64_C(1) << 32, 0, 0}},
    {"write to 0", SYS_write, {0, 0, 0}},
    {"write to 2", SYS_write, {2, 0, 0}},
    {"write to 1 with a high half", SYS_write, {UINT64_C(1) | UINT64_C(1) << 32, 0, 0}},
    {"write to 1 with a sign", SYS_write, {UINT64_C(0xffffffff00000001), 0, 0}},
    {"ppoll of none", SYS_ppoll, {0, 0, 0, 0}},
    {"ppoll of two", SYS_ppoll, {0, 2, 0, 0}},
    {"ppoll of one with a high half", SYS_ppoll, {0, UINT64_C(1) | UINT64_C(1) << 32, 0, 0}},
    {"ppoll with a time-out", SYS_ppoll, {0, 1, 1, 0}},
    {"ppoll with a time-out in the high half", SYS_ppoll, {0, 1, UINT64_C(1) << 32, 0}},
    {"ppoll with a mask", SYS_ppoll, {0, 1, 0, 1}},
    {"ppoll with a mask in the high half", SYS_ppoll, {0, 1, 0, UINT64_C(1) << 32}},
};

START_TEST(listed_calls_with_other_arguments_kill) {
  Harness h;
  start(&h, &sealed);
  for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
    PuppetOrder order = {.op = PUPPET_SYSCALL, .number = (uint64_t)misuses[i].number};
    memcpy(order.args, misuses[i].args, sizeof order.args);
    must_die(&h, &order, misuses[i].what);
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(listed_calls_as_listed_work) {
  static const Attempt uses[] = {
      {"read of nothing", SYS_read, {0, 0, 0}},
      {"write of nothing", SYS_write, {1, 0, 0}},
      {"sched_yield", SYS_sched_yield, {0}},
      {"sched_yield with garbage", SYS_sched_yield, {9, 9, 9, 9, 9, 9}},
  };
  Harness h;
  start(&h, &sealed);
  for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
    int64_t answer = -1;
    ZygoteExited end;
    PuppetOrder order = {.op = PUPPET_SYSCALL, .number = (uint64_t)uses[i].number};
    memcpy(order.args, uses[i].args, sizeof order.args);
    ck_assert_msg(harness_try(&h, &order, &answer, &end), "%s died: status %d", uses[i].what, end.status);
  }
  int64_t answer;
  ZygoteExited end;
  const PuppetOrder leave = {.op = PUPPET_SYSCALL, .number = SYS_exit_group, .args = {42}};
  ck_assert(!harness_try(&h, &leave, &answer, &end));
  ck_assert(end.how == CLD_EXITED && end.status == 42);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* The sweep can fail: with the filter taken away these calls return. */
START_TEST(without_the_filter_harmless_calls_return) {
  static const long numbers[] = {SYS_getpid, SYS_getuid, SYS_gettid, SYS_getppid, SYS_sched_getaffinity, SYS_getcpu,
                                 SYS_openat, SYS_socket, SYS_mmap,   SYS_mprotect, SYS_madvise, SYS_kill};
  Harness h;
  start(&h, &unfiltered);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    int64_t answer;
    ZygoteExited end;
    PuppetOrder order = {.op = PUPPET_SYSCALL, .number = (uint64_t)numbers[i], .args = {UINT64_MAX, 0, 0, 0, 0, 0}};
    /* kill(0, 0) asks about the own group. */
    if (numbers[i] == SYS_kill) order.args[0] = 0;
    ck_assert_msg(harness_try(&h, &order, &answer, &end), "call %ld died: status %d", numbers[i], end.status);
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* The zygote and a sibling go on while workers are being killed. */
START_TEST(a_violation_harms_nobody_else) {
  Harness h;
  PuppetHello hello;
  int64_t answer = 0;
  start(&h, &sealed);
  HarnessWorker sibling = harness_spawn(&h);
  ck_assert(harness_read(sibling.reply, &hello, sizeof hello));
  const PuppetOrder attack = {.op = PUPPET_SYSCALL, .number = SYS_kill, .args = {UINT64_MAX, SIGKILL}};
  for (int i = 0; i < 10; i++) must_die(&h, &attack, "kill everybody");
  const PuppetOrder ping = {.op = PUPPET_PING, .number = 3};
  ck_assert(harness_order(&sibling, &ping, &answer));
  ck_assert_int_eq(answer, 3);
  close(sibling.request);
  sibling.request = -1;
  (void)harness_wait(&h, &sibling);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("escape/syscalls");
  TCase *tc = tcase_create("live");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, every_call_that_is_not_listed_kills_with_zero_arguments);
  tcase_add_test(tc, every_call_that_is_not_listed_kills_with_all_bits_set);
  tcase_add_test(tc, calls_of_the_future_kill);
#if defined(__x86_64__)
  tcase_add_test(tc, x32_numbers_kill);
  tcase_add_test(tc, the_i386_entry_kills_whatever_the_number);
  tcase_add_test(tc, without_the_filter_the_i386_entry_works);
  tcase_add_test(tc, the_vsyscall_page_is_no_way_out);
#endif
  tcase_add_test(tc, garbage_above_the_number_changes_nothing);
  tcase_add_test(tc, listed_calls_with_other_arguments_kill);
  tcase_add_test(tc, listed_calls_as_listed_work);
  tcase_add_test(tc, without_the_filter_harmless_calls_return);
  tcase_add_test(tc, a_violation_harms_nobody_else);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
