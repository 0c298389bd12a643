/* SPDX-License-Identifier: BSD-2-Clause */
/* engine - the module as Valkey's scripting engine "LUA".
 *
 * Where the server takes scripting engines and has none of this name yet, it needs no
 * commands and no filter of ours: EVAL, SCRIPT, FCALL and FUNCTION are its own, with its
 * cache, its persistence, its permissions; what they run, runs sealed here.  The server's
 * own Lua is then never started.
 */
#ifndef TOOLS_MODULE_ENGINE_H
#define TOOLS_MODULE_ENGINE_H

#include "tools/module/api.h"

/* Registers the engine; false: this server has no such interface, or an engine "LUA". */
bool module_engine_register(RedisCtx *ctx);

/* Takes it back, and with it every script and library of the server. */
bool module_engine_remove(RedisCtx *ctx);

#endif
