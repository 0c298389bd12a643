/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor - MONITOR shows EVAL and its siblings in the words that clients sent.
 *
 * The server would show `sandbox.run compat EVAL ...`, and that behind what the script
 * did.  So sandbox.run is not shown; while somebody looks on, a command that does nothing
 * is called with the client's words before they are obeyed, and shown as they are.
 */
#ifndef TOOLS_MODULE_MONITOR_H
#define TOOLS_MODULE_MONITOR_H

#include "tools/module/api.h"

bool module_monitor_register(RedisCtx *ctx);

/* A client has sent MONITOR. */
void module_monitor_notice(void);

/* Now and then: whether somebody still looks on. */
void module_monitor_tend(RedisCtx *ctx);

/* Shows the words of a client to who looks on. */
void module_monitor_show(RedisCtx *ctx, RedisString **argv, int argc);

#endif
