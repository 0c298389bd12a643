/* SPDX-License-Identifier: BSD-2-Clause */
/* grant - letting those use sandbox.run who may use some scripting command.
 *
 * An administrator grants +eval or +@scripting and need not know what EVAL turns
 * into: users whose rules name a scripting command get +sandbox.run with it.  That
 * gives them nothing, as every use is checked against the rules about EVAL and its
 * siblings themselves (caller.c).
 */
#ifndef TOOLS_MODULE_GRANT_H
#define TOOLS_MODULE_GRANT_H

#include "tools/module/api.h"

/* Sees every ACL command: completes the rules of ACL SETUSER. */
void module_grant_filter(RedisFilterCtx *filter, const RedisString *sub);

/* Completes the rules of those users that came from a file, if any did. */
void module_grant_tend(RedisCtx *ctx);

void module_grant_begin(void);
void module_grant_end(void);

#endif
