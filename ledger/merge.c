/* SPDX-License-Identifier: BSD-2-Clause */
/* merge - SQL over two sets of the same tables. */
#include "ledger/merge.h"

#include <stdio.h>
#include <string.h>

#define COPY_BYTES (2 * LEDGER_SQL_BYTES)

/* Runs `format` with every "@" replaced by the schema and every "$" list given. */
static bool run(Ledger *ledger, const char *schema, const char *sql, LedgerError *error) {
  char buffer[COPY_BYTES];
  size_t used = 0, size = strlen(schema);
  for (const char *at = sql; *at != '\0'; at++) {
    if (used + size + 2 > sizeof buffer) return ledger_store_explain(ledger, error);
    if (*at == '@') {
      memcpy(buffer + used, schema, size);
      used += size;
    } else {
      buffer[used++] = *at;
    }
  }
  buffer[used] = '\0';
  return ledger_store_run(ledger, buffer, error);
}

/* --- Usage --- */

static const char drop_finer[] =
    "DELETE FROM main.usage WHERE EXISTS (SELECT 1 FROM @.usage AS o WHERE o.node = usage.node"
    " AND o.row = usage.row AND o.boot = usage.boot AND o.span > usage.span"
    " AND usage.second >= o.second AND usage.second < o.second + o.span)";

static bool merge_usage(Ledger *ledger, const char *schema, LedgerError *error) {
  char sql[LEDGER_SQL_BYTES], sets[2048];
  ledger_store_each(sets, sizeof sets, "$ = excluded.$");
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO main.usage (node, row, second, boot, span%s)"
                 " SELECT node, row, second, boot, span%s FROM @.usage AS o WHERE NOT EXISTS"
                 " (SELECT 1 FROM main.usage AS u WHERE u.node = o.node AND u.row = o.row AND u.boot = o.boot"
                 " AND u.span > o.span AND o.second >= u.second AND o.second < u.second + u.span)"
                 " ON CONFLICT DO UPDATE SET span = excluded.span, %s"
                 " WHERE excluded.span > usage.span OR excluded.runs > usage.runs",
                 ledger_store_fields, ledger_store_fields, sets);
  return run(ledger, schema, drop_finer, error) && run(ledger, schema, sql, error);
}

/* A series that is not known yet comes without what its journal said: `seen` is the business
 * of the ledger that drains it. */
static bool merge_series(Ledger *ledger, const char *schema, LedgerError *error) {
  return run(ledger, schema,
             "INSERT INTO main.series (node, row, tenant, user, script, kind, outcome, cost_model, retired)"
             " SELECT node, row, tenant, user, script, kind, outcome, cost_model, coalesce(retired, 0) FROM @.series"
             " WHERE true ON CONFLICT DO UPDATE SET retired = max(retired, excluded.retired)",
             error);
}

/* --- Rows that were put into others --- */

/* Nodes of which each side has put rows together that the other has not. */
static const char is_at_odds[] =
    "SELECT count(*) FROM (SELECT node FROM %s.folded AS o WHERE NOT EXISTS (SELECT 1 FROM main.folded AS f"
    " WHERE f.node = o.node AND f.row = o.row AND f.into_row = o.into_row) INTERSECT"
    " SELECT node FROM main.folded AS f WHERE NOT EXISTS (SELECT 1 FROM %s.folded AS o"
    " WHERE f.node = o.node AND f.row = o.row AND f.into_row = o.into_row))";

/* Whoever put more together has all that the other has of these rows: they are complete. */
static const char *const take_folded[] = {
    "CREATE TEMP TABLE taken AS SELECT node, row, into_row FROM @.folded AS o WHERE NOT EXISTS"
    " (SELECT 1 FROM main.folded AS f WHERE f.node = o.node AND f.row = o.row)",
    "DELETE FROM main.usage WHERE (node, row) IN (SELECT node, row FROM temp.taken UNION"
    " SELECT node, into_row FROM temp.taken)",
    "DELETE FROM main.series WHERE (node, row) IN (SELECT node, row FROM temp.taken UNION"
    " SELECT node, into_row FROM temp.taken)",
    "INSERT INTO main.folded SELECT node, row, into_row FROM temp.taken",
    "DROP TABLE temp.taken",
};

static const char *const drop_folded[] = {
    "DELETE FROM main.usage WHERE (node, row) IN (SELECT node, row FROM main.folded)",
    "DELETE FROM main.series WHERE (node, row) IN (SELECT node, row FROM main.folded)",
};

static bool run_all(Ledger *ledger, const char *schema, const char *const *list, size_t count, LedgerError *error) {
  bool is_good = true;
  for (size_t i = 0; is_good && i < count; i++) is_good = run(ledger, schema, list[i], error);
  return is_good;
}

static bool merge_folded(Ledger *ledger, const char *schema, LedgerError *error) {
  char sql[1024];
  int64_t count;
  (void)snprintf(sql, sizeof sql, is_at_odds, schema, schema);
  if (!ledger_store_number(ledger, sql, 0, &count, error)) return false;
  if (count == 0) return run_all(ledger, schema, take_folded, sizeof take_folded / sizeof take_folded[0], error);
  *error = (LedgerError){-1, "ledger: scripts of one node were put together differently in the two; merge before compacting with --keep-scripts"};
  return false;
}

/* Sums follow from what is there now. */
static bool sum_series(Ledger *ledger, const char *schema, LedgerError *error) {
  char sql[LEDGER_SQL_BYTES], sums[2048];
  ledger_store_each(sums, sizeof sums, "sum(u.$)");
  (void)snprintf(sql, sizeof sql,
                 "UPDATE main.series SET (%s) = (SELECT %s FROM main.usage AS u WHERE u.node = series.node"
                 " AND u.row = series.row) WHERE EXISTS (SELECT 1 FROM @.series AS o WHERE o.node = series.node"
                 " AND o.row = series.row) AND EXISTS (SELECT 1 FROM main.usage AS u WHERE u.node = series.node"
                 " AND u.row = series.row)",
                 ledger_store_fields + 2, sums);
  return run(ledger, schema, sql, error);
}

/* --- The rest --- */

static const char *const others[] = {
    "INSERT INTO main.nodes (node, boot, created, passed_at, admitted, unaccounted, damaged, went_back, horizon)"
    " SELECT node, boot, created, passed_at, admitted, unaccounted, damaged, went_back, horizon FROM @.nodes"
    " WHERE true ON CONFLICT DO UPDATE SET boot = excluded.boot, passed_at = excluded.passed_at,"
    " admitted = excluded.admitted, unaccounted = excluded.unaccounted, damaged = excluded.damaged,"
    " went_back = max(went_back, excluded.went_back), horizon = max(horizon, excluded.horizon)"
    " WHERE excluded.admitted > nodes.admitted OR excluded.horizon > nodes.horizon",
    "DELETE FROM main.rejections WHERE EXISTS (SELECT 1 FROM @.rejections AS o WHERE o.node = rejections.node"
    " AND o.tenant = rejections.tenant AND o.reason = rejections.reason AND o.boot = rejections.boot"
    " AND o.span > rejections.span AND rejections.second >= o.second AND rejections.second < o.second + o.span)",
    "INSERT INTO main.rejections SELECT node, tenant, reason, second, boot, span, count FROM @.rejections AS o"
    " WHERE NOT EXISTS (SELECT 1 FROM main.rejections AS r WHERE r.node = o.node AND r.tenant = o.tenant"
    " AND r.reason = o.reason AND r.boot = o.boot AND r.span > o.span AND o.second >= r.second"
    " AND o.second < r.second + r.span) ON CONFLICT DO UPDATE SET span = excluded.span, count = excluded.count"
    " WHERE excluded.span > rejections.span OR excluded.count > rejections.count",
    "INSERT INTO main.rejections_seen SELECT node, tenant, reason, sum(count) FROM main.rejections WHERE node IN"
    " (SELECT node FROM @.nodes) GROUP BY node, tenant, reason ON CONFLICT DO UPDATE SET"
    " seen = max(seen, excluded.seen)",
};

static bool merge_details(Ledger *ledger, const char *schema, LedgerError *error) {
  char sql[LEDGER_SQL_BYTES];
  static const char columns[] = "node, number, at, ticket, boot, tenant, user, script, kind, outcome, cost_model, text";
  (void)snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO main.details (%s%s) SELECT %s%s FROM @.details", columns,
                 ledger_store_fields, columns, ledger_store_fields);
  return run(ledger, schema, sql, error);
}

/* Nothing that was counted is gone, and what rows were put into is there: an export that says
 * otherwise is no export of ours. */
static bool is_whole(Ledger *ledger, int64_t before, LedgerError *error) {
  int64_t after, missing;
  if (!ledger_store_number(ledger, "SELECT coalesce(sum(runs), 0) FROM main.usage", 0, &after, error) ||
      !ledger_store_number(ledger, "SELECT count(*) FROM main.folded AS f WHERE NOT EXISTS (SELECT 1 FROM main.series"
                           " AS s WHERE s.node = f.node AND s.row = f.into_row)", 0, &missing, error))
    return false;
  if (after >= before && missing == 0) return true;
  *error = (LedgerError){-1, "ledger: what is merged says that scripts were put together, and does not have them"};
  return false;
}

bool ledger_merge_schema(Ledger *ledger, const char *schema, LedgerError *ret_error) {
  int64_t before;
  if (!ledger_store_number(ledger, "SELECT coalesce(sum(runs), 0) FROM main.usage", 0, &before, ret_error)) return false;
  bool is_good = merge_folded(ledger, schema, ret_error) && merge_series(ledger, schema, ret_error) &&
                 merge_usage(ledger, schema, ret_error) &&
                 run_all(ledger, schema, drop_folded, sizeof drop_folded / sizeof drop_folded[0], ret_error) &&
                 sum_series(ledger, schema, ret_error) && merge_details(ledger, schema, ret_error);
  return is_good && run_all(ledger, schema, others, sizeof others / sizeof others[0], ret_error) &&
         is_whole(ledger, before, ret_error);
}

/* --- Another file --- */

/* The other one is opened once by itself, which judges its version. */
static bool attach(Ledger *ledger, const char *path, LedgerError *error) {
  Ledger other;
  if (!ledger_store_open(&other, path, LEDGER_READ, error)) return false;
  ledger_store_close(&other);
  sqlite3_stmt *statement = ledger_store_prepare(ledger, "ATTACH DATABASE ? AS other", error);
  if (statement == NULL) return false;
  (void)sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
  bool is_good = ledger_store_step(ledger, statement, error);
  (void)sqlite3_finalize(statement);
  return is_good;
}

bool ledger_merge_file(Ledger *ledger, const char *path, LedgerError *ret_error) {
  LedgerError ignored;
  if (!attach(ledger, path, ret_error)) return false;
  bool is_good = ledger_store_begin(ledger, ret_error);
  if (is_good)
    is_good = ledger_store_end(ledger, ledger_merge_schema(ledger, "other", ret_error), ret_error);
  (void)ledger_store_run(ledger, "DETACH DATABASE other", &ignored);
  return is_good;
}
