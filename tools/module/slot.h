/* SPDX-License-Identifier: BSD-2-Clause */
/* slot - the hash slots of a cluster, for scripts that promise to use one.
 */
#ifndef TOOLS_MODULE_SLOT_H
#define TOOLS_MODULE_SLOT_H

#include "tools/module/api.h"

/* Returns the hash slot of a key. */
int module_slot_of(const char *key, size_t size);

/* Returns a key of the command when its keys lie in another slot than `*slot`, which is set when
 * it was -1.  NULL: they do not, or lie in several, which the server refuses by itself. */
RedisString *module_slot_odd_key(RedisCtx *ctx, RedisString **argv, size_t argc, int *slot);

#endif
