/* SPDX-License-Identifier: BSD-2-Clause */
/* fence - all prefixes, sorted: what begins with one stands right behind it. */
#include "policy/tenants/fence.h"

#include <stdlib.h>
#include <string.h>

#include "policy/tenants/policy.h"

typedef struct {
  TenantText prefix;
  const TenantText *list; /* that it stands in */
  size_t tenant;
} Post;

static int compare(const void *a, const void *b) {
  const Post *first = a, *second = b;
  int order = policy_tenants_compare(first->prefix, second->prefix);
  if (order != 0) return order;
  return first->tenant < second->tenant ? -1 : first->tenant > second->tenant;
}

static size_t count_posts(const TenantPolicy *policy) {
  size_t count = 0;
  for (size_t i = 0; i < policy->tenant_count; i++) count += policy->tenants[i].key_prefixes.count;
  return count;
}

static void collect_posts(const TenantPolicy *policy, Post *posts) {
  for (size_t i = 0; i < policy->tenant_count; i++) {
    TenantList list = policy->tenants[i].key_prefixes;
    for (size_t k = 0; k < list.count; k++) *posts++ = (Post){list.items[k], list.items, i};
  }
}

static bool begins_with(TenantText text, TenantText prefix) {
  return text.size >= prefix.size && memcmp(text.data, prefix.data, prefix.size) == 0;
}

/* Compares with the widest prefix around only: what else lies in there was told itself. */
static void scan(const Post *posts, size_t count, FenceGapTake take, void *context) {
  const Post *around = NULL;
  for (size_t i = 0; i < count; i++) {
    const Post *post = &posts[i];
    if (around == NULL || !begins_with(post->prefix, around->prefix)) {
      around = post;
      continue;
    }
    if (post->tenant == around->tenant || post->list == around->list) continue;
    FenceGap gap = {post->tenant, around->tenant, post->prefix, around->prefix};
    take(context, &gap);
  }
}

Status policy_tenants_fence_check(const TenantPolicy *policy, FenceGapTake take, void *context) {
  size_t count = count_posts(policy);
  if (count == 0) return ST_OK;
  Post *posts = malloc(count * sizeof *posts);
  if (posts == NULL) return ST_NO_MEMORY;
  collect_posts(policy, posts);
  qsort(posts, count, sizeof *posts, compare);
  scan(posts, count, take, context);
  free(posts);
  return ST_OK;
}
