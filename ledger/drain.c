/* SPDX-License-Identifier: BSD-2-Clause */
/* drain - one pass, one transaction. */
#include "ledger/drain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/codes.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define ID_TEXT (2 * JOURNAL_ID_BYTES + 1)

typedef struct {
  uint32_t row;
  uint64_t id, runs;
} Seen;

typedef struct {
  Ledger *ledger;
  JournalReader *reader;
  JournalInfo info;
  int64_t now, horizon, detail; /* horizon: seconds before it are closed */
  char node[ID_TEXT], boot[ID_TEXT];
  Seen *seen; /* to be acknowledged after the commit */
  size_t seen_count;
  sqlite3_stmt *find, *find_last, *put_series, *put_usage;
  LedgerError *error;
} Pass;

static void spell_id(char text[ID_TEXT], const uint8_t id[JOURNAL_ID_BYTES]) {
  for (size_t i = 0; i < JOURNAL_ID_BYTES; i++) (void)snprintf(text + 2 * i, 3, "%02x", id[i]);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text) {
  (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static const char *outcome_label(uint32_t outcome, char buffer[24]) {
  const CodeRow *row = policy_codes_find(outcome);
  if (row != NULL) return row->label;
  (void)snprintf(buffer, 24, "code_%u", outcome);
  return buffer;
}

static void tenant_name(const Pass *pass, uint32_t tenant, char name[JOURNAL_NAME_BYTES]) {
  JournalTenant copy;
  if (policy_journal_reader_tenant(pass->reader, tenant, &copy))
    memcpy(name, copy.name, JOURNAL_NAME_BYTES);
  else
    (void)snprintf(name, JOURNAL_NAME_BYTES, "_damaged-%u", tenant);
}

/* --- Rows --- */

/* When the last of the new runs ended, but never in a closed period or the future. */
static int64_t second_of(const Pass *pass, const JournalRow *row) {
  int64_t second = row->last_at / SECOND;
  int64_t now = pass->now / SECOND;
  if (second > now || second <= 0) second = now;
  return second < pass->horizon ? pass->horizon : second;
}

/* Reads what the ledger saw of the row last; all zero when it never did. */
static bool find_seen(Pass *pass, const JournalRow *row, uint64_t seen[FIELD_COUNT_]) {
  memset(seen, 0, FIELD_COUNT_ * sizeof *seen);
  (void)sqlite3_bind_int64(pass->find, 2, (int64_t)row->id);
  int step = sqlite3_step(pass->find);
  if (step == SQLITE_ROW) {
    /* A ledger that was imported has sums, but never saw this journal. */
    bool is_sums = sqlite3_column_type(pass->find, 0) == SQLITE_NULL;
    size_t size = is_sums ? 0 : (size_t)sqlite3_column_bytes(pass->find, 0);
    if (size > FIELD_COUNT_ * sizeof *seen) size = FIELD_COUNT_ * sizeof *seen;
    if (size > 0) memcpy(seen, sqlite3_column_blob(pass->find, 0), size);
    for (int i = 0; is_sums && i < FIELD_COUNT_; i++) seen[i] = (uint64_t)sqlite3_column_int64(pass->find, i + 1);
  }
  (void)sqlite3_reset(pass->find);
  return step == SQLITE_ROW || step == SQLITE_DONE || ledger_store_explain(pass->ledger, pass->error);
}

static bool put_series(Pass *pass, const JournalRow *row, const uint64_t delta[FIELD_COUNT_]) {
  char label[24], tenant[JOURNAL_NAME_BYTES];
  sqlite3_stmt *s = pass->put_series;
  tenant_name(pass, row->tenant, tenant);
  (void)sqlite3_bind_int64(s, 2, (int64_t)row->id);
  bind_text(s, 3, tenant);
  (void)sqlite3_bind_blob(s, 4, row->user, (int)row->user_size, SQLITE_STATIC);
  (void)sqlite3_bind_blob(s, 5, row->script, (int)row->script_size, SQLITE_STATIC);
  bind_text(s, 6, policy_journal_kind_name(row->kind));
  bind_text(s, 7, outcome_label(row->outcome, label));
  (void)sqlite3_bind_int64(s, 8, row->cost_model);
  (void)sqlite3_bind_blob(s, 9, row->amount, sizeof row->amount, SQLITE_STATIC);
  for (int i = 0; i < FIELD_COUNT_; i++) (void)sqlite3_bind_int64(s, 10 + i, (int64_t)delta[i]);
  return ledger_store_step(pass->ledger, s, pass->error);
}

/* Counts a record of the tenant; false when it has had all that it may have in this hour. */
static bool take_reserve(Pass *pass, uint32_t tenant) {
  Ledger *ledger = pass->ledger;
  if (ledger->hour != pass->now / HOUR || ledger->written == NULL) {
    free(ledger->written);
    ledger->tenants = pass->info.tenants;
    ledger->written = calloc(ledger->tenants, sizeof *ledger->written);
    ledger->hour = pass->now / HOUR;
  }
  if (ledger->written == NULL || tenant >= ledger->tenants) return true;
  if (ledger->written[tenant] >= ledger->reserve) return false;
  ledger->written[tenant]++;
  return true;
}

/* Returns the last second before `second` in its hour in which the row has a record. */
static int64_t earlier_second(Pass *pass, const JournalRow *row, int64_t second) {
  sqlite3_stmt *s = pass->find_last;
  (void)sqlite3_bind_int64(s, 2, (int64_t)row->id);
  (void)sqlite3_bind_int64(s, 4, second - second % (HOUR / SECOND));
  (void)sqlite3_bind_int64(s, 5, second);
  bool is_there = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER;
  if (is_there) second = sqlite3_column_int64(s, 0);
  (void)sqlite3_reset(s);
  return second;
}

static bool put_usage(Pass *pass, const JournalRow *row, const uint64_t delta[FIELD_COUNT_]) {
  sqlite3_stmt *s = pass->put_usage;
  int64_t second = second_of(pass, row);
  if (!take_reserve(pass, row->tenant)) second = earlier_second(pass, row, second);
  (void)sqlite3_bind_int64(s, 2, (int64_t)row->id);
  (void)sqlite3_bind_int64(s, 3, second);
  for (int i = 0; i < FIELD_COUNT_; i++) (void)sqlite3_bind_int64(s, 5 + i, (int64_t)delta[i]);
  return ledger_store_step(pass->ledger, s, pass->error);
}

/* A journal that is older than what was seen of it was overtaken by a power failure: what it
 * says now is where counting goes on. */
static bool note_went_back(Pass *pass) {
  char sql[160];
  (void)snprintf(sql, sizeof sql, "UPDATE nodes SET went_back = went_back + 1 WHERE node = '%s'", pass->node);
  return ledger_store_run(pass->ledger, sql, pass->error);
}

static bool take_row(Pass *pass, const JournalRow *row) {
  uint64_t seen[FIELD_COUNT_], delta[FIELD_COUNT_];
  if (row->amount[FIELD_RUNS] == 0) return true;
  if (!find_seen(pass, row, seen)) return false;
  bool went_back = row->amount[FIELD_RUNS] < seen[FIELD_RUNS];
  if (went_back && !note_went_back(pass)) return false;
  for (size_t i = 0; i < FIELD_COUNT_; i++)
    delta[i] = went_back || row->amount[i] < seen[i] ? 0 : row->amount[i] - seen[i];
  if (!went_back && delta[FIELD_RUNS] == 0) return true;
  return put_series(pass, row, delta) && (went_back || put_usage(pass, row, delta));
}

/* What stood in this place before was given up, and never moves again. */
static bool note_retired(Pass *pass, uint32_t place, uint64_t id) {
  char sql[160];
  uint64_t before = policy_journal_reader_acked(pass->reader, place);
  if (before == 0 || before == id) return true;
  (void)snprintf(sql, sizeof sql, "UPDATE series SET retired = 1 WHERE node = '%s' AND row = %lld", pass->node,
                 (long long)before);
  return ledger_store_run(pass->ledger, sql, pass->error);
}

static bool take_rows(Pass *pass, bool is_full) {
  JournalRow row;
  for (uint32_t i = 0; i < pass->info.rows; i++) {
    if (!is_full && !policy_journal_reader_has_news(pass->reader, i)) continue;
    if (!policy_journal_reader_row(pass->reader, i, &row)) continue;
    if (!take_row(pass, &row) || !note_retired(pass, i, row.id)) return false;
    pass->seen[pass->seen_count++] = (Seen){i, row.id, row.amount[FIELD_RUNS]};
  }
  return true;
}

/* --- Rejections --- */

static bool take_rejection(Pass *pass, const char *tenant, const char *reason, uint64_t count) {
  char sql[1024];
  int64_t seen;
  (void)snprintf(sql, sizeof sql,
                 "SELECT seen FROM rejections_seen WHERE node = '%s' AND tenant = '%s' AND reason = '%s'",
                 pass->node, tenant, reason);
  if (!ledger_store_number(pass->ledger, sql, 0, &seen, pass->error)) return false;
  if (count == (uint64_t)seen) return true;
  int64_t delta = count > (uint64_t)seen ? (int64_t)(count - (uint64_t)seen) : 0;
  int64_t second = pass->now / SECOND < pass->horizon ? pass->horizon : pass->now / SECOND;
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO rejections VALUES ('%s', '%s', '%s', %lld, '%s', 1, %lld)"
                 " ON CONFLICT DO UPDATE SET count = count + excluded.count;"
                 "INSERT INTO rejections_seen VALUES ('%s', '%s', '%s', %lld)"
                 " ON CONFLICT DO UPDATE SET seen = excluded.seen",
                 pass->node, tenant, reason, (long long)second, pass->boot, (long long)delta, pass->node,
                 tenant, reason, (long long)count);
  return ledger_store_run(pass->ledger, sql, pass->error);
}

/* Names of tenants are judged by the reader: nothing in them can leave its quotes. */
static bool take_rejections(Pass *pass) {
  JournalTenant tenant;
  for (uint32_t i = 0; i < pass->info.tenants; i++) {
    if (!policy_journal_reader_tenant(pass->reader, i, &tenant)) continue;
    for (unsigned k = 0; k < REASON_COUNT_; k++) {
      if (tenant.rejected[k] == 0 || tenant.rejected[k] > INT64_MAX) continue;
      if (!take_rejection(pass, tenant.name, policy_journal_reason_name((Reason)k), tenant.rejected[k])) return false;
    }
  }
  return true;
}

/* --- Details --- */

static void bind_detail(const Pass *pass, sqlite3_stmt *s, const JournalDetail *detail) {
  char label[24], tenant[JOURNAL_NAME_BYTES];
  tenant_name(pass, detail->run.tenant, tenant);
  bind_text(s, 1, pass->node);
  (void)sqlite3_bind_int64(s, 2, (int64_t)detail->number);
  (void)sqlite3_bind_int64(s, 3, detail->at);
  (void)sqlite3_bind_int64(s, 4, (int64_t)detail->ticket);
  bind_text(s, 5, pass->boot);
  bind_text(s, 6, tenant);
  (void)sqlite3_bind_blob(s, 7, detail->run.user, (int)detail->run.user_size, SQLITE_STATIC);
  (void)sqlite3_bind_blob(s, 8, detail->run.script, (int)detail->run.script_size, SQLITE_STATIC);
  bind_text(s, 9, policy_journal_kind_name(detail->run.kind));
  bind_text(s, 10, outcome_label(detail->run.outcome, label));
  (void)sqlite3_bind_int64(s, 11, detail->run.cost_model);
  (void)sqlite3_bind_blob(s, 12, detail->text, (int)detail->text_size, SQLITE_STATIC);
  for (int i = 0; i < FIELD_COUNT_; i++) (void)sqlite3_bind_int64(s, 13 + i, (int64_t)detail->run.amount[i]);
}

static bool take_details(Pass *pass) {
  char sql[LEDGER_SQL_BYTES], marks[256];
  JournalDetail detail;
  uint64_t end = pass->info.next_detail, first = end > pass->info.details ? end - pass->info.details : 1;
  if (pass->detail > 0 && (uint64_t)pass->detail < end && (uint64_t)pass->detail >= first)
    first = (uint64_t)pass->detail + 1;
  if (first >= end) return true;
  ledger_store_each(marks, sizeof marks, "?");
  (void)snprintf(sql, sizeof sql,
                 "INSERT OR IGNORE INTO details (node, number, at, ticket, boot, tenant, user, script, kind,"
                 " outcome, cost_model, text%s) VALUES (?,?,?,?,?,?,?,?,?,?,?,?, %s)",
                 ledger_store_fields, marks);
  sqlite3_stmt *s = ledger_store_prepare(pass->ledger, sql, pass->error);
  bool is_good = s != NULL;
  for (uint64_t i = first; is_good && i < end; i++) {
    if (!policy_journal_reader_detail(pass->reader, i, &detail)) continue;
    bind_detail(pass, s, &detail);
    is_good = ledger_store_step(pass->ledger, s, pass->error);
  }
  (void)sqlite3_finalize(s);
  return is_good;
}

/* --- The pass --- */

static bool prepare(Pass *pass) {
  char sql[LEDGER_SQL_BYTES], marks[256], sums[2048];
  ledger_store_each(marks, sizeof marks, "?");
  ledger_store_each(sums, sizeof sums, "$ = $ + excluded.$");
  (void)snprintf(sql, sizeof sql, "SELECT seen%s FROM series WHERE node = ? AND row = ?", ledger_store_fields);
  pass->find = ledger_store_prepare(pass->ledger, sql, pass->error);
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO series (node, row, tenant, user, script, kind, outcome, cost_model, seen%s)"
                 " VALUES (?,?,?,?,?,?,?,?,?, %s) ON CONFLICT DO UPDATE SET seen = excluded.seen, %s",
                 ledger_store_fields, marks, sums);
  pass->put_series = pass->find == NULL ? NULL : ledger_store_prepare(pass->ledger, sql, pass->error);
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO usage (node, row, second, boot%s) VALUES (?,?,?,?, %s) ON CONFLICT DO UPDATE SET %s",
                 ledger_store_fields, marks, sums);
  pass->put_usage = pass->put_series == NULL ? NULL : ledger_store_prepare(pass->ledger, sql, pass->error);
  pass->find_last = pass->put_usage == NULL ? NULL
                    : ledger_store_prepare(pass->ledger,
                                           "SELECT max(second) FROM usage WHERE node = ? AND row = ? AND boot = ?"
                                           " AND second >= ? AND second <= ? AND span = 1",
                                           pass->error);
  if (pass->find_last == NULL) return false;
  bind_text(pass->find_last, 1, pass->node);
  bind_text(pass->find_last, 3, pass->boot);
  bind_text(pass->find, 1, pass->node);
  bind_text(pass->put_series, 1, pass->node);
  bind_text(pass->put_usage, 1, pass->node);
  bind_text(pass->put_usage, 4, pass->boot);
  return true;
}

static bool open_node(Pass *pass) {
  char sql[512];
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO nodes (node, boot, created) VALUES ('%s', '%s', %lld)"
                 " ON CONFLICT DO UPDATE SET boot = excluded.boot",
                 pass->node, pass->boot, (long long)(pass->info.created / SECOND));
  if (!ledger_store_run(pass->ledger, sql, pass->error)) return false;
  (void)snprintf(sql, sizeof sql, "SELECT horizon FROM nodes WHERE node = '%s'", pass->node);
  if (!ledger_store_number(pass->ledger, sql, 0, &pass->horizon, pass->error)) return false;
  (void)snprintf(sql, sizeof sql, "SELECT detail FROM nodes WHERE node = '%s'", pass->node);
  return ledger_store_number(pass->ledger, sql, 0, &pass->detail, pass->error);
}

static bool close_node(Pass *pass) {
  char sql[512];
  (void)snprintf(sql, sizeof sql,
                 "UPDATE nodes SET passed_at = %lld, admitted = %lld, unaccounted = %lld, damaged = %lld,"
                 " detail = %lld WHERE node = '%s'",
                 (long long)(pass->now / SECOND), (long long)pass->info.admitted, (long long)pass->info.unaccounted,
                 (long long)pass->info.damaged, (long long)pass->info.next_detail - 1, pass->node);
  return ledger_store_run(pass->ledger, sql, pass->error);
}

static uint64_t monotonic(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * (uint64_t)SECOND + (uint64_t)time.tv_nsec;
}

/* The end waits for the disk: how long is told. */
static bool commit(Pass *pass, bool is_good) {
  uint64_t began = monotonic();
  is_good = ledger_store_end(pass->ledger, is_good, pass->error) && is_good;
  pass->ledger->commit_ns = monotonic() - began;
  return is_good;
}

static bool write_pass(Pass *pass, bool is_full) {
  if (!ledger_store_begin(pass->ledger, pass->error)) return false;
  bool is_good = open_node(pass) && prepare(pass) && take_rows(pass, is_full) && take_rejections(pass) &&
                 take_details(pass) && close_node(pass);
  (void)sqlite3_finalize(pass->find);
  (void)sqlite3_finalize(pass->find_last);
  (void)sqlite3_finalize(pass->put_series);
  (void)sqlite3_finalize(pass->put_usage);
  return commit(pass, is_good);
}

bool ledger_drain_pass(Ledger *ledger, JournalReader *reader, int64_t now, bool is_full, LedgerError *ret_error) {
  Pass pass = {.ledger = ledger, .reader = reader, .now = now, .error = ret_error};
  policy_journal_reader_info(reader, &pass.info);
  spell_id(pass.node, pass.info.node);
  spell_id(pass.boot, pass.info.boot);
  pass.seen = calloc(pass.info.rows, sizeof *pass.seen);
  if (pass.seen == NULL) {
    *ret_error = (LedgerError){SQLITE_NOMEM, "ledger: out of memory"};
    return false;
  }
  bool is_good = write_pass(&pass, is_full);
  for (size_t i = 0; is_good && i < pass.seen_count; i++)
    policy_journal_reader_ack(reader, pass.seen[i].row, pass.seen[i].id, pass.seen[i].runs);
  free(pass.seen);
  return is_good;
}
