/* SPDX-License-Identifier: BSD-2-Clause */
/* suggest - limits that fit what was seen.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_SUGGEST_H
#define TOOLS_CTL_SUGGEST_H

#include "tools/ctl/options.h"

/* limits [show|suggest] */
int ctl_suggest_limits(const Options *options);

#endif
