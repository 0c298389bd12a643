/* SPDX-License-Identifier: BSD-2-Clause */
/* test_outcome - error lines, worded as Redis words them. */
#include <string.h>

#include "sandbox/supervisor/outcome.h"
#include "tests/check_main.h"

#define SHA "ada89932db851ca262f39d814ce59006e53278cc"

static void expect(Outcome outcome, const char *text) {
  size_t size = 0;
  char *line = supervisor_outcome_text(&outcome, SHA, &size);
  ck_assert_ptr_nonnull(line);
  ck_assert_str_eq(line, text);
  ck_assert_uint_eq(size, strlen(text));
  free(line);
}

static Outcome error_of(const char *text, size_t size, const char *source, int64_t line) {
  return (Outcome){.code = CODE_SCRIPT_ERROR,
                   .text = ipc_bytes_view(text, size),
                   .source = ipc_bytes_text(source),
                   .line = line};
}

START_TEST(a_raised_error_gets_the_suffix) {
  expect(error_of("ERR user_script:1: x", 20, "@user_script", 1),
         "ERR user_script:1: x script: " SHA ", on @user_script:1.");
  expect(error_of("ERR c:1: x", 10, "=c", 1), "ERR c:1: x script: " SHA ", on =c:1.");
  expect(error_of("ERR x", 5, "error('x')", 1), "ERR x script: " SHA ", on error('x'):1.");
}
END_TEST

START_TEST(valkey_does_not_name_the_script) {
  Outcome outcome = error_of("ERR user_script:1: x", 20, "@user_script", 1);
  outcome.is_unnamed = true;
  expect(outcome, "ERR user_script:1: x script: on @user_script:1.");
}
END_TEST

START_TEST(an_error_without_a_source_has_none) {
  expect(error_of("ERR x", 5, "", 0), "ERR x");
}
END_TEST

START_TEST(a_nul_ends_the_text_as_in_redis) {
  expect(error_of("ERR a\0b", 7, "@user_script", 1), "ERR a script: " SHA ", on @user_script:1.");
}
END_TEST

START_TEST(line_ends_become_spaces) {
  expect(error_of("ERR a\r\nb", 8, "@u\ns", 2), "ERR a  b script: " SHA ", on @u s:2.");
}
END_TEST

START_TEST(a_text_of_any_length_fits) {
  size_t size = 100000, length = 0;
  char *text = malloc(size);
  memset(text, 'e', size);
  Outcome outcome = error_of(text, size, "@user_script", 1);
  char *line = supervisor_outcome_text(&outcome, SHA, &length);
  ck_assert_uint_gt(length, size);
  ck_assert_uint_eq(strlen(line), length);
  free(line);
  outcome.code = CODE_COMPILE_ERROR;
  line = supervisor_outcome_text(&outcome, SHA, &length);
  ck_assert_uint_gt(length, size);
  free(line);
  free(text);
}
END_TEST

START_TEST(a_compile_error_is_worded_as_redis_words_it) {
  expect((Outcome){.code = CODE_COMPILE_ERROR,
                   .text = ipc_bytes_text("user_script:1: '=' expected near 'error'")},
         "ERR Error compiling script (new function): user_script:1: '=' expected near 'error'");
}
END_TEST

START_TEST(a_limit_says_what_how_much_where_and_whether_it_wrote) {
  Outcome outcome = {.code = CODE_LIMIT_INSTRUCTIONS,
                     .limit = 1000000,
                     .has_place = true,
                     .source = ipc_bytes_text("@user_script"),
                     .line = 12};
  expect(outcome, "LIMIT instructions: script exceeded 1000000 instructions, at user_script:12");
  outcome.wrote = true;
  expect(outcome,
         "LIMIT instructions: script exceeded 1000000 instructions, at user_script:12 (wrote=1)");
  outcome.line = 0;
  expect(outcome,
         "LIMIT instructions: script exceeded 1000000 instructions, line unknown (wrote=1)");
  outcome.line = -1;
  expect(outcome,
         "LIMIT instructions: script exceeded 1000000 instructions, line unknown (wrote=1)");
}
END_TEST

START_TEST(a_chunk_name_of_a_liar_cannot_grow_or_break_lines) {
  char long_name[300];
  char chunk[OUTCOME_CHUNK_BYTES];
  memset(long_name, 'n', sizeof long_name);
  Outcome outcome = {.code = CODE_LIMIT_MEMORY,
                     .limit = 1,
                     .has_place = true,
                     .line = 1,
                     .source = ipc_bytes_view(long_name, sizeof long_name)};
  ck_assert_uint_eq(supervisor_outcome_chunk(&outcome, chunk), OUTCOME_CHUNK_BYTES - 1);
  outcome.source = ipc_bytes_text("@a\r\n+OK");
  expect(outcome, "LIMIT memory: script exceeded 1 bytes, at a:1");
}
END_TEST

SUITE("supervisor outcome", a_raised_error_gets_the_suffix, valkey_does_not_name_the_script, an_error_without_a_source_has_none,
      a_nul_ends_the_text_as_in_redis, line_ends_become_spaces, a_text_of_any_length_fits,
      a_compile_error_is_worded_as_redis_words_it,
      a_limit_says_what_how_much_where_and_whether_it_wrote,
      a_chunk_name_of_a_liar_cannot_grow_or_break_lines)
