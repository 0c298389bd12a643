/* SPDX-License-Identifier: BSD-2-Clause */
/* usage - the usage record for people.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_USAGE_H
#define TOOLS_CTL_USAGE_H

#include <stdio.h>

#include "sandbox/ferrous_sandbox.h"

/* Prints one line per figure, beside the limit that bounds it. */
void ctl_usage_print(FILE *to, const FsbUsage *usage, const FsbLimits *limits);

#endif
