/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics - the rows of metrics.def. */
#include "policy/metrics.h"

static const MetricRow rows[METRICS_COUNT_] = {
#define METRIC(ID, name, type, unit, labels, help) {name, METRIC_##type, unit, labels, help},
#include "policy/metrics.def"
#undef METRIC
};

const MetricRow *policy_metrics_row(size_t i) {
  return i < METRICS_COUNT_ ? &rows[i] : NULL;
}

const char *policy_metrics_type_name(MetricType type) {
  static const char *const names[] = {"counter", "gauge", "histogram"};
  return names[type];
}
