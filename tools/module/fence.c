/* SPDX-License-Identifier: BSD-2-Clause */
/* fence - lists of commands, prefixes of keys, declared keys. */
#include "tools/module/fence.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/command.h"
#include "tools/module/walk.h"

#define NAME_BYTES 64
/* So many keys are looked through one by one. */
#define FEW_KEYS 8

/* A command's name as policies spell it; `sub` is empty where it is no container. */
typedef struct {
  char command[NAME_BYTES], sub[NAME_BYTES];
} Name;

__attribute__((format(printf, 2, 3))) static const char *explain(Fence *fence, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(fence->text, sizeof fence->text, format, arguments);
  va_end(arguments);
  return fence->text;
}

/* --- Commands --- */

/* What no command is called by stays empty; the server will say so. */
static void lower(FsbBytes word, char name[NAME_BYTES]) {
  name[0] = '\0';
  if (word.size >= NAME_BYTES) return;
  for (size_t i = 0; i < word.size; i++) {
    char c = word.data[i];
    if (c < 0x21 || c > 0x7E) c = '?';
    name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  name[word.size] = '\0';
}

static Name name_of(RedisCtx *ctx, const FsbCall *call) {
  Name name = {.sub = ""};
  bool is_container = call->argc > 1 && (module_command_flags(ctx, call->argv, 1) & COMMAND_CONTAINER) != 0;
  lower(call->argv[0], name.command);
  if (is_container) lower(call->argv[1], name.sub);
  return name;
}

static TenantText text_of(const char *text) {
  return (TenantText){text, strlen(text)};
}

static const char *check_command(Fence *fence, const Name *name) {
  const TenantRules *rules = fence->tenant->rules;
  if (policy_tenants_allows_command(rules, text_of(name->command), text_of(name->sub))) return NULL;
  return explain(fence, "NOPERM scripts of tenant %s may not run '%s%s%s'", rules->name, name->command,
                 name->sub[0] == '\0' ? "" : "|", name->sub);
}

/* --- Keys --- */

static int compare_keys(const void *a, const void *b) {
  const FsbBytes *x = a, *y = b;
  size_t shared = x->size < y->size ? x->size : y->size;
  int order = shared == 0 ? 0 : memcmp(x->data, y->data, shared);
  if (order != 0) return order;
  return x->size < y->size ? -1 : x->size > y->size;
}

static bool is_among(const FsbBytes *keys, size_t count, FsbBytes key) {
  for (size_t i = 0; i < count; i++)
    if (compare_keys(&keys[i], &key) == 0) return true;
  return false;
}

/* Out of memory is only slow. */
static bool is_declared(Fence *fence, FsbBytes key) {
  if (fence->key_count <= FEW_KEYS) return is_among(fence->keys, fence->key_count, key);
  if (fence->sorted == NULL) {
    fence->sorted = malloc(fence->key_count * sizeof *fence->sorted);
    if (fence->sorted == NULL) return is_among(fence->keys, fence->key_count, key);
    memcpy(fence->sorted, fence->keys, fence->key_count * sizeof *fence->sorted);
    qsort(fence->sorted, fence->key_count, sizeof *fence->sorted, compare_keys);
  }
  return bsearch(&key, fence->sorted, fence->key_count, sizeof key, compare_keys) != NULL;
}

static const char *check_key(Fence *fence, const Name *name, FsbBytes key) {
  const TenantRules *rules = fence->tenant->rules;
  if (!policy_tenants_allows_key(rules, key.data, key.size))
    return explain(fence, "NOPERM a key of '%s' lies outside the key prefixes of tenant %s", name->command,
                   rules->name);
  if (rules->undeclared_keys || is_declared(fence, key)) return NULL;
  return explain(fence, "NOPERM a key of '%s' is not in KEYS, and scripts of tenant %s may use no other",
                 name->command, rules->name);
}

/* A pattern of SORT stands for the keys that begin like it. */
static const char *check_pattern(Fence *fence, const Name *name, FsbBytes pattern) {
  const TenantRules *rules = fence->tenant->rules;
  const char *star = memchr(pattern.data, '*', pattern.size);
  if (star == NULL) return NULL; /* no key is looked up */
  bool is_inside = policy_tenants_allows_key(rules, pattern.data, (size_t)(star - pattern.data));
  if (is_inside && rules->undeclared_keys) return NULL;
  return explain(fence, "NOPERM a pattern of '%s' reaches beyond the keys of tenant %s", name->command,
                 rules->name);
}

static const char *check_patterns(Fence *fence, const Name *name, const FsbCall *call) {
  const char *problem = NULL;
  if (strcmp(name->command, "sort") != 0 && strcmp(name->command, "sort_ro") != 0) return NULL;
  for (size_t i = 2; problem == NULL && i + 1 < call->argc; i++)
    if (module_command_is(call->argv[i], "by") || module_command_is(call->argv[i], "get"))
      problem = check_pattern(fence, name, call->argv[i + 1]);
  return problem;
}

static const char *check_keyless(Fence *fence, const Name *name) {
  const TenantRules *rules = fence->tenant->rules;
  if (policy_tenants_allows_keyless(rules, text_of(name->command), text_of(name->sub))) return NULL;
  return explain(fence, "NOPERM '%s' names no key, and tenant %s is confined to its key prefixes",
                 name->command, rules->name);
}

static const char *check_keys(Fence *fence, RedisCtx *ctx, const Name *name, const FsbCall *call,
                              RedisString **argv) {
  const char *problem = NULL;
  int count = 0;
  errno = 0;
  int *keys = rm.GetCommandKeys(ctx, argv, (int)call->argc, &count);
  /* Unknown commands and wrong numbers of words are the server's to refuse. */
  if (keys == NULL) return errno != 0 ? NULL : check_keyless(fence, name);
  for (int i = 0; problem == NULL && i < count; i++)
    problem = check_key(fence, name, call->argv[keys[i]]);
  rm.Free(keys);
  return problem != NULL ? problem : check_patterns(fence, name, call);
}

/* --- Time --- */

/* Nothing interrupts a command: one that would exceed what is promised the others is not begun. */
static const char *check_time(Fence *fence, RedisCtx *ctx, const FsbCall *call) {
  const TenantRules *rules = fence->tenant->rules;
  if (module_walk_estimate(call, 1) == 0) return NULL;
  uint64_t keys = rm.DbSize(ctx);
  if (module_walk_estimate(call, keys) <= rules->limits.hold) return NULL;
  char name[NAME_BYTES];
  lower(call->argv[0], name);
  return explain(fence, "NOPERM '%s' among %llu keys would hold the server for longer than scripts of tenant %s may", name,
                 (unsigned long long)keys, rules->name);
}

/* --- The call --- */

static bool has_key_rules(const TenantRules *rules) {
  return rules->key_prefixes.count != 0 || !rules->undeclared_keys;
}

static bool has_rules(const TenantRules *rules) {
  return rules->only_commands.count != 0 || rules->denied_commands.count != 0 || has_key_rules(rules);
}

bool module_fence_wants_words(const Fence *fence) {
  return fence->tenant != NULL && fence->tenant->rules != NULL && has_key_rules(fence->tenant->rules);
}

static const char *check_rules(Fence *fence, RedisCtx *ctx, const FsbCall *call, RedisString **argv) {
  const TenantRules *rules = fence->tenant->rules;
  Name name = name_of(ctx, call);
  const char *problem = check_command(fence, &name);
  return problem == NULL && has_key_rules(rules) ? check_keys(fence, ctx, &name, call, argv) : problem;
}

const char *module_fence_check(Fence *fence, RedisCtx *ctx, const FsbCall *call, RedisString **argv) {
  const TenantRules *rules = fence->tenant == NULL ? NULL : fence->tenant->rules;
  if (rules == NULL) return NULL;
  const char *problem = has_rules(rules) ? check_rules(fence, ctx, call, argv) : NULL;
  if (problem == NULL) problem = check_time(fence, ctx, call);
  if (problem == NULL) return NULL;
  fence->tenant->counts.denied_calls++;
  return module_tenant_mode(fence->tenant) == MODE_OBSERVE ? NULL : problem;
}

void module_fence_end(Fence *fence) {
  free(fence->sorted);
  fence->sorted = NULL;
}
