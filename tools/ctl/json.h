/* SPDX-License-Identifier: BSD-2-Clause */
/* json - outcomes and errors as one JSON object, schema "ferrous.sandbox/v1".
 *
 *   {"schema": ..., "sha1": ..., "result": VALUE, "usage": {...}}
 *   {"schema": ..., "sha1": ..., "error": {"code", "message", "source", "line"}, "usage": {...}}
 *
 * VALUE is what a RESP3 client gets: integers and finite doubles are numbers,
 * other doubles and big numbers strings, sets arrays, maps objects (an array of
 * pairs when a key is no string or number), statuses strings, an error inside an
 * array {"error": text}.  Strings that are not valid UTF-8 become {"base64": ...}.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_JSON_H
#define TOOLS_CTL_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "sandbox/ferrous_sandbox.h"

#define JSON_SCHEMA "ferrous.sandbox/v1"

/* Prints a run's outcome.  False when memory is out. */
bool ctl_json_print_result(FILE *to, FsbResult *result);

/* Prints an error that no run led to. */
bool ctl_json_print_error(FILE *to, const FsbError *error);

/* What doctor found out. */
typedef struct {
  bool is_sound; /* every step of the floor is in force */
  bool runs;     /* a script ran in a sealed worker */
  bool serves;   /* a private redis-server answered one */
  char run_error[512];
  char server_error[512];
  bool has_server;         /* one was named and answered */
  uint64_t libraries_left; /* that its own Lua still holds */
} Health;

/* Prints the steps of the seal and what doctor found out. */
bool ctl_json_print_health(FILE *to, const FsbPool *pool, const Health *health);

/* Prints the version. */
bool ctl_json_print_version(FILE *to);

#endif
