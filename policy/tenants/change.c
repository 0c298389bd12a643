/* SPDX-License-Identifier: BSD-2-Clause */
/* change - the rule is read in a policy of one tenant, and copied from there. */
#include "policy/tenants/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/load.h"
#include "policy/tenants/value.h"

/* --- The rule --- */

/* Finds the value that is called `key`. */
static bool find_value(const TenantRules *rules, const char *key, TenantValue *ret_value) {
  char name[VALUE_NAME_BYTES];
  for (size_t i = 0; policy_tenants_value(rules, i, ret_value); i++) {
    policy_tenants_value_name(ret_value, name);
    if (strcmp(name, key) == 0) return true;
  }
  return false;
}

/* One line: what follows a line end would be another key. */
static bool is_line(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7F) return false;
  return true;
}

static char *write_policy(const char *tenant, const TenantValue *value, const char *text, size_t *ret_size) {
  char *policy = NULL;
  FILE *to = open_memstream(&policy, ret_size);
  if (to == NULL) return NULL;
  (void)fprintf(to, "version: 1\ntenants:\n  \"%s\":\n    %s: ", tenant, value->row->name);
  if (value->entry != NULL)
    (void)fprintf(to, "{%s: %s}\n", value->entry, text);
  else
    (void)fprintf(to, "%s\n", text);
  if (fclose(to) == 0) return policy;
  free(policy);
  return NULL;
}

/* The length of a field that is copied as a whole; 0: entry by entry. */
static size_t size_of(PolicyKind kind) {
  switch (kind) {
    case KIND_NUMBER:
    case KIND_CHOICE: return sizeof(unsigned);
    case KIND_TIME:
    case KIND_BYTE_RATE:
    case KIND_STEPS: return sizeof(uint64_t);
    case KIND_FLAG:
    case KIND_SWITCH: return sizeof(bool);
    case KIND_TEXTS:
    case KIND_COMMANDS:
    case KIND_DIGESTS: return sizeof(TenantList);
    case KIND_LIMITS:
    case KIND_RATES:
    case KIND_AMOUNTS:
    case KIND_TENANTS:
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
  return 0;
}

static void copy_entry(TenantRules *to, const TenantRules *from, const TenantValue *value) {
  size_t size = value->row->kind == KIND_RATES ? sizeof(Rate) : sizeof(uint64_t), i = 0;
  if (value->row->kind == KIND_LIMITS) {
    const LimitRow *row = policy_limits_find(value->entry, strlen(value->entry));
    policy_limits_set(&to->limits, row, policy_limits_get(&from->limits, row));
    return;
  }
  while (strcmp(policy_quota_resource(i)->name, value->entry) != 0) i++;
  size_t place = value->row->offset + i * size;
  memcpy((char *)to + place, (const char *)from + place, size);
}

static void copy_value(TenantRules *to, const TenantRules *from, const TenantValue *value) {
  size_t size = size_of(value->row->kind), place = value->row->offset;
  if (size == 0)
    copy_entry(to, from, value);
  else
    memcpy((char *)to + place, (const char *)from + place, size);
}

/* --- The policy --- */

static Status copy_users(TenantPolicy *after, const TenantPolicy *before) {
  TenantUser user;
  Status status = ST_OK;
  for (size_t i = 0; status == ST_OK && policy_tenants_user(before, i, &user); i++)
    status = policy_tenants_map(after, user.name, user.rules->name);
  const TenantRules *rest = policy_tenants_rest(before);
  if (status == ST_OK && rest != NULL) status = policy_tenants_map_rest(after, rest->name);
  return status == ST_OK ? policy_tenants_close(after) : status;
}

/* A copy with one tenant's rules replaced. */
static Status copy_policy(const TenantPolicy *before, const TenantRules *changed, TenantPolicy **ret_after) {
  TenantPolicy *after = policy_tenants_new();
  Status status = after == NULL ? ST_NO_MEMORY : ST_OK;
  const TenantRules *rules;
  for (size_t i = 0; status == ST_OK && (rules = policy_tenants_at(before, i)) != NULL; i++)
    status = policy_tenants_add(after, strcmp(rules->name, changed->name) == 0 ? changed : rules);
  if (status == ST_OK) status = copy_users(after, before);
  if (status == ST_OK)
    *ret_after = after;
  else
    policy_tenants_unref(after);
  return status;
}

Status policy_tenants_change(const TenantPolicy *before, const char *tenant, const char *key,
                             const char *value, TenantProblems *problems, TenantPolicy **ret_after) {
  const TenantRules *rules = policy_tenants_find(before, tenant, strlen(tenant));
  TenantPolicy *small = NULL;
  TenantValue found;
  size_t size;
  if (rules == NULL || !find_value(rules, key, &found)) return ST_NOT_FOUND;
  if (found.row->kind == KIND_TENANTS) return ST_UNSUPPORTED;
  if (!is_line(value)) return ST_INVALID;
  char *text = write_policy(tenant, &found, value, &size);
  if (text == NULL) return ST_NO_MEMORY;
  Status status = policy_tenants_parse(text, size, problems, &small);
  free(text);
  if (status != ST_OK) return status;
  TenantRules changed = *rules;
  copy_value(&changed, policy_tenants_find(small, tenant, strlen(tenant)), &found);
  status = copy_policy(before, &changed, ret_after);
  policy_tenants_unref(small);
  return status;
}
