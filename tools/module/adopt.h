/* SPDX-License-Identifier: BSD-2-Clause */
/* adopt - function libraries that the server's own engine holds.
 *
 * A file written before the module was in use, or a master without it, brings
 * libraries into the server's own Lua, where FCALL no longer looks.  They are taken
 * over when the server has loaded its data; SANDBOX EXPORT-FUNCTIONS gives them back.
 */
#ifndef TOOLS_MODULE_ADOPT_H
#define TOOLS_MODULE_ADOPT_H

#include "tools/module/api.h"

/* Data was loaded: the next tick takes over what came with it. */
void module_adopt_notice(void);
void module_adopt_tend(RedisCtx *ctx);

/* SANDBOX IMPORT-FUNCTIONS and EXPORT-FUNCTIONS. */
int module_adopt_import(RedisCtx *ctx, RedisString **argv, int argc);
int module_adopt_export(RedisCtx *ctx, RedisString **argv, int argc);

#endif
