/* SPDX-License-Identifier: BSD-2-Clause */
/* control - the control socket: a thread of the module that answers administrators
 * while the server's main thread answers nobody.
 *
 * The socket is a file of mode 0600, and who connects must be root or the server's own
 * user.  A lock beside it (`<path>.lock`) keeps two servers from taking one path.  The
 * thread reads what live, tally, event and board show, never calls the server, blocks
 * every signal but those that mean a fault, and closes its descriptors in the
 * server's forked children.
 *
 * Threads: these functions belong to the main thread.
 */
#ifndef TOOLS_MODULE_CONTROL_H
#define TOOLS_MODULE_CONTROL_H

#include "tools/module/api.h"

#define CONTROL_VISITORS 32

/* Opens the socket that `sandbox.control-socket` names, if it names one, and starts the
 * thread; false, and logged, when that cannot be. */
bool module_control_start(RedisCtx *ctx);

/* Has the thread look whether its errand was done; when there is none, does nothing. */
void module_control_wake(void);

/* Ends the thread and removes the socket. */
void module_control_stop(void);

#endif
