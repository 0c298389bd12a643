/* SPDX-License-Identifier: BSD-2-Clause */
/* caller - on whose behalf a command runs, and whether that user may.
 *
 * The server checked permissions for sandbox.run; what the user was given or
 * refused is EVAL and its siblings, so those are checked here, each time.
 *
 * A worker serves one principal: a user's name and a digest of its rules, so that
 * a change of rules brings a new worker.
 */
#ifndef TOOLS_MODULE_CALLER_H
#define TOOLS_MODULE_CALLER_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/route.h"

typedef struct {
  RedisString *name;  /* NULL: nobody in particular, who may do everything */
  FsbBytes principal; /* valid until the next call of module_caller_find() */
} Caller;

/* Finds out who calls. */
void module_caller_find(RedisCtx *ctx, Caller *ret_caller);
void module_caller_drop(RedisCtx *ctx, Caller *caller);

/* Returns whether the caller may use the command; otherwise has replied. */
bool module_caller_may(RedisCtx *ctx, const Route *route, RedisString **argv, int argc);

/* Answers redis.acl_check_cmd: 1 or 0, or -1 when there is no such command. */
int module_caller_check(const Caller *caller, RedisString **argv, int argc);

/* Says that some user's rules may have changed. */
void module_caller_forget(void);

#endif
