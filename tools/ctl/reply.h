/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - printing an outcome byte for byte as redis-cli 7.0 prints the reply.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_REPLY_H
#define TOOLS_CTL_REPLY_H

#include <stdbool.h>
#include <stdio.h>

#include "sandbox/ferrous_sandbox.h"

typedef enum {
  REPLY_RAW,     /* as redis-cli --raw */
  REPLY_PRETTY,  /* as redis-cli --no-raw */
  REPLY_TERMINAL /* the same, with control bytes of statuses and errors escaped */
} ReplyStyle;

/* Prints what a RESP2 client gets.  False when memory is out. */
bool ctl_reply_print(FILE *to, FsbResult *result, ReplyStyle style);

#endif
