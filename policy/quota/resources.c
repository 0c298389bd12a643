/* SPDX-License-Identifier: BSD-2-Clause */
/* resources - rows, and the cost of a run. */
#include "policy/quota/resources.h"

#include <string.h>

static const ResourceRow rows[] = {
#define RESOURCE(name, text, unit, meaning) {RESOURCE_##name, text, UNIT_##unit, meaning},
#include "policy/quota/resources.def"
#undef RESOURCE
};

const ResourceRow *policy_quota_resource(size_t i) {
  return i < RESOURCE_COUNT ? &rows[i] : NULL;
}

const ResourceRow *policy_quota_find_resource(const char *name, size_t bytes) {
  for (size_t i = 0; i < RESOURCE_COUNT; i++)
    if (strlen(rows[i].name) == bytes && memcmp(rows[i].name, name, bytes) == 0) return &rows[i];
  return NULL;
}

uint64_t policy_quota_add(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* amount * numerator / denominator, for small rates, without the product of the whole. */
static uint64_t price(uint64_t amount, uint64_t numerator, uint64_t denominator) {
  uint64_t whole;
  if (__builtin_mul_overflow(amount / denominator, numerator, &whole)) return UINT64_MAX;
  return policy_quota_add(whole, amount % denominator * numerator / denominator);
}

Consumption policy_quota_measure(const QuotaUsage *usage) {
  uint64_t cost = 0;
#define COST_RATE(field, numerator, denominator, meaning) \
  cost = policy_quota_add(cost, price(usage->field, numerator, denominator));
#include "policy/quota/rates.def"
#undef COST_RATE
  return (Consumption){{[RESOURCE_COST] = cost,
                        [RESOURCE_INSTRUCTIONS] = usage->instructions,
                        [RESOURCE_HOST_TIME] = usage->host_time_ns,
                        [RESOURCE_HOLD] = usage->hold_ns,
                        [RESOURCE_INVOCATIONS] = 1,
                        [RESOURCE_BYTES] = usage->bytes}};
}
