/* SPDX-License-Identifier: BSD-2-Clause */
/* report - one ledger is read as it lies there; several are merged in memory first. */
#include "tools/ctl/report.h"

#include <string.h>
#include <time.h>

#include "ledger/merge.h"
#include "ledger/when.h"
#include "policy/codes.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

static int fail(const Options *options, Code code, const char *text) {
  FsbError error = {.code = (int)code};
  (void)snprintf(error.text, sizeof error.text, "%s", text);
  return ctl_run_fail(options, &error);
}

static bool read_moment(const char *option, const char *text, int64_t otherwise, int64_t *ret_second, FsbError *error) {
  *ret_second = otherwise;
  if (text == NULL || ledger_when_moment(text, (int64_t)time(NULL), ret_second)) return true;
  ctl_options_explain(error, "%s: '%.40s' is no time; write 2026-11-22, 2026-11-22T10:30, today, month, @SECONDS, or 7d",
                      option, text);
  return false;
}

static bool read_order(const Options *options, ReportOrder *order, ReportPrinter *printer, FsbError *error) {
  const char *by = options->by == NULL ? "tenant" : options->by;
  const char *format = options->format == NULL ? (options->json ? "json" : "table") : options->format;
  order->tenant = options->tenant;
  order->group = printer->group = ledger_report_group(by);
  if (order->group == GROUP_COUNT_) {
    ctl_options_explain(error, "--by: '%.40s' is none of tenant, user, script, outcome, hour, day, node", by);
    return false;
  }
  if (!ctl_report_format(format, &printer->format)) {
    ctl_options_explain(error, "--format: '%.40s' is none of table, json, csv, openmetrics", format);
    return false;
  }
  return read_moment("--since", options->since_text, 0, &order->since, error) &&
         read_moment("--until", options->until, 0, &order->until, error);
}

/* --- Ledgers --- */

static bool merge_all(Ledger *ledger, char *const *paths, int count, LedgerError *error) {
  if (!ledger_store_open(ledger, ":memory:", LEDGER_CREATE, error)) return false;
  for (int i = 0; i < count; i++) {
    if (ledger_merge_file(ledger, paths[i], error)) continue;
    ledger_store_close(ledger);
    return false;
  }
  return true;
}

static bool open_all(Ledger *ledger, char *const *paths, int count, LedgerError *error) {
  return count == 1 ? ledger_store_open(ledger, paths[0], LEDGER_READ, error) : merge_all(ledger, paths, count, error);
}

int ctl_report_usage(const Options *options) {
  ReportOrder order = {.since = 0};
  ReportPrinter printer = {.to = stdout};
  FsbError error;
  LedgerError problem = {.text = ""};
  Ledger ledger;
  if (options->operand_count < 2 || strcmp(options->operands[0], "report") != 0)
    return fail(options, CODE_USAGE, "usage report LEDGER ...: which ledgers?");
  if (!read_order(options, &order, &printer, &error)) return ctl_run_fail(options, &error);
  if (!open_all(&ledger, options->operands + 1, options->operand_count - 1, &problem))
    return fail(options, CODE_NOT_FOUND, problem.text);
  ctl_report_begin(&printer);
  bool is_good = ledger_report_run(&ledger, &order, ctl_report_row, &printer, &problem);
  ctl_report_end(&printer);
  ledger_store_close(&ledger);
  if (!is_good) return fail(options, CODE_INTERNAL, problem.text);
  return ctl_text_finish() && !printer.has_failed ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}
