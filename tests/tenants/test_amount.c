/* SPDX-License-Identifier: BSD-2-Clause */
/* test_amount - rates and quotas, read and written. */
#include "policy/tenants/amount.h"

#include <string.h>

#include "tests/check_main.h"

typedef struct {
  LimitUnit unit;
  const char *text;
  Status status;
  Rate rate;
} RateCase;

static const RateCase rates[] = {
    {UNIT_COUNT, "10m/s burst 50m", ST_OK, {10000000, 50000000}},
    {UNIT_COUNT, "10m/s", ST_OK, {10000000, 0}},
    {UNIT_COUNT, "0.5k/s  burst   2", ST_OK, {500, 2}},
    {UNIT_NANOSECONDS, "100ms/s burst 1s", ST_OK, {100000000, 1000000000}},
    {UNIT_BYTES, "4mb/s burst 1gb", ST_OK, {4u << 20, 1u << 30}},
    {UNIT_COUNT, "unlimited", ST_OK, {0, 0}},
    {UNIT_COUNT, "", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "/s", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/sec", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/sburst 5", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/s burst", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/s burst5", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/s burst 5 ", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10m/s ", ST_INVALID, {0, 0}},
    {UNIT_COUNT, " 10m/s", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "-1/s", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "10ms/s", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "Unlimited", ST_INVALID, {0, 0}},
    {UNIT_COUNT, "0/s", ST_RANGE, {0, 0}},
    {UNIT_COUNT, "1/s burst 0", ST_RANGE, {0, 0}},
    {UNIT_COUNT, "2000000000g/s", ST_RANGE, {0, 0}},
    {UNIT_COUNT, "1/s burst 18446744073709551616", ST_RANGE, {0, 0}},
    {UNIT_COUNT, "0000000000000000000000000000000000000000000000000000000000000000001/s", ST_INVALID, {0, 0}},
};

START_TEST(rates_are_read_exactly_or_refused) {
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    Rate rate = {77, 77};
    Status s = policy_tenants_rate_read(rates[i].unit, rates[i].text, &rate);
    Rate want = rates[i].status == ST_OK ? rates[i].rate : (Rate){77, 77};
    ck_assert_msg(s == rates[i].status, "'%s': %s", rates[i].text, policy_status_text(s));
    ck_assert_msg(rate.per_second == want.per_second && rate.burst == want.burst, "'%s'", rates[i].text);
  }
}
END_TEST

START_TEST(what_is_written_is_read_as_the_same) {
  static const Rate samples[] = {{0, 0}, {1, 0}, {1, 1}, {10000000, 50000000}, {1048576, 1536}, {QUOTA_MOST, QUOTA_MOST}};
  char text[AMOUNT_BYTES];
  for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
    for (LimitUnit unit = UNIT_COUNT; unit < UNIT_COUNT_; unit++) {
      Rate rate = {77, 77};
      uint64_t amount = 77;
      policy_tenants_rate_write(unit, samples[i], text);
      ck_assert_int_eq(policy_tenants_rate_read(unit, text, &rate), ST_OK);
      ck_assert_msg(rate.per_second == samples[i].per_second && rate.burst == samples[i].burst, "%s", text);
      policy_tenants_amount_write(unit, samples[i].per_second, text);
      ck_assert_int_eq(policy_tenants_amount_read(unit, text, &amount), ST_OK);
      ck_assert_uint_eq(amount, samples[i].per_second);
    }
}
END_TEST

START_TEST(an_amount_is_positive_or_unlimited) {
  uint64_t amount = 5;
  ck_assert_int_eq(policy_tenants_amount_read(UNIT_COUNT, "unlimited", &amount), ST_OK);
  ck_assert_uint_eq(amount, 0);
  ck_assert_int_eq(policy_tenants_amount_read(UNIT_COUNT, "0", &amount), ST_RANGE);
  ck_assert_int_eq(policy_tenants_amount_read(UNIT_COUNT, "none", &amount), ST_INVALID);
  ck_assert_int_eq(policy_tenants_amount_read(UNIT_NANOSECONDS, "30s", &amount), ST_OK);
  ck_assert_uint_eq(amount, UINT64_C(30000000000));
}
END_TEST

SUITE("amount", rates_are_read_exactly_or_refused, what_is_written_is_read_as_the_same,
      an_amount_is_positive_or_unlimited)
