/* SPDX-License-Identifier: BSD-2-Clause */
/* test_status - phrases and the way from errno. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/check_main.h"
#include "policy/status.h"

START_TEST(every_status_has_a_phrase_of_its_own) {
  for (int a = 0; a < ST_COUNT_; a++) {
    ck_assert_str_ne(policy_status_text((Status)a), "unknown status");
    for (int b = 0; b < a; b++) ck_assert_str_ne(policy_status_text((Status)a), policy_status_text((Status)b));
  }
  ck_assert_str_eq(policy_status_text(ST_COUNT_), "unknown status");
}
END_TEST

START_TEST(no_errno_is_success) {
  for (int error = 0; error < 200; error++) ck_assert_int_ne(policy_status_from_errno(error), ST_OK);
  ck_assert_int_eq(policy_status_from_errno(ENOMEM), ST_NO_MEMORY);
  ck_assert_int_eq(policy_status_from_errno(EMFILE), ST_NO_DESCRIPTORS);
  ck_assert_int_eq(policy_status_from_errno(EPIPE), ST_CLOSED);
  ck_assert_int_eq(policy_status_from_errno(EAGAIN), ST_WOULD_BLOCK);
  ck_assert_int_eq(policy_status_from_errno(ENOSYS), ST_UNSUPPORTED);
  ck_assert_int_eq(policy_status_from_errno(ENOTTY), ST_SYSTEM);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("policy/status");
  TCase *tc = tcase_create("status");
  tcase_add_test(tc, every_status_has_a_phrase_of_its_own);
  tcase_add_test(tc, no_errno_is_success);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
