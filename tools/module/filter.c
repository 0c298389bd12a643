/* SPDX-License-Identifier: BSD-2-Clause */
/* filter - turning EVAL script ... into SANDBOX.RUN variant EVAL script ...
 *
 * The filter sees every command before the server looks it up, also when MULTI
 * queues it; it does not see those that this module calls for a script, nor those
 * of an append-only file that is being loaded.
 */
#include "tools/module/filter.h"

#include <string.h>
#include <strings.h>

#include "tools/module/caller.h"
#include "tools/module/deny.h"
#include "tools/module/eval.h"
#include "tools/module/function.h"
#include "tools/module/grant.h"
#include "tools/module/monitor.h"
#include "tools/module/route.h"
#include "tools/module/state.h"

/* Strings of the words that are put in front; the server takes a reference each time. */
static RedisString *command_word;
static RedisString *variant_words[VARIANT_COUNT_];

static bool is_word(const RedisString *string, const char *word) {
  size_t size;
  const char *text = rm.StringPtrLen(string, &size);
  return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

/* A change of rules may also wait in a transaction: an EXEC soon after may be it. */
#define MOVING_SECONDS 60

static void watch_rules(const RedisString *command, const RedisString *sub) {
  bool is_exec = module_state.acl_moved_at != 0 && is_word(command, "exec") &&
                 time(NULL) - module_state.acl_moved_at < MOVING_SECONDS;
  bool is_acl = sub != NULL && is_word(command, "acl") &&
                (is_word(sub, "setuser") || is_word(sub, "deluser") || is_word(sub, "load"));
  if (is_acl) module_state.acl_moved_at = time(NULL);
  if (!is_exec && !is_acl) return;
  module_caller_forget();
  module_grant_notice();
}

static void watch_debug(const RedisString *command, const RedisString *sub) {
  if (sub != NULL && is_word(command, "debug") && is_word(sub, "set-disable-deny-scripts"))
    module_deny_notice();
}

/* NULL: the server does not tell. */
static const Tenant *caller_of(RedisFilterCtx *filter) {
  if (!module_tenant_has_policy()) return module_tenant_default();
  if (rm.CommandFilterGetClientId == NULL) return NULL;
  RedisString *name = rm.GetClientUserNameById(module_state.ctx, rm.CommandFilterGetClientId(filter));
  if (name == NULL) return NULL;
  FsbBytes user;
  user.data = rm.StringPtrLen(name, &user.size);
  const Tenant *tenant = module_tenant_of_user(user);
  rm.FreeString(module_state.ctx, name);
  return tenant;
}

static VariantId variant_for(RedisFilterCtx *filter, const Route *route) {
  if (module_route_variant(route->variant)->kind == VARIANT_CONTROL) return route->variant;
  const RedisString *subject = rm.CommandFilterArgGet(filter, 1);
  if (route->handler == module_function_call)
    return module_function_variant(route, caller_of(filter), subject);
  return module_eval_variant(route, rm.CommandFilterArgGet(filter, 0), subject);
}

static void put_in_front(RedisFilterCtx *filter, RedisString *word) {
  rm.RetainString(NULL, word);
  (void)rm.CommandFilterArgInsert(filter, 0, word);
}

/* Whether a command may be one of those that are looked at, by its length and first letter: every
 * command of every client passes here. */
static bool may_matter(const RedisString *command) {
#define LETTER(c) (1u << ((c) & 31))
  static const uint32_t firsts[] = {
      [3] = LETTER('a'),                             /* acl */
      [4] = LETTER('e'),                             /* eval exec */
      [5] = LETTER('f') | LETTER('d'),               /* fcall debug */
      [6] = LETTER('s'),                             /* script */
      [7] = LETTER('e') | LETTER('m'),               /* evalsha eval_ro monitor */
      [8] = LETTER('f'),                             /* function fcall_ro */
      [10] = LETTER('e')};                           /* evalsha_ro */
  size_t size;
  const char *text = rm.StringPtrLen(command, &size);
  return size < sizeof firsts / sizeof firsts[0] && size != 0 && (firsts[size] & LETTER(text[0])) != 0;
#undef LETTER
}

static void filter_command(RedisFilterCtx *filter) {
  const RedisString *command = rm.CommandFilterArgGet(filter, 0);
  if (!may_matter(command)) return;
  int argc = rm.CommandFilterArgsCount(filter);
  const RedisString *sub = argc > 1 ? rm.CommandFilterArgGet(filter, 1) : NULL;
  if (argc == 1 && is_word(command, "monitor")) module_monitor_notice();
  watch_rules(command, sub);
  watch_debug(command, sub);
  if (module_state.mode == MODE_OFF) return;
  const Route *route = module_route_find(command, sub, argc);
  if (route == NULL) return;
  module_grant_tend(module_state.ctx);
  VariantId variant = variant_for(filter, route);
  put_in_front(filter, variant_words[variant]);
  put_in_front(filter, command_word);
}

bool module_filter_install(RedisCtx *ctx) {
  command_word = rm.CreateString(NULL, ROUTE_COMMAND, strlen(ROUTE_COMMAND));
  for (VariantId id = 0; id < VARIANT_COUNT_; id++) {
    const char *name = module_route_variant(id)->name;
    variant_words[id] = rm.CreateString(NULL, name, strlen(name));
  }
  module_state.filter = rm.RegisterCommandFilter(ctx, filter_command, REDIS_FILTER_NOSELF);
  return module_state.filter != NULL;
}

void module_filter_remove(RedisCtx *ctx) {
  if (module_state.filter != NULL) (void)rm.UnregisterCommandFilter(ctx, module_state.filter);
  module_state.filter = NULL;
  for (size_t id = 0; id < VARIANT_COUNT_; id++) {
    if (variant_words[id] != NULL) rm.FreeString(NULL, variant_words[id]);
    variant_words[id] = NULL;
  }
  if (command_word != NULL) rm.FreeString(NULL, command_word);
  command_word = NULL;
}
