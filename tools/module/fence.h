/* SPDX-License-Identifier: BSD-2-Clause */
/* fence - which commands and keys a tenant's scripts may use.
 *
 * The policy's rules come on top of what the server's own ACL says about the user.  Keys are
 * those that the server's own key extraction finds; where it finds none, a tenant with key
 * prefixes may not run the command, unless its policy lists it.  SORT's patterns, which that
 * extraction leaves out, must lie inside, too.
 *
 * Where a tenant is only observed, what the rules exclude is counted and done.
 */
#ifndef TOOLS_MODULE_FENCE_H
#define TOOLS_MODULE_FENCE_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/tenant.h"

/* Of one run. */
typedef struct {
  Tenant *tenant;      /* NULL: nobody's, everything is allowed */
  const FsbBytes *keys; /* KEYS */
  size_t key_count;
  /* Private. */
  FsbBytes *sorted;    /* heap; KEYS in order, once there are many */
  char text[320];
} Fence;

/* Whether the check looks at the server's strings of a call's words. */
bool module_fence_wants_words(const Fence *fence);

/* Returns NULL when the call is allowed, else the error for the script, code first, valid until
 * the next call.  `argv` are the words of `call`. */
const char *module_fence_check(Fence *fence, RedisCtx *ctx, const FsbCall *call, RedisString **argv);

void module_fence_end(Fence *fence);

#endif
