/* SPDX-License-Identifier: BSD-2-Clause */
/* suite - runs a list of libcheck tests as one program. */
#ifndef TESTS_IPC_SUITE_H
#define TESTS_IPC_SUITE_H

#include <check.h>
#include <stddef.h>

static inline int suite_main(const char *name, const TTest *const *tests, size_t count) {
  Suite *suite = suite_create(name);
  TCase *tcase = tcase_create(name);
  tcase_set_timeout(tcase, 120);
  for (size_t i = 0; i < count; i++) tcase_add_test(tcase, tests[i]);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? 0 : 1;
}

/* Ends a test file: SUITE("ipc codec", first_test, second_test, ...) */
#define SUITE(name, ...)                                            \
  int main(void) {                                                  \
    const TTest *const tests[] = {__VA_ARGS__};                     \
    return suite_main(name, tests, sizeof tests / sizeof tests[0]); \
  }

#endif
