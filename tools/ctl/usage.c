/* SPDX-License-Identifier: BSD-2-Clause */
/* usage - a table of figures, each with its limit. */
#include "tools/ctl/usage.h"

#include <inttypes.h>
#include <string.h>

#include "policy/limits.h"

typedef enum { SHOW_COUNT, SHOW_BYTES, SHOW_TIME } Show;

static void format(Show show, uint64_t value, char *text, size_t size) {
  static const struct {
    const char *unit;
    uint64_t factor;
  } times[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}},
    sizes[] = {{"MiB", 1 << 20}, {"KiB", 1 << 10}};
  for (size_t i = 0; show == SHOW_TIME && i < 3; i++) {
    if (value < times[i].factor) continue;
    (void)snprintf(text, size, "%.3f %s", (double)value / (double)times[i].factor, times[i].unit);
    return;
  }
  for (size_t i = 0; show == SHOW_BYTES && i < 2; i++) {
    if (value < sizes[i].factor) continue;
    (void)snprintf(text, size, "%.1f %s", (double)value / (double)sizes[i].factor, sizes[i].unit);
    return;
  }
  (void)snprintf(text, size, "%" PRIu64 "%s", value,
                 show == SHOW_TIME    ? " ns"
                 : show == SHOW_BYTES ? " bytes"
                                      : "");
}

/* `limit` names a row of limits.def, or is NULL. */
static void line(FILE *to, const char *name, Show show, uint64_t value, const FsbLimits *limits,
                 const char *limit) {
  char text[48], bound[32];
  uint64_t most = 0;
  format(show, value, text, sizeof text);
  (void)fprintf(to, "  %-14s %14s", name, text);
  if (limit != NULL && fsb_limits_get(limits, limit, &most)) {
    policy_limits_format(policy_limits_find(limit, strlen(limit))->unit, most, bound, sizeof bound);
    (void)fprintf(to, "   of %s", bound);
  }
  (void)putc('\n', to);
}

void ctl_usage_print(FILE *to, const FsbUsage *usage, const FsbLimits *limits) {
  static const char *const starts[] = {"nothing ran", "cold start", "warm start", "spare worker"};
  (void)fprintf(to, "usage (%s%s%s)\n", starts[usage->start_kind], usage->wrote ? ", wrote" : "",
                usage->is_claim_missing ? ", the worker left no account" : "");
  line(to, "instructions", SHOW_COUNT, usage->instructions, limits, "instructions");
  line(to, "compile", SHOW_COUNT, usage->compile_units, limits, NULL);
  line(to, "memory peak", SHOW_BYTES, usage->memory_peak_bytes, limits, "memory");
  line(to, "cpu", SHOW_TIME, usage->own_cpu_ns, limits, "cpu");
  line(to, "wait cpu", SHOW_TIME, usage->wait_cpu_ns, limits, NULL);
  line(to, "wall", SHOW_TIME, usage->wall_ns, limits, "wall");
  line(to, "start", SHOW_TIME, usage->spawn_ns, limits, NULL);
  line(to, "host time", SHOW_TIME, usage->host_time_ns, limits, "host_time");
  line(to, "hold", SHOW_TIME, usage->hold_ns, limits, "hold");
  line(to, "calls", SHOW_COUNT, usage->calls, limits, "calls");
  line(to, "call bytes", SHOW_BYTES, usage->call_bytes, limits, NULL);
  line(to, "reply bytes", SHOW_BYTES, usage->reply_bytes, limits, NULL);
  line(to, "result bytes", SHOW_BYTES, usage->result_bytes, limits, "reply_bytes");
  line(to, "log bytes", SHOW_BYTES, usage->log_bytes, limits, "log_bytes");
  line(to, "script bytes", SHOW_BYTES, usage->script_bytes, limits, "script_bytes");
  line(to, "arg bytes", SHOW_BYTES, usage->arg_bytes, limits, "arg_bytes");
}
