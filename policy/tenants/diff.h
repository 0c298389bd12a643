/* SPDX-License-Identifier: BSD-2-Clause */
/* diff - what changes, for whom, when one policy takes the place of another.
 *
 * It is the effect that is compared, not the text: a plan that changes shows up at
 * each tenant that it changes.
 *
 * Layer: policy (memory).
 */
#ifndef POLICY_TENANTS_DIFF_H
#define POLICY_TENANTS_DIFF_H

#include "policy/tenants/tenants.h"

typedef enum {
  CHANGE_TENANT_ADDED,
  CHANGE_TENANT_REMOVED,
  CHANGE_RULE,    /* of a tenant: `key`, `before`, `after` */
  CHANGE_WORKERS, /* of a tenant: workers that serve it are replaced */
  CHANGE_USER,    /* `key` belongs to another tenant; rejected: "" */
  CHANGE_UNMAPPED /* what becomes of users that nobody names */
} ChangeKind;

typedef struct {
  ChangeKind kind;
  const char *tenant; /* "" for users */
  const char *key;
  const char *before;
  const char *after;
} PolicyChange;

typedef void (*PolicyChangeTake)(void *context, const PolicyChange *change);

/* Calls `take` for each change: tenants in the order of `after`, those removed, users. */
Status policy_tenants_diff(const TenantPolicy *before, const TenantPolicy *after,
                           PolicyChangeTake take, void *context)
    __attribute__((nonnull(1, 2, 3), warn_unused_result));

#endif
