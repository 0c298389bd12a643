/* SPDX-License-Identifier: BSD-2-Clause */
/* grant - letting those use sandbox.run who may use some scripting command.
 *
 * An administrator grants +eval or +@scripting and need not know what EVAL turns
 * into: users whose rules name a scripting command, and do not let them use
 * sandbox.run anyway, get +sandbox.run before the next script runs.  That gives them
 * nothing, as every use is checked against the rules about EVAL and its siblings
 * themselves (caller.c).
 */
#ifndef TOOLS_MODULE_GRANT_H
#define TOOLS_MODULE_GRANT_H

#include "tools/module/api.h"

/* Some user's rules may have changed. */
void module_grant_notice(void);

/* Looks at all users, if there is anything new about them. */
void module_grant_tend(RedisCtx *ctx);

#endif
