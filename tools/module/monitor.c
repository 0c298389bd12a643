/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor - a command that takes on the name of another while the server shows it. */
#define _GNU_SOURCE
#include "tools/module/monitor.h"

#include <string.h>
#include <time.h>

#define COMMAND "sandbox.shown"
/* A MONITOR may wait in a transaction. */
#define LEAST_SECONDS 60

/* Somebody may have looked on before the module was loaded. */
static bool is_watched = true;
static time_t watched_since;
static RedisString *shown; /* the name to take on; NULL: nothing is being shown */

/* The server shows a command's words when it has run, from the very array that it ran with. */
static int take_name(RedisCtx *ctx, RedisString **argv, int argc) {
  (void)argc;
  if (shown == NULL) return rm.ReplyWithError(ctx, "ERR sandbox.shown is the module's own");
  rm.RetainString(NULL, shown);
  rm.FreeString(NULL, argv[0]);
  argv[0] = shown;
  return rm.ReplyWithNull(ctx);
}

bool module_monitor_register(RedisCtx *ctx) {
  return rm.CreateCommand(ctx, COMMAND, take_name, "deny-script allow-stale", 0, 0, 0) == REDIS_OK;
}

void module_monitor_notice(void) {
  is_watched = true;
  watched_since = time(NULL);
}

/* Who looks on has the flag O, and it is the first; names have no blanks. */
static bool is_shown_in(RedisReply *list) {
  size_t size;
  const char *text = rm.CallReplyStringPtr(list, &size);
  return text == NULL || memmem(text, size, " flags=O", 8) != NULL;
}

void module_monitor_tend(RedisCtx *ctx) {
  if (!is_watched || time(NULL) - watched_since < LEAST_SECONDS) return;
  watched_since = time(NULL);
  RedisReply *list = rm.Call(ctx, "CLIENT", "c", "LIST");
  if (list == NULL) return;
  is_watched = is_shown_in(list);
  rm.FreeCallReply(list);
}

void module_monitor_show(RedisCtx *ctx, RedisString **argv, int argc) {
  if (!is_watched) return;
  shown = argv[0];
  RedisReply *reply = rm.Call(ctx, COMMAND, "v", argv + 1, (size_t)argc - 1);
  shown = NULL;
  if (reply != NULL) rm.FreeCallReply(reply);
}
