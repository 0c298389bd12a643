/* SPDX-License-Identifier: BSD-2-Clause */
/* observe - the mode in which limits only report.
 */
#ifndef TOOLS_MODULE_OBSERVE_H
#define TOOLS_MODULE_OBSERVE_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/tenant.h"

/* Returns the limits of the tenant's next run: its own or, in MODE_OBSERVE, what
 * the build can carry out at most.  A run that cannot be killed, as the server
 * cannot serve others meanwhile, keeps its limits. */
const FsbLimits *module_observe_limits(Tenant *tenant, bool can_be_killed);

/* In MODE_OBSERVE, logs and counts which limits the run would have met. */
void module_observe_run(RedisCtx *ctx, Tenant *tenant, const FsbResult *result);

#endif
