/* SPDX-License-Identifier: BSD-2-Clause */
/* fence - whether the key prefixes of two tenants let one into the other's keys.
 *
 * "acme" lies open to "acme:" and to "ac": of two prefixes of which one begins with the
 * other, the longer one's keys belong to both tenants.  That may be meant, so it is told and
 * not refused.  Tenants that take one and the same list from a plan share on purpose.
 *
 * Layer: policy (memory, no I/O).
 */
#ifndef POLICY_TENANTS_FENCE_H
#define POLICY_TENANTS_FENCE_H

#include "policy/tenants/tenants.h"

typedef struct {
  size_t owner, visitor;           /* tenants; the visitor's prefix is the shorter, or the same */
  TenantText owned, visited;       /* their prefixes */
} FenceGap;

typedef void (*FenceGapTake)(void *context, const FenceGap *gap);

/* Calls `take` for each prefix that lies within another tenant's: once, with the widest
 * prefix around it.  ST_NO_MEMORY. */
Status policy_tenants_fence_check(const TenantPolicy *policy, FenceGapTake take, void *context)
    __attribute__((nonnull(1, 2), warn_unused_result));

#endif
