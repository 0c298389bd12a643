/* SPDX-License-Identifier: BSD-2-Clause */
/* log - lines in the server's log.
 */
#ifndef TOOLS_MODULE_LOG_H
#define TOOLS_MODULE_LOG_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/tenant.h"

/* Writes what a script logs: bytes that could deceive a reader are shown as \xHH,
 * long lines cut, and more than a few hundred a second dropped and counted, or more than
 * the tenant's rate.  `tenant` may be NULL. */
void module_log_script(RedisCtx *ctx, Tenant *tenant, int level, FsbBytes text);

#endif
