/* SPDX-License-Identifier: BSD-2-Clause */
/* filter - the command filter that brings scripts here.
 */
#ifndef TOOLS_MODULE_FILTER_H
#define TOOLS_MODULE_FILTER_H

#include "tools/module/api.h"

bool module_filter_install(RedisCtx *ctx);

/* Also after an install that failed half way. */
void module_filter_remove(RedisCtx *ctx);

#endif
