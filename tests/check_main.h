/* SPDX-License-Identifier: BSD-2-Clause */
/* check_main - the main of every libcheck program: its file ends in SUITE or CHECK_MAIN.
 *
 * How much is printed is libcheck's CK_VERBOSITY; the exit status says whether all passed.
 */
#ifndef TESTS_CHECK_MAIN_H
#define TESTS_CHECK_MAIN_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

static inline int check_main_run(Suite *suite) {
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline Suite *check_main_suite(const char *name, const TTest *const *tests, size_t count) {
  enum { SECONDS = 600 }; /* a machine under load is slow */
  Suite *suite = suite_create(name);
  TCase *tcase = tcase_create(name);
  tcase_set_timeout(tcase, SECONDS);
  for (size_t i = 0; i < count; i++) tcase_add_test(tcase, tests[i]);
  suite_add_tcase(suite, tcase);
  return suite;
}

/* A program of one test case without fixtures: SUITE("ipc codec", first_test, second_test, ...) */
#define SUITE(name, ...)                                                                        \
  int main(void) {                                                                              \
    const TTest *const tests[] = {__VA_ARGS__};                                                 \
    return check_main_run(check_main_suite(name, tests, sizeof tests / sizeof tests[0]));       \
  }

/* Any other: CHECK_MAIN(make_suite), where make_suite returns a new Suite. */
#define CHECK_MAIN(make_suite) \
  int main(void) { return check_main_run(make_suite()); }

#endif
