/* SPDX-License-Identifier: BSD-2-Clause */
/* hangup - SIGHUP has the policy read again, as SANDBOX RELOAD does.
 *
 * Redis ignores this signal, so it is free; where somebody handles it (another module), it stays
 * theirs.  The handler sets a flag, and the server's cron looks at it when nothing runs.
 */
#ifndef TOOLS_MODULE_HANGUP_H
#define TOOLS_MODULE_HANGUP_H

#include "tools/module/api.h"

/* Takes the signal over, where nobody has it. */
bool module_hangup_install(RedisCtx *ctx);

/* Reads the policy again if the signal came; nothing may run. */
void module_hangup_tend(RedisCtx *ctx);

/* Gives the signal back. */
void module_hangup_remove(void);

#endif
