/* SPDX-License-Identifier: BSD-2-Clause */
/* exporter - metrics on standard output, or over HTTP for Prometheus.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_EXPORTER_H
#define TOOLS_CTL_EXPORTER_H

#include "tools/ctl/options.h"

/* metrics [openmetrics|prometheus], or metrics --listen HOST:PORT. */
int ctl_exporter_run(const Options *options);

#endif
