/* SPDX-License-Identifier: BSD-2-Clause */
/* debug - clients that asked for the server's debugger, which sealed scripts do not have.
 *
 * `redis-cli --ldb` does not look at the answer to SCRIPT DEBUG YES: its EVAL, which was to
 * change nothing but a copy, would be run for good.  So that EVAL is refused too.
 */
#ifndef TOOLS_MODULE_DEBUG_H
#define TOOLS_MODULE_DEBUG_H

#include "tools/module/api.h"

/* SCRIPT DEBUG YES, SYNC or NO of the caller. */
void module_debug_note(RedisCtx *ctx, bool is_wanted);

/* Whether the caller's EVAL is to be refused, once for each time it asked. */
bool module_debug_take(RedisCtx *ctx);

#endif
