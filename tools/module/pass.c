/* SPDX-License-Identifier: BSD-2-Clause */
/* pass - RM_Call of what the filter took away.
 *
 * The server replicates what a script does, call by call, as long as the call that runs it is one
 * that may replicate.  A change of libraries it would replicate as FUNCTION, which the module of a
 * replica takes for its own: that goes out under another name.
 */
#include "tools/module/pass.h"

#include <stdio.h>
#include <string.h>

#include "policy/quota/admission.h"
#include "tools/module/account.h"
#include "tools/module/caller.h"
#include "tools/module/command.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"
#include "tools/module/tally.h"

static bool is_of_off_tenant(RedisCtx *ctx) {
  Caller caller;
  module_caller_find(ctx, &caller);
  bool is_off = caller.name != NULL && caller.tenant != NULL && module_tenant_mode(caller.tenant) == MODE_OFF;
  module_caller_drop(ctx, &caller);
  return is_off;
}

static bool is_debugger(const Route *route) {
  return route->sub != NULL && strcmp(route->sub, "debug") == 0;
}

/* While something runs sealed, it is what KILL and STATS are about.  The debugger wants a
 * connection of its own, which a call from here has not. */
bool module_pass_is_wanted(RedisCtx *ctx, const Route *route) {
  if (!module_tenant_has_off() || module_state.run != NULL || is_debugger(route)) return false;
  return is_of_off_tenant(ctx);
}

/* --- Suspension is the one rule that holds without a sandbox --- */

static bool refuse_suspended(RedisCtx *ctx, const Route *route) {
  char text[QUOTA_REFUSAL_BYTES];
  const Refusal refusal = {.reason = REASON_SUSPENDED, .retry_after_ms = -1};
  Caller caller;
  module_caller_find(ctx, &caller);
  const Tenant *tenant = caller.tenant;
  bool is_suspended = tenant != NULL && tenant->rules != NULL && route->variant != VARIANT_BUSY &&
                      (tenant->rules->quota.suspended || tenant->account->is_suspended != 0);
  if (is_suspended) {
    module_tally_reject(tenant->name, REJECT_SUSPENDED);
    module_account_reject(tenant->name, REJECTED_SUSPENDED);
    (void)policy_quota_write_refusal(&refusal, tenant->name, text, sizeof text);
    (void)rm.ReplyWithError(ctx, text);
  }
  module_caller_drop(ctx, &caller);
  return is_suspended;
}

/* --- The call --- */

static bool is_change(const Route *route) {
  return route->variant == VARIANT_LIBRARY || route->variant == VARIANT_LIBRARY_FREE;
}

static void replicate_change(RedisCtx *ctx, RedisString **argv, int argc) {
  const char *native = module_route_variant(VARIANT_NATIVE)->name;
  (void)rm.Replicate(ctx, ROUTE_COMMAND, "ccv", native, "FUNCTION", argv + 1, (size_t)argc - 1);
}

/* Answers with what the server says; returns whether that is no error. */
static bool call_server(RedisCtx *ctx, const char *format, RedisString **argv, int argc) {
  size_t size;
  const char *name = rm.StringPtrLen(argv[0], &size);
  RedisReply *reply = rm.Call(ctx, name, format, argv + 1, (size_t)argc - 1);
  if (reply == NULL) {
    (void)module_reply_fail(ctx, "the server's own %.32s is renamed away", name);
    return false;
  }
  bool is_done = rm.CallReplyType(reply) != REDIS_REPLY_ERROR;
  (void)rm.ReplyWithCallReply(ctx, reply);
  rm.FreeCallReply(reply);
  return is_done;
}

int module_pass_command(RedisCtx *ctx, const Route *route, RedisString **argv, int argc) {
  if (refuse_suspended(ctx, route)) return REDIS_OK;
  if (!is_change(route))
    (void)call_server(ctx, "v!CE0", argv, argc);
  else if (call_server(ctx, "vCE0", argv, argc))
    replicate_change(ctx, argv, argc);
  return REDIS_OK;
}

int module_pass_obey(RedisCtx *ctx, RedisString **argv, int argc) {
  if (call_server(ctx, "vE0", argv, argc)) replicate_change(ctx, argv, argc);
  return REDIS_OK;
}
