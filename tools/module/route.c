/* SPDX-License-Identifier: BSD-2-Clause */
/* route - the tables, and sandbox.run itself. */
#include "tools/module/route.h"

#include <string.h>
#include <strings.h>

#include "tools/module/caller.h"
#include "tools/module/eval.h"
#include "tools/module/function.h"
#include "tools/module/monitor.h"
#include "tools/module/pass.h"
#include "tools/module/script.h"
#include "tools/module/state.h"

static const Variant variants[] = {
#define VARIANT(id, name, kind, keys, flags) {name, VARIANT_##kind, KEYS_##keys, "deny-script " flags},
#include "tools/module/variants.def"
#undef VARIANT
};

static const Route routes[] = {
#define ROUTE(command, sub, least, most, variant, handler) \
  {command, sizeof command - 1, sub, least, most, VARIANT_##variant, module_##handler},
#include "tools/module/routes.def"
#undef ROUTE
};

const Variant *module_route_variant(VariantId id) {
  return &variants[id];
}

static bool is_word(const RedisString *string, const char *word) {
  size_t size;
  const char *text = rm.StringPtrLen(string, &size);
  return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

const Route *module_route_find(const RedisString *command, const RedisString *sub, int argc) {
  size_t size;
  const char *text = rm.StringPtrLen(command, &size);
  for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
    const Route *route = &routes[i];
    if (route->size != size || strncasecmp(text, route->command, size) != 0) continue;
    if (route->sub != NULL && (sub == NULL || !is_word(sub, route->sub))) continue;
    if (argc >= route->least && (route->most == 0 || argc <= route->most)) return route;
  }
  return NULL;
}

/* --- sandbox.run --- */

static const Variant *variant_of(const RedisString *word) {
  size_t size;
  const char *text = rm.StringPtrLen(word, &size);
  for (size_t i = 0; i < VARIANT_COUNT_; i++)
    if (strlen(variants[i].name) == size && strncasecmp(text, variants[i].name, size) == 0) return &variants[i];
  return NULL;
}

static uint64_t key_flags(VariantKeys keys) {
  return keys == KEYS_RO ? (uint64_t)REDIS_KEY_RO | REDIS_KEY_ACCESS
                         : (uint64_t)REDIS_KEY_RW | REDIS_KEY_ACCESS | REDIS_KEY_UPDATE;
}

/* Tells the server where the keys are.  A cluster looks at nothing else: the key
 * specification below is for users' key patterns. */
static int report_keys(RedisCtx *ctx, RedisString **argv, int argc) {
  const Variant *variant = argc > ROUTE_WORDS ? variant_of(argv[1]) : NULL;
  const int first = ROUTE_WORDS + 3;
  long long count;
  if (variant == NULL || variant->keys == KEYS_NONE || argc < first) return REDIS_OK;
  if (rm.StringToLongLong(argv[first - 1], &count) != REDIS_OK || count > argc - first)
    return REDIS_OK;
  for (int i = 0; i < count; i++)
    rm.KeyAtPosWithFlags(ctx, first + i, (int)key_flags(variant->keys));
  return REDIS_OK;
}

static const char misuse[] =
    "ERR sandbox.run is what EVAL and its siblings become: call those instead";

static int serve(RedisCtx *ctx, const Route *route, RedisString **words, int count) {
  if (!module_caller_may(ctx, route, words, count)) return REDIS_OK;
  if (module_pass_is_wanted(ctx, route)) return module_pass_command(ctx, route, words, count);
  if (route->variant != VARIANT_BUSY) module_monitor_show(ctx, words, count);
  return route->handler(ctx, words, count);
}

/* Anybody may write `sandbox.run busy EVAL ...`: what a variant is for is checked
 * here, what a script may do in run.c. */
static int dispatch(RedisCtx *ctx, RedisString **argv, int argc) {
  if (rm.IsKeysPositionRequest(ctx)) return report_keys(ctx, argv, argc);
  if (argc <= ROUTE_WORDS) return rm.ReplyWithError(ctx, misuse);
  const Variant *variant = variant_of(argv[1]);
  RedisString **words = argv + ROUTE_WORDS;
  int count = argc - ROUTE_WORDS;
  const Route *route = module_route_find(words[0], count > 1 ? words[1] : NULL, count);
  if (variant == NULL || route == NULL) return rm.ReplyWithError(ctx, misuse);
  const Variant *own = &variants[route->variant];
  if (variant->kind != own->kind || (own->kind == VARIANT_CONTROL && variant != own))
    return rm.ReplyWithError(ctx, misuse);
  CallerHold hold;
  module_caller_hold(ctx, &hold);
  int status = serve(ctx, route, words, count);
  module_caller_release(&hold);
  return status;
}

static Tenant *tenant_of(const RedisString *word) {
  FsbBytes name;
  name.data = rm.StringPtrLen(word, &name.size);
  return module_tenant_place(name);
}

/* Whether nobody calls: a master or a file. */
static bool is_obeyed(RedisCtx *ctx) {
  Caller caller;
  module_caller_find(ctx, &caller);
  bool is_nobody = caller.name == NULL;
  module_caller_drop(ctx, &caller);
  return is_nobody;
}

/* The change of libraries that begins at argv[before]; NULL: there is none. */
static const Route *change_at(RedisString **argv, int argc, int before) {
  if (argc <= before + 1) return NULL;
  const Route *route = module_route_find(argv[before], argv[before + 1], argc - before);
  bool is_change = route != NULL && (route->variant == VARIANT_LIBRARY || route->variant == VARIANT_LIBRARY_FREE);
  return is_change ? route : NULL;
}

/* sandbox.run library-of TENANT FUNCTION ...: nobody but a master or a file may say so. */
static int dispatch_owned(RedisCtx *ctx, RedisString **argv, int argc) {
  const int before = ROUTE_WORDS + 1;
  const Route *route = is_obeyed(ctx) ? change_at(argv, argc, before) : NULL;
  Tenant *owner = route == NULL ? NULL : tenant_of(argv[ROUTE_WORDS]);
  if (owner == NULL) return rm.ReplyWithError(ctx, misuse);
  return module_function_obey(ctx, owner, route->handler, argv + before, argc - before);
}

/* sandbox.run native FUNCTION ...: the same, about the server's own libraries. */
static int dispatch_native(RedisCtx *ctx, RedisString **argv, int argc) {
  if (!is_obeyed(ctx) || change_at(argv, argc, ROUTE_WORDS) == NULL) return rm.ReplyWithError(ctx, misuse);
  return module_pass_obey(ctx, argv + ROUTE_WORDS, argc - ROUTE_WORDS);
}

/* --- Registering --- */

static RedisCommandFunction function_of(const Variant *variant) {
  if (variant == &variants[VARIANT_LIBRARY_OF]) return dispatch_owned;
  return variant == &variants[VARIANT_NATIVE] ? dispatch_native : dispatch;
}

static bool set_keys(RedisCommand *command, VariantKeys keys) {
  static const RedisCommandInfoVersion version = {1, REDIS_HISTORY_ENTRY_BYTES,
                                                  sizeof(RedisKeySpec), REDIS_ARGUMENT_BYTES};
  /* Behind the variant: EVAL script numkeys key ... */
  RedisKeySpec specs[2] = {{.flags = key_flags(keys),
                            .begin_search = REDIS_BEGIN_INDEX,
                            .begin.index.position = ROUTE_WORDS + 2,
                            .find_keys = REDIS_FIND_KEYNUM,
                            .find.keynum = {0, 1, 1}},
                           {.notes = NULL}};
  RedisCommandInfo info = {.version = &version,
                           .summary = "Runs a script in a sealed worker",
                           .arity = -(ROUTE_WORDS + 3),
                           .key_specs = keys == KEYS_NONE ? NULL : specs};
  if (keys == KEYS_NONE) info.arity = -(ROUTE_WORDS + 1);
  return rm.SetCommandInfo(command, &info) == REDIS_OK;
}

static bool add_variant(RedisCtx *ctx, RedisCommand *parent, const Variant *variant) {
  char full[64] = ROUTE_COMMAND "|";
  if (rm.CreateSubcommand(parent, variant->name, function_of(variant), variant->flags, 0, 0, 0) != REDIS_OK)
    return false;
  strncat(full, variant->name, sizeof full - strlen(full) - 1);
  RedisCommand *command = rm.GetCommand(ctx, full);
  return command != NULL && set_keys(command, variant->keys);
}

bool module_route_register(RedisCtx *ctx) {
  if (rm.CreateCommand(ctx, ROUTE_COMMAND, NULL, "deny-script", 0, 0, 0) != REDIS_OK) return false;
  RedisCommand *parent = rm.GetCommand(ctx, ROUTE_COMMAND);
  for (size_t i = 0; i < VARIANT_COUNT_; i++)
    if (!add_variant(ctx, parent, &variants[i])) return false;
  return true;
}
