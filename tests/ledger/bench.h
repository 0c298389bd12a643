/* SPDX-License-Identifier: BSD-2-Clause */
/* bench - a journal and a ledger side by side, and what must be true of them. */
#ifndef TESTS_LEDGER_BENCH_H
#define TESTS_LEDGER_BENCH_H

#include "ledger/drain.h"
#include "ledger/verify.h"
#include "tests/journal/fixture.h"

typedef struct {
  char journal_path[128], ledger_path[128];
  Journal *journal;
} Bench;

static inline void bench_forget(const char *path) {
  char side[160];
  (void)unlink(path);
  (void)snprintf(side, sizeof side, "%s-wal", path);
  (void)unlink(side);
  (void)snprintf(side, sizeof side, "%s-shm", path);
  (void)unlink(side);
}

static inline void bench_open(Bench *bench, const char *name) {
  char ledger[96];
  fixture_path(bench->journal_path, name);
  (void)snprintf(ledger, sizeof ledger, "%s.db", name);
  fixture_path(bench->ledger_path, ledger);
  bench_forget(bench->ledger_path);
  bench->journal = fixture_open(bench->journal_path);
}

static inline void bench_close(Bench *bench) {
  policy_journal_close(bench->journal);
  bench_forget(bench->journal_path);
  bench_forget(bench->ledger_path);
}

static inline void bench_run(Bench *bench, const char *tenant, const char *script, Code outcome, int64_t now) {
  fixture_finish(bench->journal, fixture_admit(bench->journal, tenant, script), outcome, now);
}

static inline Ledger bench_ledger(const char *path, LedgerMode mode) {
  LedgerError error = {.text = ""};
  Ledger ledger;
  ck_assert_msg(ledger_store_open(&ledger, path, mode, &error), "%s", error.text);
  return ledger;
}

/* One pass of a drain, in this process. */
static inline void bench_drain(const char *journal, const char *path, int64_t now) {
  JournalError problem = {.text = ""};
  LedgerError error = {.text = ""};
  JournalReader *reader = policy_journal_reader_open(journal, false, &problem);
  ck_assert_msg(reader != NULL, "%s", problem.text);
  Ledger ledger = bench_ledger(path, LEDGER_CREATE);
  ck_assert_msg(ledger_drain_pass(&ledger, reader, now, true, &error), "%s", error.text);
  ledger_store_close(&ledger);
  policy_journal_reader_close(reader);
}

static inline int64_t bench_ask(const char *path, const char *sql) {
  int64_t number = -1;
  LedgerError error = {.text = ""};
  Ledger ledger = bench_ledger(path, LEDGER_WRITE);
  ck_assert_msg(ledger_store_number(&ledger, sql, -1, &number, &error), "%s", error.text);
  ledger_store_close(&ledger);
  return number;
}

static inline void bench_fail(void *context, const char *text) {
  (void)context;
  ck_abort_msg("verify: %s", text);
}

/* The ledger is sound and has exactly `runs`. */
static inline void bench_expect(const char *path, int64_t runs) {
  VerifyResult result;
  LedgerError error = {.text = ""};
  Ledger ledger = bench_ledger(path, LEDGER_WRITE);
  ck_assert_msg(ledger_verify_run(&ledger, bench_fail, NULL, &result, &error), "%s", error.text);
  ledger_store_close(&ledger);
  ck_assert_int_eq(result.problems, 0);
  ck_assert_int_eq(result.counted, runs);
}

#endif
