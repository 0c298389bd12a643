/* SPDX-License-Identifier: BSD-2-Clause */
/* report_format - one row of a report as a table's line, JSON, CSV, or metrics.
 *
 * Names of users and scripts are the tenants': in every form but JSON, which escapes by
 * itself, bytes that are not printable UTF-8 are written \xNN.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/json.h"
#include "tools/ctl/report.h"
#include "tools/ctl/text.h"

/* Room for the keys: a script's SHA1 is long. */
static int key_width(const ReportPrinter *p) {
  return p->group == GROUP_SCRIPT ? 64 : p->group == GROUP_USER || p->group == GROUP_NODE ? 40 : 28;
}

bool ctl_report_format(const char *name, ReportFormat *ret_format) {
  static const char *const names[] = {"table", "json", "csv", "openmetrics"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(names[i], name) != 0) continue;
    *ret_format = (ReportFormat)i;
    return true;
  }
  return false;
}

/* Returns the bytes escaped, in a heap block; NULL when memory is out. */
static char *escape(const ReportKey *key) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) return NULL;
  ctl_text_escape(to, (FsbBytes){key->bytes, key->size});
  if (fclose(to) == 0) return text;
  free(text);
  return NULL;
}

/* --- Table --- */

static void print_table_head(const ReportPrinter *p) {
  (void)fprintf(p->to, "%-*s %10s %10s %14s %14s %12s %12s %10s %10s\n", key_width(p), ledger_report_group_name(p->group),
                "runs", "billable", "cost", "billed", "cpu_ms", "host_ms", "calls", "rejected");
}

static void print_table_row(ReportPrinter *p, const ReportRow *row) {
  char *keys[REPORT_KEYS] = {NULL};
  int used = 0;
  for (int i = 0; i < row->key_count; i++) {
    keys[i] = escape(&row->keys[i]);
    p->has_failed |= keys[i] == NULL;
    used += fprintf(p->to, "%s%s", i == 0 ? "" : " ", keys[i] == NULL ? "" : keys[i]);
    free(keys[i]);
  }
  (void)fprintf(p->to, "%*s %10" PRId64 " %10" PRId64 " %14" PRId64 " %14" PRId64 " %12.3f %12.3f %10" PRId64 " %10" PRId64 "\n",
                used < key_width(p) ? key_width(p) - used : 0, "", row->amount[FIELD_RUNS], row->billable_runs,
                row->amount[FIELD_COST], row->billed_cost, (double)row->amount[FIELD_CPU] / 1e6,
                (double)row->amount[FIELD_HOST_TIME] / 1e6, row->amount[FIELD_CALLS], row->rejected);
}

/* --- JSON: one object a line --- */

static json_t *spell(const ReportKey *key) {
  json_t *text = json_stringn(key->bytes, key->size);
  if (text != NULL) return text;
  char *escaped = escape(key); /* not UTF-8 */
  text = json_pack("{s: s}", "escaped", escaped == NULL ? "" : escaped);
  free(escaped);
  return text;
}

static void print_json_row(ReportPrinter *p, const ReportRow *row) {
  json_t *object = json_pack("{s: s, s: s}", "schema", JSON_SCHEMA, "by", ledger_report_group_name(p->group));
  int failed = object == NULL;
  for (int i = 0; i < row->key_count; i++) failed |= json_object_set_new(object, row->keys[i].name, spell(&row->keys[i]));
  failed |= json_object_set_new(object, "billable_runs", json_integer(row->billable_runs));
  failed |= json_object_set_new(object, "billed_cost", json_integer(row->billed_cost));
  failed |= json_object_set_new(object, "rejected", json_integer(row->rejected));
  for (unsigned i = 0; i < FIELD_COUNT_; i++)
    failed |= json_object_set_new(object, policy_journal_field_name((Field)i), json_integer(row->amount[i]));
  if (failed == 0) failed = json_dumpf(object, p->to, JSON_COMPACT) | (fputc('\n', p->to) == EOF);
  p->has_failed |= failed != 0;
  json_decref(object);
}

/* --- CSV: RFC 4180 --- */

static void print_csv_head(const ReportPrinter *p, const ReportRow *row) {
  for (int i = 0; i < row->key_count; i++) (void)fprintf(p->to, "%s,", row->keys[i].name);
  (void)fprintf(p->to, "billable_runs,billed_cost,rejected");
  for (unsigned i = 0; i < FIELD_COUNT_; i++) (void)fprintf(p->to, ",%s", policy_journal_field_name((Field)i));
  (void)fputs("\r\n", p->to);
}

static void print_quoted(ReportPrinter *p, const ReportKey *key) {
  char *text = escape(key);
  p->has_failed |= text == NULL;
  (void)fputc('"', p->to);
  for (const char *at = text; at != NULL && *at != '\0'; at++) {
    if (*at == '"') (void)fputc('"', p->to);
    (void)fputc(*at, p->to);
  }
  (void)fputs("\",", p->to);
  free(text);
}

static void print_csv_row(ReportPrinter *p, const ReportRow *row) {
  if (p->rows == 0) print_csv_head(p, row);
  for (int i = 0; i < row->key_count; i++) print_quoted(p, &row->keys[i]);
  (void)fprintf(p->to, "%" PRId64 ",%" PRId64 ",%" PRId64, row->billable_runs, row->billed_cost, row->rejected);
  for (unsigned i = 0; i < FIELD_COUNT_; i++) (void)fprintf(p->to, ",%" PRId64, row->amount[i]);
  (void)fputs("\r\n", p->to);
}

/* --- OpenMetrics: families may not be interleaved, so one line carries each name once --- */

typedef struct {
  char *labels;
  int64_t values[FIELD_COUNT_ + 2];
} Sample;

static Sample *samples; /* of this run of the tool */
static size_t sample_count, sample_room;

static char *write_labels(const ReportRow *row) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) return NULL;
  for (int i = 0; i < row->key_count; i++) {
    char *key = escape(&row->keys[i]);
    (void)fprintf(to, "%s%s=\"", i == 0 ? "" : ",", row->keys[i].name);
    for (const char *at = key; at != NULL && *at != '\0'; at++) {
      if (*at == '"' || *at == '\\') (void)fputc('\\', to);
      (void)fputc(*at, to);
    }
    (void)fputc('"', to);
    free(key);
  }
  return fclose(to) == 0 ? text : NULL;
}

static void keep_sample(ReportPrinter *p, const ReportRow *row) {
  if (sample_count == sample_room) {
    size_t room = sample_room == 0 ? 64 : 2 * sample_room;
    Sample *grown = realloc(samples, room * sizeof *samples);
    if (grown == NULL) {
      p->has_failed = true;
      return;
    }
    samples = grown;
    sample_room = room;
  }
  Sample *sample = &samples[sample_count++];
  sample->labels = write_labels(row);
  memcpy(sample->values, row->amount, sizeof row->amount);
  sample->values[FIELD_COUNT_] = row->billed_cost;
  sample->values[FIELD_COUNT_ + 1] = row->rejected;
}

static void print_family(const ReportPrinter *p, const char *name, const char *help, size_t value) {
  (void)fprintf(p->to, "# TYPE ferrous_sandbox_usage_%s counter\n# HELP ferrous_sandbox_usage_%s %s\n", name, name, help);
  for (size_t i = 0; i < sample_count; i++)
    (void)fprintf(p->to, "ferrous_sandbox_usage_%s_total{%s} %" PRId64 "\n", name,
                  samples[i].labels == NULL ? "" : samples[i].labels, samples[i].values[value]);
}

static void print_metrics(const ReportPrinter *p) {
  for (unsigned i = 0; i < FIELD_COUNT_; i++)
    print_family(p, policy_journal_field_name((Field)i), policy_journal_field_meaning((Field)i), i);
  print_family(p, "billed_cost", "Cost of the runs that are billable.", FIELD_COUNT_);
  print_family(p, "rejected", "Requests turned away.", FIELD_COUNT_ + 1);
  (void)fputs("# EOF\n", p->to);
  for (size_t i = 0; i < sample_count; i++) free(samples[i].labels);
  free(samples);
  samples = NULL;
  sample_count = sample_room = 0;
}

/* --- Any of them --- */

void ctl_report_begin(ReportPrinter *printer) {
  if (printer->format == REPORT_TABLE) print_table_head(printer);
}

bool ctl_report_row(void *printer, const ReportRow *row) {
  ReportPrinter *p = printer;
  switch (p->format) {
    case REPORT_TABLE: print_table_row(p, row); break;
    case REPORT_JSON: print_json_row(p, row); break;
    case REPORT_CSV: print_csv_row(p, row); break;
    case REPORT_OPENMETRICS: keep_sample(p, row); break;
  }
  p->rows++;
  return !p->has_failed && !ferror(p->to);
}

void ctl_report_end(ReportPrinter *printer) {
  if (printer->format == REPORT_OPENMETRICS) print_metrics(printer);
}
