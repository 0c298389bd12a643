/* SPDX-License-Identifier: BSD-2-Clause */
/* shebang - the first line of a script that declares what it does.
 *
 *     #!lua flags=no-writes,allow-stale       a script
 *     #!lua name=mylib                        a function library
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
#include "policy/script_flags.h"

typedef struct {
  bool is_present;
  unsigned flags; /* SCRIPT_ bits of policy/script_flags.h */
  ByteView body; /* the script from the end of its first line on, or all of it */
} Shebang;

#define SHEBANG_ERROR_BYTES 1200

/* Splits a script.  On failure returns false with the text of the error, without
 * its code ERR. */
bool supervisor_shebang_split(ByteView script, Shebang *ret_shebang,
                              char ret_error[SHEBANG_ERROR_BYTES]);

/* The longest name of a library, NUL included: what a word of the line may hold. */
#define SHEBANG_NAME_BYTES 1024

typedef struct {
  char name[SHEBANG_NAME_BYTES];
  ByteView body; /* the code from the end of its first line on */
} LibraryHead;

/* Whether libraries and functions may be called so: letters, digits and underscores. */
bool supervisor_shebang_is_name(ByteView name);

/* Splits the code of a function library, which begins "#!lua name=...", as FUNCTION
 * LOAD does.  On failure returns false with the text of the error, without ERR. */
bool supervisor_shebang_library(ByteView code, LibraryHead *ret_head,
                                char ret_error[SHEBANG_ERROR_BYTES]);

#endif
