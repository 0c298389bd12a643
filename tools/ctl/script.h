/* SPDX-License-Identifier: BSD-2-Clause */
/* script - the source text, from a file or standard input.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_SCRIPT_H
#define TOOLS_CTL_SCRIPT_H

#include "sandbox/ferrous_sandbox.h"

typedef struct {
  char *data; /* heap */
  size_t size;
} Script;

/* Reads `path`, "-" for standard input.  Stops one byte beyond `most`: a longer
 * script is refused anyway, and need not be in memory for that. */
bool ctl_script_read(const char *path, uint64_t most, Script *ret_script, FsbError *ret_error);

void ctl_script_free(Script *script);

#endif
