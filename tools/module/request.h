/* SPDX-License-Identifier: BSD-2-Clause */
/* request - one line of the control socket, taken apart.
 *
 *     {"schema":"ferrous.sandbox/v1","command":["kill","17"]}
 *     kill 17
 *
 * The second form is for people with a terminal.  Of the object only these two names
 * are understood; anything else is refused, so that a mistake shows.
 *
 * Pure: no state, no I/O.
 */
#ifndef TOOLS_MODULE_REQUEST_H
#define TOOLS_MODULE_REQUEST_H

#include "sandbox/ferrous_sandbox.h"

#define REQUEST_SCHEMA "ferrous.sandbox/v1"
#define REQUEST_WORDS 32

typedef struct {
  FsbBytes words[REQUEST_WORDS];
  size_t count;
} Request;

/* Takes a line apart, in place: the words point into it.  Returns NULL, or what is
 * wrong with it. */
const char *module_request_parse(char *line, size_t size, Request *ret_request);

#endif
