/* SPDX-License-Identifier: BSD-2-Clause */
/* shebang - the first line of a script that declares what it does.
 *
 *     #!lua flags=no-writes,allow-stale
 *
 * Parsed as EVAL of Redis 7 does, with its error texts.  The line belongs to the
 * script's digest but not to its Lua: it is cut off and its line end stays, so
 * line numbers are right.
 *
 * Layer: sandbox/supervisor.  Pure, no allocation.
 */
#ifndef SANDBOX_SUPERVISOR_SHEBANG_H
#define SANDBOX_SUPERVISOR_SHEBANG_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/bytes.h"

/* Shebang.flags. */
enum {
  SCRIPT_NO_WRITES = 1,
  SCRIPT_ALLOW_OOM = 2,
  SCRIPT_ALLOW_STALE = 4,
  SCRIPT_NO_CLUSTER = 8,
  SCRIPT_ALLOW_CROSS_SLOT = 16
};

typedef struct {
  bool is_present;
  unsigned flags;
  ByteView body; /* the script from the end of its first line on, or all of it */
} Shebang;

#define SHEBANG_ERROR_BYTES 1200

/* Splits a script.  On failure returns false with the text of the error, without
 * its code ERR. */
bool supervisor_shebang_split(ByteView script, Shebang *ret_shebang,
                              char ret_error[SHEBANG_ERROR_BYTES]);

#endif
