/* SPDX-License-Identifier: BSD-2-Clause */
/* test_request - lines of the control socket: what is understood, and what is refused. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/request.h"

static char line[4096];

static const char *parse(const char *text, Request *request) {
  size_t size = strlen(text);
  memcpy(line, text, size + 1);
  return module_request_parse(line, size, request);
}

static void expect_words(const char *text, const char *wanted) {
  Request request;
  char joined[512] = "";
  ck_assert_ptr_null(parse(text, &request));
  for (size_t i = 0; i < request.count; i++) {
    strncat(joined, i == 0 ? "" : "|", 2);
    strncat(joined, request.words[i].data, request.words[i].size);
  }
  ck_assert_str_eq(joined, wanted);
}

START_TEST(words_and_objects_are_understood) {
  expect_words("ps", "ps");
  expect_words("  kill \t 17  ", "kill|17");
  expect_words("{\"command\":[\"ps\"]}", "ps");
  expect_words(" { \"schema\" : \"ferrous.sandbox/v1\" , \"command\" : [ \"kill\" , \"17\" ] } ", "kill|17");
  expect_words("{\"command\":[\"a b\",\"\\\"\\\\\\/\\n\\t\"]}", "a b|\"\\/\n\t");
  expect_words("{\"command\":[\"\\u0041\\u00e9\\u20ac\"]}", "A\xc3\xa9\xe2\x82\xac");
  expect_words("{\"command\":[\"ps\",\"\"]}", "ps|");
}
END_TEST

START_TEST(everything_else_is_refused_with_a_reason) {
  static const char *const lines[] = {
      "", "   ", "{", "{}", "{\"command\"}", "{\"command\":[]}", "{\"command\":[\"a\"}",
      "{\"command\":\"ps\"}", "{\"command\":[\"a\",]}", "{\"command\":[1]}", "{\"command\":[\"a\"]} x",
      "{\"schema\":\"ferrous.sandbox/v2\",\"command\":[\"ps\"]}", "{\"other\":1,\"command\":[\"ps\"]}",
      "{\"schema\":\"ferrous.sandbox/v1\"}", "{\"command\":[\"\\u0000\"]}", "{\"command\":[\"\\ud800\"]}",
      "{\"command\":[\"\\x\"]}", "{\"command\":[\"a\tb\"]}", "{\"command\":[\"a", "{\"command\":[\"\\u12",
      "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g"};
  Request request;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    ck_assert_msg(parse(lines[i], &request) != NULL, "%s", lines[i]);
  ck_assert_ptr_nonnull(module_request_parse(memcpy(line, "p\0s", 3), 3, &request));
}
END_TEST

/* A line cut anywhere must be refused or understood, never read beyond its end. */
START_TEST(no_prefix_reads_beyond_its_end) {
  static const char whole[] = "{\"schema\":\"ferrous.sandbox/v1\",\"command\":[\"k\\u0041\\n\",\"17\"]}";
  for (size_t size = 0; size < sizeof whole - 1; size++) {
    Request request;
    char *exact = malloc(size == 0 ? 1 : size);
    memcpy(exact, whole, size);
    ck_assert_ptr_nonnull(module_request_parse(exact, size, &request));
    free(exact);
  }
}
END_TEST

SUITE("module request", words_and_objects_are_understood, everything_else_is_refused_with_a_reason,
      no_prefix_reads_beyond_its_end)
