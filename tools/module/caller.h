/* SPDX-License-Identifier: BSD-2-Clause */
/* caller - on whose behalf a command runs, and whether that user may.
 *
 * The server checked permissions for sandbox.run; what the user was given or
 * refused is EVAL and its siblings, so those are checked here, each time.
 *
 * A worker serves one principal: a tenant, a user, and a digest of the rules of both, so
 * that a change of either brings a new worker.
 */
#ifndef TOOLS_MODULE_CALLER_H
#define TOOLS_MODULE_CALLER_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/route.h"
#include "tools/module/tenant.h"

typedef struct KnownUser KnownUser;

typedef struct {
  RedisString *name;  /* NULL: nobody in particular (a master, a file), who may do everything */
  FsbBytes principal; /* valid until the caller is dropped */
  Tenant *tenant;     /* NULL: nobody's, or of a user that the policy rejects */
  KnownUser *known;
  bool is_held; /* a copy of what is held */
} Caller;

/* Finds out who calls. */
void module_caller_find(RedisCtx *ctx, Caller *ret_caller);
void module_caller_drop(RedisCtx *ctx, Caller *caller);

/* The caller of a command that is at work, for all who want to know. */
typedef struct CallerHold {
  RedisCtx *ctx;
  Caller caller;
  struct CallerHold *outer; /* of the command around this one */
} CallerHold;

/* Finds out who calls, and keeps it for module_caller_find() with this context until release. */
void module_caller_hold(RedisCtx *ctx, CallerHold *ret_hold);
void module_caller_release(CallerHold *hold);

/* Whether the policy has no tenant for this user. */
bool module_caller_is_rejected(const Caller *caller);

/* The shelf on which the caller's scripts are. */
ScriptShelf *module_caller_shelf(RedisCtx *ctx);

/* Whether the caller may change settings of the module; who may, may do everything. */
bool module_caller_is_administrator(RedisCtx *ctx);

/* Returns whether the caller may use the command; otherwise has replied. */
bool module_caller_may(RedisCtx *ctx, const Route *route, RedisString **argv, int argc);

/* Answers redis.acl_check_cmd: 1 or 0, or -1 when there is no such command. */
int module_caller_check(const Caller *caller, RedisString **argv, int argc);

/* Writes a worker's principal for people: the user, behind its tenant where there is a policy. */
void module_caller_show(FsbBytes principal, char *field, size_t room);

/* Says that some user's rules may have changed. */
void module_caller_forget(void);

/* Retires the workers of users whose rules did change, or who are gone; while nothing runs. */
void module_caller_tend(RedisCtx *ctx);

/* Frees what is known of users. */
void module_caller_end(void);

#endif
