/* SPDX-License-Identifier: BSD-2-Clause */
/* value - a data store's reply as the value of the script that returned it.
 *
 * What a worker would make of the reply to `return redis.call(...)` is known, so the reply need not go
 * there and back.  Lua has one kind of nothing and one kind of number: null arrays become nulls, and integers
 * beyond 2^53 are rounded.  Lines end at a NUL, and errors inside arrays are worded as a script's.  All else stays
 * what it was.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_VALUE_H
#define SANDBOX_SUPERVISOR_VALUE_H

#include "ipc/bytes.h"
#include "ipc/nesting.h"
#include "policy/status.h"

/* Bytes of tokens that a reply may need, or an error line: "- CR LF" becomes "ERR " and five more, and an array
 * may be made of such. */
static inline uint64_t supervisor_value_room(ByteView reply) {
  bool is_array = reply.size != 0 && reply.data[0] == '*';
  return (uint64_t)reply.size * (is_array ? 3 : 1) + 9;
}

/* Appends the tokens of one whole RESP2 reply.  ST_TOO_LARGE: nested deeper than `max_depth`; ST_INVALID:
 * not that; ST_NO_ROOM. */
IPC_MUST_CHECK Status supervisor_value_put(ByteWriter *writer, ByteView reply, uint32_t max_depth, NestingRoom *scratch);

/* Appends what redis.pcall makes of an error line without its '-'. */
void supervisor_value_put_error(ByteWriter *writer, ByteView line);

#endif
