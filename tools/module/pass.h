/* SPDX-License-Identifier: BSD-2-Clause */
/* pass - commands of tenants whose mode is off: they are the server's own Lua's to answer.
 *
 * A filter of Redis 7.0 is not told who calls, so their commands take the same way as everybody's
 * as far as sandbox.run, which knows, and from there back to the server.
 */
#ifndef TOOLS_MODULE_PASS_H
#define TOOLS_MODULE_PASS_H

#include "tools/module/route.h"

/* Whether the server itself shall answer this command of the caller. */
bool module_pass_is_wanted(RedisCtx *ctx, const Route *route);

/* Lets it, as the caller; `argv` are the command's own words. */
int module_pass_command(RedisCtx *ctx, const Route *route, RedisString **argv, int argc);

/* SANDBOX.RUN native FUNCTION ...: a change of the server's own libraries, as a master or a file
 * tells it. */
int module_pass_obey(RedisCtx *ctx, RedisString **argv, int argc);

#endif
