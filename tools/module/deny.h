/* SPDX-License-Identifier: BSD-2-Clause */
/* deny - DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may call what is denied to scripts.
 *
 * The server does not tell modules about this switch of its test suite.  When a
 * DEBUG command that sets it goes by, the switch is tried out before it is next
 * asked about: whether the command was allowed, and what it set, only the server
 * knows.
 */
#ifndef TOOLS_MODULE_DENY_H
#define TOOLS_MODULE_DENY_H

#include "tools/module/api.h"

/* Such a command goes by. */
void module_deny_notice(void);

/* Says whether the switch is on. */
bool module_deny_is_lifted(RedisCtx *ctx);

#endif
