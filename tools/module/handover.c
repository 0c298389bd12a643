/* SPDX-License-Identifier: BSD-2-Clause */
/* handover - a filter that sees our own calls, and only those that were offered. */
#include "tools/module/handover.h"

#include "tools/module/state.h"

/* Turns of the cron without an offer; the server's default is ten a second. */
#define QUIET 20

static RedisFilter *filter;
static unsigned quiet;
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

/* Without a filter nothing is taken, and values are stored as they came. */
void module_handover_offer(RedisString **argv, size_t count) {
  if (filter == NULL) filter = rm.RegisterCommandFilter(module_state.ctx, take, 0);
  quiet = 0;
  offered = argv;
  offered_count = count;
  was_taken = false;
}

bool module_handover_end(void) {
  offered = NULL;
  return was_taken;
}

void module_handover_tend(void) {
  if (filter != NULL && ++quiet >= QUIET) module_handover_remove(module_state.ctx);
}

void module_handover_remove(RedisCtx *ctx) {
  if (filter != NULL) (void)rm.UnregisterCommandFilter(ctx, filter);
  filter = NULL;
}
