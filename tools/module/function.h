/* SPDX-License-Identifier: BSD-2-Clause */
/* function - FCALL, FCALL_RO and the FUNCTION command.
 */
#ifndef TOOLS_MODULE_FUNCTION_H
#define TOOLS_MODULE_FUNCTION_H

#include "tools/module/api.h"
#include "tools/module/route.h"
#include "tools/module/tenant.h"

/* Chooses the variant that says what the function declares.  `caller` may be NULL: not known. */
VariantId module_function_variant(const Route *route, const Tenant *caller, const RedisString *name);

/* Calls a handler of the FUNCTION command for the libraries of `owner`, whoever calls. */
int module_function_obey(RedisCtx *ctx, Tenant *owner, RouteHandler handler, RedisString **argv,
                         int argc);

/* The libraries of the caller's tenant. */
const Registry *module_function_registry(RedisCtx *ctx);

int module_function_call(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_load(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_delete(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_flush(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_list(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_dump(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_restore(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_stats(RedisCtx *ctx, RedisString **argv, int argc);
int module_function_kill(RedisCtx *ctx, RedisString **argv, int argc);

#endif
