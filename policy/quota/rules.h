/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.h - how much a tenant may use: what policies give and admission applies.
 *
 * Layer: policy.  Plain data; part of TenantRules.
 */
#ifndef POLICY_QUOTA_RULES_H
#define POLICY_QUOTA_RULES_H

#include <stdbool.h>

#include "policy/quota/resources.h"

/* A bucket that is filled at `per_second` up to `burst`.  Runs are paid after they ended,
 * so that its level may fall below nothing: the next run waits until it is above. */
typedef struct {
  uint64_t per_second; /* 0: unlimited */
  uint64_t burst;      /* 0: as much as a second brings */
} Rate;

/* The largest rate, burst and quota that a policy may give. */
#define QUOTA_MOST (UINT64_C(1) << 60)

typedef struct {
  Rate rates[RESOURCE_COUNT];
  uint64_t daily[RESOURCE_COUNT];   /* in a day of UTC; 0: unlimited */
  uint64_t monthly[RESOURCE_COUNT]; /* in a month of UTC; 0: unlimited */
  unsigned notify_percent;          /* of any daily or monthly quota; 0: never */
  unsigned throttle_percent;        /* from there on, QUOTA_THROTTLED_NS between two runs */
  unsigned suspend_percent;         /* from there on, nothing until the period ends */
  unsigned concurrency;             /* runs at the same time; 0: unlimited */
  bool suspended;                   /* by the policy */
} QuotaRules;

#define QUOTA_THROTTLED_NS UINT64_C(100000000)

#endif
