/* SPDX-License-Identifier: BSD-2-Clause */
/* tenants - finding a tenant, counting who looks. */
#include "policy/tenants/tenants.h"

#include <stdlib.h>
#include <string.h>

#include "policy/tenants/policy.h"

TenantPolicy *policy_tenants_ref(TenantPolicy *policy) {
  if (policy != NULL) policy->references++;
  return policy;
}

void policy_tenants_unref(TenantPolicy *policy) {
  if (policy == NULL || --policy->references != 0) return;
  policy_tenants_store_free(&policy->store);
  policy_tenants_table_free(&policy->tenant_names);
  policy_tenants_table_free(&policy->exact_users);
  policy_tenants_table_free(&policy->prefix_users);
  free(policy->tenants);
  free(policy->users);
  free(policy->prefixes);
  free(policy->overlaps);
  free(policy);
}

static bool begins_with(TenantText text, TenantText prefix) {
  return text.size >= prefix.size &&
         (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

/* How many prefixes are not behind the name. */
static size_t prefixes_before(const TenantPolicy *policy, TenantText user) {
  size_t low = 0, high = policy->prefix_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (policy_tenants_compare(policy->users[policy->prefixes[middle]].name, user) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* No prefix begins with another, so the one that fits is the last that is not
 * behind the name. */
static size_t find_by_prefix(const TenantPolicy *policy, TenantText user) {
  size_t count = prefixes_before(policy, user);
  if (count == 0) return NO_TENANT;
  const MappedUser *mapped = &policy->users[policy->prefixes[count - 1]];
  return begins_with(user, mapped->name) ? mapped->tenant : NO_TENANT;
}

const TenantRules *policy_tenants_of_user(const TenantPolicy *policy, const char *user, size_t size) {
  TenantText name = {user, size};
  size_t at;
  if (policy_tenants_table_find(&policy->exact_users, name, &at))
    return &policy->tenants[policy->users[at].tenant];
  at = find_by_prefix(policy, name);
  return at != NO_TENANT ? &policy->tenants[at] : policy_tenants_rest(policy);
}

const TenantRules *policy_tenants_find(const TenantPolicy *policy, const char *name, size_t size) {
  size_t at;
  return policy_tenants_table_find(&policy->tenant_names, (TenantText){name, size}, &at)
             ? &policy->tenants[at]
             : NULL;
}

const TenantRules *policy_tenants_at(const TenantPolicy *policy, size_t i) {
  return i < policy->tenant_count ? &policy->tenants[i] : NULL;
}

size_t policy_tenants_count(const TenantPolicy *policy) {
  return policy->tenant_count;
}

const TenantRules *policy_tenants_rest(const TenantPolicy *policy) {
  return policy->rest == NO_TENANT ? NULL : &policy->tenants[policy->rest];
}

bool policy_tenants_user(const TenantPolicy *policy, size_t i, TenantUser *ret_user) {
  if (i >= policy->user_count) return false;
  const MappedUser *user = &policy->users[i];
  /* The '*' of a prefix stands behind its name in the store. */
  *ret_user = (TenantUser){.name = {user->name.data, user->name.size + user->is_prefix},
                           .rules = &policy->tenants[user->tenant],
                           .is_prefix = user->is_prefix};
  return true;
}

bool policy_tenants_maps(const TenantPolicy *policy, TenantText user) {
  size_t at;
  if (user.size == 0 || user.data[user.size - 1] != '*')
    return policy_tenants_table_find(&policy->exact_users, user, &at);
  user.size--;
  size_t i = prefixes_before(policy, user);
  return i != 0 && policy_tenants_compare(policy->users[policy->prefixes[i - 1]].name, user) == 0;
}

bool policy_tenants_overlap(const TenantPolicy *policy, size_t i, TenantText *ret_shorter,
                            TenantText *ret_longer) {
  if (i >= policy->overlap_count) return false;
  *ret_shorter = policy->users[policy->overlaps[i].shorter].name;
  *ret_longer = policy->users[policy->overlaps[i].longer].name;
  return true;
}
