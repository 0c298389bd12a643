/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - the policy file: sandbox.policy, SANDBOX RELOAD and SIGHUP.
 *
 * A file is put in force as a whole, between commands, or not at all; then the one before
 * stays.  SIGHUP does the same as SANDBOX RELOAD, see hangup.h.
 */
#ifndef TOOLS_MODULE_POLICY_H
#define TOOLS_MODULE_POLICY_H

#include "tools/module/api.h"

#define POLICY_ERROR_BYTES 1024

/* Puts the policy of the file in force, or with an empty path none.  On failure returns false
 * with how many problems there are and the first ones; all of them are logged. */
bool module_policy_load(const char *path, char ret_error[POLICY_ERROR_BYTES]);

/* Registers sandbox.policy. */
bool module_policy_register(RedisCtx *ctx);

/* The path that is set; empty: none. */
const char *module_policy_path(void);

void module_policy_end(void);

#endif
