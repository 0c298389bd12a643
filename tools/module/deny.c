/* SPDX-License-Identifier: BSD-2-Clause */
/* deny - trying the switch with a script of our own in the server's own Lua. */
#include "tools/module/deny.h"

static bool is_lifted;
static bool is_stale;

void module_deny_notice(void) {
  is_stale = true;
}

/* WAIT is denied to scripts, and with these arguments does nothing. */
static bool try_out(RedisCtx *ctx) {
  RedisReply *reply = rm.Call(ctx, "EVAL", "cc", "return redis.pcall('wait','0','0')", "0");
  if (reply == NULL) return false;
  bool has_run = rm.CallReplyType(reply) == REDIS_REPLY_INTEGER;
  rm.FreeCallReply(reply);
  return has_run;
}

bool module_deny_is_lifted(RedisCtx *ctx) {
  if (is_stale) {
    is_stale = false;
    is_lifted = try_out(ctx);
  }
  return is_lifted;
}
