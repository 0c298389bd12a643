/* SPDX-License-Identifier: BSD-2-Clause */
/* Scratch: a bump region that refuses what does not fit, and says how far it was used. */
#include "tests/check_main.h"
#include "vm/memory/scratch.h"

static char region[256] __attribute__((aligned(16)));

START_TEST(blocks_follow_each_other_on_multiples_of_eight) {
  Scratch s = {.base = region, .size = sizeof region};
  ck_assert_ptr_eq(scratch_take(&s, 1), region);
  ck_assert_ptr_eq(scratch_take(&s, 8), region + 8);
  ck_assert_ptr_eq(scratch_take(&s, 9), region + 16);
  ck_assert_ptr_eq(scratch_take(&s, 0), region + 32);
  ck_assert_uint_eq(s.used, 32);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_and_changes_nothing) {
  Scratch s = {.base = region, .size = 64};
  ck_assert_ptr_nonnull(scratch_take(&s, 40));
  ck_assert_ptr_null(scratch_take(&s, 25));
  ck_assert_uint_eq(s.used, 40);
  ck_assert_uint_eq(s.peak, 40);
  ck_assert_ptr_nonnull(scratch_take(&s, 24));
  ck_assert_ptr_null(scratch_take(&s, 1));
}
END_TEST

START_TEST(sizes_near_the_largest_do_not_wrap) {
  Scratch s = {.base = region, .size = sizeof region};
  for (size_t less = 0; less < 16; less++) ck_assert_ptr_null(scratch_take(&s, SIZE_MAX - less));
  ck_assert_uint_eq(s.used, 0);
}
END_TEST

START_TEST(the_peak_outlives_giving_back) {
  Scratch s = {.base = region, .size = sizeof region};
  scratch_take(&s, 100);
  s.used = 8;
  scratch_take(&s, 16);
  ck_assert_uint_eq(s.used, 24);
  ck_assert_uint_eq(s.peak, 104);
}
END_TEST

SUITE("vm/scratch", blocks_follow_each_other_on_multiples_of_eight, what_does_not_fit_is_refused_and_changes_nothing,
      sizes_near_the_largest_do_not_wrap, the_peak_outlives_giving_back)
