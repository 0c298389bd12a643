/* SPDX-License-Identifier: BSD-2-Clause */
/* bucket.h - a token bucket with debt, in whole tokens, without drift.
 *
 * What time brings is exact: over any sequence of calls, floor(rate * time) tokens
 * are added, less what did not fit.  Time is CLOCK_MONOTONIC nanoseconds; a clock that
 * goes back brings nothing, and nothing twice when it comes again; one that jumps ahead
 * fills at most the bucket.
 *
 * Over a time T, no more than burst + rate * T + the last run is ever taken, as long as no
 * run takes more than QUOTA_DEBT_SECONDS bring: debts end there, so that no mistake
 * locks a tenant out for longer.
 *
 * Layer: policy (no I/O, no allocation).
 */
#ifndef POLICY_QUOTA_BUCKET_H
#define POLICY_QUOTA_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/quota/rules.h"

#define QUOTA_DEBT_SECONDS 3600

/* Plain data; all zero is a bucket that was never used, and full. */
typedef struct {
  int64_t level;    /* tokens; below 0: debt */
  uint64_t at_ns;   /* when `level` was right */
  uint32_t part;    /* billionths of a token on top of it */
  uint32_t is_open; /* 1: in use */
} Bucket;

/* Brings the level up to date. */
void policy_quota_refill(Bucket *bucket, Rate rate, uint64_t now_ns) __attribute__((nonnull));

/* Takes tokens, be they there or not; the bucket must be up to date. */
void policy_quota_drain(Bucket *bucket, Rate rate, uint64_t tokens) __attribute__((nonnull));

/* Returns in how many nanoseconds an up-to-date bucket holds a token; 0: it does. */
uint64_t policy_quota_wait(const Bucket *bucket, Rate rate) __attribute__((nonnull));

/* Makes sense of a bucket that comes from a file: time starts anew, impossible levels
 * become possible ones. */
void policy_quota_mend_bucket(Bucket *bucket, uint64_t now_ns) __attribute__((nonnull));

#endif
