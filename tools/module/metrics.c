/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics - an exposition: families in the order of the table, samples of each.
 *
 * Tenants are summed up once: the METRIC_MOST_TENANTS that took the most time have rows of
 * their own, the last row is everybody else.  The two formats differ in the name of a
 * counter's family, in the UNIT line, and in the end mark.
 */
#include "tools/module/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "policy/metrics.h"
#include "tools/module/board.h"
#include "tools/module/event.h"
#include "tools/module/live.h"
#include "tools/module/tally.h"

typedef struct {
  const char *name;
  const TenantTally *row; /* NULL: several */
  uint64_t outcomes[CODE_COUNT_], amounts[AMOUNT_COUNT_], rejects[REJECT_COUNT_], calls[CLASS_COUNT_];
  uint64_t throttled_ns;
} TenantSum;

typedef struct {
  Answer *to;
  bool is_open;
  const MetricRow *row;
  Board board;
  TenantSum *sums; /* heap */
  size_t sum_count, tenants;
} Exposition;

/* --- Lines --- */

__attribute__((format(printf, 2, 3))) static void put(const Exposition *e, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (size > 0) module_answer_append(e->to, text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

static int family_size(const Exposition *e) {
  size_t size = strlen(e->row->name);
  bool is_cut = e->is_open && e->row->type == METRIC_COUNTER;
  return (int)(is_cut ? size - strlen("_total") : size);
}

static void put_family(const Exposition *e) {
  int size = family_size(e);
  put(e, "# HELP %.*s %s\n", size, e->row->name, e->row->help);
  put(e, "# TYPE %.*s %s\n", size, e->row->name, policy_metrics_type_name(e->row->type));
  if (e->is_open && e->row->unit[0] != '\0')
    put(e, "# UNIT %.*s %s\n", size, e->row->name, e->row->unit);
}

static void put_count(const Exposition *e, uint64_t value) {
  put(e, "%s %" PRIu64 "\n", e->row->name, value);
}

static void put_real(const Exposition *e, double value) {
  put(e, "%s %.13g\n", e->row->name, value);
}

/* A label's value: what would end it is escaped, what is no printable ASCII is "_". */
static void put_value(const Exposition *e, const char *value) {
  for (; *value != '\0'; value++) {
    char c = *value >= 0x20 && *value < 0x7F ? *value : '_';
    if (c == '"' || c == '\\') module_answer_append(e->to, "\\", 1);
    module_answer_append(e->to, &c, 1);
  }
}

static void put_label(const Exposition *e, const char *first, const char *label, const char *value) {
  put(e, "%s%s=\"", first, label);
  put_value(e, value);
  put(e, "\"");
}

static void put_labelled(const Exposition *e, const char *label, const char *value, double number) {
  put(e, "%s", e->row->name);
  put_label(e, "{", label, value);
  put(e, "} %.17g\n", number);
}

/* --- Tenants --- */

typedef struct {
  const TenantTally *row;
  uint64_t weight;
} Weighed;

static int by_weight(const void *left, const void *right) {
  uint64_t a = ((const Weighed *)left)->weight, b = ((const Weighed *)right)->weight;
  return a < b ? 1 : a > b ? -1 : 0;
}

static void add_up(TenantSum *sum, const TenantTally *row) {
  for (size_t i = 0; i < CODE_COUNT_; i++) sum->outcomes[i] += tally_get(&row->outcomes[i]);
  for (size_t i = 0; i < AMOUNT_COUNT_; i++) sum->amounts[i] += tally_get(&row->amounts[i]);
  for (size_t i = 0; i < REJECT_COUNT_; i++) sum->rejects[i] += tally_get(&row->rejects[i]);
  for (size_t i = 0; i < CLASS_COUNT_; i++) sum->calls[i] += tally_get(&row->calls[i]);
  sum->throttled_ns += tally_get(&row->throttled_ns);
}

static void sum_tenants(Exposition *e) {
  size_t count = 0;
  while (module_tally_tenant(count) != NULL) count++;
  Weighed *list = calloc(count + 1, sizeof *list);
  e->sums = calloc(METRIC_MOST_TENANTS + 1, sizeof *e->sums);
  if (list == NULL || e->sums == NULL) {
    e->to->has_failed = true;
    free(list);
    return;
  }
  /* Row 0 is "_other" already. */
  for (size_t i = 1; i < count; i++) {
    const TenantTally *row = module_tally_tenant(i);
    list[i - 1] = (Weighed){row, tally_get(&row->amounts[AMOUNT_WALL_NS])};
  }
  if (count > 1) qsort(list, count - 1, sizeof *list, by_weight);
  e->tenants = count > 1 ? count - 1 : 0;
  size_t own = e->tenants < METRIC_MOST_TENANTS ? e->tenants : METRIC_MOST_TENANTS;
  for (size_t i = 0; i < e->tenants; i++) add_up(&e->sums[i < own ? i : own], list[i].row);
  for (size_t i = 0; i < own; i++) {
    e->sums[i].row = list[i].row;
    e->sums[i].name = list[i].row->name;
  }
  if (count != 0) add_up(&e->sums[own], module_tally_tenant(0));
  e->sums[own].name = "_other";
  e->sum_count = own + 1;
  free(list);
}

static void put_outcomes(const Exposition *e) {
  for (size_t i = 0; i < e->sum_count; i++)
    for (unsigned code = 0; code < CODE_COUNT_; code++) {
      const CodeRow *row = policy_codes_find(code);
      if (e->sums[i].outcomes[code] == 0 || row == NULL) continue;
      put(e, "%s", e->row->name);
      put_label(e, "{", "tenant", e->sums[i].name);
      put(e, ",outcome=\"%s\"} %" PRIu64 "\n", row->label, e->sums[i].outcomes[code]);
    }
}

static void put_rejections(const Exposition *e) {
  for (size_t i = 0; i < e->sum_count; i++)
    for (unsigned reason = 0; reason < REJECT_COUNT_; reason++) {
      if (e->sums[i].rejects[reason] == 0) continue;
      put(e, "%s", e->row->name);
      put_label(e, "{", "tenant", e->sums[i].name);
      put(e, ",reason=\"%s\"} %" PRIu64 "\n", module_tally_reject_name((Reject)reason),
          e->sums[i].rejects[reason]);
    }
}

static void put_amount(const Exposition *e, Amount amount, double unit) {
  for (size_t i = 0; i < e->sum_count; i++)
    put_labelled(e, "tenant", e->sums[i].name, (double)e->sums[i].amounts[amount] * unit);
}

static void put_calls(const Exposition *e) {
  for (size_t i = 0; i < e->sum_count; i++)
    for (unsigned k = 0; k < CLASS_COUNT_; k++) {
      put(e, "%s", e->row->name);
      put_label(e, "{", "tenant", e->sums[i].name);
      put(e, ",class=\"%s\"} %" PRIu64 "\n", module_tally_class_name((CallClass)k), e->sums[i].calls[k]);
    }
}

static void put_throttled(const Exposition *e) {
  for (size_t i = 0; i < e->sum_count; i++)
    put_labelled(e, "tenant", e->sums[i].name, (double)e->sums[i].throttled_ns * 1e-9);
}

/* One script runs at a time; whose has no row of its own is among the last row's. */
static void put_inflight(const Exposition *e) {
  LiveRun run;
  bool is_running = module_live_read(&run), is_found = false;
  for (size_t i = 0; i < e->sum_count; i++) {
    bool is_last = i == e->sum_count - 1;
    bool is_it = is_running && !is_found && (is_last || strcmp(run.tenant, e->sums[i].name) == 0);
    is_found |= is_it;
    put_labelled(e, "tenant", e->sums[i].name, is_it);
  }
}

static void put_io(const Exposition *e) {
  static const struct {
    Amount amount;
    const char *direction;
  } rows[] = {{AMOUNT_BYTES_IN, "in"},
              {AMOUNT_BYTES_OUT, "out"},
              {AMOUNT_CALL_BYTES, "call"},
              {AMOUNT_REPLY_BYTES, "reply"},
              {AMOUNT_LOG_BYTES, "log"}};
  for (size_t i = 0; i < e->sum_count; i++)
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
      put(e, "%s", e->row->name);
      put_label(e, "{", "tenant", e->sums[i].name);
      put(e, ",direction=\"%s\"} %" PRIu64 "\n", rows[k].direction,
          e->sums[i].amounts[rows[k].amount]);
    }
}

/* Of each tenant's own rows; everybody else together has no quota. */
static void put_quotas(const Exposition *e, bool as_ratio) {
  for (size_t i = 0; i < e->sum_count; i++)
    for (unsigned k = 0; e->sums[i].row != NULL && k < PERIOD_COUNT * RESOURCE_COUNT; k++) {
      unsigned period = k / RESOURCE_COUNT, resource = k % RESOURCE_COUNT;
      uint64_t limit = tally_get(&e->sums[i].row->quotas[period][resource]);
      uint64_t used = tally_get(&e->sums[i].row->used[period][resource]);
      if (limit == 0) continue;
      put(e, "%s", e->row->name);
      put_label(e, "{", "tenant", e->sums[i].name);
      put_label(e, ",", "resource", policy_quota_resource(resource)->name);
      put(e, ",period=\"%s\"} %.9g\n", period == PERIOD_DAY ? "day" : "month",
          as_ratio ? (double)used / (double)limit : (double)limit);
    }
}

static uint64_t sum_outcome(const Exposition *e, Code code) {
  uint64_t sum = 0;
  for (size_t i = 0; i < e->sum_count; i++) sum += e->sums[i].outcomes[code];
  return sum;
}

/* --- Histograms --- */

static void put_bucket(const Exposition *e, bool is_last, double end, uint64_t count) {
  if (is_last)
    put(e, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", e->row->name, count);
  else
    put(e, "%s_bucket{le=\"%.9g\"} %" PRIu64 "\n", e->row->name, end, count);
}

static void put_commits(const Exposition *e) {
  uint64_t count = 0;
  for (size_t i = 0; i < SPREAD_BUCKETS; i++) {
    count += e->board.ledger_commits[i];
    put_bucket(e, i == SPREAD_BUCKETS - 1, (double)spread_end(i) * 1e-9, count);
  }
  put(e, "%s_count %" PRIu64 "\n", e->row->name, count);
  put(e, "%s_sum %.9g\n", e->row->name, (double)e->board.ledger_commit_ns * 1e-9);
}

static void put_histogram(const Exposition *e, HistogramId id) {
  size_t buckets;
  const Histogram *histogram = &module_tally_totals()->histograms[id];
  const uint64_t *bounds = module_tally_bounds(id, &buckets);
  double unit = id == HISTOGRAM_MEMORY ? 1 : 1e-9;
  uint64_t count = 0;
  for (size_t i = 0; i < buckets; i++) {
    count += tally_get(&histogram->buckets[i]);
    bool is_last = i == buckets - 1;
    put_bucket(e, is_last, is_last ? 0 : (double)bounds[i] * unit, count);
  }
  put(e, "%s_count %" PRIu64 "\n", e->row->name, count);
  put(e, "%s_sum %.9g\n", e->row->name, (double)tally_get(&histogram->sum) * unit);
}

/* --- The rest --- */

static void put_build(const Exposition *e) {
  put(e, "%s{version=\"%s\",commit=\"%s\"} 1\n", e->row->name, fsb_version(), fsb_build_id());
}

static void put_mode(const Exposition *e) {
  static const char *const modes[] = {"off", "observe", "enforce"};
  for (size_t i = 0; i < 3; i++) put_labelled(e, "mode", modes[i], i == e->board.mode);
}

static void put_layers(const Exposition *e) {
  BoardStep step;
  for (size_t i = 0; module_board_step(i, &step); i++)
    put_labelled(e, "layer", step.name, step.in_force != 0);
}

static void put_workers(const Exposition *e) {
  BoardWorker worker;
  unsigned spare = 0, assigned = 0;
  for (size_t i = 0; module_board_worker(i, &worker); i++)
    (*(worker.is_spare != 0 ? &spare : &assigned))++;
  put_labelled(e, "state", "assigned", assigned);
  put_labelled(e, "state", "spare", spare);
}

static void put_starts(const Exposition *e) {
  const CellWord *starts = module_tally_totals()->starts;
  put_labelled(e, "kind", "cold", (double)tally_get(&starts[FSB_START_COLD]));
  put_labelled(e, "kind", "warm", (double)tally_get(&starts[FSB_START_WARM]));
  put_labelled(e, "kind", "spare", (double)tally_get(&starts[FSB_START_SPARE]));
}

static void put_exits(const Exposition *e) {
  for (size_t i = 0; i < FSB_EXITS && module_board_exit_name(i) != NULL; i++)
    put_labelled(e, "cause", module_board_exit_name(i), (double)e->board.exits[i]);
}

static void put_events(const Exposition *e) {
  for (unsigned kind = 0; kind < EVENT_COUNT_; kind++)
    put_labelled(e, "kind", module_event_name((EventKind)kind),
                 (double)module_event_count((EventKind)kind));
}

static void put_process_cpu(const Exposition *e) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return;
  put_real(e, (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
}

static void put_process_memory(const Exposition *e) {
  unsigned long long size, resident;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL) return;
  if (fscanf(file, "%llu %llu", &size, &resident) == 2)
    put_count(e, resident * (uint64_t)sysconf(_SC_PAGESIZE));
  (void)fclose(file);
}

static void put_process_fds(const Exposition *e) {
  DIR *folder = opendir("/proc/self/fd");
  uint64_t count = 0;
  if (folder == NULL) return;
  while (readdir(folder) != NULL) count++;
  (void)closedir(folder);
  put_count(e, count > 3 ? count - 3 : 0); /* ".", ".." and the folder itself */
}

static void put_samples(const Exposition *e, MetricId id) {
  switch (id) {
    case METRICS_BUILD_INFO: put_build(e); break;
    case METRICS_START_TIME: put_real(e, (double)e->board.started_ms / 1000); break;
    case METRICS_MODE: put_mode(e); break;
    case METRICS_LAYER_ENABLED: put_layers(e); break;
    case METRICS_INVOCATIONS: put_outcomes(e); break;
    case METRICS_REJECTIONS: put_rejections(e); break;
    case METRICS_INFLIGHT: put_inflight(e); break;
    case METRICS_THROTTLED: put_throttled(e); break;
    case METRICS_DURATION: put_histogram(e, HISTOGRAM_WALL); break;
    case METRICS_HOST_WAIT: put_histogram(e, HISTOGRAM_HOST); break;
    case METRICS_HOLD: put_histogram(e, HISTOGRAM_HOLD); break;
    case METRICS_ARENA_PEAK: put_histogram(e, HISTOGRAM_MEMORY); break;
    case METRICS_CPU: put_amount(e, AMOUNT_CPU_NS, 1e-9); break;
    case METRICS_WALL: put_amount(e, AMOUNT_WALL_NS, 1e-9); break;
    case METRICS_HOST_TIME: put_amount(e, AMOUNT_HOST_TIME_NS, 1e-9); break;
    case METRICS_INSTRUCTIONS: put_amount(e, AMOUNT_INSTRUCTIONS, 1); break;
    case METRICS_MEMORY_TIME: put_amount(e, AMOUNT_MEMORY_TIME, 1024e-6); break;
    case METRICS_REDIS_CALLS: put_calls(e); break;
    case METRICS_CALL_DURATION: put_histogram(e, HISTOGRAM_CALL); break;
    case METRICS_IO: put_io(e); break;
    case METRICS_WORKERS: put_workers(e); break;
    case METRICS_WORKER_STARTS: put_starts(e); break;
    case METRICS_WORKER_SPAWN: put_histogram(e, HISTOGRAM_SPAWN); break;
    case METRICS_WORKER_EXITS: put_exits(e); break;
    case METRICS_WORKER_CRASHES: put_count(e, sum_outcome(e, CODE_WORKER_CRASHED)); break;
    case METRICS_POLICY_VIOLATIONS: put_count(e, sum_outcome(e, CODE_POLICY_VIOLATION)); break;
    case METRICS_PROTOCOL_VIOLATIONS: put_count(e, sum_outcome(e, CODE_PROTOCOL_VIOLATION)); break;
    case METRICS_KILLS: put_count(e, tally_get(&module_tally_totals()->kills)); break;
    case METRICS_LIMITS_OBSERVED: put_count(e, e->board.observed); break;
    case METRICS_EVENTS: put_events(e); break;
    case METRICS_TENANTS: put_count(e, e->tenants); break;
    case METRICS_CACHED_SCRIPTS: put_count(e, e->board.scripts); break;
    case METRICS_CACHED_SCRIPT_BYTES: put_count(e, e->board.script_bytes); break;
    case METRICS_LIBRARIES: put_count(e, e->board.libraries); break;
    case METRICS_FUNCTIONS: put_count(e, e->board.functions); break;
    case METRICS_LOOP_LAG: put_real(e, (double)e->board.lag_ns * 1e-9); break;
    case METRICS_QUOTA_LIMIT: put_quotas(e, false); break;
    case METRICS_QUOTA_USED: put_quotas(e, true); break;
    case METRICS_LEDGER_RECORDS: put_count(e, e->board.ledger_counted); break;
    case METRICS_LEDGER_RECOVERED: put_count(e, e->board.ledger_lost); break;
    case METRICS_LEDGER_FOLDED: put_count(e, e->board.ledger_folded); break;
    case METRICS_LEDGER_ERRORS: put_count(e, e->board.ledger_failed); break;
    case METRICS_LEDGER_FSYNC: if (e->board.has_drain != 0) put_commits(e); break;
    case METRICS_LEDGER_BYTES: if (e->board.has_drain != 0) put_count(e, e->board.ledger_bytes); break;
    case METRICS_LEDGER_UNEXPORTED: if (e->board.has_drain != 0) put_count(e, e->board.ledger_unexported); break;
    case METRICS_LEDGER_PASSED: put_real(e, (double)e->board.ledger_passed_ms / 1000); break;
    case METRICS_PROCESS_CPU: put_process_cpu(e); break;
    case METRICS_PROCESS_MEMORY: put_process_memory(e); break;
    case METRICS_PROCESS_FDS: put_process_fds(e); break;
    case METRICS_COUNT_: break;
  }
}

void module_metrics_write(Answer *to, bool open_metrics) {
  Exposition e = {.to = to, .is_open = open_metrics};
  if (!module_board_read(&e.board)) memset(&e.board, 0, sizeof e.board);
  sum_tenants(&e);
  for (unsigned i = 0; i < METRICS_COUNT_; i++) {
    e.row = policy_metrics_row(i);
    put_family(&e);
    put_samples(&e, (MetricId)i);
  }
  if (open_metrics) put(&e, "# EOF\n");
  free(e.sums);
}
