/* SPDX-License-Identifier: BSD-2-Clause */
/* info - INFO sandbox.
 */
#ifndef TOOLS_MODULE_INFO_H
#define TOOLS_MODULE_INFO_H

#include "tools/module/api.h"

bool module_info_register(RedisCtx *ctx);

#endif
