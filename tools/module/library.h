/* SPDX-License-Identifier: BSD-2-Clause */
/* library - loading function libraries in a sealed worker.
 */
#ifndef TOOLS_MODULE_LIBRARY_H
#define TOOLS_MODULE_LIBRARY_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/registry.h"

#define LIBRARY_ERROR_BYTES REGISTRY_ERROR_BYTES

/* Loads `code` and adds it to `registry`; a library of the same name makes way when
 * `replaces`.  A patient load is not ended after half a second: a master, a file or
 * a payload has it already.  On failure returns false with the error line, the code
 * first, and the registry as it was. */
bool module_library_add(RedisCtx *ctx, Registry *registry, FsbBytes code, bool replaces,
                        bool is_patient, char error[LIBRARY_ERROR_BYTES]);

/* The newest version of RDB files that this server reads. */
unsigned module_library_rdb_version(void);

#endif
