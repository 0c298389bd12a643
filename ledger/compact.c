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
  return ledger_store_number(ledger, count, 0, &result->before, error) && fold(ledger, HOUR, hours_end, error) &&
         fold(ledger, DAY, days_end < hours_end ? days_end : floor_to(hours_end, DAY), error) &&
         drop_details(ledger, order, result, error) &&
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
