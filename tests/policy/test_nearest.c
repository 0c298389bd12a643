/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nearest - which known word a mistyped one is taken for, if any. */
#include "policy/nearest.h"

#include <string.h>

#include "tests/check_main.h"

static const char *const known[] = {"limits", "rates", "daily", "monthly", "weight", "mode", "a_word_that_is_longer_than_31_bytes"};

static void expect(const char *word, const char *wanted) {
  Nearest nearest = policy_nearest_start(word);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) policy_nearest_offer(&nearest, known[i]);
  ck_assert_msg(strcmp(policy_nearest_best(&nearest), wanted) == 0, "%s: %s", word, policy_nearest_best(&nearest));
}

START_TEST(slips_are_understood) {
  expect("limts", "limits");
  expect("limit", "limits");
  expect("wieght", "weight");
  expect("mdoe", "mode");
  expect("montly", "monthly");
  expect("limits", "limits");
}
END_TEST

START_TEST(other_words_are_not_taken_for_known_ones) {
  expect("frobnicate", "");
  expect("", "");
  expect("xyz", "");
  expect("a_word_that_is_longer_than_31_byte", "");
}
END_TEST

SUITE("nearest", slips_are_understood, other_words_are_not_taken_for_known_ones)
