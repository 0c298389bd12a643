/* SPDX-License-Identifier: BSD-2-Clause */
/* compact - one transaction; VACUUM, if asked for, behind it. */
#include "ledger/compact.h"

#include <stdio.h>

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static int64_t floor_to(int64_t second, int64_t span) {
  return second < 0 ? 0 : second - second % span;
}

/* Puts everything before `end` that is finer than `span` together. */
static bool fold_usage(Ledger *ledger, int64_t span, int64_t end, LedgerError *error) {
  char sql[2 * LEDGER_SQL_BYTES], sums[2048];
  ledger_store_each(sums, sizeof sums, "sum($)");
  (void)snprintf(sql, sizeof sql,
                 "CREATE TEMP TABLE folded AS SELECT node, row, second - second %% %lld AS second, boot,"
                 " %lld AS span, %s FROM main.usage WHERE span < %lld AND second < %lld GROUP BY 1, 2, 3, 4;"
                 "DELETE FROM main.usage WHERE span < %lld AND second < %lld;"
                 "INSERT INTO main.usage (node, row, second, boot, span%s) SELECT * FROM temp.folded;"
                 "DROP TABLE temp.folded",
                 (long long)span, (long long)span, sums, (long long)span, (long long)end, (long long)span,
                 (long long)end, ledger_store_fields);
  return ledger_store_run(ledger, sql, error);
}

static bool fold_rejections(Ledger *ledger, int64_t span, int64_t end, LedgerError *error) {
  char sql[1024];
  (void)snprintf(sql, sizeof sql,
                 "CREATE TEMP TABLE folded AS SELECT node, tenant, reason, second - second %% %lld AS second, boot,"
                 " %lld AS span, sum(count) FROM main.rejections WHERE span < %lld AND second < %lld"
                 " GROUP BY 1, 2, 3, 4, 5;"
                 "DELETE FROM main.rejections WHERE span < %lld AND second < %lld;"
                 "INSERT INTO main.rejections SELECT * FROM temp.folded; DROP TABLE temp.folded",
                 (long long)span, (long long)span, (long long)span, (long long)end, (long long)span, (long long)end);
  return ledger_store_run(ledger, sql, error);
}

static bool close_until(Ledger *ledger, int64_t end, LedgerError *error) {
  char sql[128];
  (void)snprintf(sql, sizeof sql, "UPDATE nodes SET horizon = max(horizon, %lld)", (long long)end);
  return ledger_store_run(ledger, sql, error);
}

static bool fold(Ledger *ledger, int64_t span, int64_t end, LedgerError *error) {
  return end <= 0 || (fold_usage(ledger, span, end, error) && fold_rejections(ledger, span, end, error) &&
                      close_until(ledger, end, error));
}

/* --- Series --- */

/* Those of one tenant, outcome and price table go into the one that has the lowest number, or
 * did when that was done before.  One alone keeps its name. */
static const char choose_victims[] =
    "CREATE TEMP TABLE victims AS SELECT s.node, s.row, coalesce((SELECT min(t.row) FROM main.series AS t WHERE"
    " t.node = s.node AND t.tenant = s.tenant AND t.outcome = s.outcome AND t.cost_model = s.cost_model AND EXISTS"
    " (SELECT 1 FROM main.folded AS f WHERE f.node = t.node AND f.into_row = t.row)),"
    " min(s.row) OVER (PARTITION BY s.node, s.tenant, s.outcome, s.cost_model)) AS into_row FROM main.series AS s"
    " WHERE s.retired = 1 AND NOT EXISTS (SELECT 1 FROM main.folded AS f WHERE f.node = s.node AND f.into_row = s.row)"
    " AND NOT EXISTS (SELECT 1 FROM main.usage AS u WHERE u.node = s.node AND u.row = s.row AND u.second >= %lld);"
    "CREATE INDEX temp.victims_into ON victims (node, into_row);"
    "DELETE FROM temp.victims WHERE row = into_row AND NOT EXISTS (SELECT 1 FROM temp.victims AS v"
    " WHERE v.node = victims.node AND v.into_row = victims.row AND v.row <> v.into_row)";

static bool move_usage(Ledger *ledger, LedgerError *error) {
  char sql[2 * LEDGER_SQL_BYTES], sums[2048], adds[2048];
  ledger_store_each(sums, sizeof sums, "sum($)");
  ledger_store_each(adds, sizeof adds, "$ = $ + excluded.$");
  (void)snprintf(sql, sizeof sql,
                 "CREATE TEMP TABLE moved AS SELECT node, into_row, second, boot, max(span), %s FROM main.usage"
                 " JOIN temp.victims USING (node, row) GROUP BY 1, 2, 3, 4;"
                 "DELETE FROM main.usage WHERE (node, row) IN (SELECT node, row FROM temp.victims);"
                 "INSERT INTO main.usage (node, row, second, boot, span%s) SELECT * FROM temp.moved WHERE true"
                 " ON CONFLICT DO UPDATE SET %s; DROP TABLE temp.moved",
                 sums, ledger_store_fields, adds);
  return ledger_store_run(ledger, sql, error);
}

static bool name_targets(Ledger *ledger, LedgerError *error) {
  char sql[LEDGER_SQL_BYTES], sums[2048];
  ledger_store_each(sums, sizeof sums, "sum(u.$)");
  (void)snprintf(sql, sizeof sql,
                 "DELETE FROM main.series WHERE (node, row) IN (SELECT node, row FROM temp.victims WHERE row <> into_row);"
                 "UPDATE main.series SET user = x'', script = CAST('(other)' AS BLOB), kind = 'other', (%s) ="
                 " (SELECT %s FROM main.usage AS u WHERE u.node = series.node AND u.row = series.row)"
                 " WHERE (node, row) IN (SELECT node, into_row FROM temp.victims);"
                 "INSERT INTO main.folded SELECT node, row, into_row FROM temp.victims WHERE row <> into_row",
                 ledger_store_fields + 2, sums);
  return ledger_store_run(ledger, sql, error);
}

/* The records of what goes together must be of days already. */
static bool fold_series(Ledger *ledger, int64_t end, CompactResult *result, LedgerError *error) {
  char sql[2048];
  LedgerError ignored;
  if (end <= 0) return true;
  (void)snprintf(sql, sizeof sql, choose_victims, (long long)end);
  bool is_good = ledger_store_run(ledger, sql, error) &&
                 ledger_store_number(ledger, "SELECT count(*) FROM temp.victims WHERE row <> into_row", 0,
                                     &result->series, error) &&
                 move_usage(ledger, error) && name_targets(ledger, error);
  (void)ledger_store_run(ledger, "DROP TABLE IF EXISTS temp.victims; DROP TABLE IF EXISTS temp.moved", &ignored);
  return is_good;
}

static bool drop_details(Ledger *ledger, const CompactOrder *order, CompactResult *result, LedgerError *error) {
  char sql[128];
  int64_t keep = order->keep_details == 0 ? order->keep_seconds : order->keep_details;
  (void)snprintf(sql, sizeof sql, "DELETE FROM details WHERE at < %lld", (long long)((order->now - keep) * 1000000000));
  if (!ledger_store_run(ledger, sql, error)) return false;
  result->details = sqlite3_changes64(ledger->db);
  return true;
}

static bool fold_all(Ledger *ledger, const CompactOrder *order, CompactResult *result, LedgerError *error) {
  static const char count[] = "SELECT count(*) FROM usage";
  int64_t hours_end = floor_to(order->now - order->keep_seconds, HOUR);
  int64_t days_end = order->keep_hours == 0 ? 0 : floor_to(order->now - order->keep_hours, DAY);
  int64_t names_end = order->keep_scripts == 0 ? 0 : floor_to(order->now - order->keep_scripts, DAY);
  if (names_end > floor_to(hours_end, DAY)) names_end = floor_to(hours_end, DAY);
  if (days_end < names_end) days_end = names_end;
  return ledger_store_number(ledger, count, 0, &result->before, error) && fold(ledger, HOUR, hours_end, error) &&
         fold(ledger, DAY, days_end < hours_end ? days_end : floor_to(hours_end, DAY), error) &&
         fold_series(ledger, names_end, result, error) && drop_details(ledger, order, result, error) &&
         ledger_store_number(ledger, count, 0, &result->after, error);
}

bool ledger_compact_run(Ledger *ledger, const CompactOrder *order, CompactResult *ret_result,
                        LedgerError *ret_error) {
  *ret_result = (CompactResult){.before = 0};
  if (!ledger_store_begin(ledger, ret_error)) return false;
  bool is_good = fold_all(ledger, order, ret_result, ret_error);
  is_good = ledger_store_end(ledger, is_good, ret_error) && is_good;
  return is_good && (!order->vacuum || ledger_store_run(ledger, "VACUUM", ret_error));
}
