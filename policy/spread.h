/* SPDX-License-Identifier: BSD-2-Clause */
/* spread - how many durations were how long: the buckets that supervisor, drain and metrics share.
 *
 * A bucket ends where the one before it ends, times four, from 256 ns to 1.07 s; the last has
 * no end.  To find one takes a few instructions, so it is done for every redis.call.
 *
 * Layer: policy.  Pure.
 */
#ifndef POLICY_SPREAD_H
#define POLICY_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#define SPREAD_BUCKETS 13
#define SPREAD_FIRST 8 /* the first bucket ends at 2 to this, in nanoseconds */

/* Returns the bucket of a duration in nanoseconds: the first whose end it does not exceed. */
static inline size_t spread_bucket(uint64_t ns) {
  uint64_t quarters = (ns - (ns != 0)) >> SPREAD_FIRST;
  if (quarters == 0) return 0;
  size_t bucket = (size_t)(63 - __builtin_clzll(quarters)) / 2 + 1;
  return bucket < SPREAD_BUCKETS ? bucket : SPREAD_BUCKETS - 1;
}

/* Returns where a bucket but the last ends, in nanoseconds; what is equal is in it. */
static inline uint64_t spread_end(size_t bucket) {
  return UINT64_C(1) << (SPREAD_FIRST + 2 * bucket);
}

#endif
