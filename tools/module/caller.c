/* SPDX-License-Identifier: BSD-2-Clause */
/* caller - users, their rules, and what these allow. */
#define _GNU_SOURCE
#include "tools/module/caller.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/acl.h"
#include "tools/module/state.h"

/* The last user that was looked at, as most often it is the next one too. */
typedef struct {
  char *name; /* heap */
  size_t name_size;
  uint64_t revision; /* of the rules, as module_state counts them */
  char *principal;   /* heap: the name, a NUL, the digest of the rules */
  size_t principal_size;
} KnownUser;

static KnownUser known;

static uint64_t hash_bytes(const char *data, size_t size) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < size; i++) hash = (hash ^ (uint8_t)data[i]) * UINT64_C(1099511628211);
  return hash;
}

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
  uint64_t digest = hash_bytes(text, size);
  rm.FreeString(ctx, rules);
  return digest;
}

static bool is_known(const char *name, size_t size) {
  return known.name != NULL && known.revision == module_state.acl_revision &&
         known.name_size == size && memcmp(known.name, name, size) == 0;
}

/* Out of memory leaves an empty principal, which no other user shares. */
static void learn(RedisCtx *ctx, RedisString *string) {
  size_t size;
  const char *name = rm.StringPtrLen(string, &size);
  if (is_known(name, size)) return;
  free(known.name);
  free(known.principal);
  known = (KnownUser){.name = malloc(size + 1), .principal = malloc(size + 18)};
  if (known.name == NULL || known.principal == NULL) return;
  memcpy(known.name, name, size);
  memcpy(known.principal, name, size);
  known.name_size = size;
  known.revision = module_state.acl_revision;
  known.principal_size =
      size + 1 + (size_t)snprintf(known.principal + size + 1, 17, "%016" PRIx64,
                                  digest_of_rules(ctx, string));
  known.principal[size] = '\0';
}

void module_caller_find(RedisCtx *ctx, Caller *ret_caller) {
  uint64_t id = rm.GetClientId(ctx);
  *ret_caller = (Caller){.principal = {"", 0}};
  if (id == REDIS_AOF_CLIENT || (rm.GetContextFlags(ctx) & REDIS_CTX_REPLICATED) != 0) return;
  ret_caller->name = rm.GetClientUserNameById(ctx, id);
  if (ret_caller->name == NULL) return;
  learn(ctx, ret_caller->name);
  if (known.principal_size != 0)
    ret_caller->principal = (FsbBytes){known.principal, known.principal_size};
}

void module_caller_drop(RedisCtx *ctx, Caller *caller) {
  if (caller->name != NULL) rm.FreeString(ctx, caller->name);
  caller->name = NULL;
}

void module_caller_forget(void) {
  module_state.acl_revision++;
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

static void refuse(RedisCtx *ctx, const Caller *caller, const Route *route, RedisString *command) {
  char text[160];
  RedisUser *user = rm.GetModuleUserFromUserName(caller->name);
  if (user != NULL) {
    rm.ACLAddLogEntry(ctx, user, command, REDIS_ACL_LOG_COMMAND);
    rm.FreeModuleUser(user);
  }
  (void)snprintf(text, sizeof text, "NOPERM this user has no permissions to run the '%s%s%s' command",
                 route->command, route->sub == NULL ? "" : "|", route->sub == NULL ? "" : route->sub);
  (void)rm.ReplyWithError(ctx, text);
}

bool module_caller_may(RedisCtx *ctx, const Route *route, RedisString **argv, int argc) {
  Caller caller;
  module_caller_find(ctx, &caller);
  int may = module_caller_check(&caller, argv, argc);
  if (may < 0) may = check_renamed(ctx, &caller, route);
  if (may == 0) refuse(ctx, &caller, route, argv[0]);
  module_caller_drop(ctx, &caller);
  return may != 0;
}
