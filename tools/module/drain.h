/* SPDX-License-Identifier: BSD-2-Clause */
/* drain - the process that puts the journal into the ledger: started, watched, started again.
 *
 * It inherits one descriptor, the reading end of a pipe: when the server is gone, so is
 * the other end, and the drain makes a last pass and ends.
 */
#ifndef TOOLS_MODULE_DRAIN_H
#define TOOLS_MODULE_DRAIN_H

#include "policy/journal/journal.h"
#include "tools/module/api.h"

/* Finds the program and starts it; false, and has logged, when there is none. */
bool module_drain_start(RedisCtx *ctx, const char *journal, const char *ledger, unsigned sync_ms);

/* Starts it again when it has ended, ever later, and logs what it complains of. */
void module_drain_tend(RedisCtx *ctx, const Journal *journal);

/* Lets it make its last pass, and waits a moment for its end. */
void module_drain_stop(void);

#endif
