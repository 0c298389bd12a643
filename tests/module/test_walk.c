/* SPDX-License-Identifier: BSD-2-Clause */
/* test_walk - how long commands over the whole database take, by their words. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/walk.h"

static uint64_t estimate(uint64_t keys, const char *name, const char *a, const char *b, const char *c) {
  const char *words[] = {name, a, b, c};
  FsbBytes argv[4];
  size_t argc = 0;
  while (argc < 4 && words[argc] != NULL) {
    argv[argc] = (FsbBytes){words[argc], strlen(words[argc])};
    argc++;
  }
  const FsbCall call = {.argv = argv, .argc = argc};
  return module_walk_estimate(&call, keys);
}

START_TEST(what_looks_at_one_key_is_no_walk) {
  ck_assert_uint_eq(estimate(1000000, "keyspace", "*", NULL, NULL), 0);
  ck_assert_uint_eq(estimate(1000000, "get", "keys", NULL, NULL), 0);
  ck_assert_uint_eq(estimate(1000000, "", NULL, NULL, NULL), 0);
  ck_assert_uint_eq(estimate(1000000, "dbsize", NULL, NULL, NULL), 0);
}
END_TEST

START_TEST(keys_takes_time_with_every_key_whatever_the_pattern) {
  ck_assert_uint_eq(estimate(0, "keys", "*", NULL, NULL), 0);
  uint64_t thousand = estimate(1000, "keys", "*", NULL, NULL);
  ck_assert_uint_gt(thousand, 0);
  ck_assert_uint_eq(estimate(1000, "keys", "none", NULL, NULL), thousand);
  ck_assert_uint_eq(estimate(1000, "KeyS", "*", NULL, NULL), thousand);
  ck_assert_uint_eq(estimate(1000000, "keys", "*", NULL, NULL), 1000 * thousand);
}
END_TEST

START_TEST(scan_takes_what_its_count_says) {
  uint64_t hundred = estimate(1000, "scan", "0", "COUNT", "100");
  ck_assert_uint_gt(hundred, 0);
  ck_assert_uint_eq(estimate(1000, "scan", "0", NULL, NULL), 0);
  ck_assert_uint_eq(estimate(1000, "scan", "0", "count", "200"), 2 * hundred);
  ck_assert_uint_eq(estimate(1000, "scan", "0", "count", "99999999999999999999"), 10 * hundred);
  ck_assert_uint_eq(estimate(1000, "scan", "0", "count", "x"), 0);
  ck_assert_uint_eq(estimate(1000, "scan", "0", "match", "count"), 0);
}
END_TEST

START_TEST(what_another_thread_does_takes_none) {
  ck_assert_uint_gt(estimate(1000, "flushdb", NULL, NULL, NULL), 0);
  ck_assert_uint_gt(estimate(1000, "flushall", "sync", NULL, NULL), 0);
  ck_assert_uint_eq(estimate(1000, "flushall", "ASYNC", NULL, NULL), 0);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("module walk");
  TCase *tcase = tcase_create("walk");
  tcase_add_test(tcase, what_looks_at_one_key_is_no_walk);
  tcase_add_test(tcase, keys_takes_time_with_every_key_whatever_the_pattern);
  tcase_add_test(tcase, scan_takes_what_its_count_says);
  tcase_add_test(tcase, what_another_thread_does_takes_none);
  suite_add_tcase(suite, tcase);
  return suite;
}

CHECK_MAIN(make_suite)
