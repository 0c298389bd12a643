/* SPDX-License-Identifier: BSD-2-Clause */
/* report - `usage report`: what was used, by whom, when.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_REPORT_H
#define TOOLS_CTL_REPORT_H

#include <stdio.h>

#include "ledger/report.h"
#include "tools/ctl/options.h"

/* usage report [option ...] LEDGER ... */
int ctl_report_usage(const Options *options);

typedef enum { REPORT_TABLE, REPORT_JSON, REPORT_CSV, REPORT_OPENMETRICS } ReportFormat;

/* Finds a format by name; false when there is none such. */
bool ctl_report_format(const char *name, ReportFormat *ret_format);

/* What is being printed. */
typedef struct {
  FILE *to;
  ReportFormat format;
  ReportGroup group;
  int64_t since, until, rows;
  bool has_failed; /* of memory */
} ReportPrinter;

void ctl_report_begin(ReportPrinter *printer);
bool ctl_report_row(void *printer, const ReportRow *row);
void ctl_report_end(ReportPrinter *printer);

#endif
