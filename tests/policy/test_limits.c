/* SPDX-License-Identifier: BSD-2-Clause */
/* test_limits - ranges, suffixes and messages of the limits. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"
#include "policy/limits.h"

typedef struct {
  const char *text;
  Status status;
  uint64_t value; /* of the named limit, when ST_OK */
} Case;

static const Case cases[] = {
    {"instructions=1000", ST_OK, 1000},
    {"instructions=2k", ST_OK, 2000},
    {"instructions=1.5m", ST_OK, 1500000},
    {"instructions=3g", ST_OK, UINT64_C(3000000000)},
    {"instructions=0.0001m", ST_OK, 100},
    {"memory=1m", ST_OK, 1048576},
    {"memory=1024k", ST_OK, 1048576},
    {"memory=2mb", ST_OK, 2097152},
    {"memory=2MB", ST_INVALID, 0},
    {"instructions=2kb", ST_INVALID, 0},
    {"memory=1048576", ST_OK, 1048576},
    {"memory=0.5g", ST_OK, UINT64_C(536870912)},
    {"wall=20ms", ST_OK, 20000000},
    {"wall=1500us", ST_OK, 1500000},
    {"wall=1.5s", ST_OK, 1500000000},
    {"hold=1000000ns", ST_OK, 1000000},
    {"hold=1000000", ST_OK, 1000000},
    {"calls=0", ST_OK, 0},
    {"log_bytes=0", ST_OK, 0},
    {"instructions", ST_INVALID, 0},
    {"instructions=", ST_INVALID, 0},
    {"instructions= 5", ST_INVALID, 0},
    {"instructions=-5", ST_INVALID, 0},
    {"instructions=+5", ST_INVALID, 0},
    {"instructions=0x10", ST_INVALID, 0},
    {"instructions=1e9", ST_INVALID, 0},
    {"instructions=5.", ST_INVALID, 0},
    {"instructions=.5k", ST_INVALID, 0},
    {"instructions=1.0005k", ST_INVALID, 0},
    {"instructions=1.0000000001g", ST_INVALID, 0},
    {"instructions=5s", ST_INVALID, 0},
    {"instructions=1kk", ST_INVALID, 0},
    {"instructions=1K", ST_INVALID, 0},
    {"memory=5s", ST_INVALID, 0},
    {"wall=5k", ST_INVALID, 0},
    {"instructions=99", ST_RANGE, 0},
    {"memory=1", ST_RANGE, 0},
    {"memory=513m", ST_RANGE, 0},
    {"wall=0", ST_RANGE, 0},
    {"wall=999us", ST_RANGE, 0},
    {"instructions=18446744073709551615", ST_RANGE, 0},
    {"instructions=18446744073709551616", ST_RANGE, 0},
    {"instructions=99999999999999999999999999999999999999", ST_RANGE, 0},
    {"instructions=18446744073709551g", ST_RANGE, 0},
    {"script_bytes=18446744073709551615g", ST_RANGE, 0},
    {"", ST_NOT_FOUND, 0},
    {"=5", ST_NOT_FOUND, 0},
    {"instruction=5", ST_NOT_FOUND, 0},
    {"instructionss=5", ST_NOT_FOUND, 0},
    {"Memory=1m", ST_NOT_FOUND, 0},
};

static bool is_same(const Limits *a, const Limits *b) { return memcmp(a, b, sizeof *a) == 0; }

START_TEST(text_is_read_as_documented) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Limits limits = policy_limits_defaults(), before = limits;
    char error[LIMITS_ERROR_BYTES] = "";
    Status s = policy_limits_parse(&limits, cases[i].text, error);
    ck_assert_msg(s == cases[i].status, "'%s': %s (%s)", cases[i].text, policy_status_text(s), error);
    if (s != ST_OK) {
      ck_assert_msg(is_same(&limits, &before) && error[0] != '\0', "'%s'", cases[i].text);
      continue;
    }
    const LimitRow *row = policy_limits_find(cases[i].text, strcspn(cases[i].text, "="));
    ck_assert_msg(policy_limits_get(&limits, row) == cases[i].value, "'%s'", cases[i].text);
  }
}
END_TEST

START_TEST(a_value_out_of_range_is_told_the_range) {
  Limits limits = policy_limits_defaults();
  char error[LIMITS_ERROR_BYTES];
  ck_assert_int_eq(policy_limits_parse(&limits, "memory=1", error), ST_RANGE);
  ck_assert_str_eq(error, "limit memory: 1 is out of range; allowed are 512k to 512m");
  ck_assert_int_eq(policy_limits_parse(&limits, "wall=2us", error), ST_RANGE);
  ck_assert_str_eq(error, "limit wall: 2us is out of range; allowed are 1ms to 86400s");
  ck_assert_int_eq(policy_limits_parse(&limits, "speed=2", error), ST_NOT_FOUND);
  ck_assert_int_eq(strncmp(error, "unknown limit 'speed'; limits are instructions, memory, wall,", 60), 0);
  ck_assert_ptr_nonnull(strstr(error, "reply_depth"));
}
END_TEST

START_TEST(hostile_text_stays_inside_the_error_buffer) {
  char text[4096], error[LIMITS_ERROR_BYTES + 1];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  error[LIMITS_ERROR_BYTES] = 'Z';
  Limits limits = policy_limits_defaults();
  ck_assert_int_eq(policy_limits_parse(&limits, text, error), ST_NOT_FOUND);
  memcpy(text, "memory=", 7);
  ck_assert_int_eq(policy_limits_parse(&limits, text, error), ST_INVALID);
  memset(text + 7, '9', sizeof text - 8);
  ck_assert_int_eq(policy_limits_parse(&limits, text, error), ST_RANGE);
  ck_assert_int_eq(error[LIMITS_ERROR_BYTES], 'Z');
}
END_TEST

START_TEST(every_row_can_be_written_and_read_back) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++) {
    const LimitRow *row = policy_limits_row(i);
    const uint64_t values[] = {row->floor, row->ceiling, row->default_value, row->default_value - 1};
    for (size_t v = 0; v < 4; v++) {
      char number[32], text[96], error[LIMITS_ERROR_BYTES];
      Limits limits = policy_limits_defaults();
      ck_assert_uint_gt(policy_limits_format(row->unit, values[v], number, sizeof number), 0);
      (void)snprintf(text, sizeof text, "%s=%s", row->name, number);
      ck_assert_msg(policy_limits_parse(&limits, text, error) == ST_OK, "%s: %s", text, error);
      ck_assert_msg(policy_limits_get(&limits, row) == values[v], "%s", text);
    }
    ck_assert(row->meaning[0] != '\0');
    ck_assert(policy_limits_find(row->name, strlen(row->name)) == row);
  }
  ck_assert_ptr_null(policy_limits_row(LIMIT_COUNT_));
}
END_TEST

START_TEST(the_defaults_let_five_seconds_of_honest_work_through) {
  Limits d = policy_limits_defaults();
  char error[LIMITS_ERROR_BYTES];
  ck_assert_int_eq(policy_limits_check(&d, error), ST_OK);
  ck_assert_uint_eq(d.hold, UINT64_C(5000000000));
  ck_assert_uint_ge(d.cpu, UINT64_C(5000000000));
  ck_assert_uint_ge(d.wall, d.hold);
  ck_assert_uint_ge(d.host_time, UINT64_C(5000000000));
  ck_assert_uint_ge(d.instructions, UINT64_C(10000000000));
}
END_TEST

START_TEST(check_finds_any_field_out_of_range) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++) {
    const LimitRow *row = policy_limits_row(i);
    Limits limits = policy_limits_defaults();
    char error[LIMITS_ERROR_BYTES];
    policy_limits_set(&limits, row, row->ceiling + 1);
    ck_assert_int_eq(policy_limits_check(&limits, error), ST_RANGE);
    ck_assert_ptr_nonnull(strstr(error, row->name));
    policy_limits_set(&limits, row, row->floor);
    ck_assert_int_eq(policy_limits_check(&limits, error), ST_OK);
  }
}
END_TEST

START_TEST(clamping_only_lowers) {
  Limits asked = policy_limits_defaults(), bound = policy_limits_defaults();
  asked.memory = 1 << 20;
  asked.wall = bound.wall * 2;
  policy_limits_clamp(&asked, &bound);
  ck_assert_uint_eq(asked.memory, 1 << 20);
  ck_assert_uint_eq(asked.wall, bound.wall);
  ck_assert_uint_eq(asked.calls, bound.calls);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("policy/limits");
  TCase *tc = tcase_create("limits");
  tcase_add_test(tc, text_is_read_as_documented);
  tcase_add_test(tc, a_value_out_of_range_is_told_the_range);
  tcase_add_test(tc, hostile_text_stays_inside_the_error_buffer);
  tcase_add_test(tc, every_row_can_be_written_and_read_back);
  tcase_add_test(tc, the_defaults_let_five_seconds_of_honest_work_through);
  tcase_add_test(tc, check_finds_any_field_out_of_range);
  tcase_add_test(tc, clamping_only_lowers);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
