/* SPDX-License-Identifier: BSD-2-Clause */
/* test_answer - tokens, and the JSON that they become. */
#include <math.h>
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/answer.h"

static void expect_json(Answer *answer, const char *wanted) {
  Answer json = {.data = NULL};
  ck_assert(module_answer_json(answer, &json));
  module_answer_append(&json, "", 1);
  ck_assert_str_eq(json.data, wanted);
  module_answer_fini(&json);
  module_answer_fini(answer);
}

START_TEST(maps_and_lists_nest_and_are_counted) {
  Answer answer = {.data = NULL};
  module_answer_map(&answer, NULL);
  module_answer_count(&answer, "a", UINT64_MAX);
  module_answer_list(&answer, "b");
  module_answer_map(&answer, NULL);
  module_answer_flag(&answer, "x", true);
  module_answer_end(&answer);
  module_answer_list(&answer, NULL);
  module_answer_end(&answer);
  module_answer_text(&answer, NULL, "t");
  module_answer_end(&answer);
  module_answer_map(&answer, "c");
  module_answer_end(&answer);
  module_answer_real(&answer, "d", 0.5);
  module_answer_real(&answer, "e", NAN);
  module_answer_end(&answer);
  expect_json(&answer,
              "{\"a\":18446744073709551615,\"b\":[{\"x\":true},[],\"t\"],\"c\":{},\"d\":0.5,\"e\":null}");
}
END_TEST

START_TEST(any_bytes_become_valid_json) {
  static const struct {
    const char *text, *json;
    size_t size;
  } rows[] = {{"a\"b\\c", "\"a\\\"b\\\\c\"", 5},
              {"\x1b[0m\n", "\"\\u001b[0m\\u000a\"", 5},
              {"\0", "\"\\u0000\"", 1},
              {"\xff\x80", "\"\\\\xff\\\\x80\"", 2},
              {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", 9},
              {"\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"", 3},
              {"\xc0\xaf", "\"\\\\xc0\\\\xaf\"", 2},
              {"\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"", 4},
              {"\xe2\x82", "\"\\\\xe2\\\\x82\"", 2}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    Answer answer = {.data = NULL};
    module_answer_bytes(&answer, NULL, (FsbBytes){rows[i].text, rows[i].size});
    expect_json(&answer, rows[i].json);
  }
}
END_TEST

START_TEST(what_is_too_deep_or_too_large_fails_as_a_whole) {
  Answer answer = {.data = NULL}, json = {.data = NULL};
  for (int i = 0; i < ANSWER_DEPTH + 1; i++) module_answer_list(&answer, NULL);
  ck_assert(answer.has_failed);
  ck_assert(!module_answer_json(&answer, &json));
  module_answer_fini(&answer);
  char *large = calloc(1, ANSWER_MOST);
  module_answer_bytes(&answer, NULL, (FsbBytes){large, ANSWER_MOST});
  ck_assert(answer.has_failed);
  module_answer_text(&answer, NULL, "more");
  ck_assert(!module_answer_json(&answer, &json));
  module_answer_fini(&answer);
  module_answer_fini(&json);
  free(large);
}
END_TEST

SUITE("module answer", maps_and_lists_nest_and_are_counted, any_bytes_become_valid_json,
      what_is_too_deep_or_too_large_fails_as_a_whole)
