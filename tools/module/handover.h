/* SPDX-License-Identifier: BSD-2-Clause */
/* handover - giving the words of a command away while RM_Call has them.
 *
 * RM_Call takes a reference of its own to each word, and a value of which somebody
 * else holds one is stored as it came: SET k 1 of a script would keep a string where a
 * client's SET keeps an integer.  So our references end as soon as the server has its own:
 * when it shows the command to the filters, before it looks it up.  A filter sees every command of
 * every client, so there is one only while scripts make calls.
 */
#ifndef TOOLS_MODULE_HANDOVER_H
#define TOOLS_MODULE_HANDOVER_H

#include "tools/module/api.h"

/* The next RM_Call's words are `argv`, one reference to each of which may be taken. */
void module_handover_offer(RedisString **argv, size_t count);

/* Ends the offer after RM_Call; whether the references are gone. */
bool module_handover_end(void);

/* From the server's cron, while nothing runs: removes a filter that nobody used lately. */
void module_handover_tend(void);

void module_handover_remove(RedisCtx *ctx);

#endif
