/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bucket - refilling is exact, bounded, and never in the past. */
#include "policy/quota/bucket.h"
#include "tests/check_main.h"

#define SECOND UINT64_C(1000000000)

/* xorshift: the same numbers in every run. */
static uint64_t draw(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

START_TEST(a_new_bucket_is_full) {
  Bucket bucket = {0};
  policy_quota_refill(&bucket, (Rate){10, 30}, 5);
  ck_assert_int_eq(bucket.level, 30);
  Bucket second = {0};
  policy_quota_refill(&second, (Rate){10, 0}, 5);
  ck_assert_int_eq(second.level, 10);
}
END_TEST

START_TEST(many_small_steps_bring_what_one_large_step_brings) {
  static const uint64_t rates[] = {1, 3, 7, 999999999, 1000000001, UINT64_C(123456789012345)};
  uint64_t state = 88172645463325252u;
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    Rate rate = {rates[i], QUOTA_MOST};
    Bucket steps = {0}, once = {0};
    policy_quota_refill(&steps, rate, 1);
    policy_quota_refill(&once, rate, 1);
    steps.level = once.level = 0;
    uint64_t now = 1;
    for (int step = 0; step < 100000; step++) policy_quota_refill(&steps, rate, now += draw(&state) % 5000);
    policy_quota_refill(&once, rate, now);
    ck_assert_int_eq(steps.level, once.level);
    ck_assert_uint_eq(steps.part, once.part);
    __extension__ typedef unsigned __int128 Wide;
    ck_assert_int_eq(once.level, (int64_t)((Wide)rates[i] * (now - 1) / SECOND));
  }
}
END_TEST

START_TEST(time_fills_no_more_than_the_burst) {
  Bucket bucket = {0};
  Rate rate = {1000, 5000};
  policy_quota_refill(&bucket, rate, 1);
  policy_quota_drain(&bucket, rate, 9000);
  ck_assert_int_eq(bucket.level, -4000);
  policy_quota_refill(&bucket, rate, 1 + 4 * SECOND);
  ck_assert_int_eq(bucket.level, 0);
  ck_assert_uint_eq(policy_quota_wait(&bucket, rate), SECOND / 1000 + 1);
  policy_quota_refill(&bucket, rate, UINT64_C(1) << 63);
  ck_assert_int_eq(bucket.level, 5000);
  ck_assert_uint_eq(policy_quota_wait(&bucket, rate), 0);
  policy_quota_refill(&bucket, rate, UINT64_MAX);
  ck_assert_int_eq(bucket.level, 5000);
}
END_TEST

START_TEST(a_clock_that_goes_to_and_fro_brings_nothing_twice) {
  Bucket bucket = {0};
  Rate rate = {1000, 5000};
  policy_quota_refill(&bucket, rate, 100 * SECOND);
  policy_quota_drain(&bucket, rate, 5000);
  for (int i = 0; i < 1000; i++) {
    policy_quota_refill(&bucket, rate, 95 * SECOND);
    policy_quota_refill(&bucket, rate, 101 * SECOND);
  }
  ck_assert_int_eq(bucket.level, 1000);
}
END_TEST

START_TEST(a_clock_of_another_boot_starts_anew) {
  Bucket bucket = {0};
  Rate rate = {1000, 5000};
  policy_quota_refill(&bucket, rate, 1000000 * SECOND);
  policy_quota_drain(&bucket, rate, 5000);
  policy_quota_refill(&bucket, rate, SECOND);
  ck_assert_int_eq(bucket.level, 0);
  policy_quota_refill(&bucket, rate, 2 * SECOND);
  ck_assert_int_eq(bucket.level, 1000);
}
END_TEST

START_TEST(debts_end_after_an_hour) {
  Bucket bucket = {0};
  Rate rate = {10, 10};
  policy_quota_refill(&bucket, rate, 1);
  for (int i = 0; i < 3; i++) policy_quota_drain(&bucket, rate, UINT64_MAX);
  ck_assert_int_eq(bucket.level, -10 * QUOTA_DEBT_SECONDS);
  policy_quota_refill(&bucket, rate, 2 + QUOTA_DEBT_SECONDS * SECOND + SECOND / 10);
  ck_assert_int_eq(bucket.level, 1);
}
END_TEST

START_TEST(the_largest_rates_do_not_overflow) {
  static const uint64_t values[] = {1, SECOND, QUOTA_MOST, UINT64_MAX};
  static const uint64_t times[] = {0, 1, SECOND, UINT64_C(1) << 63, UINT64_MAX};
  for (size_t a = 0; a < 4; a++)
    for (size_t b = 0; b < 4; b++) {
      Rate rate = {values[a], values[b]};
      Bucket bucket = {0};
      for (size_t t = 0; t < 5; t++) {
        policy_quota_refill(&bucket, rate, times[t]);
        ck_assert_int_le(bucket.level, (int64_t)QUOTA_MOST);
        policy_quota_drain(&bucket, rate, UINT64_MAX);
        ck_assert_int_ge(bucket.level, -(int64_t)QUOTA_MOST);
        ck_assert_uint_gt(policy_quota_wait(&bucket, rate), 0);
      }
    }
}
END_TEST

START_TEST(the_time_to_wait_is_enough_and_not_much_more) {
  static const uint64_t rates[] = {1, 3, 1000, 999999999, 1000000007, UINT64_C(5000000000)};
  uint64_t state = 4711;
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
    for (int round = 0; round < 1000; round++) {
      Rate rate = {rates[i], 100};
      Bucket bucket = {0};
      policy_quota_refill(&bucket, rate, 1);
      policy_quota_drain(&bucket, rate, 100 + draw(&state) % (rates[i] * 100));
      uint64_t wait = policy_quota_wait(&bucket, rate);
      Bucket later = bucket, sooner = bucket;
      policy_quota_refill(&later, rate, 1 + wait);
      ck_assert_int_ge(later.level, 1);
      if (rates[i] >= SECOND || wait < 2) continue;
      policy_quota_refill(&sooner, rate, wait - 1);
      ck_assert_int_lt(sooner.level, 1);
    }
}
END_TEST

START_TEST(what_a_file_says_is_made_possible) {
  Bucket bucket = {INT64_MIN, UINT64_MAX, UINT32_MAX, UINT32_MAX};
  policy_quota_mend_bucket(&bucket, 77);
  ck_assert_int_eq(bucket.level, -(int64_t)QUOTA_MOST);
  ck_assert_uint_eq(bucket.at_ns, 77);
  ck_assert_uint_lt(bucket.part, SECOND);
  ck_assert_uint_eq(bucket.is_open, 1);
  bucket.level = INT64_MAX;
  policy_quota_mend_bucket(&bucket, 77);
  policy_quota_refill(&bucket, (Rate){5, 5}, 78);
  ck_assert_int_eq(bucket.level, 5);
}
END_TEST

SUITE("quota bucket", a_new_bucket_is_full, many_small_steps_bring_what_one_large_step_brings,
      time_fills_no_more_than_the_burst, a_clock_that_goes_to_and_fro_brings_nothing_twice,
      a_clock_of_another_boot_starts_anew, debts_end_after_an_hour,
      the_largest_rates_do_not_overflow, the_time_to_wait_is_enough_and_not_much_more,
      what_a_file_says_is_made_possible)
