/* SPDX-License-Identifier: BSD-2-Clause */
/* resources.h - what runs use up, and how much of it a run used.
 *
 * resources.def has one row for each resource, rates.def says what the cost of a run
 * is made of.  All sums stop at UINT64_MAX instead of wrapping.
 *
 * Layer: policy (no I/O, no allocation).  Threads: all functions are pure.
 */
#ifndef POLICY_QUOTA_RESOURCES_H
#define POLICY_QUOTA_RESOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "policy/limits.h"

typedef enum {
#define RESOURCE(name, text, unit, meaning) RESOURCE_##name,
#include "policy/quota/resources.def"
#undef RESOURCE
  RESOURCE_COUNT
} Resource;

typedef struct {
  Resource resource;
  const char *name;
  LimitUnit unit;
  const char *meaning;
} ResourceRow;

/* What was used, in each resource's unit. */
typedef struct {
  uint64_t amount[RESOURCE_COUNT];
} Consumption;

/* What was measured about one run. */
typedef struct {
  uint64_t instructions;
  uint64_t compile_units;
  uint64_t host_time_ns;
  uint64_t hold_ns; /* of the thread that others wait for */
  uint64_t bytes;   /* arguments, calls, replies, result */
} QuotaUsage;

/* Returns the row of a resource; NULL past the end. */
const ResourceRow *policy_quota_resource(size_t i);

/* Returns the row named by the `bytes` bytes at `name`, or NULL. */
const ResourceRow *policy_quota_find_resource(const char *name, size_t bytes);

/* Computes what a run used; it counts as one invocation. */
Consumption policy_quota_measure(const QuotaUsage *usage) __attribute__((nonnull));

/* Adds without wrapping. */
uint64_t policy_quota_add(uint64_t a, uint64_t b);

#endif
