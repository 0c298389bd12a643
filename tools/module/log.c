/* SPDX-License-Identifier: BSD-2-Clause */
/* log - escaping and rationing what scripts log. */
#include "tools/module/log.h"

#include <inttypes.h>
#include <stdio.h>

#include "tools/module/clock.h"

#define MOST_BYTES 1024
#define MOST_A_SECOND 500

static struct {
  time_t second;
  unsigned lines, dropped;
} ration;

static bool may_write(RedisCtx *ctx) {
  time_t second = (time_t)(module_clock_read(CLOCK_MONOTONIC_COARSE) / UINT64_C(1000000000));
  if (second != ration.second) {
    if (ration.dropped != 0)
      rm.Log(ctx, "warning", "%u lines of scripts were dropped: more than %u a second",
             ration.dropped, MOST_A_SECOND);
    ration.second = second;
    ration.lines = ration.dropped = 0;
  }
  if (ration.lines++ < MOST_A_SECOND) return true;
  ration.dropped++;
  return false;
}

/* The length of the UTF-8 sequence at the front, 0 when it is none. */
static size_t sequence_at(const unsigned char *at, size_t left) {
  size_t size = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3 : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
  if (size == 0 || size > left) return 0;
  for (size_t i = 1; i < size; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  /* C1 controls move terminals' cursors. */
  if (size == 2 && at[0] == 0xC2 && at[1] < 0xA0) return 0;
  return at[0] < 0x20 || at[0] == 0x7F ? 0 : size;
}

static void escape(FsbBytes text, char line[MOST_BYTES + 16]) {
  const unsigned char *at = (const unsigned char *)text.data;
  size_t used = 0;
  for (size_t i = 0; i < text.size && used < MOST_BYTES;) {
    size_t size = sequence_at(at + i, text.size - i);
    if (size == 0) {
      used += (size_t)snprintf(line + used, 5, "\\x%02x", at[i]);
      i++;
      continue;
    }
    while (size-- > 0) line[used++] = (char)at[i++];
  }
  line[used] = '\0';
}

/* What a tenant drops is nobody else's ration. */
static bool has_ration(RedisCtx *ctx, Tenant *tenant, size_t bytes) {
  if (tenant == NULL || tenant->rules == NULL || tenant->rules->log_rate == 0) return true;
  Rate rate = {tenant->rules->log_rate, 0};
  policy_quota_refill(&tenant->log, rate, module_clock_read(CLOCK_MONOTONIC_COARSE));
  bool has_some = tenant->log.level > 0;
  if (has_some) policy_quota_drain(&tenant->log, rate, bytes);
  if (!has_some && tenant->dropped_lines++ == 0)
    rm.Log(ctx, "warning", "tenant %s logs more than its rate: lines are dropped", tenant->name);
  if (!has_some) tenant->counts.dropped_log_lines++;
  if (has_some && tenant->dropped_lines != 0) {
    rm.Log(ctx, "warning", "tenant %s: %" PRIu64 " lines were dropped", tenant->name, tenant->dropped_lines);
    tenant->dropped_lines = 0;
  }
  return has_some;
}

void module_log_script(RedisCtx *ctx, Tenant *tenant, int level, FsbBytes text) {
  static const char *const levels[] = {"debug", "verbose", "notice", "warning"};
  char line[MOST_BYTES + 16];
  if (level < 0 || level > 3 || !has_ration(ctx, tenant, text.size) || !may_write(ctx)) return;
  escape(text, line);
  if (tenant != NULL && module_tenant_has_policy())
    rm.Log(ctx, levels[level], "script of %s: %s", tenant->name, line);
  else
    rm.Log(ctx, levels[level], "script: %s", line);
}
