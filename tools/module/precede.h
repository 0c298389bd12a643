/* SPDX-License-Identifier: BSD-2-Clause */
/* precede - what Redis looks at before it refuses a script's command for another reason.
 *
 * RM_Call makes the same checks as a script's call, but in another order; where two
 * of them would refuse, the client must hear of the same one.  These are asked only
 * when there is something to refuse.
 */
#ifndef TOOLS_MODULE_PRECEDE_H
#define TOOLS_MODULE_PRECEDE_H

#include "tools/module/api.h"

/* Whether this server is a replica whose data is too old for the command with these
 * COMMAND_ flags. */
bool module_precede_is_stale(RedisCtx *ctx, unsigned flags);

/* Why a key of another slot cannot be used here, in the server's words for modules; NULL:
 * it could. `ret_error` gets the errno that goes with it. */
RedisReply *module_precede_locality(RedisCtx *ctx, RedisString *key, int *ret_error);

#endif
