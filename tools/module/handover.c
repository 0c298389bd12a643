/* SPDX-License-Identifier: BSD-2-Clause */
/* handover - a filter that sees our own calls, and only those that were offered. */
#include "tools/module/handover.h"

static RedisFilter *filter;
static RedisString **offered;
static size_t offered_count;
static bool was_taken;

/* Every command of the server comes here. */
static void take(RedisFilterCtx *ctx) {
  (void)ctx;
  if (offered == NULL) return;
  for (size_t i = 0; i < offered_count; i++) rm.FreeString(NULL, offered[i]);
  offered = NULL;
  was_taken = true;
}

void module_handover_offer(RedisString **argv, size_t count) {
  offered = argv;
  offered_count = count;
  was_taken = false;
}

bool module_handover_end(void) {
  offered = NULL;
  return was_taken;
}

bool module_handover_install(RedisCtx *ctx) {
  filter = rm.RegisterCommandFilter(ctx, take, 0);
  return filter != NULL;
}

void module_handover_remove(RedisCtx *ctx) {
  if (filter != NULL) (void)rm.UnregisterCommandFilter(ctx, filter);
  filter = NULL;
}
