/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - a run's result as the reply of a command.
 */
#ifndef TOOLS_MODULE_REPLY_H
#define TOOLS_MODULE_REPLY_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

/* Replies with the outcome of a run in the protocol of the client.  An error that begins with
 * `counted`, which may be empty, is in the server's error statistics already. */
int module_reply_result(RedisCtx *ctx, FsbResult *result, FsbBytes counted);

/* Replies with an error line, "CODE text", that need not be terminated. */
int module_reply_error(RedisCtx *ctx, FsbBytes text);

/* Replies with a terminated text as a bulk string. */
int module_reply_text(RedisCtx *ctx, const char *text);

/* Replies an error of a prefix and a text. */
int module_reply_coded(RedisCtx *ctx, const char *prefix, const char *text);

/* Replies "ERR " and a text made as by printf. */
int module_reply_fail(RedisCtx *ctx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
