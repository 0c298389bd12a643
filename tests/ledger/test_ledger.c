/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ledger - reports, exports, imports, compaction, versions. */
#include <stdlib.h>

#include "ledger/compact.h"
#include "ledger/merge.h"
#include "ledger/report.h"
#include "tests/check_main.h"
#include "tests/ledger/bench.h"

/* Two tenants over three hours: 60 runs, 20 of them not billable, 6 rejections. */
static void fill(Bench *bench, const char *name) {
  bench_open(bench, name);
  for (int i = 0; i < 60; i++) {
    Code outcome = i % 3 == 0 ? CODE_WORKER_CRASHED : i % 3 == 1 ? CODE_OK : CODE_SCRIPT_ERROR;
    bench_run(bench, i % 2 ? "acme" : "beta", i % 2 ? "aa" : "bb\xff", outcome, START + i * 180 * SECOND);
    if (i % 10 == 0) policy_journal_reject(bench->journal, policy_journal_tenant(bench->journal, WORD("acme")), REJECTED_RATE);
    bench_drain(bench->journal_path, bench->ledger_path, START + i * 180 * SECOND);
  }
}

/* --- Reports --- */

typedef struct {
  int rows;
  int64_t runs, billable, rejected, cost, billed;
  char first[64];
} Seen;

static bool look(void *context, const ReportRow *row) {
  Seen *seen = context;
  if (seen->rows++ == 0) (void)snprintf(seen->first, sizeof seen->first, "%.*s", (int)row->keys[0].size, row->keys[0].bytes);
  seen->runs += row->amount[FIELD_RUNS];
  seen->cost += row->amount[FIELD_COST];
  seen->billable += row->billable_runs;
  seen->billed += row->billed_cost;
  seen->rejected += row->rejected;
  return true;
}

static Seen report(const char *path, ReportOrder order) {
  Seen seen = {.rows = 0};
  LedgerError error = {.text = ""};
  Ledger ledger = bench_ledger(path, LEDGER_READ);
  ck_assert_msg(ledger_report_run(&ledger, &order, look, &seen, &error), "%s", error.text);
  ledger_store_close(&ledger);
  return seen;
}

START_TEST(every_grouping_adds_up_to_the_same) {
  static const int rows[GROUP_COUNT_] = {[GROUP_TENANT] = 2, [GROUP_USER] = 3, [GROUP_SCRIPT] = 3,
                                         [GROUP_OUTCOME] = 4, [GROUP_HOUR] = 4, [GROUP_DAY] = 2, [GROUP_NODE] = 1};
  Bench bench;
  fill(&bench, "groups");
  for (int i = 0; i < GROUP_COUNT_; i++) {
    Seen seen = report(bench.ledger_path, (ReportOrder){.group = (ReportGroup)i});
    ck_assert_msg(seen.rows == rows[i], "%s: %d rows", ledger_report_group_name((ReportGroup)i), seen.rows);
    ck_assert_int_eq(seen.runs, 60);
    ck_assert_int_eq(seen.billable, 40);
    ck_assert_int_eq(seen.rejected, 6);
    ck_assert_int_eq(seen.cost, 60 * FIELD_COST * 10);
    ck_assert_int_eq(seen.billed, 40 * FIELD_COST * 10);
  }
  bench_close(&bench);
}
END_TEST

/* Each outcome came once, with its row's word on billing, and each field with what a run had. */
static bool look_at_outcome(void *context, const ReportRow *row) {
  static const char rejected[] = "rejected_";
  bool *seen = context;
  char label[64];
  (void)snprintf(label, sizeof label, "%.*s", (int)row->keys[0].size, row->keys[0].bytes);
  if (strncmp(label, rejected, sizeof rejected - 1) == 0) {
    for (int i = 0; i < REASON_COUNT_; i++)
      if (strcmp(label + sizeof rejected - 1, policy_journal_reason_name((Reason)i)) == 0) seen[CODE_COUNT_ + i] = true;
    ck_assert_int_eq(row->rejected, 1);
    ck_assert_int_eq(row->billable_runs, 0);
    return true;
  }
  const CodeRow *code = policy_codes_by_label(label);
  ck_assert_msg(code != NULL, "%s is no outcome", label);
  ck_assert_msg(!seen[code->code], "%s came twice", label);
  seen[code->code] = true;
  ck_assert_int_eq(row->amount[FIELD_RUNS], 1);
  for (int i = FIELD_RUNS + 1; i < FIELD_COUNT_; i++)
    ck_assert_msg(row->amount[i] == 10 * i, "%s: %s", label, policy_journal_field_name((Field)i));
  ck_assert_int_eq(row->billable_runs, code->billable);
  ck_assert_int_eq(row->billed_cost, code->billable ? 10 * FIELD_COST : 0);
  return true;
}

START_TEST(every_field_and_every_outcome_is_in_the_record_and_in_the_report) {
  static const char *const tables[] = {"series", "usage", "details"};
  Bench bench;
  char sql[160];
  bool seen[CODE_COUNT_ + REASON_COUNT_] = {false};
  LedgerError error = {.text = ""};
  bench_open(&bench, "fields");
  for (int i = 0; i < CODE_COUNT_; i++) {
    bench_run(&bench, "acme", "aa", (Code)i, START + i * SECOND);
    bench_drain(bench.journal_path, bench.ledger_path, START + i * SECOND);
  }
  for (int i = 0; i < REASON_COUNT_; i++) policy_journal_reject(bench.journal, policy_journal_tenant(bench.journal, WORD("acme")), (Reason)i);
  bench_drain(bench.journal_path, bench.ledger_path, START + 60 * SECOND);
  for (size_t t = 0; t < 3; t++)
    for (int i = 0; i < FIELD_COUNT_; i++) {
      (void)snprintf(sql, sizeof sql, "SELECT sum(%s) > 0 FROM %s", policy_journal_field_name((Field)i), tables[t]);
      ck_assert_msg(t == 2 && i == FIELD_RUNS ? true : bench_ask(bench.ledger_path, sql) == 1, "%s", sql);
    }
  Ledger ledger = bench_ledger(bench.ledger_path, LEDGER_READ);
  ck_assert_msg(ledger_report_run(&ledger, &(ReportOrder){.group = GROUP_OUTCOME}, look_at_outcome, seen, &error), "%s", error.text);
  ledger_store_close(&ledger);
  for (int i = 0; i < CODE_COUNT_ + REASON_COUNT_; i++) ck_assert_msg(seen[i], "outcome %d is in no report", i);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM details"), CODE_COUNT_ - 1);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(DISTINCT reason) FROM rejections"), REASON_COUNT_);
  bench_close(&bench);
}
END_TEST

START_TEST(times_and_tenants_narrow_a_report) {
  Bench bench;
  fill(&bench, "narrow");
  int64_t second = START / SECOND;
  ck_assert_int_eq(report(bench.ledger_path, (ReportOrder){.since = second + 180 * 30}).runs, 30);
  ck_assert_int_eq(report(bench.ledger_path, (ReportOrder){.until = second + 180 * 30}).runs, 30);
  ck_assert_int_eq(report(bench.ledger_path, (ReportOrder){.tenant = "acme"}).runs, 30);
  ck_assert_int_eq(report(bench.ledger_path, (ReportOrder){.tenant = "beta"}).rejected, 0);
  ck_assert_int_eq(report(bench.ledger_path, (ReportOrder){.tenant = "nobody"}).rows, 0);
  ck_assert_int_eq(ledger_report_group("moon"), GROUP_COUNT_);
  bench_close(&bench);
}
END_TEST

/* --- Export, import, merge --- */

static void export_to(const char *path, FILE *to) {
  LedgerError error = {.text = ""};
  Ledger ledger = bench_ledger(path, LEDGER_READ);
  ck_assert_msg(ledger_export_write(&ledger, to, &error), "%s", error.text);
  ledger_store_close(&ledger);
  rewind(to);
}

static void import_from(const char *path, FILE *from) {
  int64_t lines;
  LedgerError error = {.text = ""};
  Ledger ledger = bench_ledger(path, LEDGER_CREATE);
  ck_assert_msg(ledger_import_read(&ledger, from, &lines, &error), "%s", error.text);
  ledger_store_close(&ledger);
}

START_TEST(exports_of_several_nodes_merge_without_counting_twice) {
  Bench one, two;
  char merged[128];
  fill(&one, "node1");
  fill(&two, "node2");
  bench_forget(fixture_path(merged, "merged.db"));
  for (int round = 0; round < 3; round++) {
    FILE *first = tmpfile(), *second = tmpfile();
    export_to(one.ledger_path, first);
    export_to(two.ledger_path, second);
    import_from(merged, first);
    import_from(merged, second);
    (void)fclose(first);
    (void)fclose(second);
    bench_expect(merged, 120 + round);
    ck_assert_int_eq(bench_ask(merged, "SELECT sum(count) FROM rejections"), 12);
    ck_assert_int_eq(bench_ask(merged, "SELECT count(*) FROM details"), bench_ask(one.ledger_path, "SELECT count(*) FROM details") + bench_ask(two.ledger_path, "SELECT count(*) FROM details"));
    bench_run(&one, "acme", "aa", CODE_OK, START + 60 * 180 * SECOND); /* the same second again and again */
    bench_drain(one.journal_path, one.ledger_path, START + 60 * 180 * SECOND);
  }
  bench_forget(merged);
  bench_close(&one);
  bench_close(&two);
}
END_TEST

START_TEST(a_ledger_that_was_lost_and_imported_again_goes_on_without_counting_twice) {
  Bench bench;
  fill(&bench, "reimport");
  FILE *file = tmpfile();
  export_to(bench.ledger_path, file);
  for (int i = 0; i < 5; i++) bench_run(&bench, "acme", "aa", CODE_OK, START + 100000 * SECOND);
  bench_forget(bench.ledger_path);
  import_from(bench.ledger_path, file);
  bench_expect(bench.ledger_path, 60);
  bench_drain(bench.journal_path, bench.ledger_path, START + 100000 * SECOND);
  bench_expect(bench.ledger_path, 65);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT sum(count) FROM rejections"), 6);
  (void)fclose(file);
  bench_close(&bench);
}
END_TEST

START_TEST(an_export_of_a_version_that_knew_fewer_fields_is_taken) {
  char path[128];
  FILE *file = tmpfile();
  (void)fputs("{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"nodes\",\"node\":\"n\",\"admitted\":7,\"unaccounted\":0,"
              "\"damaged\":0,\"went_back\":0,\"horizon\":0}\n"
              "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"series\",\"node\":\"n\",\"row\":1,\"tenant\":\"acme\",\"user\":\"u\","
              "\"script\":\"s\",\"kind\":\"script\",\"outcome\":\"ok\",\"cost_model\":1}\n"
              "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":\"n\",\"row\":1,\"second\":9,\"boot\":\"b\",\"span\":1,"
              "\"runs\":7}\n", file);
  rewind(file);
  bench_forget(fixture_path(path, "fewer.db"));
  import_from(path, file);
  bench_expect(path, 7);
  (void)fclose(file);
  bench_forget(path);
}
END_TEST

START_TEST(imports_that_make_no_sense_change_nothing) {
  static const char *const bad[] = {
      "nonsense\n", "[]\n", "{}\n", "{\"schema\":\"other\",\"table\":\"usage\"}\n",
      "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":\"x\",\"no such\":1}\n",
      "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":\"x\",\"runs\":-5}\n",
      "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":{\"hex\":\"zz\"}}\n",
      "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":1.5}\n",
      "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\"}\n"};
  char path[128];
  bench_forget(fixture_path(path, "bad.db"));
  Ledger ledger = bench_ledger(path, LEDGER_CREATE);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    LedgerError error = {.text = ""};
    int64_t lines;
    FILE *file = tmpfile();
    (void)fprintf(file, "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"nodes\",\"node\":\"x\"}\n%s", bad[i]);
    rewind(file);
    ck_assert_msg(!ledger_import_read(&ledger, file, &lines, &error), "%s", bad[i]);
    ck_assert_msg(strstr(error.text, "line 2") != NULL, "%s: %s", bad[i], error.text);
    (void)fclose(file);
  }
  ledger_store_close(&ledger);
  ck_assert_int_eq(bench_ask(path, "SELECT count(*) FROM nodes"), 0);
  bench_forget(path);
}
END_TEST

/* --- Compaction --- */

static CompactResult compact(const char *path, int64_t now, int64_t seconds, int64_t hours) {
  CompactResult result;
  LedgerError error = {.text = ""};
  CompactOrder order = {.now = now, .keep_seconds = seconds, .keep_hours = hours, .vacuum = true};
  Ledger ledger = bench_ledger(path, LEDGER_WRITE);
  ck_assert_msg(ledger_compact_run(&ledger, &order, &result, &error), "%s", error.text);
  ledger_store_close(&ledger);
  return result;
}

START_TEST(compaction_keeps_sums_and_late_runs_do_not_enter_what_is_closed) {
  Bench bench;
  char merged[128];
  fill(&bench, "compact");
  int64_t now = START / SECOND + 60 * 180;
  bench_forget(fixture_path(merged, "compacted.db"));
  FILE *before = tmpfile(), *after = tmpfile();
  export_to(bench.ledger_path, before);
  CompactResult result = compact(bench.ledger_path, now, 3600, 0);
  ck_assert_int_lt(result.after, result.before);
  bench_expect(bench.ledger_path, 60);
  bench_run(&bench, "acme", "late", CODE_OK, START);
  bench_drain(bench.journal_path, bench.ledger_path, now * SECOND);
  bench_expect(bench.ledger_path, 61);
  result = compact(bench.ledger_path, now + 90 * 86400, 86400, 30 * 86400);
  bench_expect(bench.ledger_path, 61);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT min(span) FROM usage"), 86400);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT sum(count) FROM rejections"), 6);
  export_to(bench.ledger_path, after);
  import_from(merged, before); /* the fine records, then the coarse, then the fine again */
  import_from(merged, after);
  bench_expect(merged, 61);
  rewind(before);
  import_from(merged, before);
  bench_expect(merged, 61);
  ck_assert_int_eq(bench_ask(merged, "SELECT sum(count) FROM rejections"), 6);
  (void)fclose(before);
  (void)fclose(after);
  bench_forget(merged);
  bench_close(&bench);
}
END_TEST

/* --- Scripts of which the journal gave the rows to others --- */

static CompactResult fold(const char *path, int64_t now, int64_t scripts) {
  CompactResult result;
  LedgerError error = {.text = ""};
  CompactOrder order = {.now = now, .keep_seconds = 86400, .keep_hours = 2 * 86400, .keep_scripts = scripts};
  Ledger ledger = bench_ledger(path, LEDGER_WRITE);
  ck_assert_msg(ledger_compact_run(&ledger, &order, &result, &error), "%s", error.text);
  ledger_store_close(&ledger);
  return result;
}

/* Scripts that are run once, one after the other; with failures in between. */
static int64_t run_ever_new_ones(Bench *bench, int first, int count, int64_t now) {
  char script[16];
  for (int i = first; i < first + count; i++, now += 15) {
    (void)snprintf(script, sizeof script, "s%d", i);
    bench_run(bench, "acme", script, i % 3 == 0 ? CODE_SCRIPT_ERROR : CODE_OK, now * SECOND);
    if (i % 5 == 0) bench_run(bench, "beta", "steady", CODE_OK, now * SECOND);
    bench_drain(bench->journal_path, bench->ledger_path, now * SECOND);
  }
  return now;
}

static void import_all_ways(const char *path, FILE *const *files, size_t count, int64_t runs) {
  for (size_t first = 0; first < count; first++) {
    bench_forget(path);
    for (size_t i = 0; i < 2 * count; i++) {
      FILE *file = files[(first + i) % count];
      rewind(file);
      import_from(path, file);
    }
    bench_expect(path, runs);
  }
}

#define SCRIPTS "SELECT count(*) FROM series WHERE tenant = 'acme'"

START_TEST(scripts_that_gave_up_their_rows_are_put_together_and_nothing_is_counted_twice) {
  Bench bench;
  char merged[128];
  FILE *files[3] = {tmpfile(), tmpfile(), tmpfile()};
  bench_open(&bench, "folded");
  bench_forget(fixture_path(merged, "folded2.db"));
  int64_t now = run_ever_new_ones(&bench, 0, 40, START / SECOND);
  export_to(bench.ledger_path, files[0]);
  Seen before = report(bench.ledger_path, (ReportOrder){.tenant = NULL});
  int64_t retired = bench_ask(bench.ledger_path, "SELECT count(*) FROM series WHERE retired = 1");
  ck_assert_int_gt(retired, 20);
  ck_assert_int_eq(fold(bench.ledger_path, now, 86400).series, 0); /* too young */
  CompactResult result = fold(bench.ledger_path, now + 90 * 86400, 30 * 86400);
  ck_assert_int_eq(result.series, retired - 2); /* into one for each outcome */
  ck_assert_int_eq(bench_ask(bench.ledger_path, SCRIPTS), 40 - (retired - 2));
  bench_expect(bench.ledger_path, 48);
  Seen after = report(bench.ledger_path, (ReportOrder){.tenant = NULL});
  ck_assert_int_eq(after.cost, before.cost);
  ck_assert_int_eq(after.billed, before.billed);
  export_to(bench.ledger_path, files[1]);
  /* What the journal still has goes on where it was, and more is put together later. */
  now = run_ever_new_ones(&bench, 35, 20, now + 90 * 86400);
  bench_expect(bench.ledger_path, 72);
  ck_assert_int_gt(fold(bench.ledger_path, now + 90 * 86400, 30 * 86400).series, 10);
  ck_assert_int_eq(fold(bench.ledger_path, now + 90 * 86400, 30 * 86400).series, 0);
  bench_expect(bench.ledger_path, 72);
  ck_assert_int_eq(bench_ask(bench.ledger_path, "SELECT count(*) FROM series WHERE retired = 1 AND tenant = 'acme'"), 2);
  export_to(bench.ledger_path, files[2]);
  import_all_ways(merged, files, 3, 72);
  ck_assert_int_eq(bench_ask(merged, SCRIPTS), bench_ask(bench.ledger_path, SCRIPTS));
  for (size_t i = 0; i < 3; i++) (void)fclose(files[i]);
  bench_forget(merged);
  bench_close(&bench);
}
END_TEST

static bool import_refused(const char *path, FILE *file, const char *words) {
  LedgerError error = {.text = ""};
  int64_t lines;
  Ledger ledger = bench_ledger(path, LEDGER_CREATE);
  rewind(file);
  bool is_good = ledger_import_read(&ledger, file, &lines, &error);
  ledger_store_close(&ledger);
  return !is_good && strstr(error.text, words) != NULL;
}

START_TEST(ledgers_whose_scripts_were_put_together_differently_are_not_merged) {
  Bench bench;
  char other[128];
  FILE *whole = tmpfile(), *mine = tmpfile(), *forged = tmpfile();
  bench_open(&bench, "odds");
  bench_forget(fixture_path(other, "odds2.db"));
  int64_t now = run_ever_new_ones(&bench, 0, 30, START / SECOND) + 90 * 86400;
  export_to(bench.ledger_path, whole);
  rewind(whole);
  import_from(other, whole);
  (void)bench_ask(bench.ledger_path, "UPDATE series SET retired = 0 WHERE row = (SELECT max(row) FROM series WHERE retired = 1)");
  (void)bench_ask(other, "UPDATE series SET retired = 0 WHERE row = (SELECT min(row) FROM series WHERE retired = 1)");
  ck_assert_int_gt(fold(bench.ledger_path, now, 86400).series, 5);
  ck_assert_int_gt(fold(other, now, 86400).series, 5);
  export_to(bench.ledger_path, mine);
  ck_assert(import_refused(other, mine, "differently"));
  bench_expect(other, 36);
  /* Who says that rows are gone must have what they became. */
  (void)bench_ask(bench.ledger_path, "DELETE FROM folded");
  rewind(mine);
  (void)fprintf(forged, "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"folded\",\"node\":\"%s\",\"row\":2,\"into_row\":1}\n", "n");
  ck_assert(import_refused(other, forged, "does not have them"));
  bench_expect(other, 36);
  (void)fclose(whole);
  (void)fclose(mine);
  (void)fclose(forged);
  bench_forget(other);
  bench_close(&bench);
}
END_TEST

/* --- Verification and versions --- */

static void count_problem(void *context, const char *text) {
  (void)text;
  ++*(int *)context;
}

START_TEST(verification_finds_what_was_changed_by_hand) {
  static const char *const changes[] = {
      "DELETE FROM series WHERE tenant = 'acme'",
      "UPDATE usage SET cost = cost - 1 WHERE second = (SELECT min(second) FROM usage)",
      "DELETE FROM usage WHERE second = (SELECT max(second) FROM usage)", "UPDATE nodes SET admitted = 3",
      "UPDATE usage SET span = 86400 WHERE second = (SELECT min(second) FROM usage)"};
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    Bench bench;
    VerifyResult result;
    int problems = 0;
    LedgerError error = {.text = ""};
    fill(&bench, "tamper");
    Ledger ledger = bench_ledger(bench.ledger_path, LEDGER_WRITE);
    ck_assert_msg(ledger_store_run(&ledger, changes[i], &error), "%s", error.text);
    ck_assert_msg(ledger_verify_run(&ledger, count_problem, &problems, &result, &error), "%s", error.text);
    ck_assert_msg(problems > 0 && result.problems == problems, "%s: nothing found", changes[i]);
    ledger_store_close(&ledger);
    bench_close(&bench);
  }
}
END_TEST

START_TEST(an_older_version_is_brought_up_to_date_with_its_data_and_a_newer_one_refused) {
  char path[128];
  LedgerError error = {.text = ""};
  Ledger ledger;
  sqlite3 *db;
  bench_forget(fixture_path(path, "old.db"));
  ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
  static const char old[] =
      "PRAGMA application_id = 1179864135; PRAGMA user_version = 1;"
      "CREATE TABLE nodes (node TEXT PRIMARY KEY, boot TEXT, created INTEGER, passed_at INTEGER,"
      " admitted INTEGER NOT NULL DEFAULT 0, unaccounted INTEGER NOT NULL DEFAULT 0,"
      " damaged INTEGER NOT NULL DEFAULT 0, went_back INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE series (node TEXT NOT NULL, row INTEGER NOT NULL, tenant TEXT NOT NULL,"
      " user BLOB NOT NULL, script BLOB NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,"
      " cost_model INTEGER NOT NULL, seen BLOB, runs INTEGER NOT NULL DEFAULT 0,"
      " PRIMARY KEY (node, row)) WITHOUT ROWID;"
      "CREATE TABLE usage (node TEXT NOT NULL, row INTEGER NOT NULL, second INTEGER NOT NULL,"
      " boot TEXT NOT NULL, span INTEGER NOT NULL DEFAULT 1, runs INTEGER NOT NULL DEFAULT 0,"
      " PRIMARY KEY (node, row, second, boot)) WITHOUT ROWID;"
      "CREATE INDEX usage_by_second ON usage (second);"
      "INSERT INTO nodes (node, admitted) VALUES ('n', 7);"
      "INSERT INTO series VALUES ('n', 1, 'acme', x'61', x'62', 'script', 'ok', 1, NULL, 7);"
      "INSERT INTO usage VALUES ('n', 1, 100, 'b', 1, 7);";
  ck_assert_int_eq(sqlite3_exec(db, old, NULL, NULL, NULL), SQLITE_OK);
  (void)sqlite3_close(db);
  ck_assert(!ledger_store_open(&ledger, path, LEDGER_READ, &error));
  ck_assert_msg(strstr(error.text, "older version") != NULL, "%s", error.text);
  bench_expect(path, 7);
  ck_assert_int_eq(bench_ask(path, "PRAGMA user_version"), LEDGER_VERSION);
  ck_assert_int_eq(report(path, (ReportOrder){.tenant = "acme"}).runs, 7);
  ck_assert_int_eq(bench_ask(path, "PRAGMA user_version = 99"), -1);
  ck_assert(!ledger_store_open(&ledger, path, LEDGER_CREATE, &error));
  ck_assert_msg(strstr(error.text, "version 99") != NULL, "%s", error.text);
  bench_forget(path);
  ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
  (void)sqlite3_close(db);
  ck_assert(!ledger_store_open(&ledger, path, LEDGER_CREATE, &error));
  ck_assert_msg(strstr(error.text, "other program") != NULL, "%s", error.text);
  bench_forget(path);
}
END_TEST

SUITE("ledger", every_grouping_adds_up_to_the_same, every_field_and_every_outcome_is_in_the_record_and_in_the_report, times_and_tenants_narrow_a_report,
      exports_of_several_nodes_merge_without_counting_twice,
      a_ledger_that_was_lost_and_imported_again_goes_on_without_counting_twice,
      imports_that_make_no_sense_change_nothing, an_export_of_a_version_that_knew_fewer_fields_is_taken,
      compaction_keeps_sums_and_late_runs_do_not_enter_what_is_closed,
      scripts_that_gave_up_their_rows_are_put_together_and_nothing_is_counted_twice,
      ledgers_whose_scripts_were_put_together_differently_are_not_merged,
      verification_finds_what_was_changed_by_hand,
      an_older_version_is_brought_up_to_date_with_its_data_and_a_newer_one_refused)
