/* SPDX-License-Identifier: BSD-2-Clause */
/* payload - what FUNCTION DUMP gives and FUNCTION RESTORE takes.
 *
 *     (opcode, string)* , version of RDB (2), CRC64 of all before (8)
 *
 * The same bytes that Redis writes, but for compression, which is only read.
 * Pure: nothing here knows what a library is.
 */
#ifndef TOOLS_MODULE_PAYLOAD_H
#define TOOLS_MODULE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/ferrous_sandbox.h"

typedef struct {
  char *data; /* heap */
  size_t size, room;
  bool has_failed; /* out of memory */
} PayloadWriter;

void module_payload_put(PayloadWriter *writer, FsbBytes code);
void module_payload_finish(PayloadWriter *writer);

/* Says whether version and checksum are right. */
bool module_payload_is_whole(FsbBytes payload, unsigned newest_version);

typedef struct {
  FsbBytes rest;
} PayloadReader;

/* Starts at the front of a whole payload. */
PayloadReader module_payload_read(FsbBytes payload);

/* Takes the next code as heap memory.  At the end, or on bad input, returns false;
 * `*ret_error` is then NULL or says what is wrong. */
bool module_payload_next(PayloadReader *reader, char **ret_code, size_t *ret_size,
                         const char **ret_error);

#endif
