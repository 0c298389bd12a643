/* SPDX-License-Identifier: BSD-2-Clause */
/* eval - from the words of the command to a run. */
#include "tools/module/eval.h"

#include <string.h>

#include "tools/module/caller.h"
#include "tools/module/debug.h"
#include "tools/module/reply.h"
#include "tools/module/run.h"
#include "tools/module/script.h"
#include "tools/module/state.h"

static const char no_script[] = "NOSCRIPT No matching script. Please use EVAL.";

static FsbBytes bytes_of(const RedisString *string) {
  FsbBytes bytes;
  bytes.data = rm.StringPtrLen(string, &bytes.size);
  return bytes;
}

/* EVALSHA and EVALSHA_RO; names of 7 and 10 bytes occur only there. */
static bool is_by_digest(const RedisString *command) {
  size_t size = bytes_of(command).size;
  return size == strlen("evalsha_ro") || (size == strlen("evalsha") && (bytes_of(command).data[4] | 0x20) == 's');
}

static bool is_read_only(const RedisString *command) {
  FsbBytes name = bytes_of(command);
  return name.size > 3 && name.data[name.size - 3] == '_';
}

/* --- Variants --- */

VariantId module_eval_choose(unsigned flags, bool read_only) {
  bool is_stale = (flags & FSB_SCRIPT_ALLOW_STALE) != 0;
  if ((flags & FSB_SCRIPT_NO_WRITES) != 0) {
    if (read_only) return is_stale ? VARIANT_RO_STALE : VARIANT_RO;
    return is_stale ? VARIANT_READ_STALE : VARIANT_READ;
  }
  if ((flags & FSB_SCRIPT_ALLOW_OOM) != 0) return is_stale ? VARIANT_WRITE_FREE : VARIANT_WRITE_OOM;
  return is_stale ? VARIANT_WRITE_STALE : VARIANT_WRITE;
}

VariantId module_eval_variant(const Route *route, const RedisString *command,
                              const RedisString *text) {
  FsbBytes bytes = bytes_of(text);
  unsigned flags = 0;
  FsbError error;
  if (is_by_digest(command)) {
    flags = module_script_flags(bytes.data, bytes.size);
  } else if (bytes.size > 2 && bytes.data[0] == '#' && !fsb_script_flags(bytes, &flags, &error)) {
    flags = 0; /* refused when it is run */
  }
  if ((flags & FSB_SCRIPT_HAS_SHEBANG) == 0) return route->variant;
  return module_eval_choose(flags, route->variant == VARIANT_COMPAT_RO);
}

/* --- Keys --- */

bool module_eval_keys(RedisCtx *ctx, RedisString **argv, int argc, const char *not_a_number,
                      size_t *ret_count) {
  long long count;
  if (rm.StringToLongLong(argv[2], &count) != REDIS_OK)
    (void)rm.ReplyWithError(ctx, not_a_number);
  else if (count > argc - 3)
    (void)module_reply_fail(ctx, "Number of keys can't be greater than number of args");
  else if (count < 0)
    (void)module_reply_fail(ctx, "Number of keys can't be negative");
  else {
    *ret_count = (size_t)count;
    return true;
  }
  return false;
}

/* --- The command --- */

static int run_kept(RedisCtx *ctx, RedisString **argv, int argc, RunOrder *order, Script *script) {
  module_script_take(script);
  order->source = script->source;
  order->sha1 = script->sha1;
  order->flags = script->flags;
  FsbResult *result = module_run_script(ctx, order, argv + 3, (size_t)argc - 3);
  fsb_result_free(result);
  module_script_give(script);
  return REDIS_OK;
}

static int run_digest(RedisCtx *ctx, RedisString **argv, int argc, RunOrder *order) {
  FsbBytes digest = bytes_of(argv[1]);
  Script *script = module_script_find(module_caller_shelf(ctx), digest.data, digest.size);
  if (script == NULL) return rm.ReplyWithError(ctx, no_script);
  order->is_kept = script->is_loaded;
  return run_kept(ctx, argv, argc, order, script);
}

/* Redis keeps every text that compiles. */
static void keep(const RunOrder *order, const FsbResult *result) {
  Tenant *tenant = order->tenant == NULL ? module_tenant_default() : order->tenant;
  bool has_run = fsb_result_usage(result)->start_kind != FSB_START_NONE;
  if (has_run && module_run_has_compiled(result))
    (void)module_script_keep(&tenant->scripts, order->source, fsb_result_sha1(result), order->flags,
                             false);
}

static int run_text(RedisCtx *ctx, RedisString **argv, int argc, RunOrder *order) {
  FsbError error;
  order->source = bytes_of(argv[1]);
  Script *script = module_script_find_text(module_caller_shelf(ctx), order->source);
  if (script != NULL) return run_kept(ctx, argv, argc, order, script);
  if (!fsb_script_flags(order->source, &order->flags, &error))
    return rm.ReplyWithError(ctx, error.text);
  FsbResult *result = module_run_script(ctx, order, argv + 3, (size_t)argc - 3);
  if (result != NULL) keep(order, result);
  fsb_result_free(result);
  return REDIS_OK;
}

int module_eval_call(RedisCtx *ctx, RedisString **argv, int argc) {
  RunOrder order = {.is_eval = true, .is_read_only = is_read_only(argv[0])};
  bool by_digest = is_by_digest(argv[0]);
  if (module_debug_take(ctx))
    return module_reply_fail(ctx, "not run: SCRIPT DEBUG is not available while scripts run sealed");
  /* Redis looks at a digest of the wrong length before it looks at numkeys. */
  if (by_digest && bytes_of(argv[1]).size != FSB_SHA1_BYTES - 1)
    return rm.ReplyWithError(ctx, no_script);
  if (!module_eval_keys(ctx, argv, argc, "ERR value is not an integer or out of range",
                        &order.key_count))
    return REDIS_OK;
  return by_digest ? run_digest(ctx, argv, argc, &order) : run_text(ctx, argv, argc, &order);
}
