/* SPDX-License-Identifier: BSD-2-Clause */
/* walk - how long a command over the whole database would hold the server. */
#ifndef TOOLS_MODULE_WALK_H
#define TOOLS_MODULE_WALK_H

#include "sandbox/ferrous_sandbox.h"

/* Returns the nanoseconds that a call takes at least, by what it says and by the number of keys in
 * its database; 0: it is no walk. */
uint64_t module_walk_estimate(const FsbCall *call, uint64_t keys);

#endif
