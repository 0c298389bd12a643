/* SPDX-License-Identifier: BSD-2-Clause */
/* test_disk - a disk that does not keep its word, acknowledgements that were lost, and a
 * compaction that is killed. */
#include <signal.h>
#include <sys/wait.h>

#include "ledger/compact.h"
#include "tests/check_main.h"
#include "tests/ledger/bench.h"

/* --- A file system of SQLite's whose k-th fsync fails --- */

static sqlite3_vfs *real_vfs;
static sqlite3_vfs failing_vfs;
/* Databases and their journals have methods of their own. */
#define KINDS 4
static const sqlite3_io_methods *real_methods[KINDS];
static sqlite3_io_methods failing_methods[KINDS];
static int countdown; /* 0: none fails */
static bool has_failed;

static int sync_or_fail(sqlite3_file *file, int flags) {
  if (countdown != 0 && --countdown == 0) {
    has_failed = true;
    return SQLITE_IOERR_FSYNC;
  }
  return real_methods[file->pMethods - failing_methods]->xSync(file, flags);
}

static const sqlite3_io_methods *failing_of(const sqlite3_io_methods *methods) {
  int kind = 0;
  while (kind < KINDS && real_methods[kind] != NULL && real_methods[kind] != methods) kind++;
  ck_assert_int_lt(kind, KINDS);
  real_methods[kind] = methods;
  failing_methods[kind] = *methods;
  failing_methods[kind].xSync = sync_or_fail;
  return &failing_methods[kind];
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags) {
  (void)vfs;
  int result = real_vfs->xOpen(real_vfs, name, file, flags, ret_flags);
  if (result == SQLITE_OK && file->pMethods != NULL) file->pMethods = failing_of(file->pMethods);
  return result;
}

static void use_failing_disk(void) {
  if (real_vfs != NULL) return;
  real_vfs = sqlite3_vfs_find(NULL);
  failing_vfs = *real_vfs;
  failing_vfs.zName = "failing";
  failing_vfs.xOpen = open_file;
  ck_assert_int_eq(sqlite3_vfs_register(&failing_vfs, 1), SQLITE_OK);
}

/* One pass of which the k-th fsync fails; whether it says that it passed. */
static bool pass_failing_at(const Bench *bench, JournalReader *reader, int k) {
  LedgerError error = {.text = ""};
  Ledger ledger;
  has_failed = false;
  countdown = k;
  bool is_good = ledger_store_open(&ledger, bench->ledger_path, LEDGER_CREATE, &error);
  if (is_good) {
    is_good = ledger_drain_pass(&ledger, reader, START, true, &error);
    ledger_store_close(&ledger);
  }
  countdown = 0;
  ck_assert_msg(is_good || error.text[0] != '\0', "a failure without a word");
  return is_good;
}

static bool is_acknowledged(JournalReader *reader) {
  JournalInfo info;
  policy_journal_reader_info(reader, &info);
  for (uint32_t i = 0; i < info.rows; i++)
    if (policy_journal_reader_acked(reader, i) != 0) return true;
  return false;
}

START_TEST(an_fsync_that_fails_is_a_pass_that_failed_and_nothing_is_lost_or_repeated) {
  int failed = 0;
  use_failing_disk();
  for (int k = 1;; k++) {
    Bench bench;
    JournalError problem;
    bench_open(&bench, "fsync");
    for (int i = 0; i < 6; i++) bench_run(&bench, "acme", i % 2 ? "aa" : "bb", (Code)(i % 3), START);
    JournalReader *reader = policy_journal_reader_open(bench.journal_path, true, &problem);
    bool is_good = pass_failing_at(&bench, reader, k), is_over = !has_failed;
    /* Rows are only given up when they are known to be on the disk. */
    ck_assert(is_good || !is_acknowledged(reader));
    failed += !is_good;
    policy_journal_reader_close(reader);
    bench_drain(bench.journal_path, bench.ledger_path, START);
    bench_expect(bench.ledger_path, 6);
    bench_close(&bench);
    if (is_over) break;
  }
  ck_assert_int_gt(failed, 0);
}
END_TEST

/* --- Acknowledgements --- */

START_TEST(acknowledgements_that_were_lost_count_nothing_twice) {
  Bench bench;
  JournalError problem;
  JournalInfo info;
  LedgerError error;
  bench_open(&bench, "acks");
  JournalReader *reader = policy_journal_reader_open(bench.journal_path, true, &problem);
  Ledger ledger = bench_ledger(bench.ledger_path, LEDGER_CREATE);
  policy_journal_reader_info(reader, &info);
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 7; i++) bench_run(&bench, "acme", i % 2 ? "aa" : "bb", CODE_OK, START + round * SECOND);
    ck_assert(ledger_drain_pass(&ledger, reader, START + round * SECOND, false, &error));
    for (uint32_t i = 0; i < info.rows; i++) policy_journal_reader_ack(reader, i, 0, 0);
    ck_assert(ledger_drain_pass(&ledger, reader, START + round * SECOND, false, &error));
  }
  ledger_store_close(&ledger);
  policy_journal_reader_close(reader);
  bench_expect(bench.ledger_path, 35);
  bench_close(&bench);
}
END_TEST

/* --- Compaction --- */

static void compact_for_ever(const char *path) {
  CompactResult result;
  LedgerError error;
  Ledger ledger;
  for (int64_t days = 1;; days++) {
    CompactOrder order = {.now = START / SECOND + (days % 40) * 86400, .keep_seconds = 3600, .keep_hours = 86400,
                          .keep_scripts = 86400, .vacuum = true};
    if (ledger_store_open(&ledger, path, LEDGER_WRITE, &error)) {
      (void)ledger_compact_run(&ledger, &order, &result, &error);
      ledger_store_close(&ledger);
    }
  }
}

START_TEST(a_compaction_that_is_killed_has_happened_or_has_not) {
  Bench bench;
  char script[16];
  int64_t now = START, runs = 0;
  bench_open(&bench, "killed");
  for (int round = 0; round < 25; round++) {
    for (int i = 0; i < 10; i++, runs++, now += 600 * SECOND) {
      (void)snprintf(script, sizeof script, "s%d", (int)runs % 23);
      bench_run(&bench, "acme", script, CODE_OK, now);
      if (i % 3 == 0) bench_drain(bench.journal_path, bench.ledger_path, now);
    }
    bench_drain(bench.journal_path, bench.ledger_path, now);
    pid_t child = fork();
    if (child == 0) compact_for_ever(bench.ledger_path);
    (void)usleep(5000 + (unsigned)round * 6000);
    (void)kill(child, SIGKILL);
    ck_assert(waitpid(child, NULL, 0) == child);
    bench_expect(bench.ledger_path, runs);
  }
  ck_assert_int_gt(bench_ask(bench.ledger_path, "SELECT count(*) FROM usage WHERE span > 1"), 0);
  bench_close(&bench);
}
END_TEST

SUITE("ledger disk", an_fsync_that_fails_is_a_pass_that_failed_and_nothing_is_lost_or_repeated,
      acknowledgements_that_were_lost_count_nothing_twice, a_compaction_that_is_killed_has_happened_or_has_not)
