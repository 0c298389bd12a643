/* SPDX-License-Identifier: BSD-2-Clause */
/* sort - SORT set BY nosort: in scripts the elements come sorted all the same.
 *
 * The server does so for its own Lua, that replicas may see the same order.
 */
#ifndef TOOLS_MODULE_SORT_H
#define TOOLS_MODULE_SORT_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

/* When `argv` is such a command, drops BY and its pattern and puts ALPHA last; frees
 * the words that went.  Returns the new number of words. */
size_t module_sort_settle(RedisCtx *ctx, RedisString **argv, size_t argc);

#endif
