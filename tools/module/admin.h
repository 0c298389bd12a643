/* SPDX-License-Identifier: BSD-2-Clause */
/* admin - SANDBOX, for administrators.
 */
#ifndef TOOLS_MODULE_ADMIN_H
#define TOOLS_MODULE_ADMIN_H

#include "tools/module/api.h"

bool module_admin_register(RedisCtx *ctx);

#endif
