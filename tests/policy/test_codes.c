/* SPDX-License-Identifier: BSD-2-Clause */
/* test_codes - the table of outcomes is complete, and its texts come out right. */
#include <check.h>
#include <string.h>

#include "tests/check_main.h"
#include "policy/codes.h"
#include "policy/limits.h"

static const char *written(Code code, const CodeFacts *facts, char *line, size_t size) {
  size_t n = policy_codes_write(code, facts, line, size);
  ck_assert_uint_eq(n, strlen(line));
  return line;
}

START_TEST(every_row_is_complete_and_its_names_are_unique) {
  for (size_t i = 0; i < CODE_COUNT_; i++) {
    const CodeRow *row = policy_codes_row(i);
    ck_assert(row == policy_codes_find((uint32_t)row->code));
    ck_assert(row == policy_codes_by_label(row->label));
    ck_assert(row->meaning[0] != '\0' && row->text[0] != '\0');
    ck_assert(row->blame < BLAME_COUNT_);
  }
  ck_assert_ptr_null(policy_codes_find(CODE_COUNT_));
  ck_assert_ptr_null(policy_codes_find(UINT32_MAX));
  ck_assert_ptr_null(policy_codes_by_label("nothing"));
}
END_TEST

START_TEST(exit_statuses_are_those_the_tool_documents) {
  static const int known[] = {0, 1, 2, 3, 4, 5, 6, 69, 70, 77, 78, 124, 130};
  for (size_t i = 0; i < CODE_COUNT_; i++) {
    bool found = false;
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
      found = found || policy_codes_row(i)->exit_status == known[k];
    ck_assert_msg(found, "%s: exit %d", policy_codes_row(i)->name, policy_codes_row(i)->exit_status);
  }
}
END_TEST

START_TEST(every_limit_has_a_code_of_its_own_and_the_reverse) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++) {
    const LimitRow *row = policy_limits_row(i);
    ck_assert(policy_codes_is_limit(row->code));
    ck_assert(policy_limits_by_code(row->code) == row);
    ck_assert_int_eq(policy_codes_find((uint32_t)row->code)->exit_status, 3);
    ck_assert_int_eq(strncmp(policy_codes_find((uint32_t)row->code)->text, row->name, strlen(row->name)), 0);
  }
  for (size_t i = 0; i < CODE_COUNT_; i++) {
    Code code = policy_codes_row(i)->code;
    ck_assert_msg(policy_codes_is_limit(code) == (policy_limits_by_code(code) != NULL), "%s", policy_codes_row(i)->name);
  }
}
END_TEST

START_TEST(the_limit_line_names_limit_value_and_place) {
  char line[256];
  CodeFacts facts = {.limit = 1000000, .chunk = "user_script", .line = 12};
  ck_assert_str_eq(written(CODE_LIMIT_INSTRUCTIONS, &facts, line, sizeof line),
                   "LIMIT instructions: script exceeded 1000000 instructions, at user_script:12");
  facts = (CodeFacts){.limit = UINT64_C(5000000000), .chunk = "user_script", .wrote = true};
  ck_assert_str_eq(written(CODE_LIMIT_HOLD, &facts, line, sizeof line),
                   "LIMIT hold: script held the data store longer than 5s, line unknown (wrote=1)");
  facts = (CodeFacts){.limit = 64 << 20};
  ck_assert_str_eq(written(CODE_LIMIT_MEMORY, &facts, line, sizeof line),
                   "LIMIT memory: script exceeded 67108864 bytes");
}
END_TEST

START_TEST(details_cannot_inject_a_line) {
  char line[128];
  CodeFacts facts = {.detail = "a\r\n+OK\r\n\0b", .detail_bytes = 10};
  ck_assert_str_eq(written(CODE_SCRIPT_ERROR, &facts, line, sizeof line), "a  +OK   b");
  facts = (CodeFacts){.detail = "{limit} {at}", .detail_bytes = 12, .limit = 3, .chunk = "x", .line = 1};
  ck_assert_str_eq(written(CODE_INTERNAL, &facts, line, sizeof line), "INTERNAL {limit} {at}");
}
END_TEST

START_TEST(a_line_is_cut_to_the_buffer_and_always_terminated) {
  CodeFacts facts = {.detail = "abcdefghij", .detail_bytes = 10};
  for (size_t size = 1; size < 24; size++) {
    char line[32];
    memset(line, 'Z', sizeof line);
    size_t n = policy_codes_write(CODE_INTERNAL, &facts, line, size);
    ck_assert_uint_lt(n, size);
    ck_assert(line[n] == '\0' && line[size] == 'Z');
    ck_assert_int_eq(strncmp(line, "INTERNAL abcdefghij", n), 0);
  }
  char untouched = 'Z';
  ck_assert_uint_eq(policy_codes_write(CODE_INTERNAL, &facts, &untouched, 0), 0);
  ck_assert(untouched == 'Z');
}
END_TEST

START_TEST(refusals_and_our_own_faults_are_never_billed) {
  for (size_t i = 0; i < CODE_COUNT_; i++) {
    const CodeRow *row = policy_codes_row(i);
    if (row->blame == BLAME_HOST) ck_assert_msg(!row->billable, "%s", row->name);
  }
  ck_assert(!policy_codes_find(CODE_THROTTLED)->billable);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("policy/codes");
  TCase *tc = tcase_create("codes");
  tcase_add_test(tc, every_row_is_complete_and_its_names_are_unique);
  tcase_add_test(tc, exit_statuses_are_those_the_tool_documents);
  tcase_add_test(tc, every_limit_has_a_code_of_its_own_and_the_reverse);
  tcase_add_test(tc, the_limit_line_names_limit_value_and_place);
  tcase_add_test(tc, details_cannot_inject_a_line);
  tcase_add_test(tc, a_line_is_cut_to_the_buffer_and_always_terminated);
  tcase_add_test(tc, refusals_and_our_own_faults_are_never_billed);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
