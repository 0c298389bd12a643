/* SPDX-License-Identifier: BSD-2-Clause */
/* change - a policy with one rule of one tenant made different.
 *
 * For administrators who cannot wait for the file: the rule is written as in the file, and
 * is read and checked by the same code.
 *
 * Layer: policy (memory, no I/O).
 */
#ifndef POLICY_TENANTS_CHANGE_H
#define POLICY_TENANTS_CHANGE_H

#include "policy/tenants/problems.h"
#include "policy/tenants/tenants.h"

/* Makes a policy that is as `before` but for the tenant's `key` ("limits.hold", "scripts"),
 * which is `value` ("50ms", "loaded").  It has one reference; `before` keeps its own.
 * ST_NOT_FOUND: no such tenant or key; ST_INVALID: see `problems`, empty before;
 * ST_UNSUPPORTED: a key that names other tenants; ST_NO_MEMORY. */
Status policy_tenants_change(const TenantPolicy *before, const char *tenant, const char *key,
                             const char *value, TenantProblems *problems, TenantPolicy **ret_after)
    __attribute__((nonnull, warn_unused_result));

#endif
