/* SPDX-License-Identifier: BSD-2-Clause */
/* function - FCALL, FCALL_RO and the FUNCTION command.
 */
#ifndef TOOLS_MODULE_FUNCTION_H
#define TOOLS_MODULE_FUNCTION_H

#include "tools/module/api.h"
#include "tools/module/route.h"

/* Chooses the variant that says what the function declares. */
VariantId module_function_variant(const Route *route, const RedisString *name);

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
