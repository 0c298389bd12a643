/* SPDX-License-Identifier: BSD-2-Clause */
/* report - what was used, by whom, when.
 *
 * Layer: ledger.
 */
#ifndef LEDGER_REPORT_H
#define LEDGER_REPORT_H

#include "ledger/store.h"

typedef enum {
#define GROUP(NAME, name, keys, columns, meaning) GROUP_##NAME,
#include "ledger/groups.def"
#undef GROUP
  GROUP_COUNT_
} ReportGroup;

#define REPORT_KEYS 3

typedef struct {
  ReportGroup group;
  int64_t since, until; /* seconds; until is not included; 0: open */
  const char *tenant;   /* only this one; NULL: all */
} ReportOrder;

typedef struct {
  const char *name; /* of the column: "tenant" */
  const char *bytes;
  size_t size;
} ReportKey;

typedef struct {
  ReportKey keys[REPORT_KEYS];
  int key_count;
  int64_t amount[FIELD_COUNT_];
  int64_t billable_runs, billed_cost;
  int64_t rejected;
} ReportRow;

/* Returns the group called `name`, or GROUP_COUNT_. */
ReportGroup ledger_report_group(const char *name);
const char *ledger_report_group_name(ReportGroup group);

/* Calls `visit` for each row, most cost first (hours: in order).  It ends the report by
 * returning false. */
bool ledger_report_run(Ledger *ledger, const ReportOrder *order,
                       bool (*visit)(void *context, const ReportRow *row), void *context,
                       LedgerError *ret_error);

#endif
