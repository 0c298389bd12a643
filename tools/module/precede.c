/* SPDX-License-Identifier: BSD-2-Clause */
/* precede - asking the server about its state by commands that change nothing. */
#include "tools/module/precede.h"

#include <errno.h>
#include <string.h>

#include "tools/module/command.h"

static bool serves_stale_data(RedisCtx *ctx) {
  size_t size = 0;
  RedisReply *reply = rm.Call(ctx, "CONFIG", "cc", "GET", "replica-serve-stale-data");
  if (reply == NULL) return true;
  const char *value = NULL;
  if (rm.CallReplyType(reply) == REDIS_REPLY_ARRAY && rm.CallReplyLength(reply) == 2)
    value = rm.CallReplyStringPtr(rm.CallReplyArrayElement(reply, 1), &size);
  bool serves = value == NULL || size != 2 || memcmp(value, "no", 2) != 0;
  rm.FreeCallReply(reply);
  return serves;
}

bool module_precede_is_stale(RedisCtx *ctx, unsigned flags) {
  const unsigned wanted = REDIS_CTX_SLAVE | REDIS_CTX_STALE;
  if ((flags & COMMAND_KNOWN) == 0 || (flags & COMMAND_STALE) != 0) return false;
  return ((unsigned)rm.GetContextFlags(ctx) & wanted) == wanted && !serves_stale_data(ctx);
}

RedisReply *module_precede_locality(RedisCtx *ctx, RedisString *key, int *ret_error) {
  errno = 0;
  RedisReply *reply = rm.Call(ctx, "EXISTS", "sE", key);
  *ret_error = errno;
  if (reply == NULL || (errno != 0 && rm.CallReplyType(reply) == REDIS_REPLY_ERROR)) return reply;
  rm.FreeCallReply(reply);
  return NULL;
}
