/* SPDX-License-Identifier: BSD-2-Clause */
/* persist - function libraries in RDB files and in full synchronisation.
 */
#ifndef TOOLS_MODULE_PERSIST_H
#define TOOLS_MODULE_PERSIST_H

#include "tools/module/api.h"

bool module_persist_register(RedisCtx *ctx);

/* Loads what came while a script ran; not to be called while one runs. */
void module_persist_tend(void);

#endif
