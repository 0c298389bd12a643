/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics.h - the names of metrics.def, for the exporter and for the reference.
 *
 * Layer: policy (facts only).
 */
#ifndef POLICY_METRICS_H
#define POLICY_METRICS_H

#include <stddef.h>

/* Tenants with series of their own; the others share "_other". */
#define METRIC_MOST_TENANTS 100

typedef enum { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM } MetricType;

typedef enum {
#define METRIC(ID, name, type, unit, labels, help) METRICS_##ID,
#include "policy/metrics.def"
#undef METRIC
  METRICS_COUNT_
} MetricId;

typedef struct {
  const char *name;
  MetricType type;
  const char *unit;   /* "" for a count */
  const char *labels; /* separated by commas */
  const char *help;
} MetricRow;

/* Returns the i-th row, NULL past the end. */
const MetricRow *policy_metrics_row(size_t i);

/* "counter", "gauge", "histogram". */
const char *policy_metrics_type_name(MetricType type);

#endif
