/* SPDX-License-Identifier: BSD-2-Clause */
/* test_period - days and months, and clocks that jump. */
#define _GNU_SOURCE
#include "policy/quota/period.h"

#include <time.h>

#include "tests/check_main.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
/* 2024-02-28 00:00 UTC, a Wednesday before a leap day. */
#define START (INT64_C(1709078400) * SECOND)

static Times at(int64_t monotonic, int64_t realtime) {
  return (Times){(uint64_t)monotonic, realtime};
}

START_TEST(days_and_months_are_the_calendars) {
  for (int64_t day = -800000; day < 800000; day += 13) {
    time_t seconds = (time_t)(day * 86400);
    struct tm broken;
    ck_assert_ptr_nonnull(gmtime_r(&seconds, &broken));
    int64_t month = (broken.tm_year + INT64_C(1900)) * 12 + broken.tm_mon;
    int64_t realtime;
    if (__builtin_mul_overflow(day, DAY, &realtime)) continue;
    ck_assert_int_eq(policy_quota_number(PERIOD_DAY, realtime), day);
    ck_assert_int_eq(policy_quota_number(PERIOD_MONTH, realtime), month);
    int64_t end = policy_quota_end(PERIOD_MONTH, month);
    if (end == INT64_MAX) continue;
    ck_assert_int_eq(policy_quota_number(PERIOD_MONTH, end), month + 1);
    ck_assert_int_eq(policy_quota_number(PERIOD_MONTH, end - 1), month);
  }
}
END_TEST

START_TEST(times_at_the_edge_of_64_bits_have_a_day) {
  ck_assert_int_lt(policy_quota_number(PERIOD_MONTH, INT64_MIN), 1800 * 12);
  ck_assert_int_gt(policy_quota_number(PERIOD_MONTH, INT64_MAX), 2200 * 12);
  ck_assert_int_eq(policy_quota_end(PERIOD_DAY, INT64_MAX), INT64_MAX);
  ck_assert_int_eq(policy_quota_end(PERIOD_MONTH, INT64_MIN), INT64_MAX);
}
END_TEST

/* Turns the period and says whether the count began anew. */
static bool turns(Period *period, PeriodKind kind, Times now) {
  period->used[0] = 1;
  policy_quota_turn(period, kind, now);
  return period->used[0] == 0;
}

START_TEST(a_count_begins_anew_at_midnight) {
  Period period = {.is_open = 0};
  policy_quota_turn(&period, PERIOD_DAY, at(1, START + 23 * HOUR));
  ck_assert(!turns(&period, PERIOD_DAY, at(1 + HOUR - 1, START + DAY - 1)));
  ck_assert(turns(&period, PERIOD_DAY, at(1 + HOUR, START + DAY)));
  for (int64_t day = 2; day < 400; day++) {
    ck_assert(!turns(&period, PERIOD_DAY, at(1 + HOUR + (day - 1) * DAY - 1, START + day * DAY - 1)));
    ck_assert(turns(&period, PERIOD_DAY, at(1 + HOUR + (day - 1) * DAY, START + day * DAY)));
  }
}
END_TEST

START_TEST(months_of_any_length_turn_on_their_first_day) {
  Period period = {.is_open = 0};
  int turned = 0;
  policy_quota_turn(&period, PERIOD_MONTH, at(1, START));
  for (int64_t day = 1; day <= 366; day++) {
    bool is_new = turns(&period, PERIOD_MONTH, at(1 + day * DAY, START + day * DAY));
    time_t seconds = (time_t)((START + day * DAY) / SECOND);
    struct tm broken;
    ck_assert_ptr_nonnull(gmtime_r(&seconds, &broken));
    ck_assert_int_eq(is_new, broken.tm_mday == 1);
    turned += is_new;
  }
  ck_assert_int_eq(turned, 12);
}
END_TEST

START_TEST(a_wall_clock_that_jumps_hands_out_no_second_quota) {
  Period period = {.is_open = 0};
  int turned = 0;
  policy_quota_turn(&period, PERIOD_DAY, at(1, START));
  for (int i = 0; i < 1000; i++) {
    turned += turns(&period, PERIOD_DAY, at(1 + i * SECOND, START + (i % 2 ? i : -i) * DAY));
    turned += turns(&period, PERIOD_DAY, at(1 + i * SECOND, START));
  }
  /* The first jump ahead begins the next day early; no other does. */
  ck_assert_int_eq(turned, 1);
}
END_TEST

START_TEST(a_wall_clock_that_was_ahead_locks_nobody_out_for_ever) {
  Period period = {.is_open = 0};
  policy_quota_turn(&period, PERIOD_DAY, at(1, START));
  ck_assert(turns(&period, PERIOD_DAY, at(2, START + 3650 * DAY)));
  Times back = at(3, START + 1);
  uint64_t rest = policy_quota_rest(&period, PERIOD_DAY, back);
  ck_assert_uint_le(rest, (uint64_t)(25 * HOUR));
  Times later = at(3 + (int64_t)rest, START + 1 + (int64_t)rest);
  ck_assert(turns(&period, PERIOD_DAY, later));
}
END_TEST

START_TEST(a_wall_clock_that_stands_still_locks_nobody_out) {
  Period period = {.is_open = 0};
  int turned = 0;
  policy_quota_turn(&period, PERIOD_DAY, at(1, START));
  for (int64_t hour = 1; hour <= 250; hour++) turned += turns(&period, PERIOD_DAY, at(1 + hour * HOUR, START));
  ck_assert_int_eq(turned, 10);
}
END_TEST

START_TEST(the_rest_of_a_period_is_what_it_takes) {
  static const int64_t offsets[] = {0, 1, HOUR, 23 * HOUR, DAY - 1};
  for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
    Period period = {.is_open = 0};
    policy_quota_turn(&period, PERIOD_DAY, at(1, START + offsets[i]));
    int64_t rest = (int64_t)policy_quota_rest(&period, PERIOD_DAY, at(1, START + offsets[i]));
    ck_assert_int_eq(rest, DAY - offsets[i]);
    ck_assert(turns(&period, PERIOD_DAY, at(1 + rest, START + offsets[i] + rest)));
  }
}
END_TEST

START_TEST(after_a_restart_the_wall_clock_decides) {
  Period period = {.is_open = 0};
  policy_quota_turn(&period, PERIOD_DAY, at(1000 * HOUR, START));
  ck_assert(turns(&period, PERIOD_DAY, at(1024 * HOUR, START + DAY)));
  period.used[0] = 5;
  policy_quota_mend_period(&period, at(1, START + 2 * DAY - HOUR));
  ck_assert_uint_eq(period.used[0], 5);
  ck_assert(turns(&period, PERIOD_DAY, at(1 + HOUR, START + 2 * DAY)));
}
END_TEST

SUITE("quota period", days_and_months_are_the_calendars, times_at_the_edge_of_64_bits_have_a_day,
      a_count_begins_anew_at_midnight, months_of_any_length_turn_on_their_first_day,
      a_wall_clock_that_jumps_hands_out_no_second_quota,
      a_wall_clock_that_was_ahead_locks_nobody_out_for_ever,
      a_wall_clock_that_stands_still_locks_nobody_out, the_rest_of_a_period_is_what_it_takes,
      after_a_restart_the_wall_clock_decides)
