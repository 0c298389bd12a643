/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spread - every duration has one bucket, and it is the first that is long enough. */
#include "policy/spread.h"
#include "tests/check_main.h"

START_TEST(a_duration_is_in_the_first_bucket_that_it_does_not_exceed) {
  for (size_t i = 0; i < SPREAD_BUCKETS - 1; i++) {
    uint64_t end = spread_end(i);
    ck_assert_uint_eq(spread_bucket(end), i);
    ck_assert_uint_eq(spread_bucket(end + 1), i + 1);
    ck_assert_uint_eq(spread_bucket(end - 1), i);
  }
}
END_TEST

START_TEST(the_ends_of_time_have_a_bucket) {
  ck_assert_uint_eq(spread_bucket(0), 0);
  ck_assert_uint_eq(spread_bucket(1), 0);
  ck_assert_uint_eq(spread_bucket(UINT64_MAX), SPREAD_BUCKETS - 1);
  ck_assert_uint_eq(spread_end(0), 256);
  ck_assert_uint_eq(spread_end(SPREAD_BUCKETS - 2), UINT64_C(1) << 30);
}
END_TEST

SUITE("policy spread", a_duration_is_in_the_first_bucket_that_it_does_not_exceed, the_ends_of_time_have_a_bucket)
