/* SPDX-License-Identifier: BSD-2-Clause */
/* caller - users, their rules, and what these allow. */
#define _GNU_SOURCE
#include "tools/module/caller.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/hash.h"
#include "tools/module/acl.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"

#define KNOWN 1024

/* A user that was looked at, as most often it will be again. */
struct KnownUser {
  unsigned uses; /* callers, and the table */
  size_t name_size, principal_size;
  uint64_t acl_revision, policy_revision; /* of what it was made */
  Tenant *tenant;
  KnownUser *next; /* of the doomed */
  char bytes[]; /* the name, then the principal */
};

static KnownUser *table[KNOWN];
static KnownUser *doomed; /* whose workers are to be retired */
static uint64_t tended_acl, tended_policy;
static CallerHold *held; /* of the innermost command */

/* The user's rules as ACL LIST shows them, NULL when the server does not tell. */
static RedisString *rules_of(RedisString *name) {
  RedisUser *user = rm.GetModuleUserFromUserName(name);
  if (user == NULL) return NULL;
  RedisString *rules = rm.GetModuleUserACLString == NULL ? NULL : rm.GetModuleUserACLString(user);
  rm.FreeModuleUser(user);
  return rules;
}

/* Without the rules themselves, every change of anybody's counts as one. */
static uint64_t digest_of_rules(RedisCtx *ctx, RedisString *name) {
  size_t size;
  RedisString *rules = rules_of(name);
  if (rules == NULL) return module_state.acl_revision;
  const char *text = rm.StringPtrLen(rules, &size);
  uint64_t digest = policy_hash_add(POLICY_HASH_START, text, size);
  rm.FreeString(ctx, rules);
  return digest;
}

/* --- Knowing users --- */

static void give(KnownUser *user) {
  if (user != NULL && --user->uses == 0) free(user);
}

static bool is_of(const KnownUser *user, FsbBytes name) {
  return user != NULL && user->name_size == name.size && memcmp(user->bytes, name.data, name.size) == 0;
}

static bool is_fresh(const KnownUser *user) {
  return user->acl_revision == module_state.acl_revision &&
         user->policy_revision == module_tenant_revision();
}

static FsbBytes principal_of(const KnownUser *user) {
  return (FsbBytes){user->bytes + user->name_size, user->principal_size};
}

/* The principal: the tenant's name, a NUL, the user's name, a NUL, both digests. */
static size_t write_principal(char *place, const Tenant *tenant, FsbBytes name, uint64_t digest) {
  size_t at = strlen(tenant->name) + 1;
  memcpy(place, tenant->name, at);
  memcpy(place + at, name.data, name.size);
  at += name.size;
  place[at++] = '\0';
  uint64_t revision = tenant->rules == NULL ? 0 : tenant->rules->revision;
  return at + (size_t)snprintf(place + at, 33, "%016" PRIx64 "%016" PRIx64, digest, revision);
}

static KnownUser *learn(RedisCtx *ctx, RedisString *string) {
  FsbBytes name;
  name.data = rm.StringPtrLen(string, &name.size);
  Tenant *tenant = module_tenant_of_user(name);
  size_t room = sizeof(KnownUser) + name.size * 2 + TENANT_NAME_MAX + 64;
  KnownUser *user = malloc(room);
  if (user == NULL) return NULL;
  *user = (KnownUser){.uses = 1,
                      .name_size = name.size,
                      .acl_revision = module_state.acl_revision,
                      .policy_revision = module_tenant_revision(),
                      .tenant = tenant};
  memcpy(user->bytes, name.data, name.size);
  if (tenant != NULL)
    user->principal_size =
        write_principal(user->bytes + name.size, tenant, name, digest_of_rules(ctx, string));
  return user;
}

/* Takes the place of an older record: the worker of other rules must go, though not now, as
 * something may run.  Of another user, who only gives way, the worker stays. */
static void replace(KnownUser *old, const KnownUser *user) {
  bool is_same = user != NULL && user->principal_size == old->principal_size &&
                 memcmp(principal_of(user).data, principal_of(old).data, old->principal_size) == 0;
  bool is_other = user != NULL && !is_of(user, (FsbBytes){old->bytes, old->name_size});
  if (is_same || is_other) {
    give(old);
    return;
  }
  old->next = doomed;
  doomed = old;
}

/* Out of memory leaves a caller without a tenant, who is refused. */
static KnownUser *know(RedisCtx *ctx, RedisString *string) {
  FsbBytes name;
  name.data = rm.StringPtrLen(string, &name.size);
  KnownUser **place = &table[policy_hash_add(POLICY_HASH_START, name.data, name.size) % KNOWN];
  if (is_of(*place, name) && is_fresh(*place)) return *place;
  KnownUser *user = learn(ctx, string);
  if (user == NULL) return NULL;
  if (*place != NULL) replace(*place, user);
  *place = user;
  return user;
}

static void find(RedisCtx *ctx, Caller *ret_caller) {
  uint64_t id = rm.GetClientId(ctx);
  *ret_caller = (Caller){.principal = {"", 0}};
  if (id == REDIS_AOF_CLIENT || (rm.GetContextFlags(ctx) & REDIS_CTX_REPLICATED) != 0) return;
  ret_caller->name = rm.GetClientUserNameById(ctx, id);
  if (ret_caller->name == NULL) return;
  KnownUser *user = know(ctx, ret_caller->name);
  if (user == NULL) return;
  user->uses++;
  ret_caller->known = user;
  ret_caller->tenant = user->tenant;
  ret_caller->principal = principal_of(user);
}

static void drop(RedisCtx *ctx, Caller *caller) {
  if (caller->name != NULL) rm.FreeString(ctx, caller->name);
  caller->name = NULL;
  give(caller->known);
  caller->known = NULL;
}

void module_caller_find(RedisCtx *ctx, Caller *ret_caller) {
  if (held == NULL || held->ctx != ctx) {
    find(ctx, ret_caller);
    return;
  }
  *ret_caller = held->caller;
  ret_caller->is_held = true;
}

void module_caller_drop(RedisCtx *ctx, Caller *caller) {
  if (caller->is_held) *caller = (Caller){.principal = {"", 0}};
  else drop(ctx, caller);
}

void module_caller_hold(RedisCtx *ctx, CallerHold *ret_hold) {
  *ret_hold = (CallerHold){.ctx = ctx, .outer = held};
  find(ctx, &ret_hold->caller);
  held = ret_hold;
}

void module_caller_release(CallerHold *hold) {
  held = hold->outer;
  drop(hold->ctx, &hold->caller);
}

bool module_caller_is_rejected(const Caller *caller) {
  return caller->name != NULL && caller->tenant == NULL;
}

ScriptShelf *module_caller_shelf(RedisCtx *ctx) {
  Caller caller;
  module_caller_find(ctx, &caller);
  Tenant *tenant = caller.tenant == NULL ? module_tenant_default() : caller.tenant;
  module_caller_drop(ctx, &caller);
  return &tenant->scripts;
}

void module_caller_show(FsbBytes principal, char *field, size_t room) {
  const char *end = principal.size == 0 ? NULL : memchr(principal.data, '\0', principal.size);
  size_t tenant = end == NULL ? 0 : (size_t)(end - principal.data);
  FsbBytes user = {tenant == 0 ? "" : end + 1, tenant == 0 ? 0 : principal.size - tenant - 1};
  user.size = strnlen(user.data, user.size);
  if (module_tenant_has_policy() && tenant != 0)
    (void)snprintf(field, room, "%.*s/%.*s", (int)tenant, principal.data, (int)user.size, user.data);
  else
    (void)snprintf(field, room, "%.*s", (int)user.size, user.data);
}

/* --- Changes of rules --- */

void module_caller_forget(void) {
  module_state.acl_revision++;
}

/* Looks at a user again; whoever has other rules now loses its worker. */
static void review(RedisCtx *ctx, KnownUser **place) {
  KnownUser *old = *place;
  if (old == NULL || is_fresh(old)) return;
  RedisString *name = rm.CreateString(ctx, old->bytes, old->name_size);
  *place = learn(ctx, name);
  rm.FreeString(ctx, name);
  replace(old, *place);
}

void module_caller_tend(RedisCtx *ctx) {
  if (tended_acl != module_state.acl_revision || tended_policy != module_tenant_revision())
    for (size_t i = 0; i < KNOWN; i++) review(ctx, &table[i]);
  tended_acl = module_state.acl_revision;
  tended_policy = module_tenant_revision();
  while (doomed != NULL) {
    KnownUser *user = doomed;
    doomed = user->next;
    if (user->principal_size != 0) (void)fsb_pool_retire(module_state.pool, principal_of(user));
    give(user);
  }
}

void module_caller_end(void) {
  for (size_t i = 0; i < KNOWN; i++) {
    give(table[i]);
    table[i] = NULL;
  }
  while (doomed != NULL) {
    KnownUser *user = doomed;
    doomed = user->next;
    give(user);
  }
}

/* --- Permissions --- */

int module_caller_check(const Caller *caller, RedisString **argv, int argc) {
  if (caller->name == NULL) return 1;
  RedisUser *user = rm.GetModuleUserFromUserName(caller->name);
  if (user == NULL) return 0;
  errno = 0;
  int status = rm.ACLCheckCommandPermissions(user, argv, argc);
  bool is_unknown = status != REDIS_OK && errno == ENOENT;
  rm.FreeModuleUser(user);
  if (is_unknown) return -1;
  return status == REDIS_OK;
}

/* EVAL may have been renamed away, as it should; the rules about it still stand. */
static bool check_renamed(RedisCtx *ctx, const Caller *caller, const Route *route) {
  size_t size;
  RedisString *rules = rules_of(caller->name);
  if (rules == NULL) return false;
  const char *text = rm.StringPtrLen(rules, &size);
  bool may = module_acl_allows(text, size, route->command, route->sub,
                               (module_route_variant(route->variant)->flags));
  rm.FreeString(ctx, rules);
  return may;
}

static void log_refusal(RedisCtx *ctx, const Caller *caller, RedisString *object, int reason) {
  RedisUser *user = rm.GetModuleUserFromUserName(caller->name);
  if (user == NULL) return;
  rm.ACLAddLogEntry(ctx, user, object, reason);
  rm.FreeModuleUser(user);
}

/* Whether the user may use the command, only not with these keys: a selector has the one,
 * another the others. */
static bool is_about_keys(const Caller *caller, const Route *route, RedisString **argv, int argc) {
  if (module_route_variant(route->variant)->keys == KEYS_NONE || argc < 3) return false;
  RedisString *words[3] = {argv[0], argv[1], rm.CreateString(NULL, "0", 1)};
  bool may = module_caller_check(caller, words, 3) == 1;
  rm.FreeString(NULL, words[2]);
  return may;
}

static void refuse(RedisCtx *ctx, const Caller *caller, const Route *route, RedisString **argv,
                   int argc) {
  char text[160], name[64];
  if (is_about_keys(caller, route, argv, argc)) {
    log_refusal(ctx, caller, argv[3 < argc ? 3 : 0], REDIS_ACL_LOG_KEY);
    (void)rm.ReplyWithError(ctx, "NOPERM this user has no permissions to access one of the keys "
                                 "used as arguments");
    return;
  }
  (void)snprintf(name, sizeof name, "%s%s%s", route->command, route->sub == NULL ? "" : "|",
                 route->sub == NULL ? "" : route->sub);
  RedisString *object = rm.CreateString(NULL, name, strlen(name));
  log_refusal(ctx, caller, object, REDIS_ACL_LOG_COMMAND);
  rm.FreeString(NULL, object);
  (void)snprintf(text, sizeof text, "NOPERM this user has no permissions to run the '%s' command", name);
  (void)rm.ReplyWithError(ctx, text);
}

/* Administrators stay able to end what runs. */
static bool is_turned_away(RedisCtx *ctx, const Caller *caller, const Route *route) {
  char text[160];
  size_t size;
  if (!module_caller_is_rejected(caller) || route->variant == VARIANT_BUSY) return false;
  const char *name = rm.StringPtrLen(caller->name, &size);
  (void)snprintf(text, sizeof text, "NOPERM user '%.*s' belongs to no tenant of the sandbox's policy",
                 (int)(size < 64 ? size : 64), name);
  (void)module_reply_error(ctx, (FsbBytes){text, strlen(text)});
  return true;
}

bool module_caller_may(RedisCtx *ctx, const Route *route, RedisString **argv, int argc) {
  Caller caller;
  module_caller_find(ctx, &caller);
  int may = module_caller_check(&caller, argv, argc);
  if (may < 0) may = check_renamed(ctx, &caller, route);
  if (may == 0)
    refuse(ctx, &caller, route, argv, argc);
  else if (is_turned_away(ctx, &caller, route))
    may = 0;
  module_caller_drop(ctx, &caller);
  return may != 0;
}

bool module_caller_is_administrator(RedisCtx *ctx) {
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
