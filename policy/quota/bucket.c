/* SPDX-License-Identifier: BSD-2-Clause */
/* bucket - refilling in 64 bits: rate and time are split at 10^9, so no product overflows. */
#include "policy/quota/bucket.h"

#define BILLION UINT64_C(1000000000)

/* A clock that is behind by more is another boot's. */
#define BACK_MOST (10 * BILLION)

static uint64_t bound(uint64_t value) {
  return value < QUOTA_MOST ? value : QUOTA_MOST;
}

static int64_t burst_of(Rate rate) {
  return (int64_t)bound(rate.burst != 0 ? rate.burst : rate.per_second);
}

static int64_t deepest_of(Rate rate) {
  uint64_t debt;
  if (__builtin_mul_overflow(rate.per_second, (uint64_t)QUOTA_DEBT_SECONDS, &debt)) debt = QUOTA_MOST;
  return -(int64_t)bound(debt);
}

/* floor((rate * ns + *part) / 10^9), at most QUOTA_MOST * 2; the rest stays in *part. */
static uint64_t tokens_of(uint64_t rate, uint64_t ns, uint32_t *part) {
  uint64_t seconds = ns / BILLION, rest = ns % BILLION;
  uint64_t whole, fine = rate % BILLION * rest + *part;
  *part = (uint32_t)(fine % BILLION);
  if (__builtin_mul_overflow(rate, seconds, &whole) || whole > QUOTA_MOST) return QUOTA_MOST * 2;
  return whole + rate / BILLION * rest + fine / BILLION;
}

void policy_quota_refill(Bucket *bucket, Rate rate, uint64_t now_ns) {
  int64_t burst = burst_of(rate), deepest = deepest_of(rate);
  if (rate.per_second == 0 || bucket->is_open == 0) {
    *bucket = (Bucket){burst, now_ns, 0, rate.per_second != 0};
    return;
  }
  if (bucket->level < deepest) bucket->level = deepest; /* the rate was another */
  if (now_ns < bucket->at_ns && bucket->at_ns - now_ns > BACK_MOST) bucket->at_ns = now_ns;
  if (now_ns < bucket->at_ns) now_ns = bucket->at_ns;
  uint64_t elapsed = now_ns - bucket->at_ns;
  bucket->at_ns = now_ns;
  uint64_t tokens = tokens_of(bound(rate.per_second), elapsed, &bucket->part);
  uint64_t room = bucket->level < burst ? (uint64_t)burst - (uint64_t)bucket->level : 0;
  if (tokens < room) {
    bucket->level += (int64_t)tokens;
    return;
  }
  bucket->level = burst;
  bucket->part = 0;
}

void policy_quota_drain(Bucket *bucket, Rate rate, uint64_t tokens) {
  if (rate.per_second == 0) return;
  int64_t deepest = deepest_of(rate);
  bucket->level -= (int64_t)bound(tokens);
  if (bucket->level < deepest) bucket->level = deepest;
}

uint64_t policy_quota_wait(const Bucket *bucket, Rate rate) {
  if (rate.per_second == 0 || bucket->level >= 1) return 0;
  uint64_t lacking = (uint64_t)(1 - bucket->level), per_second = bound(rate.per_second);
  uint64_t seconds = lacking / per_second, rest = lacking % per_second;
  /* `rest` tokens take rest * 10^9 / rate: up to 2^60 * 10^9, hence in two steps. */
  uint64_t fine = per_second >= BILLION ? rest / (per_second / BILLION) + 1
                                        : rest * BILLION / per_second + 1;
  return policy_quota_add(seconds > UINT64_MAX / BILLION ? UINT64_MAX : seconds * BILLION, fine);
}

void policy_quota_mend_bucket(Bucket *bucket, uint64_t now_ns) {
  bucket->at_ns = now_ns;
  bucket->is_open = bucket->is_open != 0;
  if (bucket->part >= BILLION) bucket->part = 0;
  if (bucket->level > (int64_t)QUOTA_MOST) bucket->level = (int64_t)QUOTA_MOST;
  if (bucket->level < -(int64_t)QUOTA_MOST) bucket->level = -(int64_t)QUOTA_MOST;
}
