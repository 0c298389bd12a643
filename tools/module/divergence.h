/* SPDX-License-Identifier: BSD-2-Clause */
/* divergence - whether a worker's claim of instructions fits the time it was seen to compute.
 *
 * Instructions are counted inside the worker, which a tenant may have taken over;
 * processor time is measured outside.  No honest worker is as fast or as slow as the bounds
 * here.  A run out of bounds is counted, for whoever looks at it; nothing is done to it.
 */
#ifndef TOOLS_MODULE_DIVERGENCE_H
#define TOOLS_MODULE_DIVERGENCE_H

#include "sandbox/ferrous_sandbox.h"

bool module_divergence_is_found(const FsbUsage *usage);

#endif
