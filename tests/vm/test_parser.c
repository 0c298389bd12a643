/* SPDX-License-Identifier: BSD-2-Clause */
/* test_parser - syntax, its errors, and the limits of nesting and counting. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"

START_TEST(errors_have_the_references_text) {
  static const struct {
    const char *source, *text;
  } rows[] = {
      {"x y", "user_script:1: '=' expected near 'y'"},
      {"x = = 1", "user_script:1: unexpected symbol near '='"},
      {"if x then", "user_script:1: 'end' expected near '<eof>'"},
      {"if x then\n", "user_script:2: 'end' expected (to close 'if' at line 1) near '<eof>'"},
      {"\nwhile x do\n\n", "user_script:4: 'end' expected (to close 'while' at line 2) near '<eof>'"},
      {"f(1,\n2", "user_script:2: ')' expected (to close '(' at line 1) near '<eof>'"},
      {"t = {1,\n2", "user_script:2: '}' expected (to close '{' at line 1) near '<eof>'"},
      {"repeat\n", "user_script:2: 'until' expected (to close 'repeat' at line 1) near '<eof>'"},
      {"break", "user_script:1: no loop to break near '<eof>'"},
      {"while x do function f() break end end", "user_script:1: no loop to break near 'end'"},
      {"function f() return ... end", "user_script:1: cannot use '...' outside a vararg function near '...'"},
      {"x = f\n(1)", "user_script:2: ambiguous syntax (function call x new statement) near '('"},
      {"f", "user_script:1: '=' expected near '<eof>'"},
      {"f() = 1", "user_script:1: unexpected symbol near '='"},
      {"(f) = 1", "user_script:1: syntax error near '='"},
      {"a, f() = 1", "user_script:1: syntax error near '='"},
      {"x:y = 1", "user_script:1: function arguments expected near '='"},
      {"for x", "user_script:1: '=' or 'in' expected near '<eof>'"},
      {"for 1", "user_script:1: '<name>' expected near '1'"},
      {"local 1", "user_script:1: '<name>' expected near '1'"},
      {"function f(1) end", "user_script:1: <name> or '...' expected near '1'"},
      {"function f(..., a) end", "user_script:1: ')' expected near ','"},
      {"return 1 x", "user_script:1: '<eof>' expected near 'x'"},
      {"do return end x", "user_script:1: '=' expected near '<eof>'"},
      {"end", "user_script:1: '<eof>' expected near 'end'"},
      {"local function 'a' end", "user_script:1: '<name>' expected near ''a''"},
      {"goto x", "user_script:1: '=' expected near 'x'"},
      {"x = 1 // 2", "user_script:1: unexpected symbol near '/'"},
      {"x = }", "user_script:1: unexpected symbol near '}'"},
      {";", "user_script:1: unexpected symbol near ';'"},
      {"x = 1;;", "user_script:1: unexpected symbol near ';'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ck_assert_str_eq(error_of(rows[i].source), rows[i].text);
  }
}
END_TEST

START_TEST(the_error_knows_its_line) {
  error_of("x = 1\n\ny = = 2");
  ck_assert_int_eq(error.line, 3);
  ck_assert(!error.memory);
  ck_assert_uint_eq(error.text_size, strlen(error.text));
}
END_TEST

START_TEST(empty_sources_compile) {
  ck_assert_ptr_nonnull(compile_text(""));
  ck_assert_ptr_nonnull(compile_text(" \n-- nothing"));
  ck_assert_ptr_nonnull(compile_text("return"));
  ck_assert_ptr_nonnull(compile_text("return;"));
}
END_TEST

static const char *error_of_repeat(const char *head, const char *unit, size_t count, const char *tail) {
  char *text = repeat(head, unit, count, tail);
  const char *found = error_of(text);
  free(text);
  return found;
}

START_TEST(nesting_ends_at_two_hundred_levels) {
  static const struct {
    const char *head, *unit, *middle, *close;
    size_t most; /* levels that compile */
  } rows[] = {
      {"return ", "(", "1", ")", 198},           {"return ", "{", "", "}", 199},      {"return ", "f(", "", ")", 199},
      {"return ", "not ", "x", "", 198},         {"return ", "a..", "a", "", 198},    {"return ", "a^", "a", "", 198},
      {"", "do ", "", "end ", 199},              {"", "if x then ", "", "end ", 199}, {"", "function f() ", "", "end ", 199},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (size_t more = 0; more < 2; more++) {
      char *close = repeat("", rows[i].close, rows[i].most + more, "");
      char *tail = repeat(rows[i].middle, close, 1, "");
      const char *found = error_of_repeat(rows[i].head, rows[i].unit, rows[i].most + more, tail);
      const char *want = more ? "user_script:1: chunk has too many syntax levels" : "";
      ck_assert_msg(strcmp(found, want) == 0, "%s: %s", rows[i].unit, found);
      free(close);
      free(tail);
    }
  }
}
END_TEST

START_TEST(levels_of_the_caller_count) {
  char *text = repeat("return ", "(", 150, "1");
  char *whole = repeat(text, ")", 150, "");
  const Module *module = NULL;
  CompileText nested = {whole, strlen(whole), "=x", 2, 48, true};
  scratch.used = 0;
  ck_assert(vm_compile_text(&nested, &scratch, &module, &error));
  nested.levels = 49;
  scratch.used = 0;
  ck_assert(!vm_compile_text(&nested, &scratch, &module, &error));
  ck_assert_str_eq(error.text, "x:1: chunk has too many syntax levels");
  free(text);
  free(whole);
}
END_TEST

START_TEST(chains_may_have_any_length) {
  static const struct {
    const char *head, *unit, *tail;
  } rows[] = {
      {"return a", "+a", ""},        {"return a", " and a", ""},     {"return a", " or a", ""},
      {"return a", "<a", ""},        {"return a", ".b", ""},         {"return a", "()", ""},
      {"return a", ":b()", ""},      {"return a", "[1]", ""},        {"return a", "{}", ""},
      {"if a then ", "elseif a then b() ", "end"},                   {"return {", "a,", "}"},
      {"while a do ", "if b then break end ", "end"},                {"return a==b", " or a==b and c", ""},
      {"", "a=b ", ""},              {"", "do end ", ""},            {"return -1", "-1", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *found = error_of_repeat(rows[i].head, rows[i].unit, 15000, rows[i].tail);
    ck_assert_msg(strcmp(found, "") == 0, "%s: %s", rows[i].unit, found);
  }
}
END_TEST

/* "v0,v1,...": `count` names. */
static char *names(const char *head, int count, const char *tail) {
  char *text = malloc(strlen(head) + (size_t)count * 6 + strlen(tail) + 1);
  int at = sprintf(text, "%s", head);
  for (int i = 0; i < count; i++) at += sprintf(text + at, i ? ",v%d" : "v%d", i);
  sprintf(text + at, "%s", tail);
  return text;
}

static const char *error_of_names(const char *head, int count, const char *tail) {
  char *text = names(head, count, tail);
  const char *found = error_of(text);
  free(text);
  return found;
}

START_TEST(a_function_has_two_hundred_locals_and_sixty_upvalues) {
  ck_assert_str_eq(error_of_names("local ", 200, ""), "");
  ck_assert_str_eq(error_of_names("local ", 201, ""), "user_script:1: main function has more than 200 local variables");
  ck_assert_str_eq(error_of_names("\nfunction f(", 201, ") end"), "user_script:2: function at line 2 has more than 200 local variables");
  char *sixty = names("local ", 70, "\nfunction f() return ");
  char *text = names(sixty, 60, " end");
  ck_assert_str_eq(error_of(text), "");
  free(text);
  text = names(sixty, 61, " end");
  ck_assert_str_eq(error_of(text), "user_script:2: function at line 2 has more than 60 upvalues");
  free(text);
  free(sixty);
}
END_TEST

START_TEST(assignments_count_their_targets_with_the_levels) {
  ck_assert_str_eq(error_of_names("", 200, " = 1"), "");
  ck_assert_str_eq(error_of_names("", 201, " = 1"), "user_script:1: main function has more than 199 variables in assignment");
}
END_TEST

START_TEST(the_first_error_of_the_source_is_reported) {
  ck_assert_str_eq(error_of_names("f(", 260, ") = = ="), "user_script:1: function or expression too complex near 'v249'");
  ck_assert_str_eq(error_of_names("= f(", 260, ")"), "user_script:1: unexpected symbol near '='");
  ck_assert_str_eq(error_of_names("f(\n", 260, "\n"), "user_script:2: function or expression too complex near 'v249'");
}
END_TEST

START_TEST(memory_that_runs_out_at_any_point_is_reported) {
  static const char source[] =
      "local a, b = 1, 'x\\ny' local function f(...) a = a + 1 return f, ... end "
      "for i = 1, 10 do b = {i, [a] = b; x = function() return i .. 1.5 end} end return f(b:g(2.25))";
  size_t size = 4096, failures = 0;
  for (;; size += 16) {
    open_scratch(size);
    if (compile_bytes(source, sizeof source - 1)) break;
    ck_assert(error.memory);
    ck_assert_str_eq(error.text, "not enough memory");
    failures++;
  }
  ck_assert_uint_gt(failures, 100);
  ck_assert_uint_lt(size, COMPILE_SCRATCH_CONSTANT + sizeof source * COMPILE_SCRATCH_PER_BYTE);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("parser");
  TCase *c = tcase_create("parser");
  tcase_add_checked_fixture(c, open_large_scratch, close_scratch);
  tcase_set_timeout(c, 60);
  tcase_add_test(c, errors_have_the_references_text);
  tcase_add_test(c, the_error_knows_its_line);
  tcase_add_test(c, empty_sources_compile);
  tcase_add_test(c, nesting_ends_at_two_hundred_levels);
  tcase_add_test(c, levels_of_the_caller_count);
  tcase_add_test(c, chains_may_have_any_length);
  tcase_add_test(c, a_function_has_two_hundred_locals_and_sixty_upvalues);
  tcase_add_test(c, assignments_count_their_targets_with_the_levels);
  tcase_add_test(c, the_first_error_of_the_source_is_reported);
  tcase_add_test(c, memory_that_runs_out_at_any_point_is_reported);
  suite_add_tcase(suite, c);
  return suite;
}

CHECK_MAIN(make_suite)
