/* SPDX-License-Identifier: BSD-2-Clause */
/* slot - the hash slots of a cluster, for scripts that promise to use one.
 */
#ifndef TOOLS_MODULE_SLOT_H
#define TOOLS_MODULE_SLOT_H

#include "tools/module/api.h"

/* Returns the hash slot of a key. */
int module_slot_of(const char *key, size_t size);

/* Says whether the keys of a command lie in `*slot`, which is set when it was -1. */
bool module_slot_agrees(RedisCtx *ctx, RedisString **argv, size_t argc, int *slot);

#endif
