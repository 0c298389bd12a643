/* SPDX-License-Identifier: BSD-2-Clause */
/* sample - differences and the order of rows. */
#include "tools/ctl/sample.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/stream.h"

/* What can be sorted by: its name, its key in top, the member of a row. */
static const struct {
  const char *name;
  char key;
  const char *member;
} sorts[] = {{"time", 't', "time"},
             {"runs", 'r', "runs"},
             {"failures", 'f', "failures"},
             {"instructions", 'i', "instructions"},
             {"cpu", 'c', "cpu"},
             {"calls", 'a', "calls"},
             {"tenant", 'n', "tenant"}};
#define SORT_COUNT (sizeof sorts / sizeof sorts[0])

const char *ctl_sample_sort(size_t i, char *ret_key) {
  if (i >= SORT_COUNT) return NULL;
  *ret_key = sorts[i].key;
  return sorts[i].name;
}

const TableColumn *ctl_sample_columns(size_t *ret_count) {
  static const TableColumn columns[] = {
      {"tenant", "TENANT", CELL_TEXT, 32},    {"runs", "RUNS/s", CELL_COUNT, 0},
      {"failures", "FAILED/s", CELL_COUNT, 0}, {"limits", "LIMITS/s", CELL_COUNT, 0},
      {"rejections", "REJECTED/s", CELL_COUNT, 0}, {"time", "TIME%", CELL_COUNT, 0},
      {"cpu", "CPU%", CELL_COUNT, 0},         {"store", "STORE%", CELL_COUNT, 0},
      {"calls", "CALLS/s", CELL_COUNT, 0},    {"instructions", "INSTR/s", CELL_COUNT, 0},
      {"total_runs", "RUNS", CELL_COUNT, 0},  {"total_ns", "TIME", CELL_NS, 0}};
  *ret_count = sizeof columns / sizeof columns[0];
  return columns;
}

bool ctl_sample_take(Link *link, Sample *ret_sample, FsbError *ret_error) {
  static const char *const status[] = {"status", NULL}, *const ps[] = {"ps", NULL};
  static const char *const tenants[] = {"tenants", "count", "20000", NULL};
  Sample sample = {.taken_at = ctl_stream_now()};
  sample.status = ctl_link_ask(link, status, ret_error);
  if (sample.status != NULL) sample.ps = ctl_link_ask(link, ps, ret_error);
  if (sample.ps != NULL) sample.tenants = ctl_link_ask(link, tenants, ret_error);
  *ret_sample = sample;
  if (sample.tenants != NULL) return true;
  ctl_sample_drop(ret_sample);
  return false;
}

void ctl_sample_drop(Sample *sample) {
  json_decref(sample->status);
  json_decref(sample->ps);
  json_decref(sample->tenants);
  *sample = (Sample){.status = NULL};
}

/* --- Rows --- */

/* The earlier rows by tenant, borrowed. */
static json_t *index_rows(const Sample *sample) {
  json_t *index = json_object();
  const json_t *rows = json_object_get(sample->tenants, "tenants");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    json_t *row = json_array_get(rows, i);
    (void)json_object_set(index, ctl_link_text(row, "tenant"), row);
  }
  return index;
}

static void set_rate(json_t *row, const char *name, const json_t *before, const json_t *now,
                     const char *member, double scale) {
  uint64_t old = ctl_link_number(before, member), new = ctl_link_number(now, member);
  /* A server that was started again begins at 0. */
  double moved = (double)(new >= old ? new - old : new);
  (void)json_object_set_new(row, name, json_real(moved * scale));
}

static json_t *make_row(const json_t *before, const json_t *now, double seconds) {
  static const struct {
    const char *name, *member;
    double scale;
  } rates[] = {{"runs", "runs", 1},
               {"failures", "failures", 1},
               {"limits", "limits_exceeded", 1},
               {"rejections", "rejections", 1},
               {"time", "wall_ns", 1e-7},
               {"cpu", "cpu_ns", 1e-7},
               {"store", "host_time_ns", 1e-7},
               {"calls", "calls", 1},
               {"instructions", "instructions", 1}};
  json_t *row = json_object();
  (void)json_object_set(row, "tenant", json_object_get(now, "tenant"));
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
    set_rate(row, rates[i].name, before, now, rates[i].member, rates[i].scale / seconds);
  (void)json_object_set(row, "total_runs", json_object_get(now, "runs"));
  (void)json_object_set(row, "total_ns", json_object_get(now, "wall_ns"));
  return row;
}

typedef struct {
  json_t *row;
  double weight;
} SortedRow;

static int by_weight(const void *left, const void *right) {
  const SortedRow *a = left, *b = right;
  if (a->weight != b->weight) return a->weight < b->weight ? 1 : -1;
  uint64_t old = ctl_link_number(a->row, "total_ns"), new = ctl_link_number(b->row, "total_ns");
  return old < new ? 1 : old > new ? -1 : 0;
}

static int by_name(const void *left, const void *right) {
  return strcmp(ctl_link_text(((const SortedRow *)left)->row, "tenant"),
                ctl_link_text(((const SortedRow *)right)->row, "tenant"));
}

static const char *member_of(const char *sort) {
  for (size_t i = 0; sort != NULL && i < SORT_COUNT; i++)
    if (strcmp(sorts[i].name, sort) == 0) return sorts[i].member;
  return "time";
}

static json_t *sort_rows(SortedRow *list, size_t count, const char *sort) {
  const char *member = member_of(sort);
  json_t *rows = json_array();
  for (size_t i = 0; i < count; i++)
    list[i].weight = json_number_value(json_object_get(list[i].row, member));
  qsort(list, count, sizeof *list, strcmp(member, "tenant") == 0 ? by_name : by_weight);
  for (size_t i = 0; i < count; i++) (void)json_array_append_new(rows, list[i].row);
  return rows;
}

json_t *ctl_sample_rows(const Sample *before, const Sample *now, const char *sort) {
  const json_t *tenants = json_object_get(now->tenants, "tenants");
  size_t count = json_array_size(tenants);
  double seconds = (double)(now->taken_at - before->taken_at) / 1e9;
  SortedRow *list = calloc(count + 1, sizeof *list);
  if (list == NULL) return json_array();
  json_t *index = index_rows(before);
  for (size_t i = 0; i < count; i++) {
    const json_t *row = json_array_get(tenants, i);
    const json_t *old = json_object_get(index, ctl_link_text(row, "tenant"));
    list[i].row = make_row(old, row, seconds > 0 ? seconds : 1);
  }
  json_decref(index);
  json_t *rows = sort_rows(list, count, sort);
  free(list);
  return rows;
}

/* --- Head --- */

static void describe_run(const Sample *now, char text[160]) {
  const json_t *run = json_array_get(json_object_get(now->ps, "running"), 0);
  char tenant[TABLE_CELL_BYTES], command[TABLE_CELL_BYTES], time[TABLE_CELL_BYTES];
  if (run == NULL) {
    (void)snprintf(text, 160, "nothing runs");
    return;
  }
  (void)ctl_table_format(json_object_get(run, "tenant"), CELL_TEXT, 24, tenant);
  (void)ctl_table_format(json_object_get(run, "last_command"), CELL_TEXT, 24, command);
  (void)ctl_table_format(json_object_get(run, "elapsed_seconds"), CELL_SECONDS, 0, time);
  (void)snprintf(text, 160, "run %" PRIu64 " of %.40s for %.20s, %.12s, %" PRIu64 " calls, last %.40s",
                 ctl_link_number(run, "run"), tenant, time, ctl_link_text(run, "state"),
                 ctl_link_number(run, "calls"), command);
}

void ctl_sample_head(const Sample *now, char first[160], char second[160]) {
  (void)snprintf(first, 160,
                 "ferrous-sandbox %.16s  mode %.10s  workers %" PRIu64 "  runs %" PRIu64
                 "  errors %" PRIu64 "  limits %" PRIu64 "  crashes %" PRIu64,
                 ctl_link_text(now->status, "version"), ctl_link_text(now->status, "mode"),
                 ctl_link_number(now->status, "workers"), ctl_link_number(now->status, "runs"),
                 ctl_link_number(now->status, "errors"), ctl_link_number(now->status, "limits_exceeded"),
                 ctl_link_number(now->status, "worker_crashes"));
  describe_run(now, second);
}
