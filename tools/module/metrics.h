/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics - the rows of policy/metrics.def with their values, as text.
 */
#ifndef TOOLS_MODULE_METRICS_H
#define TOOLS_MODULE_METRICS_H

#include "tools/module/answer.h"

/* Appends every metric, in the text format of OpenMetrics or in Prometheus's own.
 * Any thread. */
void module_metrics_write(Answer *to, bool open_metrics);

#endif
