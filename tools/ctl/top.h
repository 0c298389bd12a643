/* SPDX-License-Identifier: BSD-2-Clause */
/* top - what tenants use right now, picture after picture.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_TOP_H
#define TOOLS_CTL_TOP_H

#include "tools/ctl/options.h"

/* top: fills the screen on a terminal, prints with --batch. */
int ctl_top_show(const Options *options);

#endif
