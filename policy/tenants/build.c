/* SPDX-License-Identifier: BSD-2-Clause */
/* build - making a policy: tenants, then users, then it is closed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/policy.h"

TenantPolicy *policy_tenants_new(void) {
  TenantPolicy *policy = calloc(1, sizeof *policy);
  if (policy == NULL) return NULL;
  policy->references = 1;
  policy->rest = NO_TENANT;
  return policy;
}

/* --- Tenants --- */

static int compare_items(const void *a, const void *b) {
  return policy_tenants_compare(*(const TenantText *)a, *(const TenantText *)b);
}

/* Replaces a list by a copy. */
static bool keep_list(Store *store, TenantList *list, bool sorted) {
  if (list->count == 0) {
    *list = (TenantList){.items = NULL};
    return true;
  }
  TenantText *items = policy_tenants_store_take(store, list->count * sizeof *items);
  if (items == NULL) return false;
  for (size_t i = 0; i < list->count; i++) {
    items[i] = policy_tenants_store_text(store, list->items[i]);
    if (items[i].data == NULL) return false;
  }
  if (sorted) qsort(items, list->count, sizeof *items, compare_items);
  list->items = items;
  list->digest = policy_tenants_digest(*list);
  return true;
}

static bool keep_lists(Store *store, TenantRules *rules) {
  return keep_list(store, &rules->key_prefixes, false) &&
         keep_list(store, &rules->only_commands, true) &&
         keep_list(store, &rules->denied_commands, true) &&
         keep_list(store, &rules->keyless_commands, true) &&
         keep_list(store, &rules->listed_scripts, true) &&
         keep_list(store, &rules->shared_with, true);
}

Status policy_tenants_add(TenantPolicy *policy, const TenantRules *rules) {
  TenantRules kept = *rules;
  if (!policy->is_closed && !keep_lists(&policy->store, &kept)) return ST_NO_MEMORY;
  return policy_tenants_place(policy, &kept);
}

Status policy_tenants_place(TenantPolicy *policy, const TenantRules *rules) {
  TenantText name = {rules->name, strlen(rules->name)};
  TenantRules *tenants;
  size_t at;
  if (policy->is_closed) return ST_STATE;
  if (!policy_tenants_is_name(name.data, name.size)) return ST_INVALID;
  if (policy_tenants_table_find(&policy->tenant_names, name, &at)) return ST_STATE;
  tenants = policy_tenants_store_grow(policy->tenants, policy->tenant_count, &policy->tenant_room,
                                      sizeof *tenants);
  if (tenants == NULL) return ST_NO_MEMORY;
  policy->tenants = tenants;
  TenantRules *place = &tenants[policy->tenant_count];
  *place = *rules;
  name = policy_tenants_store_text(&policy->store, name);
  place->name = name.data;
  TenantText plan = {rules->plan, rules->plan == NULL ? 0 : strlen(rules->plan)};
  place->plan = policy_tenants_store_text(&policy->store, plan).data;
  if (place->name == NULL || place->plan == NULL) return ST_NO_MEMORY;
  place->revision = policy_tenants_revision(place);
  Status s = policy_tenants_table_add(&policy->tenant_names, name, policy->tenant_count);
  if (s == ST_OK) policy->tenant_count++;
  return s;
}

/* --- Users --- */

/* What Redis takes as the name of a user, but for '*' at another place than the end. */
static bool is_user(TenantText user) {
  if (user.size == 0 || user.size > TENANT_USER_MAX) return false;
  for (size_t i = 0; i < user.size; i++) {
    char c = user.data[i];
    if (c == '\0' || c == ' ' || (c >= '\t' && c <= '\r') || (c == '*' && i + 1 != user.size)) return false;
  }
  return true;
}

Status policy_tenants_map(TenantPolicy *policy, TenantText user, const char *tenant) {
  MappedUser mapped = {.is_prefix = user.size != 0 && user.data[user.size - 1] == '*'};
  size_t at;
  if (policy->is_closed) return ST_STATE;
  if (!is_user(user)) return ST_INVALID;
  if (!policy_tenants_table_find(&policy->tenant_names, (TenantText){tenant, strlen(tenant)},
                                 &mapped.tenant))
    return ST_NOT_FOUND;
  NameTable *table = mapped.is_prefix ? &policy->prefix_users : &policy->exact_users;
  mapped.name = (TenantText){user.data, user.size - mapped.is_prefix};
  if (policy_tenants_table_find(table, mapped.name, &at)) return ST_STATE;
  MappedUser *users = policy_tenants_store_grow(policy->users, policy->user_count,
                                                &policy->user_room, sizeof *users);
  if (users == NULL) return ST_NO_MEMORY;
  policy->users = users;
  mapped.name.data = policy_tenants_store_text(&policy->store, user).data;
  if (mapped.name.data == NULL) return ST_NO_MEMORY;
  users[policy->user_count] = mapped;
  Status s = policy_tenants_table_add(table, mapped.name, policy->user_count);
  if (s == ST_OK) policy->user_count++;
  return s;
}

Status policy_tenants_map_rest(TenantPolicy *policy, const char *tenant) {
  size_t at;
  if (policy->is_closed) return ST_STATE;
  if (!policy_tenants_table_find(&policy->tenant_names, (TenantText){tenant, strlen(tenant)}, &at))
    return ST_NOT_FOUND;
  policy->rest = at;
  return ST_OK;
}

/* --- Closing --- */

static int compare_prefixes(const void *a, const void *b, void *users) {
  const MappedUser *first = (const MappedUser *)users + *(const size_t *)a;
  const MappedUser *second = (const MappedUser *)users + *(const size_t *)b;
  return policy_tenants_compare(first->name, second->name);
}

static bool sort_prefixes(TenantPolicy *policy) {
  size_t count = policy->prefix_users.used;
  if (count == 0) return true;
  policy->prefixes = malloc(count * sizeof *policy->prefixes);
  if (policy->prefixes == NULL) return false;
  for (size_t i = 0; i < policy->user_count; i++)
    if (policy->users[i].is_prefix) policy->prefixes[policy->prefix_count++] = i;
  qsort_r(policy->prefixes, count, sizeof *policy->prefixes, compare_prefixes, policy->users);
  return true;
}

static Status note_overlap(TenantPolicy *policy, size_t shorter, size_t longer) {
  PrefixPair *pairs = policy_tenants_store_grow(policy->overlaps, policy->overlap_count,
                                                &policy->overlap_room, sizeof *pairs);
  if (pairs == NULL) return ST_NO_MEMORY;
  policy->overlaps = pairs;
  pairs[policy->overlap_count++] = (PrefixPair){shorter, longer};
  return ST_OK;
}

/* Sorted, everything that begins with a prefix stands right behind it. */
static Status find_overlaps(TenantPolicy *policy) {
  size_t cover = NO_TENANT;
  for (size_t i = 0; i < policy->prefix_count; i++) {
    TenantText name = policy->users[policy->prefixes[i]].name;
    TenantText before = {NULL, 0};
    if (cover != NO_TENANT) before = policy->users[cover].name;
    if (cover != NO_TENANT && name.size >= before.size &&
        memcmp(name.data, before.data, before.size) == 0) {
      Status s = note_overlap(policy, cover, policy->prefixes[i]);
      if (s != ST_OK) return s;
    } else {
      cover = policy->prefixes[i];
    }
  }
  return policy->overlap_count == 0 ? ST_OK : ST_STATE;
}

Status policy_tenants_close(TenantPolicy *policy) {
  if (policy->is_closed) return ST_STATE;
  policy->is_closed = true;
  if (!sort_prefixes(policy)) return ST_NO_MEMORY;
  policy_tenants_table_free(&policy->prefix_users);
  return find_overlaps(policy);
}

TenantPolicy *policy_tenants_single(const char *name) {
  TenantPolicy *policy = policy_tenants_new();
  if (policy == NULL) return NULL;
  TenantRules rules = policy_tenants_defaults(name);
  if (policy_tenants_add(policy, &rules) == ST_OK && policy_tenants_map_rest(policy, name) == ST_OK &&
      policy_tenants_close(policy) == ST_OK)
    return policy;
  policy_tenants_unref(policy);
  return NULL;
}
