/* SPDX-License-Identifier: BSD-2-Clause */
/* test_glob - patterns of FUNCTION LIST LIBRARYNAME. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/glob.h"

static bool matches(const char *pattern, const char *text) {
  return module_glob_matches((FsbBytes){pattern, strlen(pattern)}, (FsbBytes){text, strlen(text)});
}

START_TEST(patterns_match_as_the_servers_do) {
  static const struct {
    const char *pattern, *text;
    bool matches;
  } rows[] = {{"*", "", true},          {"*", "abc", true},        {"a?c", "abc", true},
              {"a?c", "ac", false},     {"a*c", "abbbc", true},    {"a*c", "abbb", false},
              {"[a-c]x", "bx", true},   {"[c-a]x", "bx", true},    {"[^a-c]x", "bx", false},
              {"[^a]x", "bx", true},    {"\\*", "*", true},        {"\\*", "a", false},
              {"LIB*", "library", true}, {"[A-C]", "b", true},     {"[a", "a", true},
              {"[", "[", false},        {"", "", true},            {"", "a", false},
              {"a\\", "a\\", true},     {"**a**", "xxaxx", true},  {"[]", "a", false},
              {"[\\]]", "]", true},     {"[a-]", "-", false}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    ck_assert_msg(matches(rows[i].pattern, rows[i].text) == rows[i].matches, "%s with %s",
                  rows[i].pattern, rows[i].text);
}
END_TEST

START_TEST(many_stars_take_no_time) {
  char pattern[512], text[4096];
  for (size_t i = 0; i < sizeof pattern - 1; i += 2) memcpy(pattern + i, "a*", 2);
  pattern[sizeof pattern - 2] = 'b';
  pattern[sizeof pattern - 1] = '\0';
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  ck_assert(!matches(pattern, text));
}
END_TEST

SUITE("module glob", patterns_match_as_the_servers_do, many_stars_take_no_time)
