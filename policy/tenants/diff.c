/* SPDX-License-Identifier: BSD-2-Clause */
/* diff - values compared as texts, users by whom they belong to. */
#include "policy/tenants/diff.h"

#include <stdlib.h>
#include <string.h>

#include "policy/tenants/value.h"

typedef struct {
  const TenantPolicy *before, *after;
  PolicyChangeTake take;
  void *context;
} Comparison;

static void tell(const Comparison *c, ChangeKind kind, const char *tenant, const char *key,
                 const char *before, const char *after) {
  PolicyChange change = {kind, tenant, key, before, after};
  c->take(c->context, &change);
}

/* --- Rules --- */

static bool compare_value(const Comparison *c, const char *tenant, const TenantValue *before,
                          const TenantValue *after) {
  char name[VALUE_NAME_BYTES];
  char *old = policy_tenants_value_text(before), *new = policy_tenants_value_text(after);
  bool is_whole = old != NULL && new != NULL;
  policy_tenants_value_name(before, name);
  if (is_whole && strcmp(old, new) != 0) tell(c, CHANGE_RULE, tenant, name, old, new);
  free(old);
  free(new);
  return is_whole;
}

static Status compare_rules(const Comparison *c, const TenantRules *before, const TenantRules *after) {
  TenantValue old, new;
  if (strcmp(before->plan, after->plan) != 0)
    tell(c, CHANGE_RULE, after->name, "plan", before->plan, after->plan);
  for (size_t i = 0; policy_tenants_value(before, i, &old); i++) {
    (void)policy_tenants_value(after, i, &new);
    if (!compare_value(c, after->name, &old, &new)) return ST_NO_MEMORY;
  }
  if (before->revision != after->revision) tell(c, CHANGE_WORKERS, after->name, "workers", "", "replaced");
  return ST_OK;
}

static Status compare_tenants(const Comparison *c) {
  Status s = ST_OK;
  for (size_t i = 0; s == ST_OK && policy_tenants_at(c->after, i) != NULL; i++) {
    const TenantRules *new = policy_tenants_at(c->after, i);
    const TenantRules *old = policy_tenants_find(c->before, new->name, strlen(new->name));
    if (old == NULL)
      tell(c, CHANGE_TENANT_ADDED, new->name, "tenant", "", new->plan);
    else
      s = compare_rules(c, old, new);
  }
  for (size_t i = 0; policy_tenants_at(c->before, i) != NULL; i++) {
    const TenantRules *old = policy_tenants_at(c->before, i);
    if (policy_tenants_find(c->after, old->name, strlen(old->name)) == NULL)
      tell(c, CHANGE_TENANT_REMOVED, old->name, "tenant", old->plan, "");
  }
  return s;
}

/* --- Users --- */

static const char *name_of(const TenantRules *rules) {
  return rules == NULL ? "" : rules->name;
}

/* Whom a user, or those whose name begins so, belongs to. */
static const char *tenant_of(const TenantPolicy *policy, const TenantUser *user) {
  return name_of(policy_tenants_of_user(policy, user->name.data, user->name.size - user->is_prefix));
}

static void compare_user(const Comparison *c, const TenantUser *user) {
  const char *old = tenant_of(c->before, user), *new = tenant_of(c->after, user);
  if (strcmp(old, new) != 0) tell(c, CHANGE_USER, "", user->name.data, old, new);
}

static void compare_users(const Comparison *c) {
  TenantUser user;
  for (size_t i = 0; policy_tenants_user(c->after, i, &user); i++) compare_user(c, &user);
  for (size_t i = 0; policy_tenants_user(c->before, i, &user); i++)
    if (!policy_tenants_maps(c->after, user.name)) compare_user(c, &user);
  const char *old = name_of(policy_tenants_rest(c->before)), *new = name_of(policy_tenants_rest(c->after));
  if (strcmp(old, new) != 0) tell(c, CHANGE_UNMAPPED, "", "unmapped", old, new);
}

Status policy_tenants_diff(const TenantPolicy *before, const TenantPolicy *after,
                           PolicyChangeTake take, void *context) {
  Comparison comparison = {before, after, take, context};
  Status s = compare_tenants(&comparison);
  compare_users(&comparison);
  return s;
}
