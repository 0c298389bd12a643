/* SPDX-License-Identifier: BSD-2-Clause */
/* loop - one subscription, and its end.
 *
 * It cannot end in a notice of the server's, the cron's among them: the server goes on from the one
 * that it notified to the next in its list, which may be what has just been freed.  So it ends in a
 * function that the event loop calls by itself.
 */
#include "tools/module/loop.h"

#include "tools/module/state.h"

/* Turns of the cron without a use; the server's default is ten a second. */
#define QUIET 20

static const RedisEvent event = {REDIS_EVENT_LOOP, 1};

static struct {
  void (*begin)(void); /* NULL: passes are not followed */
  unsigned quiet;      /* turns of the cron since somebody wanted to know */
  bool is_leaving;     /* `leave` is about to be called */
} loop;

static void take(RedisCtx *ctx, RedisEvent kind, uint64_t subevent, void *data) {
  (void)ctx;
  (void)kind;
  (void)data;
  if (subevent == REDIS_LOOP_AFTER_SLEEP && loop.begin != NULL) loop.begin();
}

void module_loop_follow(void (*begin)(void)) {
  loop.quiet = 0;
  if (loop.begin != NULL) return;
  if (rm.SubscribeToServerEvent(module_state.ctx, event, take) != REDIS_OK) return;
  loop.begin = begin;
  begin();
}

static void leave(void *data) {
  (void)data;
  loop.is_leaving = false;
  if (loop.quiet < QUIET) return;
  (void)rm.SubscribeToServerEvent(module_state.ctx, event, NULL);
  loop.begin = NULL;
}

void module_loop_tend(void) {
  if (loop.begin == NULL || loop.is_leaving || ++loop.quiet < QUIET) return;
  loop.is_leaving = rm.EventLoopAddOneShot != NULL && rm.EventLoopAddOneShot(leave, NULL) == REDIS_OK;
}

bool module_loop_is_leaving(void) {
  return loop.is_leaving;
}

void module_loop_end(void) {
  loop.begin = NULL;
}
