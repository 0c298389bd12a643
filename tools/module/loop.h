/* SPDX-License-Identifier: BSD-2-Clause */
/* loop - being told of the passes of the server's event loop, while somebody counts them.
 *
 * The server makes a context and a client for every such notice, twice a pass: at low rates, where a
 * pass serves one command, a plain GET took a tenth longer.  So the subscription begins with the first
 * who wants to know and ends when nobody asked for a while.
 */
#ifndef TOOLS_MODULE_LOOP_H
#define TOOLS_MODULE_LOOP_H

#include "tools/module/api.h"

/* Calls `begin` at the beginning of each pass from now on, as long as this is called now and then.  Where
 * passes were not followed before, whether it is the first time or again, it is called at once. */
void module_loop_follow(void (*begin)(void));

/* From the server's cron: gives up what nobody uses. */
void module_loop_tend(void);

/* Returns whether the server still has a function of ours to call, so that this module must stay. */
bool module_loop_is_leaving(void);

/* Forgets that it follows: the server ends the subscriptions of a module that goes. */
void module_loop_end(void);

#endif
