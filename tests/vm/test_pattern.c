/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pattern - the pattern engine agrees with Lua 5.1, and pays for its work. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "vm/lib/pattern.h"

/* --- An owner that counts --- */

typedef struct {
  uint64_t units;   /* charged so far */
  uint64_t largest; /* single charge */
  int grown;
} Owner;

static void charge(void *owner, uint64_t units) {
  Owner *o = owner;
  o->units += units;
  if (units > o->largest) o->largest = units;
}

static Choice *grow(Match *m) {
  Choice *larger = malloc(2 * m->room * sizeof *larger);
  memcpy(larger, m->choices, m->room * sizeof *larger);
  if (m->choices != m->first_choices) free(m->choices);
  ((Owner *)m->owner)->grown++;
  return larger;
}

static void start(Match *m, Owner *owner, const char *subject, size_t size, const char *pattern) {
  *owner = (Owner){0};
  vm_pattern_start(m, subject, size, pattern);
  m->owner = owner;
  m->charge = charge;
  m->grow = grow;
}

static void finish(Match *m) {
  vm_pattern_settle(m);
  if (m->choices != m->first_choices) free(m->choices);
}

/* --- string.find as text: "1 3 <capture> position", "nil" or the error --- */

static char *show_captures(const Match *m, char *out) {
  for (int i = 0; i < m->level; i++) {
    const MatchCapture *c = &m->captures[i];
    if (c->size == CAPTURE_OPEN) return NULL;
    if (c->size == CAPTURE_POSITION) {
      out += sprintf(out, " %d", (int)(c->start - m->subject + 1));
    } else {
      out += sprintf(out, " <%.*s>", (int)c->size, c->start);
    }
  }
  return out;
}

static void find(const char *subject, size_t size, int init, const char *pattern, char *out) {
  Match m;
  Owner owner;
  const char *from = NULL, *to = NULL;
  bool anchored = pattern[0] == '^', found;
  start(&m, &owner, subject, size, pattern + anchored);
  if (anchored) {
    from = subject + init - 1;
    to = vm_pattern_match(&m, from);
    found = to != NULL;
  } else {
    found = vm_pattern_search(&m, subject + init - 1, &from, &to);
  }
  strcpy(out, m.error ? m.error : "nil");
  if (found) {
    char *p = out + sprintf(out, "%d %d", (int)(from - subject + 1), (int)(to - subject));
    if (!show_captures(&m, p)) strcpy(out, "unfinished capture");
  }
  finish(&m);
}

/* Results of string.find of Lua 5.1.5. */
static const struct {
  const char *subject;
  size_t size;
  int init;
  const char *pattern;
  const char *result;
} rows[] = {
    {"hello world", 11, 1, "o w", "5 7"},
    {"hello", 5, 1, "l+", "3 4"},
    {"hello", 5, 1, "l-o", "3 5"},
    {"hello", 5, 1, "(l)(l)", "3 4 <l> <l>"},
    {"hello", 5, 1, "()ll()", "3 4 3 5"},
    {"key=value", 9, 1, "(%w+)=(%w+)", "1 9 <key> <value>"},
    {"  trim  ", 8, 1, "^%s*(.-)%s*$", "1 8 <trim>"},
    {"", 0, 1, "x*", "1 0"},
    {"", 0, 1, "^$", "1 0"},
    {"abc", 3, 1, "$", "4 3"},
    {"a$b", 3, 1, "a$b", "1 3"},
    {"abc", 3, 1, "c$", "3 3"},
    {"abc", 3, 1, "^b", "nil"},
    {"aaa", 3, 1, "a-", "1 0"},
    {"aaa", 3, 1, "a-$", "1 3"},
    {"aaab", 4, 1, "a*ab", "1 4"},
    {"aaab", 4, 1, "a?a?a?a?b", "1 4"},
    {"f(a(b)c)d", 9, 1, "%b()", "2 8"},
    {"f(a(b)c", 7, 1, "%b()", "4 6"},
    {"THE (quick) fox", 15, 1, "%((%a+)%)", "5 11 <quick>"},
    {"THE (quick) fox", 15, 1, "%f[%a]%a+%f[%A]", "1 3"},
    {"foo.bar", 7, 1, "%f[%w]%w+$", "5 7"},
    {"abcabc", 6, 1, "(abc)%1", "1 6 <abc>"},
    {"abcabd", 6, 1, "(ab)c%1d", "1 6 <ab>"},
    {"x[1]", 4, 1, "[]]", "4 4"},
    {"x-1", 3, 1, "[a-]", "2 2"},
    {"x-1", 3, 1, "[%-x]+", "1 2"},
    {"x^1", 3, 1, "[x^]+", "1 2"},
    {"abc123", 6, 1, "[^%d]+", "1 3"},
    {"abc123", 6, 1, "[%a_][%w_]*", "1 6"},
    {"a\000b", 3, 1, "%z", "2 2"},
    {"a\000b", 3, 1, "[%z]", "2 2"},
    {"a\000b", 3, 1, "a.b", "1 3"},
    {"a.b", 3, 1, "a%.b", "1 3"},
    {"2024-01-31", 10, 1, "(%d+)-(%d+)-(%d+)", "1 10 <2024> <01> <31>"},
    {"k1:v1,k2:v2", 11, 1, "(%w+):(%w+),?", "1 6 <k1> <v1>"},
    {"aXb", 3, 1, "%u", "2 2"},
    {"aXb", 3, 1, "%U+", "1 1"},
    {"aXb", 3, 1, "%l%u%l", "1 3"},
    {"12ab", 4, 1, "%x+", "1 4"},
    {"12zz", 4, 1, "%X", "3 3"},
    {"a,b", 3, 1, "%p", "2 2"},
    {"a\011b", 3, 1, "%c", "2 2"},
    {"\310\311", 2, 1, "[\200-\377]+", "1 2"},
    {"\310", 1, 1, "%W", "1 1"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 36, 1, "(a*)(a*)(a*)b", "nil"},
    {"abab", 4, 1, "(a)(b)%1%2", "1 4 <a> <b>"},
    {"a**b", 4, 1, "a**b", "3 4"},
    {"a+", 2, 1, "a+", "1 1"},
    {"++", 2, 1, "+", "1 1"},
    {"a-b", 3, 1, "a--b", "1 3"},
    {"ab", 2, 1, "a]?b", "1 2"},
    {"a]b", 3, 1, "a]b", "1 3"},
    {"abc", 3, 1, "(a(b(c)))", "1 3 <abc> <bc> <c>"},
    {"abc", 3, 1, "((a)(b)(c))", "1 3 <abc> <a> <b> <c>"},
    {"abc", 3, 1, "()", "1 0 1"},
    {"abc", 3, 1, "(()())", "1 0 <> 1 1"},
    {"xay", 3, 1, "(%a)a(%a)", "1 3 <x> <y>"},
    {"aaa", 3, 1, "^(a-)$", "1 3 <aaa>"},
    {"abc", 3, 1, "(.-)(.-)(.*)", "1 3 <> <> <abc>"},
    {"abc", 3, 1, "(", "unfinished capture"},
    {"abc", 3, 1, "%1", "invalid capture index"},
    {"abc", 3, 1, "(a", "unfinished capture"},
    {"abc", 3, 1, "%a)", "invalid pattern capture"},
    {"abc", 3, 1, "%d)", "nil"},
    {"abc", 3, 1, "[a", "malformed pattern (missing ']')"},
    {"abc", 3, 1, "[%", "malformed pattern (missing ']')"},
    {"abc", 3, 1, "%", "malformed pattern (ends with '%')"},
    {"abc", 3, 1, "a%", "malformed pattern (ends with '%')"},
    {"abc", 3, 1, "%f", "missing '[' after '%f' in pattern"},
    {"abc", 3, 1, "%b", "unbalanced pattern"},
    {"abc", 3, 1, "%ba", "unbalanced pattern"},
    {"abc", 3, 1, "(a)%2", "invalid capture index"},
    {"abc", 3, 1, "(%1)", "invalid capture index"},
    {"abc", 3, 1, "x[a", "nil"},
    {"abc", 3, 1, "%0", "invalid capture index"},
    {"abc", 3, 1, "()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()",
     "1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
    {"abc", 3, 1, "()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()",
     "too many captures"},
    {"aXbXc", 5, 1, "X", "2 2"},
    {"abc", 3, 2, "b", "2 2"},
    {"abc", 3, 3, "b", "nil"},
    {"abcabc", 6, 4, "b(c)", "5 6 <c>"},
};

START_TEST(results_are_those_of_lua) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char out[1000];
    find(rows[i].subject, rows[i].size, rows[i].init, rows[i].pattern, out);
    ck_assert_msg(strcmp(out, rows[i].result) == 0, "find('%s', '%s'): %s, in Lua %s",
                  rows[i].subject, rows[i].pattern, out, rows[i].result);
  }
}
END_TEST

START_TEST(every_class_holds_the_bytes_of_the_c_locale) {
  static const struct {
    const char *pattern;
    int members;
  } classes[] = {{"%a", 52},  {"%c", 33},  {"%d", 10}, {"%l", 26}, {"%p", 32},
                 {"%s", 6},   {"%u", 26},  {"%w", 62}, {"%x", 22}, {"%z", 1},
                 {"%A", 204}, {"%D", 246}, {"%g", 1}};
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    int members = 0;
    for (int byte = 0; byte < 256; byte++) {
      char subject[2] = {(char)byte, 0}, out[100];
      find(subject, 1, 1, classes[i].pattern, out);
      members += strcmp(out, "1 1") == 0;
    }
    ck_assert_msg(members == classes[i].members, "%s has %d members", classes[i].pattern, members);
  }
}
END_TEST

/* --- Depth and work --- */

enum { MANY = 5000 };

START_TEST(a_pattern_of_thousands_of_choices_grows_its_stack) {
  char *pattern = malloc(2 * MANY + 1), *subject = malloc(MANY + 1);
  for (int i = 0; i < MANY; i++) memcpy(pattern + 2 * i, "a?", 2);
  pattern[2 * MANY] = '\0';
  memset(subject, 'a', MANY);
  subject[MANY] = '\0';
  Match m;
  Owner owner;
  start(&m, &owner, subject, MANY, pattern);
  ck_assert_ptr_eq(vm_pattern_match(&m, subject), subject + MANY);
  ck_assert_int_ge(owner.grown, 7);
  finish(&m);
  free(pattern);
  free(subject);
}
END_TEST

static uint64_t cost_of(size_t size, const char *pattern, uint64_t *ret_largest) {
  char *subject = malloc(size + 1);
  memset(subject, 'a', size);
  subject[size] = '\0';
  Match m;
  Owner owner;
  const char *from, *to;
  start(&m, &owner, subject, size, pattern);
  ck_assert(!vm_pattern_search(&m, subject, &from, &to));
  finish(&m);
  free(subject);
  *ret_largest = owner.largest;
  return owner.units;
}

START_TEST(quadratic_work_costs_quadratically) {
  uint64_t largest;
  uint64_t once = cost_of(500, "(.-)(b)c", &largest);
  uint64_t twice = cost_of(1000, "(.-)(b)c", &largest);
  ck_assert_uint_gt(once, 500 * 500 / 8);
  ck_assert_uint_gt(twice, 3 * once);
}
END_TEST

START_TEST(work_is_charged_in_small_pieces) {
  uint64_t largest;
  static const char *const patterns[] = {"a*a*a*b", "(.-)(.-)b",  "[^b]*b", "%ba(",
                                         "a-a-a-b", "aaaaaaaaab", "(a*)%1b"};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    ck_assert_uint_gt(cost_of(80, patterns[i], &largest), 10);
    ck_assert_uint_le(largest, 1300);
  }
  cost_of(5000, "%ba(", &largest);
  ck_assert_uint_le(largest, 1300);
}
END_TEST

/* The place of `needle` in text[from..], or NULL. */
static const char *find_plain(const char *text, size_t size, size_t from, const char *needle) {
  PlainSearch search = {text + from, text + size, needle, strlen(needle), 0};
  while (!vm_pattern_find_plain(&search)) search.work = 0;
  return search.s;
}

START_TEST(a_search_for_plain_text_finds_the_first_place) {
  const char *text = "abababcab";
  ck_assert_ptr_eq(find_plain(text, 9, 0, "abc"), text + 4);
  ck_assert_ptr_eq(find_plain(text, 9, 0, ""), text);
  ck_assert_ptr_eq(find_plain(text, 9, 9, ""), text + 9);
  ck_assert_ptr_null(find_plain(text, 9, 5, "abc"));
  ck_assert_ptr_null(find_plain(text, 9, 8, "bb"));
  ck_assert(vm_pattern_is_plain("a]b}c\0%"));
  ck_assert(!vm_pattern_is_plain("a^"));
}
END_TEST

START_TEST(plain_text_is_found_wherever_it_stands) {
  enum { SIZE = 20000 };
  char *text = malloc(SIZE + 1);
  for (size_t at = 0; at < SIZE - 40; at += at < 100 || at > SIZE - 200 ? 1 : 97) {
    memset(text, 'a', SIZE);
    text[SIZE] = '\0';
    memcpy(text + at, "xaay", 4);
    ck_assert_ptr_eq(find_plain(text, SIZE, 0, "xaay"), text + at);
    ck_assert_ptr_eq(find_plain(text, SIZE, at, "x"), text + at);
    ck_assert_ptr_null(find_plain(text, SIZE, at + 1, "xaay"));
    ck_assert_ptr_null(find_plain(text, at + 3, 0, "xaay"));
  }
  free(text);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("pattern");
  TCase *tests = tcase_create("pattern");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, results_are_those_of_lua);
  tcase_add_test(tests, every_class_holds_the_bytes_of_the_c_locale);
  tcase_add_test(tests, a_pattern_of_thousands_of_choices_grows_its_stack);
  tcase_add_test(tests, quadratic_work_costs_quadratically);
  tcase_add_test(tests, work_is_charged_in_small_pieces);
  tcase_add_test(tests, a_search_for_plain_text_finds_the_first_place);
  tcase_add_test(tests, plain_text_is_found_wherever_it_stands);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
