/* SPDX-License-Identifier: BSD-2-Clause */
/* config - the settings: CONFIG SET sandbox.*, and the same words in redis.conf.
 */
#ifndef TOOLS_MODULE_CONFIG_H
#define TOOLS_MODULE_CONFIG_H

#include "tools/module/api.h"

bool module_config_register(RedisCtx *ctx);

#endif
