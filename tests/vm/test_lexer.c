/* SPDX-License-Identifier: BSD-2-Clause */
/* test_lexer - tokens, literals and the lexer's errors. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"
#include "vm/compile/chunk_id.h"
#include "vm/compile/lexer.h"

static Lexer lexer;
static Region region;

static void lex_bytes(const char *source, size_t size) {
  scratch.used = 0;
  scratch_take(&scratch, 16);
  region = (Region){.scratch = &scratch};
  vm_lexer_init(&lexer, &region, source, size, false);
  lexer.chunk_name = "=x";
  lexer.chunk_name_size = 2;
}

static int next_kind(void) {
  vm_lexer_next(&lexer);
  return lexer.token.kind;
}

START_TEST(every_reserved_word_and_symbol_is_its_token) {
  static const struct {
    const char *text;
    int kind;
  } rows[] = {
#define RESERVED(name, text) {text, TOKEN_##name},
#define TOKEN(name, text)
#include "vm/compile/tokens.def"
#undef RESERVED
#undef TOKEN
      {"..", TOKEN_CONCAT}, {"...", TOKEN_DOTS}, {"==", TOKEN_EQ}, {">=", TOKEN_GE}, {"<=", TOKEN_LE},
      {"~=", TOKEN_NE},     {"=", '='},          {"<", '<'},       {">", '>'},       {"~", '~'},
      {".", '.'},           {"[", '['},          {"-", '-'},       {"\x80", 0x80},   {"@", '@'},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    lex_bytes(rows[i].text, strlen(rows[i].text));
    ck_assert_msg(next_kind() == rows[i].kind, "%s", rows[i].text);
    ck_assert_int_eq(next_kind(), TOKEN_EOF);
  }
}
END_TEST

START_TEST(a_name_is_the_same_atom_each_time) {
  lex_bytes("abc ab abc ends end", 19);
  ck_assert_int_eq(next_kind(), TOKEN_NAME);
  Atom *first = lexer.token.atom;
  ck_assert_int_eq(next_kind(), TOKEN_NAME);
  ck_assert_ptr_ne(lexer.token.atom, first);
  ck_assert_int_eq(next_kind(), TOKEN_NAME);
  ck_assert_ptr_eq(lexer.token.atom, first);
  ck_assert_int_eq(next_kind(), TOKEN_NAME);
  ck_assert_int_eq(next_kind(), TOKEN_END);
}
END_TEST

START_TEST(string_literals_mean_these_bytes) {
  static const struct {
    const char *source, *bytes;
    size_t size;
  } rows[] = {
      {"''", "", 0},
      {"\"a\\n\\t\\\\\\\"\\'b\"", "a\n\t\\\"'b", 7},
      {"'\\a\\b\\f\\r\\v'", "\a\b\f\r\v", 5},
      {"'\\65\\0661\\0\\255'", "AB1\0\xff", 5},
      {"'\\x41\\z'", "x41z", 4},
      {"'a\\\nb\\\r\nc\\\n\rd\\\re'", "a\nb\nc\nd\ne", 9},
      {"[[a]]", "a", 1},
      {"[[\na\n]]", "a\n", 2},
      {"[[\r\n\r\na\n\rb\rc]]", "\na\nb\nc", 6},
      {"[==[]=]]]==]", "]=]]", 4},
      {"[=[]]]=]", "]]", 2},
      {"[[a[[b]]", "a[[b", 4},
      {"[[]]", "", 0},
      {"[=[\n]=]", "", 0},
      {"[[\\n]]", "\\n", 2},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    lex_bytes(rows[i].source, strlen(rows[i].source));
    ck_assert_msg(next_kind() == TOKEN_STRING, "%s", rows[i].source);
    ck_assert_msg(lexer.token.atom->length == rows[i].size, "%s: %u", rows[i].source, lexer.token.atom->length);
    ck_assert_msg(memcmp(lexer.token.atom->bytes, rows[i].bytes, rows[i].size) == 0, "%s", rows[i].source);
    ck_assert_int_eq(next_kind(), TOKEN_EOF);
  }
}
END_TEST

START_TEST(a_string_may_hold_a_nul_byte) {
  lex_bytes("'a\0b' [[c\0d]]", 14);
  ck_assert_int_eq(next_kind(), TOKEN_STRING);
  ck_assert_uint_eq(lexer.token.atom->length, 3);
  ck_assert_mem_eq(lexer.token.atom->bytes, "a\0b", 3);
  ck_assert_int_eq(next_kind(), TOKEN_STRING);
  ck_assert_mem_eq(lexer.token.atom->bytes, "c\0d", 3);
}
END_TEST

START_TEST(numerals_have_the_value_that_strtod_gives) {
  static const char *const rows[] = {"0",     "1",      "12.5",  ".5",   "5.",    "1e3",    "1E+3", "1e-3", "0x10",
                                     "0xfF",  "0x1p4",  "1e308", "1e999", "3.14159265358979323846", "123456789012345",
                                     "12345678901234567890", "0.1", "1e-320", "0x7fffffffffffffff1", "000123", "0.000001"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    lex_bytes(rows[i], strlen(rows[i]));
    ck_assert_msg(next_kind() == TOKEN_NUMBER, "%s", rows[i]);
    ck_assert_msg(lexer.token.number == strtod(rows[i], NULL), "%s: %.17g", rows[i], lexer.token.number);
  }
}
END_TEST

START_TEST(lines_are_counted_by_any_line_end) {
  lex_bytes("a\nb\r\nc\n\rd\re\n\nf", 15);
  static const int lines[] = {1, 2, 3, 4, 5, 7};
  for (size_t i = 0; i < 6; i++) {
    ck_assert_int_eq(next_kind(), TOKEN_NAME);
    ck_assert_int_eq(lexer.line, lines[i]);
  }
}
END_TEST

START_TEST(comments_are_skipped) {
  lex_bytes("--x\n--[[ a\n]]1--[==[ ]] ]==]2--[=x\n3--", 38);
  for (int i = 1; i <= 3; i++) {
    ck_assert_int_eq(next_kind(), TOKEN_NUMBER);
    ck_assert(lexer.token.number == i);
  }
  ck_assert_int_eq(next_kind(), TOKEN_EOF);
}
END_TEST

START_TEST(errors_have_the_references_text) {
  static const struct {
    const char *source, *text;
  } rows[] = {
      {"x = 3x", "user_script:1: malformed number near '3x'"},
      {"x = 1..2", "user_script:1: malformed number near '1..2'"},
      {"x = 0x", "user_script:1: malformed number near '0x'"},
      {"x = 1e", "user_script:1: malformed number near '1e'"},
      {"x = 'abc", "user_script:1: unfinished string near '<eof>'"},
      {"x = 'a\\tbc\n", "user_script:1: unfinished string near ''a\tbc'"},
      {"\nx = 'a\\300'", "user_script:2: escape sequence too large near ''a'"},
      {"x = [[abc\n\n", "user_script:3: unfinished long string near '<eof>'"},
      {"x = --[[abc\n", "user_script:2: unfinished long comment near '<eof>'"},
      {"x = [==a", "user_script:1: invalid long string delimiter near '[=='"},
      {"x = \x1b", "user_script:1: unexpected symbol near 'char(27)'"},
      {"\x1bLuaQ", "user_script:1: unexpected symbol near 'char(27)'"},
      {"x = \x7f", "user_script:1: unexpected symbol near 'char(127)'"},
      {"x = \x01", "user_script:1: unexpected symbol near 'char(1)'"},
      {"x = \xff", "user_script:1: unexpected symbol near '\xff'"},
      {"#!/bin/lua", "user_script:1: unexpected symbol near '#'"},
      {"x = 1 'a\\65\nb'", "user_script:1: unfinished string near ''aA'"},
      {"x = 1 [[\na\nb]]", "user_script:3: unexpected symbol near '[[a\nb]]'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) ck_assert_str_eq(error_of(rows[i].source), rows[i].text);
}
END_TEST

START_TEST(a_nul_byte_is_no_token_that_could_be_named) {
  ck_assert_str_eq(error_of_bytes("x = \0", 5), "user_script:1: unexpected symbol");
  ck_assert_str_eq(error_of_bytes("x = 1 'a\0b'", 11), "user_script:1: unexpected symbol near ''a'");
}
END_TEST

START_TEST(a_name_cannot_slow_the_table_down) {
  /* As many names as fit: linear time is what keeps this test fast. */
  size_t count = 200000, at = 0;
  char *text = malloc(count * 12);
  for (size_t i = 0; i < count; i++) at += (size_t)sprintf(text + at, "x%zx=1 ", i);
  ck_assert_ptr_nonnull(compile_bytes(text, at));
  free(text);
}
END_TEST

START_TEST(chunk_names_are_shown_as_the_reference_shows_them) {
  static const struct {
    const char *name, *shown;
  } rows[] = {
      {"@user_script", "user_script"},
      {"=stdin", "stdin"},
      {"return 1", "[string \"return 1\"]"},
      {"a\nb", "[string \"a...\"]"},
      {"", "[string \"\"]"},
      {"@0123456789012345678901234567890123456789012345678901", "0123456789012345678901234567890123456789012345678901"},
      {"@01234567890123456789012345678901234567890123456789012", "...1234567890123456789012345678901234567890123456789012"},
      {"=0123456789012345678901234567890123456789012345678901234567890", "01234567890123456789012345678901234567890123456789012345678"},
      {"0123456789012345678901234567890123456789012", "[string \"0123456789012345678901234567890123456789012\"]"},
      {"01234567890123456789012345678901234567890123", "[string \"0123456789012345678901234567890123456789012...\"]"},
  };
  char text[60];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t size = vm_chunk_id_write(rows[i].name, strlen(rows[i].name), text, sizeof text);
    ck_assert_str_eq(text, rows[i].shown);
    ck_assert_uint_eq(size, strlen(rows[i].shown));
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("lexer");
  TCase *c = tcase_create("lexer");
  tcase_add_checked_fixture(c, open_large_scratch, close_scratch);
  tcase_add_test(c, every_reserved_word_and_symbol_is_its_token);
  tcase_add_test(c, a_name_is_the_same_atom_each_time);
  tcase_add_test(c, string_literals_mean_these_bytes);
  tcase_add_test(c, a_string_may_hold_a_nul_byte);
  tcase_add_test(c, numerals_have_the_value_that_strtod_gives);
  tcase_add_test(c, lines_are_counted_by_any_line_end);
  tcase_add_test(c, comments_are_skipped);
  tcase_add_test(c, errors_have_the_references_text);
  tcase_add_test(c, a_nul_byte_is_no_token_that_could_be_named);
  tcase_add_test(c, a_name_cannot_slow_the_table_down);
  tcase_add_test(c, chunk_names_are_shown_as_the_reference_shows_them);
  suite_add_tcase(suite, c);
  return suite;
}

CHECK_MAIN(make_suite)
