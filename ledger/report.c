/* SPDX-License-Identifier: BSD-2-Clause */
/* report - one query over usage and rejections.
 *
 * Rejections are rows of their own, with outcome "rejected_<reason>" and nothing but
 * themselves to count; they are never billable.
 */
#include "ledger/report.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name, *columns;
  int keys;
} groups[GROUP_COUNT_] = {
#define GROUP(NAME, name, keys, columns, meaning) {name, columns, keys},
#include "ledger/groups.def"
#undef GROUP
};

ReportGroup ledger_report_group(const char *name) {
  unsigned i = 0;
  while (i < GROUP_COUNT_ && strcmp(groups[i].name, name) != 0) i++;
  return (ReportGroup)i;
}

const char *ledger_report_group_name(ReportGroup group) {
  return group < GROUP_COUNT_ ? groups[group].name : NULL;
}

/* Columns: the keys, billable_runs, billed_cost, rejected, the fields. */
static void write_query(const ReportOrder *order, char *sql, size_t size) {
  static const char *const by[REPORT_KEYS + 1] = {"", "1", "1, 2", "1, 2, 3"};
  char sums[2048], plain[2048], zeros[1024];
  bool is_time = order->group == GROUP_HOUR || order->group == GROUP_DAY;
  ledger_store_each(sums, sizeof sums, "sum($)");
  ledger_store_each(plain, sizeof plain, "u.$ AS $");
  ledger_store_each(zeros, sizeof zeros, "0");
  (void)snprintf(sql, size,
                 "SELECT %s, sum(runs * billable(outcome)), sum(cost * billable(outcome)), sum(rejected), %s FROM"
                 " (SELECT u.node AS node, second, tenant, user, script, kind, outcome, 0 AS rejected, %s"
                 " FROM usage AS u JOIN series AS s USING (node, row) UNION ALL"
                 " SELECT node, second, tenant, x'', x'', 'rejected', 'rejected_' || reason, count, %s FROM rejections)"
                 " WHERE second >= ?1 AND second < ?2 AND (?3 IS NULL OR tenant = ?3) GROUP BY %s ORDER BY %s",
                 groups[order->group].columns, sums, plain, zeros, by[groups[order->group].keys],
                 is_time ? "1" : "sum(cost) DESC, 1, 2");
}

static void read_row(sqlite3_stmt *s, int keys, ReportRow *row) {
  *row = (ReportRow){.key_count = keys};
  for (int i = 0; i < keys; i++) {
    const char *bytes = sqlite3_column_blob(s, i);
    row->keys[i] = (ReportKey){sqlite3_column_name(s, i), bytes == NULL ? "" : bytes,
                               (size_t)sqlite3_column_bytes(s, i)};
  }
  row->billable_runs = sqlite3_column_int64(s, keys);
  row->billed_cost = sqlite3_column_int64(s, keys + 1);
  row->rejected = sqlite3_column_int64(s, keys + 2);
  for (int i = 0; i < FIELD_COUNT_; i++) row->amount[i] = sqlite3_column_int64(s, keys + 3 + i);
}

bool ledger_report_run(Ledger *ledger, const ReportOrder *order,
                       bool (*visit)(void *context, const ReportRow *row), void *context,
                       LedgerError *ret_error) {
  char sql[LEDGER_SQL_BYTES];
  ReportRow row;
  int step;
  write_query(order, sql, sizeof sql);
  sqlite3_stmt *s = ledger_store_prepare(ledger, sql, ret_error);
  if (s == NULL) return false;
  (void)sqlite3_bind_int64(s, 1, order->since);
  (void)sqlite3_bind_int64(s, 2, order->until == 0 ? INT64_MAX : order->until);
  if (order->tenant != NULL) (void)sqlite3_bind_text(s, 3, order->tenant, -1, SQLITE_STATIC);
  while ((step = sqlite3_step(s)) == SQLITE_ROW) {
    read_row(s, groups[order->group].keys, &row);
    if (!visit(context, &row)) break;
  }
  bool is_good = step == SQLITE_DONE || step == SQLITE_ROW || ledger_store_explain(ledger, ret_error);
  (void)sqlite3_finalize(s);
  return is_good;
}
