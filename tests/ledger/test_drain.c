/* SPDX-License-Identifier: BSD-2-Clause */
/* test_drain - what a journal says is in the ledger once, whatever happens to the drain. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/check_main.h"
#include "tests/ledger/bench.h"

static int64_t now_ns(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

START_TEST(passes_add_what_is_new_to_its_second) {
  Bench bench;
  bench_open(&bench, "passes");
  for (int i = 0; i < 10; i++) {
    bench_run(&bench, "acme", "aa", CODE_OK, START + i * SECOND);
    bench_drain(bench.journal_path, bench.ledger_path, START + i * SECOND);
    bench_drain(bench.journal_path, bench.ledger_path, START + i * SECOND + 1);
  }
  bench_expect(bench.ledger_path, 10);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM usage"), 10);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM series"), 1);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT min(instructions) FROM usage"), FIELD_INSTRUCTIONS * 10);
  bench_close(&bench);
}
END_TEST

START_TEST(runs_keep_the_second_of_their_end_when_the_drain_is_late) {
  Bench bench;
  bench_open(&bench, "late");
  bench_run(&bench, "acme", "aa", CODE_OK, START + 5 * SECOND);
  bench_run(&bench, "acme", "bb", CODE_OK, START + 500 * SECOND); /* a clock that went back since */
  bench_drain(bench.journal_path, bench.ledger_path, START + 100 * SECOND);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT min(second) FROM usage"), START / SECOND + 5);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT max(second) FROM usage"), START / SECOND + 100);
  bench_expect(bench.ledger_path, 2);
  bench_close(&bench);
}
END_TEST

START_TEST(rejections_and_details_are_drained_once) {
  Bench bench;
  bench_open(&bench, "reject");
  uint32_t tenant = policy_journal_tenant(bench.journal, WORD("acme"));
  for (int i = 0; i < 3; i++) {
    policy_journal_reject(bench.journal, tenant, REJECTED_RATE);
    policy_journal_reject(bench.journal, tenant, REJECTED_QUOTA);
    bench_run(&bench, "acme", "aa\x01\xff", CODE_LIMIT_CPU, START + i);
    bench_drain(bench.journal_path, bench.ledger_path, START + i * SECOND);
    bench_drain(bench.journal_path, bench.ledger_path, START + i * SECOND);
  }
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT sum(count) FROM rejections"), 6);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM details"), 3);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM details WHERE outcome = 'limit_cpu'"), 3);
  bench_expect(bench.ledger_path, 3);
  bench_close(&bench);
}
END_TEST

/* "noisy" writes a record every second, "quiet" every tenth. */
START_TEST(a_tenant_beyond_its_reserve_gets_no_more_records_but_exact_sums) {
  Bench bench;
  JournalError problem;
  LedgerError error;
  bench_open(&bench, "reserve");
  JournalReader *reader = policy_journal_reader_open(bench.journal_path, false, &problem);
  Ledger ledger = bench_ledger(bench.ledger_path, LEDGER_CREATE);
  ledger.reserve = 7;
  int64_t now = START - START % (3600 * SECOND);
  for (int i = 0; i < 50; i++, now += SECOND) {
    bench_run(&bench, "noisy", "aa", CODE_OK, now);
    if (i % 10 == 0) bench_run(&bench, "quiet", "bb", CODE_OK, now);
    ck_assert_msg(ledger_drain_pass(&ledger, reader, now, false, &error), "%s", error.text);
  }
  ledger_store_close(&ledger);
  policy_journal_reader_close(reader);
  bench_expect(bench.ledger_path, 55);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM usage JOIN series USING (node, row) WHERE tenant = 'noisy'"), 7);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM usage JOIN series USING (node, row) WHERE tenant = 'quiet'"), 5);
  bench_close(&bench);
}
END_TEST

START_TEST(many_boots_and_recycled_rows_add_up) {
  Bench bench;
  char script[16];
  bench_open(&bench, "boots");
  int64_t now = START, runs = 0;
  for (int boot = 0; boot < 5; boot++) {
    for (int i = 0; i < 12; i++, now += 15 * SECOND, runs++) {
      (void)snprintf(script, sizeof script, "s%d", boot * 7 + i);
      bench_run(&bench, i % 2 ? "acme" : "beta", script, CODE_OK, now);
      bench_drain(bench.journal_path, bench.ledger_path, now);
    }
    (void)fixture_admit(bench.journal, "acme", "open");
    runs++;
    policy_journal_close(bench.journal);
    bench.journal = fixture_open(bench.journal_path);
  }
  bench_drain(bench.journal_path, bench.ledger_path, now);
  bench_expect(bench.ledger_path, runs);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT sum(runs) FROM series WHERE outcome = 'lost_supervisor_restart'"), 5);
  JournalTotals totals;
  policy_journal_totals(bench.journal, &totals);
  ck_assert_int_eq((int64_t)totals.admitted, runs);
  bench_close(&bench);
}
END_TEST

START_TEST(a_journal_older_than_what_was_seen_of_it_goes_on_from_there) {
  Bench bench;
  bench_open(&bench, "back");
  char copy[160], command[400];
  (void)snprintf(copy, sizeof copy, "%s.copy", bench.journal_path);
  for (int i = 0; i < 5; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  (void)snprintf(command, sizeof command, "cp %s %s", bench.journal_path, copy);
  ck_assert_int_eq(system(command), 0);
  for (int i = 0; i < 5; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  bench_drain(bench.journal_path, bench.ledger_path, START);
  policy_journal_close(bench.journal);
  (void)snprintf(command, sizeof command, "mv %s %s", copy, bench.journal_path);
  ck_assert_int_eq(system(command), 0);
  bench.journal = fixture_open(bench.journal_path);
  bench_drain(bench.journal_path, bench.ledger_path, START);
  bench_expect(bench.ledger_path, 10);
  for (int i = 0; i < 3; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  bench_drain(bench.journal_path, bench.ledger_path, START);
  bench_expect(bench.ledger_path, 13);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT went_back FROM nodes"), 1);
  bench_close(&bench);
}
END_TEST

static void drain_by_program(const Bench *bench) {
  pid_t child = fork();
  if (child == 0) {
    DrainOptions options = {bench->journal_path, bench->ledger_path, 10, -1, true};
    _exit(ledger_drain_run(&options));
  }
  int status;
  ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Seven drained, five more not; the file comes back as it was after three of those. */
START_TEST(a_power_failure_costs_what_the_journal_forgot_and_nothing_after_it) {
  Bench bench;
  char copy[160], command[400], boot[] = "another boot";
  bench_open(&bench, "power");
  (void)snprintf(copy, sizeof copy, "%s.copy", bench.journal_path);
  for (int i = 0; i < 7; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  for (int i = 0; i < 4; i++) bench_run(&bench, "acme", "bb", CODE_OK, START);
  drain_by_program(&bench);
  for (int i = 0; i < 3; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  (void)snprintf(command, sizeof command, "cp %s %s", bench.journal_path, copy);
  ck_assert_int_eq(system(command), 0);
  for (int i = 0; i < 2; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  for (int i = 0; i < 6; i++) bench_run(&bench, "acme", "bb", CODE_OK, START);
  policy_journal_close(bench.journal);
  (void)snprintf(command, sizeof command, "mv %s %s", copy, bench.journal_path);
  ck_assert_int_eq(system(command), 0);
  int fd = open(bench.journal_path, O_WRONLY | O_CLOEXEC);
  ck_assert(pwrite(fd, boot, sizeof boot, offsetof(Header, machine_boot)) == (ssize_t)sizeof boot);
  (void)close(fd);
  bench.journal = fixture_open(bench.journal_path);
  for (int i = 0; i < 20; i++) bench_run(&bench, "acme", "aa", CODE_OK, START);
  drain_by_program(&bench);
  drain_by_program(&bench);
  bench_expect(bench.ledger_path, 7 + 4 + 3 + 20);
  bench_close(&bench);
}
END_TEST

/* --- Killed --- */

static void drain_in_child(const Bench *bench) {
  DrainOptions options = {bench->journal_path, bench->ledger_path, 10, -1, true};
  _exit(ledger_drain_run(&options));
}

/* Lets the child come to its k-th system call and kills it there; false: it ended before. */
static bool kill_at(pid_t child, int k) {
  int status;
  ck_assert(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
  for (int i = 0; i < 2 * k; i++) { /* each call stops twice */
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
    ck_assert(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
      ck_assert_int_eq(WEXITSTATUS(status), 0);
      return false;
    }
  }
  (void)kill(child, SIGKILL);
  (void)waitpid(child, &status, 0);
  return true;
}

START_TEST(a_drain_killed_at_any_of_its_system_calls_repeats_nothing_and_leaves_nothing_out) {
  Bench bench;
  bench_open(&bench, "calls");
  int64_t runs = 0;
  int k = 0;
  for (bool was_killed = true; was_killed; k++) {
    bench_run(&bench, "acme", "aa", CODE_OK, START + k * SECOND);
    bench_run(&bench, "beta", "bb", CODE_SCRIPT_ERROR, START + k * SECOND);
    runs += 2;
    pid_t child = fork();
    if (child == 0) {
      if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(3);
      (void)raise(SIGSTOP);
      drain_in_child(&bench);
    }
    was_killed = kill_at(child, k);
    int64_t seen = access(bench.ledger_path, F_OK) != 0 || !was_killed ? runs : -1;
    if (seen < 0 && k % 7 == 0) { /* now and then: is it whole as it stands? */
      bench_drain(bench.journal_path, bench.ledger_path, START + k * SECOND);
      bench_expect(bench.ledger_path, runs);
    }
  }
  bench_drain(bench.journal_path, bench.ledger_path, START + k * SECOND);
  bench_expect(bench.ledger_path, runs);
  (void)printf("killed at each of %d system calls\n", k - 1);
  ck_assert_int_gt(k, 40);
  ck_assert_int_gt(bench_ask(bench.ledger_path, "SELECT count(*) FROM details"), k / 2); /* their ring is small */
  bench_close(&bench);
}
END_TEST

/* The writer goes on meanwhile, in another process: a reader here would cost it its lock. */
START_TEST(drains_killed_at_any_moment_while_the_server_writes) {
  Bench bench;
  bench_open(&bench, "moments");
  policy_journal_close(bench.journal);
  pid_t writer = fork();
  if (writer == 0) {
    char script[16];
    bench.journal = fixture_open(bench.journal_path);
    for (unsigned i = 0;; i++) {
      (void)snprintf(script, sizeof script, "s%u", i % 11);
      bench_run(&bench, i % 3 ? "acme" : "beta", script, (Code)(i % CODE_LOST), now_ns());
      if (i % 64 == 0) (void)usleep(100);
    }
  }
  for (unsigned round = 0; round < 60; round++) {
    pid_t child = fork();
    if (child == 0) {
      DrainOptions options = {bench.journal_path, bench.ledger_path, 10, -1, false};
      _exit(ledger_drain_run(&options));
    }
    (void)usleep(2000 + round * 997 % 30000);
    (void)kill(child, SIGKILL);
    ck_assert(waitpid(child, NULL, 0) == child);
  }
  (void)kill(writer, SIGKILL);
  ck_assert(waitpid(writer, NULL, 0) == writer);
  bench.journal = fixture_open(bench.journal_path);
  JournalTotals totals;
  policy_journal_totals(bench.journal, &totals);
  bench_drain(bench.journal_path, bench.ledger_path, now_ns());
  (void)printf("%lu runs, 60 kills of the drain\n", (unsigned long)totals.admitted);
  ck_assert_uint_gt(totals.admitted, 1000);
  bench_expect(bench.ledger_path, (int64_t)totals.admitted);
  bench_close(&bench);
}
END_TEST

/* --- Ledgers that cannot be written --- */

/* Runs a drain for a while under `condition`; returns what it told the server. */
static JournalDrain drain_under(Bench *bench, void (*condition)(const Bench *bench), unsigned ms) {
  JournalDrain told;
  pid_t child = fork();
  if (child == 0) {
    condition(bench);
    DrainOptions options = {bench->journal_path, bench->ledger_path, 20, -1, false};
    if (freopen("/dev/null", "w", stderr) == NULL) _exit(127);
    _exit(ledger_drain_run(&options));
  }
  (void)usleep(ms * 1000);
  policy_journal_drain(bench->journal, &told);
  (void)kill(child, SIGKILL);
  ck_assert(waitpid(child, NULL, 0) == child);
  return told;
}

static void no_space(const Bench *bench) {
  (void)bench;
  struct rlimit limit = {100000, 100000};
  (void)signal(SIGXFSZ, SIG_IGN);
  (void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void no_condition(const Bench *bench) { (void)bench; }

static void no_space_at_all(const Bench *bench) {
  (void)bench;
  struct rlimit limit = {4096, 4096};
  (void)signal(SIGXFSZ, SIG_IGN);
  (void)setrlimit(RLIMIT_FSIZE, &limit);
}

START_TEST(a_full_disk_is_reported_and_nothing_is_lost) {
  Bench bench;
  char script[16];
  bench_open(&bench, "full");
  bench_drain(bench.journal_path, bench.ledger_path, START);
  int64_t runs = 0;
  JournalDrain told = {.pid = 0};
  for (int round = 0; round < 10 && told.failures == 0; round++) {
    for (int i = 0; i < 60; i++, runs++) {
      (void)snprintf(script, sizeof script, "s%d", i);
      bench_run(&bench, "acme", script, (Code)(i % CODE_LOST), START + (round * 60 + i) * SECOND);
    }
    told = drain_under(&bench, no_space, 300);
  }
  ck_assert_uint_gt(told.failures, 0);
  ck_assert_msg(told.text[0] != '\0', "no text");
  (void)printf("no space: %s\n", told.text);
  bench_run(&bench, "quiet", "mine", CODE_OK, START);
  told = drain_under(&bench, no_condition, 400);
  ck_assert_uint_eq(told.failures, 0);
  bench_expect(bench.ledger_path, runs + 1);
  bench_close(&bench);
}
END_TEST

static int64_t named(const char *path, const char *tenant) {
  char sql[200];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM series WHERE tenant = '%s' AND kind <> 'other'", tenant);
  return bench_ask(path, sql);
}

static int64_t of_other(const char *path, const char *tenant) {
  char sql[200];
  (void)snprintf(sql, sizeof sql, "SELECT coalesce(sum(runs), 0) FROM series WHERE tenant = '%s' AND kind = 'other'", tenant);
  return bench_ask(path, sql);
}

static void run_many(Bench *bench, const char *tenant, int scripts) {
  char script[16];
  for (int i = 0; i < scripts; i++) {
    (void)snprintf(script, sizeof script, "s%d", i);
    bench_run(bench, tenant, script, CODE_OK, START + i * SECOND);
  }
}

/* A tenant has four rows of its own here.  "quiet" has three scripts; were it as noisy as the
 * other, it would fare as the other does. */
START_TEST(while_the_disk_is_full_only_who_has_too_many_scripts_loses_their_names) {
  for (int quiet = 3; quiet <= 30; quiet += 27) {
    Bench bench;
    bench_open(&bench, "degrade");
    ck_assert_uint_gt(drain_under(&bench, no_space_at_all, 300).failures, 0);
    run_many(&bench, "noisy", 100);
    run_many(&bench, "quiet", quiet);
    ck_assert_uint_gt(drain_under(&bench, no_space_at_all, 300).failures, 0);
    ck_assert_uint_eq(drain_under(&bench, no_condition, 500).failures, 0);
    bench_expect(bench.ledger_path, 100 + quiet);
    ck_assert_int_eq(named(bench.ledger_path, "noisy"), 4);
    ck_assert_int_eq(of_other(bench.ledger_path, "noisy"), 96);
    ck_assert_int_eq(named(bench.ledger_path, "quiet"), quiet == 3 ? 3 : 4);
    ck_assert_int_eq(of_other(bench.ledger_path, "quiet"), quiet == 3 ? 0 : 26);
    bench_close(&bench);
  }
}
END_TEST

START_TEST(a_locked_or_read_only_or_foreign_database_is_waited_for) {
  Bench bench;
  LedgerError error = {.text = ""};
  bench_open(&bench, "locked");
  bench_run(&bench, "acme", "aa", CODE_OK, START);
  bench_drain(bench.journal_path, bench.ledger_path, START);
  Ledger ledger = bench_ledger(bench.ledger_path, LEDGER_WRITE);
  ck_assert(ledger_store_begin(&ledger, &error));
  bench_run(&bench, "acme", "aa", CODE_OK, START);
  JournalDrain told = drain_under(&bench, no_condition, 2600);
  ck_assert_msg(told.failures > 0 && strstr(told.text, "locked") != NULL, "%s", told.text);
  ck_assert(ledger_store_end(&ledger, true, &error));
  ledger_store_close(&ledger);
  told = drain_under(&bench, no_condition, 300);
  ck_assert_uint_eq(told.failures, 0);
  bench_expect(bench.ledger_path, 2);
  bench_forget(bench.ledger_path);
  int fd = open(bench.ledger_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ck_assert(fd >= 0 && write(fd, "this is no database, but a text of some length", 46) == 46);
  (void)close(fd);
  told = drain_under(&bench, no_condition, 300);
  ck_assert_msg(told.failures > 0, "%s", told.text);
  bench_forget(bench.ledger_path);
  told = drain_under(&bench, no_condition, 300);
  bench_expect(bench.ledger_path, 2); /* a new ledger gets all that the journal has */
  bench_close(&bench);
}
END_TEST

START_TEST(one_journal_has_one_drain_and_it_ends_with_its_pipe) {
  Bench bench;
  int pipes[2], status;
  bench_open(&bench, "pipe");
  ck_assert_int_eq(pipe(pipes), 0);
  pid_t child = fork();
  if (child == 0) {
    (void)close(pipes[1]);
    DrainOptions options = {bench.journal_path, bench.ledger_path, 3600000, pipes[0], false};
    _exit(ledger_drain_run(&options));
  }
  (void)close(pipes[0]);
  (void)usleep(200000);
  pid_t second = fork();
  if (second == 0) {
    if (freopen("/dev/null", "w", stderr) == NULL) _exit(127);
    drain_in_child(&bench);
  }
  ck_assert(waitpid(second, &status, 0) == second && WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 69);
  bench_run(&bench, "acme", "aa", CODE_OK, START); /* only its last pass can see this */
  (void)close(pipes[1]);
  ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 0);
  bench_expect(bench.ledger_path, 1);
  bench_close(&bench);
}
END_TEST

SUITE("ledger drain", passes_add_what_is_new_to_its_second, runs_keep_the_second_of_their_end_when_the_drain_is_late,
      rejections_and_details_are_drained_once,
      a_tenant_beyond_its_reserve_gets_no_more_records_but_exact_sums, many_boots_and_recycled_rows_add_up,
      a_journal_older_than_what_was_seen_of_it_goes_on_from_there,
      a_power_failure_costs_what_the_journal_forgot_and_nothing_after_it,
      a_drain_killed_at_any_of_its_system_calls_repeats_nothing_and_leaves_nothing_out,
      drains_killed_at_any_moment_while_the_server_writes, a_full_disk_is_reported_and_nothing_is_lost,
      while_the_disk_is_full_only_who_has_too_many_scripts_loses_their_names,
      a_locked_or_read_only_or_foreign_database_is_waited_for, one_journal_has_one_drain_and_it_ends_with_its_pipe)
