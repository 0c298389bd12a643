/* SPDX-License-Identifier: BSD-2-Clause */
/* script_command - SCRIPT LOAD, EXISTS, FLUSH and KILL. */
#include <string.h>
#include <strings.h>

#include "tools/module/caller.h"
#include "tools/module/command.h"
#include "tools/module/debug.h"
#include "tools/module/reply.h"
#include "tools/module/run.h"
#include "tools/module/script.h"

static FsbBytes bytes_of(const RedisString *string) {
  FsbBytes bytes;
  bytes.data = rm.StringPtrLen(string, &bytes.size);
  return bytes;
}

int module_script_load(RedisCtx *ctx, RedisString **argv, int argc) {
  char sha1[FSB_SHA1_BYTES];
  unsigned flags;
  FsbError error;
  FsbBytes source = bytes_of(argv[2]);
  (void)argc;
  ScriptShelf *shelf = module_caller_shelf(ctx);
  fsb_script_sha1(source, sha1);
  const Script *known = module_script_find(shelf, sha1, strlen(sha1));
  if (known == NULL) {
    if (!fsb_script_flags(source, &flags, &error)) return rm.ReplyWithError(ctx, error.text);
    FsbResult *result = module_run_compile(ctx, source);
    if (result == NULL) return REDIS_OK;
    fsb_result_free(result);
  } else {
    flags = known->flags;
  }
  if (module_script_keep(shelf, source, sha1, flags, true) == NULL)
    return rm.ReplyWithError(ctx, "OOM the script cache is full: see sandbox.script-cache-bytes");
  return rm.ReplyWithStringBuffer(ctx, sha1, strlen(sha1));
}

int module_script_exists(RedisCtx *ctx, RedisString **argv, int argc) {
  ScriptShelf *shelf = module_caller_shelf(ctx);
  (void)rm.ReplyWithArray(ctx, argc - 2);
  for (int i = 2; i < argc; i++) {
    FsbBytes digest = bytes_of(argv[i]);
    (void)rm.ReplyWithLongLong(ctx, module_script_find(shelf, digest.data, digest.size) != NULL);
  }
  return REDIS_OK;
}

int module_script_flush_command(RedisCtx *ctx, RedisString **argv, int argc) {
  bool is_known = argc == 2 || (argc == 3 && (module_command_is(bytes_of(argv[2]), "sync") ||
                                              module_command_is(bytes_of(argv[2]), "async")));
  if (!is_known) return module_reply_fail(ctx, "SCRIPT FLUSH only support SYNC|ASYNC option");
  module_script_flush(module_caller_shelf(ctx));
  return rm.ReplyWithSimpleString(ctx, "OK");
}

int module_script_kill(RedisCtx *ctx, RedisString **argv, int argc) {
  (void)argv;
  (void)argc;
  return module_run_kill(ctx, true);
}

/* The server's debugger forks the server and runs scripts in it. */
int module_script_debug(RedisCtx *ctx, RedisString **argv, int argc) {
  (void)argc;
  FsbBytes word = bytes_of(argv[2]);
  bool is_wanted = module_command_is(word, "yes") || module_command_is(word, "sync");
  if (!is_wanted && !module_command_is(word, "no"))
    return module_reply_fail(ctx, "Use SCRIPT DEBUG YES/SYNC/NO");
  module_debug_note(ctx, is_wanted);
  if (!is_wanted) return rm.ReplyWithSimpleString(ctx, "OK");
  return module_reply_fail(ctx, "SCRIPT DEBUG is not available while scripts run sealed");
}
