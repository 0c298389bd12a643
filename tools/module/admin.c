/* SPDX-License-Identifier: BSD-2-Clause */
/* admin - the subcommands of SANDBOX; what is counted is in INFO sandbox.
 *
 * Redis 7.0 puts no module's command into a category, so `-@admin` would not keep
 * anybody away: who may CONFIG SET sandbox.mode may use SANDBOX.
 */
#include "tools/module/admin.h"

#include <string.h>
#include <strings.h>

#include "tools/module/adopt.h"
#include "tools/module/caller.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"

typedef struct {
  const char *name;
  RedisCommandFunction function;
  const char *help;
} AdminRow;

static int show_help(RedisCtx *ctx, RedisString **argv, int argc);
static int show_seal(RedisCtx *ctx, RedisString **argv, int argc);

static const AdminRow rows[] = {
    {"help", show_help, "Show this."},
    {"seal", show_seal, "List the steps of the workers' confinement and which are in force."},
    {"import-functions", module_adopt_import,
     "Take over the function libraries of the server's own Lua."},
    {"export-functions", module_adopt_export,
     "Give copies of the function libraries to the server's own Lua."}};

static int show_help(RedisCtx *ctx, RedisString **argv, int argc) {
  const size_t count = sizeof rows / sizeof rows[0];
  (void)argv;
  (void)argc;
  (void)rm.ReplyWithArray(ctx, (long)(count * 2 + 1));
  (void)rm.ReplyWithSimpleString(ctx, "SANDBOX <subcommand>. Subcommands are:");
  for (size_t i = 0; i < count; i++) {
    (void)rm.ReplyWithSimpleString(ctx, rows[i].name);
    (void)rm.ReplyWithSimpleString(ctx, rows[i].help);
  }
  return REDIS_OK;
}

static int show_seal(RedisCtx *ctx, RedisString **argv, int argc) {
  FsbStep step;
  long count = 0;
  (void)argv;
  (void)argc;
  while (fsb_pool_step(module_state.pool, (size_t)count, &step)) count++;
  (void)rm.ReplyWithMap(ctx, count);
  for (size_t i = 0; fsb_pool_step(module_state.pool, i, &step); i++) {
    (void)module_reply_text(ctx, step.name);
    (void)module_reply_text(ctx, step.state);
  }
  return REDIS_OK;
}

/* --- The command --- */

static bool is_administrator(RedisCtx *ctx) {
  static const char *const words[] = {"CONFIG", "SET", "sandbox.mode", "off"};
  RedisString *argv[4];
  Caller caller;
  for (size_t i = 0; i < 4; i++) argv[i] = rm.CreateString(NULL, words[i], strlen(words[i]));
  module_caller_find(ctx, &caller);
  bool may = module_caller_check(&caller, argv, 4) == 1;
  module_caller_drop(ctx, &caller);
  for (size_t i = 0; i < 4; i++) rm.FreeString(NULL, argv[i]);
  return may;
}

static int dispatch(RedisCtx *ctx, RedisString **argv, int argc) {
  size_t size;
  const char *name = rm.StringPtrLen(argv[1], &size);
  if (!is_administrator(ctx))
    return rm.ReplyWithError(ctx, "NOPERM SANDBOX needs the permission to CONFIG SET sandbox.mode");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (size == strlen(rows[i].name) && strncasecmp(name, rows[i].name, size) == 0)
      return rows[i].function(ctx, argv, argc);
  return module_reply_fail(ctx, "unknown subcommand of SANDBOX");
}

bool module_admin_register(RedisCtx *ctx) {
  static const char flags[] = "admin deny-script allow-stale";
  if (rm.CreateCommand(ctx, "sandbox", NULL, flags, 0, 0, 0) != REDIS_OK) return false;
  RedisCommand *parent = rm.GetCommand(ctx, "sandbox");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (rm.CreateSubcommand(parent, rows[i].name, dispatch, flags, 0, 0, 0) != REDIS_OK)
      return false;
  return true;
}
