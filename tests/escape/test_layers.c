/* SPDX-License-Identifier: BSD-2-Clause */
/* test_layers - instructions, memory, and what still holds without the filter.
 *
 * Each layer is tried with the ones in front of it taken away: a filter with a
 * hole must not be the end.  Each attempt has its control, with the layer gone.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/traps.h"
#include "tests/check_main.h"
#include "harness.h"
#include "sandbox/worker/relax.h"

static const HarnessOptions sealed = {.program = HARNESS_PUPPET};
static const HarnessOptions unfiltered = {.program = HARNESS_PUPPET, .no_filter = true};

typedef struct {
  bool is_alive;
  int64_t answer;
  int status; /* of a dead worker */
} Outcome;

static void start(Harness *h, const HarnessOptions *o) {
  harness_start(h, o);
  ck_assert_msg(h->report.accepted == 1, "%s", h->report.detail);
}

static Outcome try(Harness *h, PuppetOrder order) {
  Outcome o = {.answer = -1};
  ZygoteExited end;
  o.is_alive = harness_try(h, &order, &o.answer, &end);
  o.status = end.status;
  return o;
}

static Outcome call(Harness *h, long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  uint64_t e = number == SYS_mmap ? UINT64_MAX : 0; /* no descriptor */
  return try(h, (PuppetOrder){.op = PUPPET_SYSCALL, .number = (uint64_t)number, .args = {a, b, c, d, e, 0}});
}

/* The zygote's children share its layout, so an address told by one holds for all. */
static uint64_t tell(Harness *h, PuppetOp op, PuppetRegion region) {
  Outcome o = try(h, (PuppetOrder){.op = op, .args = {region}});
  ck_assert(o.is_alive);
  return (uint64_t)o.answer;
}

static void must_fault(Harness *h, PuppetOp op, uint64_t argument, int signal, const char *what) {
  Outcome o = try(h, (PuppetOrder){.op = op, .args = {argument}});
  ck_assert_msg(!o.is_alive, "%s: survived with %lld", what, (long long)o.answer);
  ck_assert_msg(o.status == signal, "%s: status %d", what, o.status);
}

/* --- Instructions --- */

START_TEST(our_own_checks_end_in_signals_that_tell_them_apart) {
  Harness h;
  start(&h, &sealed);
  must_fault(&h, PUPPET_TRAP, 0, TRAP_CHECK, "trap");
  must_fault(&h, PUPPET_BREAK, 0, TRAP_STALE, "break");
  /* AddressSanitizer sees it first, and dies of wanting to report it. */
  must_fault(&h, PUPPET_SMASH, 0, RELAX_FOR_ASAN ? SIGSYS : TRAP_CHECK, "smashed stack");
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

#if defined(__x86_64__)
START_TEST(the_time_stamp_counter_is_off_and_on_without_the_step) {
  Harness h;
  HarnessOptions o = sealed;
  start(&h, &o);
  if (harness_has(&h, SEAL_tsc, "rdtsc")) must_fault(&h, PUPPET_RDTSC, 0, SIGSEGV, "rdtsc");
  ck_assert_int_eq(harness_stop(&h), 0);
  o.avoid = SEAL_BIT(SEAL_tsc);
  start(&h, &o);
  ck_assert(try(&h, (PuppetOrder){.op = PUPPET_RDTSC}).is_alive);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST
#endif

/* --- Memory --- */

START_TEST(the_stack_ends_at_its_guard) {
  Harness h;
  start(&h, &sealed);
  ck_assert(try(&h, (PuppetOrder){.op = PUPPET_RECURSE, .args = {512 << 10}}).is_alive);
  must_fault(&h, PUPPET_RECURSE, 64 << 20, SIGSEGV, "64 MiB of stack");
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(a_step_off_any_region_faults_and_a_step_inside_does_not) {
  Harness h;
  start(&h, &sealed);
  for (unsigned r = 0; r < WHERE_COUNT_; r++) {
    uint64_t at = tell(&h, PUPPET_WHERE, (PuppetRegion)r), size = tell(&h, PUPPET_SIZE, (PuppetRegion)r);
    must_fault(&h, PUPPET_STORE, at - 1, SIGSEGV, "one below");
    must_fault(&h, PUPPET_STORE, at + size, SIGSEGV, "one above");
    ck_assert(try(&h, (PuppetOrder){.op = PUPPET_LOAD, .args = {at}}).is_alive);
    if (r == WHERE_STOP) continue; /* read-only */
    ck_assert(try(&h, (PuppetOrder){.op = PUPPET_STORE, .args = {at}}).is_alive);
    ck_assert(try(&h, (PuppetOrder){.op = PUPPET_STORE, .args = {at + size - 1}}).is_alive);
  }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* A handle is 32 bits and an index: nothing it can reach but the arena is there. */
START_TEST(no_low_address_outside_the_arena_is_mapped) {
  Harness h;
  start(&h, &sealed);
  uint64_t arena = tell(&h, PUPPET_WHERE, WHERE_ARENA), size = tell(&h, PUPPET_SIZE, WHERE_ARENA);
  if (h.report.steps[SEAL_layout].state != SEAL_APPLIED) printf("SKIP low addresses: a sanitizer build\n");
  else
    for (uint64_t at = 0; at < UINT64_C(132) << 30; at += at < UINT64_C(4) << 30 ? UINT64_C(67108859) : UINT64_C(1073741789)) {
      if (at < arena || at >= arena + size) must_fault(&h, PUPPET_LOAD, at, SIGSEGV, "low address");
    }
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(workers_start_with_the_same_memory_and_share_no_changes) {
  Harness h;
  start(&h, &sealed);
  uint64_t arena = tell(&h, PUPPET_WHERE, WHERE_ARENA);
  const PuppetOrder load = {.op = PUPPET_LOAD, .args = {arena + 4096}}, store = {.op = PUPPET_STORE, .args = {arena + 4096, 1}};
  ck_assert_int_eq(try(&h, load).answer, 0);
  ck_assert(try(&h, store).is_alive);
  ck_assert_int_eq(try(&h, load).answer, 0);
  ck_assert_int_eq(try(&h, (PuppetOrder){.op = PUPPET_LOAD, .args = {arena}}).answer, 1); /* from prepare() */
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* --- Behind the filter --- */

START_TEST(without_the_filter_no_descriptor_can_be_had) {
  Harness h;
  start(&h, &unfiltered);
  ck_assert_int_eq(call(&h, SYS_dup, 0, 0, 0, 0).answer, -EMFILE);
  ck_assert_int_eq(call(&h, SYS_memfd_create, 0, 0, 0, 0).answer, -EFAULT);
  ck_assert_int_eq(call(&h, SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0).answer, -EMFILE);
  ck_assert_int_eq(call(&h, SYS_write, 2, 0, 0, 0).answer, -EBADF);
  ck_assert_int_eq(call(&h, SYS_fcntl, 3, F_GETFD, 0, 0).answer, -EBADF);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(without_the_filter_no_process_and_no_memory_can_be_had) {
  Harness h;
  start(&h, &unfiltered);
  ck_assert_int_eq(call(&h, SYS_clone, SIGCHLD, 0, 0, 0).answer, -EAGAIN);
  ck_assert_int_eq(call(&h, SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS).answer, -ENOMEM);
  ck_assert_int_eq(call(&h, SYS_mmap, 0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS).answer, -ENOMEM);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(without_the_filter_nothing_becomes_executable) {
  Harness h;
  HarnessOptions o = unfiltered;
  start(&h, &o);
  uint64_t at = tell(&h, PUPPET_WHERE, WHERE_CONTROL);
  if (harness_has(&h, SEAL_mdwe, "mprotect"))
    ck_assert_int_eq(call(&h, SYS_mprotect, at, 4096, PROT_READ | PROT_EXEC, 0).answer, -EACCES);
  ck_assert_int_eq(harness_stop(&h), 0);
  o.avoid = SEAL_BIT(SEAL_mdwe);
  start(&h, &o);
  at = tell(&h, PUPPET_WHERE, WHERE_CONTROL);
  ck_assert_int_eq(call(&h, SYS_mprotect, at, 4096, PROT_READ | PROT_EXEC, 0).answer, 0);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(without_the_filter_privileges_do_not_come_back) {
  Harness h;
  start(&h, &unfiltered);
  ck_assert_int_lt(call(&h, SYS_setuid, 0, 0, 0, 0).answer, 0);
  ck_assert_int_lt(call(&h, SYS_unshare, 0x20000, 0, 0, 0).answer, 0); /* mount namespace */
  ck_assert_int_eq(call(&h, SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0).answer, 1);
  ck_assert_int_eq(call(&h, SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0).answer, 0);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

START_TEST(without_the_filter_nobody_else_can_be_signalled_or_traced) {
  Harness h;
  pid_t self = getpid();
  start(&h, &unfiltered);
  ck_assert_int_lt(call(&h, SYS_kill, (uint64_t)self, 0, 0, 0).answer, 0);
  ck_assert_int_lt(call(&h, SYS_kill, (uint64_t)h.pid, SIGKILL, 0, 0).answer, 0);
  ck_assert_int_lt(call(&h, SYS_ptrace, 16 /* attach */, (uint64_t)h.pid, 0, 0).answer, 0);
  if (harness_has(&h, SEAL_pid_ns, "kill everybody"))
    ck_assert_int_eq(call(&h, SYS_kill, UINT64_MAX, SIGKILL, 0, 0).answer, -ESRCH);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

/* --- Files --- */

/* A worker that stays for several orders, and a path in its memory. */
typedef struct {
  HarnessWorker worker;
  uint64_t path;
} Intruder;

static int64_t order(Intruder *in, PuppetOrder o) {
  int64_t answer = 0;
  ck_assert(harness_order(&in->worker, &o, &answer));
  return answer;
}

static Intruder enter(Harness *h, const char *path) {
  PuppetHello hello;
  Intruder in = {.worker = harness_spawn(h)};
  ck_assert(harness_read(in.worker.reply, &hello, sizeof hello));
  in.path = (uint64_t)order(&in, (PuppetOrder){.op = PUPPET_WHERE, .args = {WHERE_STATE}});
  for (size_t i = 0; i <= strlen(path); i++)
    (void)order(&in, (PuppetOrder){.op = PUPPET_STORE, .args = {in.path + i, (uint64_t)path[i]}});
  return in;
}

static int64_t at_path(Intruder *in, long number, uint64_t a, uint64_t b) {
  return order(in, (PuppetOrder){.op = PUPPET_SYSCALL, .number = (uint64_t)number,
                                 .args = {(uint64_t)(int64_t)AT_FDCWD, in->path, a, b}});
}

static void leave(Harness *h, Intruder *in) {
  close(in->worker.request);
  in->worker.request = -1;
  (void)harness_wait(h, &in->worker);
}

static int64_t look_for(const HarnessOptions *o, const char *path) {
  Harness h;
  start(&h, o);
  Intruder in = enter(&h, path);
  int64_t r = at_path(&in, SYS_faccessat, F_OK, 0);
  leave(&h, &in);
  ck_assert_int_eq(harness_stop(&h), 0);
  return r;
}

START_TEST(without_the_filter_the_root_is_empty) {
  HarnessOptions o = unfiltered;
  Harness h;
  start(&h, &o);
  bool is_empty = harness_has(&h, SEAL_empty_root, "empty root");
  ck_assert_int_eq(harness_stop(&h), 0);
  if (is_empty) ck_assert_int_eq(look_for(&o, "/etc/passwd"), -ENOENT);
  ck_assert_int_eq(look_for(&o, "/"), 0);
  o.avoid = SEAL_BIT(SEAL_mount_ns) | SEAL_BIT(SEAL_empty_root);
  ck_assert_int_eq(look_for(&o, "/etc/passwd"), 0);
}
END_TEST

/* Makes a directory from inside and removes it from outside. */
static int64_t make_directory(const HarnessOptions *o, const char *path) {
  Harness h;
  start(&h, o);
  Intruder in = enter(&h, path);
  int64_t r = at_path(&in, SYS_mkdirat, 0700, 0);
  leave(&h, &in);
  ck_assert_int_eq(harness_stop(&h), 0);
  ck_assert_int_eq(rmdir(path), r == 0 ? 0 : -1);
  return r;
}

START_TEST(without_filter_and_empty_root_landlock_still_refuses) {
  HarnessOptions o = unfiltered;
  Harness h;
  char path[64];
  (void)snprintf(path, sizeof path, "/tmp/fsb-escape-%d", (int)getpid());
  o.avoid = SEAL_BIT(SEAL_mount_ns) | SEAL_BIT(SEAL_empty_root);
  start(&h, &o);
  bool has_landlock = harness_has(&h, SEAL_landlock, "landlock");
  ck_assert_int_eq(harness_stop(&h), 0);
  if (has_landlock) ck_assert_int_eq(make_directory(&o, path), -EACCES);
  o.avoid |= SEAL_BIT(SEAL_landlock);
  ck_assert_int_eq(make_directory(&o, path), 0);
}
END_TEST

/* --- Clocks --- */

/* Where the zygote has its clock page; its workers had it there too. */
static uint64_t find_clock_page(const Harness *h) {
  char path[64], line[256];
  unsigned long at = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)h->pid);
  FILE *maps = fopen(path, "r");
  if (maps == NULL) return 0;
  while (fgets(line, sizeof line, maps) != NULL)
    if (strstr(line, "[vdso]") != NULL) (void)sscanf(line, "%lx", &at);
  fclose(maps);
  return at;
}

START_TEST(the_clock_page_is_gone_and_there_without_the_step) {
  Harness h;
  HarnessOptions o = sealed;
  start(&h, &o);
  uint64_t at = find_clock_page(&h);
  if (at == 0) printf("SKIP clock page: the zygote's maps can be read by root only\n");
  else if (harness_has(&h, SEAL_vdso, "clock page")) must_fault(&h, PUPPET_LOAD, at, SIGSEGV, "clock page");
  ck_assert_int_eq(harness_stop(&h), 0);
  o.avoid = SEAL_BIT(SEAL_vdso);
  start(&h, &o);
  at = find_clock_page(&h);
  if (at != 0) ck_assert(try(&h, (PuppetOrder){.op = PUPPET_LOAD, .args = {at}}).is_alive);
  ck_assert_int_eq(harness_stop(&h), 0);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("escape/layers");
  TCase *tc = tcase_create("layers");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, our_own_checks_end_in_signals_that_tell_them_apart);
#if defined(__x86_64__)
  tcase_add_test(tc, the_time_stamp_counter_is_off_and_on_without_the_step);
#endif
  tcase_add_test(tc, the_stack_ends_at_its_guard);
  tcase_add_test(tc, a_step_off_any_region_faults_and_a_step_inside_does_not);
  tcase_add_test(tc, no_low_address_outside_the_arena_is_mapped);
  tcase_add_test(tc, workers_start_with_the_same_memory_and_share_no_changes);
  tcase_add_test(tc, without_the_filter_no_descriptor_can_be_had);
  tcase_add_test(tc, without_the_filter_no_process_and_no_memory_can_be_had);
  tcase_add_test(tc, without_the_filter_nothing_becomes_executable);
  tcase_add_test(tc, without_the_filter_privileges_do_not_come_back);
  tcase_add_test(tc, without_the_filter_nobody_else_can_be_signalled_or_traced);
  tcase_add_test(tc, without_the_filter_the_root_is_empty);
  tcase_add_test(tc, without_filter_and_empty_root_landlock_still_refuses);
  tcase_add_test(tc, the_clock_page_is_gone_and_there_without_the_step);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
