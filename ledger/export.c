/* SPDX-License-Identifier: BSD-2-Clause */
/* export - every table as lines of JSON.
 *
 * {"schema": "ferrous.sandbox/v1", "table": "usage", "node": ..., ...}: keys are columns,
 * numbers are numbers, bytes that are not UTF-8 are {"hex": "..."}.  `seen` stays
 * where it is: it belongs to the journal's own ledger.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ledger/merge.h"

static const char *const tables[] = {"nodes", "series", "usage", "rejections", "details", "folded"};

static json_t *spell_bytes(const uint8_t *bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  char hex[2 * JOURNAL_TEXT_BYTES + 1];
  json_t *text = json_stringn((const char *)bytes, size);
  if (text != NULL || size > JOURNAL_TEXT_BYTES) return text;
  for (size_t i = 0; i < size; i++) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  return json_pack("{s: s#}", "hex", hex, (int)(2 * size));
}

static json_t *spell_column(sqlite3_stmt *s, int i) {
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(s, i));
    case SQLITE_NULL: return json_null();
    default: break;
  }
  const void *bytes = sqlite3_column_blob(s, i);
  return spell_bytes(bytes, bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(s, i));
}

static bool write_row(sqlite3_stmt *s, const char *table, FILE *to) {
  json_t *object = json_pack("{s: s, s: s}", "schema", "ferrous.sandbox/v1", "table", table);
  bool is_good = object != NULL;
  for (int i = 0; is_good && i < sqlite3_column_count(s); i++) {
    const char *name = sqlite3_column_name(s, i);
    if (strcmp(name, "seen") == 0) continue;
    is_good = json_object_set_new(object, name, spell_column(s, i)) == 0;
  }
  is_good = is_good && json_dumpf(object, to, JSON_COMPACT) == 0 && fputc('\n', to) != EOF;
  json_decref(object);
  return is_good;
}

static bool write_table(Ledger *ledger, const char *table, FILE *to, LedgerError *error) {
  char sql[64];
  int step;
  (void)snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
  sqlite3_stmt *s = ledger_store_prepare(ledger, sql, error);
  if (s == NULL) return false;
  while ((step = sqlite3_step(s)) == SQLITE_ROW && write_row(s, table, to)) continue;
  bool is_good = step == SQLITE_DONE;
  if (!is_good && step != SQLITE_ROW) (void)ledger_store_explain(ledger, error);
  if (step == SQLITE_ROW) *error = (LedgerError){-1, "ledger: the export could not be written"};
  (void)sqlite3_finalize(s);
  return is_good;
}

bool ledger_export_write(Ledger *ledger, FILE *to, LedgerError *ret_error) {
  LedgerError ignored;
  if (!ledger_store_run(ledger, "BEGIN", ret_error)) return false; /* one moment for all tables */
  bool is_good = true;
  for (size_t i = 0; is_good && i < sizeof tables / sizeof tables[0]; i++)
    is_good = write_table(ledger, tables[i], to, ret_error);
  (void)ledger_store_run(ledger, "COMMIT", &ignored);
  return is_good;
}
