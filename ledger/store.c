/* SPDX-License-Identifier: BSD-2-Clause */
/* store - SQLite, and the steps from one version of the tables to the next.
 *
 * Columns for fields.def are added when they are missing, so a new field needs no step.
 */
#include "ledger/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"

#define APPLICATION_ID 0x46534C47 /* "FSLG" */
#define BUSY_MS 2000

const char ledger_store_fields[] =
#define FIELD(NAME, name, unit, meaning) ", " #name
#include "policy/journal/fields.def"
#undef FIELD
    ;

/* --- Plain calls --- */

bool ledger_store_explain(const Ledger *ledger, LedgerError *error) {
  error->code = ledger->db == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(ledger->db);
  (void)snprintf(error->text, sizeof error->text, "ledger: %.280s",
                 ledger->db == NULL ? "out of memory" : sqlite3_errmsg(ledger->db));
  return false;
}

static bool refuse(LedgerError *error, const char *path, const char *text) {
  error->code = -1;
  (void)snprintf(error->text, sizeof error->text, "ledger %.140s: %.160s", path, text);
  return false;
}

bool ledger_store_run(Ledger *ledger, const char *sql, LedgerError *ret_error) {
  return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK || ledger_store_explain(ledger, ret_error);
}

sqlite3_stmt *ledger_store_prepare(Ledger *ledger, const char *sql, LedgerError *ret_error) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(ledger->db, sql, -1, &statement, NULL) == SQLITE_OK) return statement;
  (void)ledger_store_explain(ledger, ret_error);
  return NULL;
}

bool ledger_store_step(Ledger *ledger, sqlite3_stmt *statement, LedgerError *ret_error) {
  bool is_done = sqlite3_step(statement) == SQLITE_DONE;
  if (!is_done) (void)ledger_store_explain(ledger, ret_error);
  (void)sqlite3_reset(statement);
  return is_done;
}

bool ledger_store_number(Ledger *ledger, const char *sql, int64_t otherwise, int64_t *ret_number,
                         LedgerError *ret_error) {
  sqlite3_stmt *statement = ledger_store_prepare(ledger, sql, ret_error);
  if (statement == NULL) return false;
  int step = sqlite3_step(statement);
  *ret_number = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : otherwise;
  bool is_done = step == SQLITE_ROW || step == SQLITE_DONE || ledger_store_explain(ledger, ret_error);
  (void)sqlite3_finalize(statement);
  return is_done;
}

bool ledger_store_begin(Ledger *ledger, LedgerError *ret_error) {
  return ledger_store_run(ledger, "BEGIN IMMEDIATE", ret_error);
}

bool ledger_store_end(Ledger *ledger, bool is_good, LedgerError *ret_error) {
  LedgerError ignored;
  if (is_good && ledger_store_run(ledger, "COMMIT", ret_error)) return true;
  (void)ledger_store_run(ledger, "ROLLBACK", &ignored);
  return false;
}

void ledger_store_each(char *buffer, size_t size, const char *pattern) {
  size_t used = 0;
  for (unsigned i = 0; i < FIELD_COUNT_; i++) {
    const char *separator = i == 0 ? "" : ", ";
    used += (size_t)snprintf(buffer + used, used < size ? size - used : 0, "%s", separator);
    for (const char *at = pattern; *at != '\0' && used + 64 < size; at++) {
      if (*at == '$')
        used += (size_t)snprintf(buffer + used, size - used, "%s", policy_journal_field_name((Field)i));
      else
        buffer[used++] = *at;
    }
  }
  buffer[used < size ? used : size - 1] = '\0';
}

/* --- The tables --- */

static const char version_1[] =
    "CREATE TABLE nodes (node TEXT PRIMARY KEY, boot TEXT, created INTEGER, passed_at INTEGER,"
    " admitted INTEGER NOT NULL DEFAULT 0, unaccounted INTEGER NOT NULL DEFAULT 0,"
    " damaged INTEGER NOT NULL DEFAULT 0, went_back INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE series (node TEXT NOT NULL, row INTEGER NOT NULL, tenant TEXT NOT NULL,"
    " user BLOB NOT NULL, script BLOB NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,"
    " cost_model INTEGER NOT NULL, seen BLOB, PRIMARY KEY (node, row)) WITHOUT ROWID;"
    "CREATE TABLE usage (node TEXT NOT NULL, row INTEGER NOT NULL, second INTEGER NOT NULL,"
    " boot TEXT NOT NULL, span INTEGER NOT NULL DEFAULT 1,"
    " PRIMARY KEY (node, row, second, boot)) WITHOUT ROWID;"
    "CREATE INDEX usage_by_second ON usage (second);";

static const char version_2[] =
    "CREATE TABLE rejections (node TEXT NOT NULL, tenant TEXT NOT NULL, reason TEXT NOT NULL,"
    " second INTEGER NOT NULL, boot TEXT NOT NULL, span INTEGER NOT NULL DEFAULT 1,"
    " count INTEGER NOT NULL, PRIMARY KEY (node, tenant, reason, second, boot)) WITHOUT ROWID;"
    "CREATE TABLE rejections_seen (node TEXT NOT NULL, tenant TEXT NOT NULL, reason TEXT NOT NULL,"
    " seen INTEGER NOT NULL, PRIMARY KEY (node, tenant, reason)) WITHOUT ROWID;"
    "CREATE TABLE details (node TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,"
    " ticket INTEGER NOT NULL, boot TEXT NOT NULL, tenant TEXT NOT NULL, user BLOB NOT NULL,"
    " script BLOB NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL, cost_model INTEGER NOT NULL,"
    " text BLOB NOT NULL, PRIMARY KEY (node, number, at)) WITHOUT ROWID;"
    "CREATE INDEX details_by_time ON details (at);"
    "ALTER TABLE nodes ADD COLUMN detail INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE nodes ADD COLUMN horizon INTEGER NOT NULL DEFAULT 0;";

/* `retired`: another row stands in its place in the journal, so it never moves again. */
static const char version_3[] =
    "ALTER TABLE series ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE folded (node TEXT NOT NULL, row INTEGER NOT NULL, into_row INTEGER NOT NULL,"
    " PRIMARY KEY (node, row)) WITHOUT ROWID;"
    "CREATE INDEX folded_into ON folded (node, into_row);";

static const char *const steps[LEDGER_VERSION] = {version_1, version_2, version_3};

static bool has_column(Ledger *ledger, const char *table, const char *column, bool *ret_has, LedgerError *error) {
  char sql[160];
  int64_t count;
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", table, column);
  if (!ledger_store_number(ledger, sql, 0, &count, error)) return false;
  *ret_has = count > 0;
  return true;
}

static bool add_fields(Ledger *ledger, const char *table, LedgerError *error) {
  char sql[160];
  for (unsigned i = 0; i < FIELD_COUNT_; i++) {
    const char *name = policy_journal_field_name((Field)i);
    bool has;
    if (!has_column(ledger, table, name, &has, error)) return false;
    if (has) continue;
    (void)snprintf(sql, sizeof sql, "ALTER TABLE %s ADD COLUMN %s INTEGER NOT NULL DEFAULT 0", table, name);
    if (!ledger_store_run(ledger, sql, error)) return false;
  }
  return true;
}

static bool take_steps(Ledger *ledger, int64_t version, LedgerError *error) {
  char sql[64];
  for (int64_t i = version; i < LEDGER_VERSION; i++)
    if (!ledger_store_run(ledger, steps[i], error)) return false;
  if (!add_fields(ledger, "series", error) || !add_fields(ledger, "usage", error) ||
      !add_fields(ledger, "details", error))
    return false;
  (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", LEDGER_VERSION, APPLICATION_ID);
  return ledger_store_run(ledger, sql, error);
}

/* --- Opening --- */

static bool read_version(Ledger *ledger, const char *path, int64_t *ret_version, LedgerError *error) {
  int64_t id, tables;
  char text[96];
  if (!ledger_store_number(ledger, "PRAGMA application_id", 0, &id, error) ||
      !ledger_store_number(ledger, "PRAGMA user_version", 0, ret_version, error) ||
      !ledger_store_number(ledger, "SELECT count(*) FROM sqlite_master", 0, &tables, error))
    return false;
  if (id != APPLICATION_ID && (tables != 0 || *ret_version != 0))
    return refuse(error, path, "it is some other program's database");
  if (*ret_version <= LEDGER_VERSION) return true;
  (void)snprintf(text, sizeof text, "it has version %lld, this program knows versions up to %d",
                 (long long)*ret_version, LEDGER_VERSION);
  return refuse(error, path, text);
}

static bool bring_up(Ledger *ledger, const char *path, LedgerError *error) {
  int64_t version;
  if (!ledger_store_run(ledger, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", error) ||
      !ledger_store_begin(ledger, error))
    return false;
  bool is_good = read_version(ledger, path, &version, error) && take_steps(ledger, version, error);
  return ledger_store_end(ledger, is_good, error) && is_good;
}

static bool check_version(Ledger *ledger, const char *path, LedgerError *error) {
  int64_t version;
  if (!read_version(ledger, path, &version, error)) return false;
  if (version == LEDGER_VERSION) return true;
  return refuse(error, path, version == 0 ? "it is empty" : "it has an older version: bring it up to date with ferrous-sandboxctl ledger upgrade");
}

/* SQL: billable(label), from codes.def; what no row names is not billed. */
static void judge_billable(sqlite3_context *context, int count, sqlite3_value **values) {
  const char *label = count == 1 ? (const char *)sqlite3_value_text(values[0]) : NULL;
  const CodeRow *row = label == NULL ? NULL : policy_codes_by_label(label);
  sqlite3_result_int(context, row != NULL && row->billable);
}

bool ledger_store_open(Ledger *ledger, const char *path, LedgerMode mode, LedgerError *ret_error) {
  int flags = mode == LEDGER_READ     ? SQLITE_OPEN_READONLY
              : mode == LEDGER_CREATE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                      : SQLITE_OPEN_READWRITE;
  *ledger = (Ledger){.reserve = LEDGER_RESERVE};
  bool is_open = sqlite3_open_v2(path, &ledger->db, flags | SQLITE_OPEN_NOFOLLOW, NULL) == SQLITE_OK;
  if (!is_open) {
    (void)ledger_store_explain(ledger, ret_error);
    (void)refuse(ret_error, path, ledger->db == NULL ? "out of memory" : sqlite3_errmsg(ledger->db));
  } else {
    (void)sqlite3_busy_timeout(ledger->db, BUSY_MS);
    is_open = sqlite3_create_function(ledger->db, "billable", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                      judge_billable, NULL, NULL) == SQLITE_OK &&
              (mode == LEDGER_READ ? check_version(ledger, path, ret_error) : bring_up(ledger, path, ret_error));
  }
  if (!is_open) ledger_store_close(ledger);
  return is_open;
}

void ledger_store_close(Ledger *ledger) {
  (void)sqlite3_close_v2(ledger->db);
  free(ledger->written);
  ledger->written = NULL;
  ledger->db = NULL;
}
