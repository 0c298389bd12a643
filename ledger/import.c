/* SPDX-License-Identifier: BSD-2-Clause */
/* import - lines of JSON into tables of their own, which are then merged. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/merge.h"

#define LINE_BYTES 65536

typedef struct {
  Ledger *ledger;
  LedgerError *error;
  int64_t lines;
} Import;

static bool complain(Import *import, const char *text) {
  import->error->code = -1;
  (void)snprintf(import->error->text, sizeof import->error->text, "line %lld: %.240s",
                 (long long)import->lines, text);
  return false;
}

/* --- The tables of their own --- */

static const char *const names[] = {"nodes", "series", "usage", "rejections", "details", "folded"};
static const char *const keys[] = {"node", "node, row", "node, row, second, boot",
                                   "node, tenant, reason, second, boot", "node, number, at", "node, row"};
#define NAMES (sizeof names / sizeof names[0])

static bool make_tables(Import *import) {
  char sql[512];
  for (size_t i = 0; i < NAMES; i++) {
    (void)snprintf(sql, sizeof sql,
                   "DROP TABLE IF EXISTS temp.%s; CREATE TEMP TABLE %s AS SELECT * FROM main.%s WHERE false;"
                   "CREATE UNIQUE INDEX temp.key_of_%s ON %s (%s)",
                   names[i], names[i], names[i], names[i], names[i], keys[i]);
    if (!ledger_store_run(import->ledger, sql, import->error)) return false;
  }
  return true;
}

static void drop_tables(Ledger *ledger) {
  char sql[64];
  LedgerError ignored;
  for (size_t i = 0; i < NAMES; i++) {
    (void)snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS temp.%s", names[i]);
    (void)ledger_store_run(ledger, sql, &ignored);
  }
}

static bool is_table(const char *name) {
  for (size_t i = 0; i < NAMES; i++)
    if (name != NULL && strcmp(names[i], name) == 0) return true;
  return false;
}

/* --- Lines --- */

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool bind_hex(sqlite3_stmt *s, int at, const char *hex) {
  uint8_t bytes[JOURNAL_TEXT_BYTES];
  size_t size = hex == NULL ? 1 : strlen(hex);
  if (size % 2 != 0 || size / 2 > sizeof bytes) return false;
  for (size_t i = 0; i < size / 2; i++) {
    int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = (uint8_t)(high * 16 + low);
  }
  return sqlite3_bind_blob(s, at, bytes, (int)(size / 2), SQLITE_TRANSIENT) == SQLITE_OK;
}

/* Bytes are BLOBs in these columns, text in the others: the two never compare equal. */
static bool is_blob(const char *column) {
  return strcmp(column, "user") == 0 || strcmp(column, "script") == 0 || strcmp(column, "text") == 0;
}

static bool bind_value(sqlite3_stmt *s, int at, const char *column, const json_t *value) {
  if (json_is_integer(value) && json_integer_value(value) >= 0)
    return sqlite3_bind_int64(s, at, json_integer_value(value)) == SQLITE_OK;
  if (json_is_null(value)) return sqlite3_bind_null(s, at) == SQLITE_OK;
  if (json_is_object(value)) return bind_hex(s, at, json_string_value(json_object_get(value, "hex")));
  if (!json_is_string(value)) return false;
  int size = (int)json_string_length(value);
  if (is_blob(column)) return sqlite3_bind_blob(s, at, json_string_value(value), size, SQLITE_TRANSIENT) == SQLITE_OK;
  return sqlite3_bind_text(s, at, json_string_value(value), size, SQLITE_TRANSIENT) == SQLITE_OK;
}

/* A column is one of ours: its name goes into SQL. */
static bool has_column(Import *import, const char *table, const char *column) {
  for (const char *at = column; *at != '\0'; at++)
    if (!((*at >= 'a' && *at <= 'z') || *at == '_')) return false;
  return sqlite3_table_column_metadata(import->ledger->db, "main", table, column, NULL, NULL, NULL, NULL, NULL) ==
         SQLITE_OK;
}

static bool write_insert(Import *import, const char *table, json_t *object, char *sql, size_t size) {
  const char *key;
  json_t *value;
  int columns = 0;
  size_t used = (size_t)snprintf(sql, size, "INSERT OR REPLACE INTO temp.%s (", table);
  json_object_foreach(object, key, value) {
    if (strcmp(key, "schema") == 0 || strcmp(key, "table") == 0) continue;
    if (!has_column(import, table, key)) return complain(import, "a column that the table does not have");
    used += (size_t)snprintf(sql + used, size - used, "%s%s", columns++ == 0 ? "" : ", ", key);
    if (used + 128 > size) return complain(import, "too many columns");
  }
  used += (size_t)snprintf(sql + used, size - used, ") VALUES (");
  for (int i = 0; i < columns && used + 16 < size; i++)
    used += (size_t)snprintf(sql + used, size - used, "%s", i == 0 ? "?" : ",?");
  (void)snprintf(sql + used, size - used, ")");
  return columns > 0 || complain(import, "no columns");
}

static bool take_object(Import *import, json_t *object) {
  char sql[LEDGER_SQL_BYTES];
  const char *table = json_string_value(json_object_get(object, "table"));
  const char *schema = json_string_value(json_object_get(object, "schema"));
  if (schema == NULL || strcmp(schema, "ferrous.sandbox/v1") != 0) return complain(import, "not an export of a ledger");
  if (!is_table(table)) return true;
  if (!write_insert(import, table, object, sql, sizeof sql)) return false;
  sqlite3_stmt *s = ledger_store_prepare(import->ledger, sql, import->error);
  if (s == NULL) return false;
  const char *key;
  json_t *value;
  int at = 0;
  bool is_good = true;
  json_object_foreach(object, key, value) {
    if (strcmp(key, "schema") == 0 || strcmp(key, "table") == 0) continue;
    is_good = is_good && bind_value(s, ++at, key, value);
  }
  is_good = is_good ? ledger_store_step(import->ledger, s, import->error) : complain(import, "a value of a wrong type");
  (void)sqlite3_finalize(s);
  return is_good;
}

static bool take_line(Import *import, const char *line) {
  json_error_t error;
  json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(object)) {
    json_decref(object);
    return complain(import, object == NULL ? error.text : "no object");
  }
  bool is_good = take_object(import, object);
  json_decref(object);
  return is_good;
}

static bool take_lines(Import *import, FILE *from) {
  char *line = malloc(LINE_BYTES);
  bool is_good = line != NULL;
  while (is_good && fgets(line, LINE_BYTES, from) != NULL) {
    import->lines++;
    size_t size = strlen(line);
    if (size > 0 && line[size - 1] != '\n' && !feof(from))
      is_good = complain(import, "longer than any line of an export");
    else if (strspn(line, " \t\r\n") != size)
      is_good = take_line(import, line);
  }
  if (is_good && ferror(from)) is_good = complain(import, "the input could not be read");
  free(line);
  return is_good;
}

/* An older version's export does not know of fields that came later. */
static bool fill_fields(Import *import) {
  static const char *const tables[] = {"usage", "details"};
  char sql[LEDGER_SQL_BYTES], sets[2048];
  ledger_store_each(sets, sizeof sets, "$ = coalesce($, 0)");
  bool is_good = true;
  for (size_t i = 0; is_good && i < sizeof tables / sizeof tables[0]; i++) {
    (void)snprintf(sql, sizeof sql, "UPDATE temp.%s SET %s", tables[i], sets);
    is_good = ledger_store_run(import->ledger, sql, import->error);
  }
  return is_good;
}

bool ledger_import_read(Ledger *ledger, FILE *from, int64_t *ret_lines, LedgerError *ret_error) {
  Import import = {.ledger = ledger, .error = ret_error};
  bool is_good = ledger_store_begin(ledger, ret_error);
  if (is_good) {
    is_good = make_tables(&import) && take_lines(&import, from) && fill_fields(&import) && ledger_merge_schema(ledger, "temp", ret_error);
    is_good = ledger_store_end(ledger, is_good, ret_error);
  }
  drop_tables(ledger);
  *ret_lines = import.lines;
  return is_good;
}
