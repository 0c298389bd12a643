/* SPDX-License-Identifier: BSD-2-Clause */
/* admin - the subcommands of SANDBOX; what is counted is in INFO sandbox.
 *
 * Most are rows of queries.def, which the control socket answers too; here their
 * answers become replies.  They only read what is published, or set flags, so they may be
 * sent while a script runs and the server answers BUSY to others.
 *
 * Redis 7.0 puts no module's command into a category, so `-@admin` would not keep
 * anybody away: who may CONFIG SET sandbox.mode may use SANDBOX.
 */
#include "tools/module/admin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tools/module/adopt.h"
#include "tools/module/board.h"
#include "tools/module/caller.h"
#include "tools/module/query.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"

#define FLAGS "admin deny-script allow-stale"
#define FLAGS_BUSY FLAGS " allow-busy"

typedef struct {
  const char *name;
  RedisCommandFunction function;
  const char *flags, *help;
} AdminRow;

static int show_help(RedisCtx *ctx, RedisString **argv, int argc);
static int show_seal(RedisCtx *ctx, RedisString **argv, int argc);
static int show_json(RedisCtx *ctx, RedisString **argv, int argc);

static const AdminRow rows[] = {
    {"help", show_help, FLAGS_BUSY, "Show this."},
    {"json", show_json, FLAGS_BUSY, "Answer another subcommand, \"json ps\", as one line of JSON."},
    {"seal", show_seal, FLAGS,
     "List the steps of the workers' confinement and which are in force."},
    {"import-functions", module_adopt_import, FLAGS,
     "Take over the function libraries of the server's own Lua."},
    {"export-functions", module_adopt_export, FLAGS,
     "Give copies of the function libraries to the server's own Lua."}};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* --- Help and seal --- */

static void show_line(RedisCtx *ctx, const char *name, const char *words, const char *help) {
  char line[96];
  (void)snprintf(line, sizeof line, "%s%s%s", name, words[0] == '\0' ? "" : " ", words);
  (void)rm.ReplyWithSimpleString(ctx, line);
  (void)rm.ReplyWithSimpleString(ctx, help);
}

static int show_help(RedisCtx *ctx, RedisString **argv, int argc) {
  const QueryRow *query;
  size_t count = ROW_COUNT;
  (void)argv;
  (void)argc;
  for (size_t i = 0; module_query_row(i) != NULL; i++) count++;
  (void)rm.ReplyWithArray(ctx, (long)(count * 2 + 1));
  (void)rm.ReplyWithSimpleString(ctx, "SANDBOX <subcommand>. Subcommands are:");
  for (size_t i = 0; i < ROW_COUNT; i++) show_line(ctx, rows[i].name, "", rows[i].help);
  for (size_t i = 0; (query = module_query_row(i)) != NULL; i++)
    show_line(ctx, query->name, query->words, query->help);
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

/* --- Queries --- */

#define MOST_WORDS 16

static void reply_token(RedisCtx *ctx, const AnswerToken *token) {
  switch (token->kind) {
    case TOKEN_MAP: (void)rm.ReplyWithMap(ctx, (long)token->number); break;
    case TOKEN_LIST: (void)rm.ReplyWithArray(ctx, (long)token->number); break;
    case TOKEN_TEXT:
      (void)rm.ReplyWithStringBuffer(ctx, token->text.data, token->text.size);
      break;
    case TOKEN_COUNT: (void)rm.ReplyWithLongLong(ctx, (long long)token->number); break;
    case TOKEN_REAL: (void)rm.ReplyWithDouble(ctx, token->real); break;
    case TOKEN_FLAG: (void)rm.ReplyWithBool(ctx, token->number != 0); break;
  }
}

static int reply_answer(RedisCtx *ctx, const Query *query) {
  AnswerToken token;
  const CodeRow *code = policy_codes_find((uint32_t)query->code);
  if (query->code != CODE_OK)
    return module_reply_coded(ctx, code == NULL ? "ERR" : code->prefix, query->text);
  for (size_t at = 0; module_answer_next(query->answer, &at, &token);) reply_token(ctx, &token);
  return REDIS_OK;
}

static int reply_json(RedisCtx *ctx, const QueryRow *row, const Query *query) {
  Answer line = {.data = NULL};
  module_query_json(row, query, &line);
  if (line.has_failed || line.size == 0)
    (void)rm.ReplyWithError(ctx, "INTERNAL out of memory");
  else
    (void)rm.ReplyWithStringBuffer(ctx, line.data, line.size - 1);
  module_answer_fini(&line);
  return REDIS_OK;
}

/* Answers the query that `argv` begins with. */
static int ask(RedisCtx *ctx, RedisString **argv, int argc, bool as_json) {
  FsbBytes words[MOST_WORDS];
  Answer answer = {.data = NULL};
  Query query = {.words = words + 1, .count = (size_t)argc - 1, .answer = &answer};
  if (argc > MOST_WORDS) return module_reply_fail(ctx, "too many words");
  for (int i = 0; i < argc; i++) words[i].data = rm.StringPtrLen(argv[i], &words[i].size);
  const QueryRow *row = module_query_find(words[0]);
  if (row == NULL) return module_reply_fail(ctx, "unknown subcommand of SANDBOX");
  if (module_state.run == NULL) module_board_post();
  if (row->place == ON_MAIN && module_state.run != NULL)
    return rm.ReplyWithError(ctx, "BUSY Redis is busy running a script.");
  module_query_run(row, &query);
  int status = as_json ? reply_json(ctx, row, &query) : reply_answer(ctx, &query);
  module_answer_fini(&answer);
  return status;
}

static int show_json(RedisCtx *ctx, RedisString **argv, int argc) {
  if (argc < 3) return module_reply_fail(ctx, "json takes: <subcommand> [word ...]");
  return ask(ctx, argv + 2, argc - 2, true);
}

/* --- The command --- */

static int dispatch(RedisCtx *ctx, RedisString **argv, int argc) {
  size_t size;
  const char *name = rm.StringPtrLen(argv[1], &size);
  if (!module_caller_is_administrator(ctx))
    return rm.ReplyWithError(ctx, "NOPERM SANDBOX needs the permission to CONFIG SET sandbox.mode");
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (size == strlen(rows[i].name) && strncasecmp(name, rows[i].name, size) == 0)
      return rows[i].function(ctx, argv, argc);
  return ask(ctx, argv + 1, argc - 1, false);
}

bool module_admin_register(RedisCtx *ctx) {
  const QueryRow *query;
  if (rm.CreateCommand(ctx, "sandbox", NULL, FLAGS_BUSY, 0, 0, 0) != REDIS_OK) return false;
  RedisCommand *parent = rm.GetCommand(ctx, "sandbox");
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (rm.CreateSubcommand(parent, rows[i].name, dispatch, rows[i].flags, 0, 0, 0) != REDIS_OK)
      return false;
  for (size_t i = 0; (query = module_query_row(i)) != NULL; i++)
    if (rm.CreateSubcommand(parent, query->name, dispatch,
                            query->place == ANYWHERE ? FLAGS_BUSY : FLAGS, 0, 0, 0) != REDIS_OK)
      return false;
  return true;
}
