/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger - `ledger verify|export|import|compact|upgrade|status`.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_LEDGER_H
#define TOOLS_CTL_LEDGER_H

#include "tools/ctl/options.h"

int ctl_ledger_run(const Options *options);

#endif
