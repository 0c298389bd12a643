/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor - what this machine allows the sandbox to do.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_DOCTOR_H
#define TOOLS_CTL_DOCTOR_H

#include "tools/ctl/options.h"

/* Starts a zygote, which tries every step of the seal, and reports what it found,
 * step by step, then whether a script runs.  Returns the exit status: 0 when
 * scripts can run confined. */
int ctl_doctor_examine(const Options *options);

#endif
