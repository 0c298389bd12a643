/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - what a TenantPolicy is made of; for the files of this folder.
 *
 * Layer: policy.
 */
#ifndef POLICY_TENANTS_POLICY_H
#define POLICY_TENANTS_POLICY_H

#include "policy/tenants/store.h"
#include "policy/tenants/table.h"
#include "policy/tenants/tenants.h"

#define NO_TENANT SIZE_MAX

typedef struct {
  TenantText name; /* without the '*' of a prefix */
  size_t tenant;   /* index */
  bool is_prefix;
} MappedUser;

typedef struct {
  size_t shorter, longer; /* users */
} PrefixPair;

struct TenantPolicy {
  unsigned references;
  bool is_closed;
  Store store; /* texts and lists */
  TenantRules *tenants;
  size_t tenant_count, tenant_room;
  NameTable tenant_names;
  MappedUser *users;
  size_t user_count, user_room;
  NameTable exact_users;
  NameTable prefix_users; /* only until it is closed */
  size_t *prefixes;       /* users that are prefixes, sorted by their bytes */
  size_t prefix_count;
  PrefixPair *overlaps;
  size_t overlap_count, overlap_room;
  size_t rest; /* tenant of unmapped users, or NO_TENANT */
};

/* Orders texts by their bytes, a beginning before what begins with it. */
int policy_tenants_compare(TenantText a, TenantText b);

/* Computes the digest of a list's texts. */
uint64_t policy_tenants_digest(TenantList list);

/* Adds rules as they are: what they point to is in the policy's store already, but for
 * the name, or lives as long.  Otherwise as policy_tenants_add. */
Status policy_tenants_place(TenantPolicy *policy, const TenantRules *rules)
    __attribute__((nonnull, warn_unused_result));

/* Computes the digest of what a principal depends on. */
uint64_t policy_tenants_revision(const TenantRules *rules) __attribute__((nonnull));

#endif
