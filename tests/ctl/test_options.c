/* SPDX-License-Identifier: BSD-2-Clause */
/* test_options - command lines, good and bad. */
#include <string.h>

#include "policy/codes.h"
#include "tests/check_main.h"
#include "policy/nearest.h"
#include "tools/ctl/options.h"

#define MAX_WORDS 16

typedef struct {
  char text[512];
  char *words[MAX_WORDS + 1];
  int count;
} Line;

/* Splits at blanks; "''" is an empty word. */
static void split(Line *line, const char *text) {
  (void)strcpy(line->text, text);
  line->count = 0;
  for (char *word = strtok(line->text, " "); word != NULL; word = strtok(NULL, " "))
    line->words[line->count++] = strcmp(word, "''") == 0 ? word + 2 : word;
}

static Options parse(Line *line, unsigned command, const char *text) {
  Options options;
  FsbError error;
  split(line, text);
  bool is_fine = ctl_options_parse(&options, command, line->count, line->words, &error);
  ck_assert_msg(is_fine, "%s: %s", text, is_fine ? "" : error.text);
  return options;
}

static void expect_operands(unsigned command, const char *text, const char *want) {
  Line line;
  char got[512] = "";
  Options options = parse(&line, command, text);
  for (int i = 0; i < options.operand_count; i++) {
    (void)strcat(got, i == 0 ? "" : " ");
    (void)strcat(got, options.operands[i]);
  }
  ck_assert_msg(strcmp(got, want) == 0, "%s: '%s', not '%s'", text, got, want);
  ctl_options_free(&options);
}

START_TEST(operands_begin_where_options_end) {
  expect_operands(FOR_RUN, "f.lua k1 k2 , a1", "f.lua k1 k2 , a1");
  expect_operands(FOR_RUN, "--raw f.lua k1", "f.lua k1");
  expect_operands(FOR_RUN, "f.lua --raw k1", "f.lua k1");
  expect_operands(FOR_RUN, "f.lua --usage , --raw", "f.lua , --raw");
  expect_operands(FOR_RUN, "f.lua k1 --raw -x", "f.lua k1 --raw -x");
  expect_operands(FOR_RUN, "f.lua -- --raw", "f.lua --raw");
  expect_operands(FOR_RUN, "-- -f.lua --raw", "-f.lua --raw");
  expect_operands(FOR_RUN, "- k", "- k");
  expect_operands(FOR_RUN, "--limit memory=8m --seed 1 --timeout 2s f.lua", "f.lua");
  expect_operands(FOR_RUN, "--limit=memory=8m f.lua", "f.lua");
  expect_operands(FOR_EVAL, "--raw SCRIPT -1 --raw", "SCRIPT -1 --raw");
  expect_operands(FOR_EVAL, "- 0", "- 0");
}
END_TEST

START_TEST(values_are_read) {
  Line line;
  uint64_t memory = 0;
  Options options =
      parse(&line, FOR_RUN,
            "--limit memory=8m --seed 42 --timeout 1.5s --log warning --no-raw --json --usage f");
  ck_assert(fsb_limits_get(options.limits, "memory", &memory));
  ck_assert_uint_eq(memory, 8 << 20);
  ck_assert_uint_eq(options.random_state, UINT64_C(42) << 16 | 0x330E);
  ck_assert_uint_eq(options.timeout, UINT64_C(1500000000));
  ck_assert_int_eq(options.log_level, 3);
  ck_assert_int_eq(options.transport, FSB_TRANSPORT_AUTO);
  ck_assert_int_eq(options.form, FORM_PRETTY);
  ck_assert(options.json && options.usage && options.has_seed);
  ctl_options_free(&options);
}
END_TEST

START_TEST(options_for_a_server_stand_anywhere_and_letters_may_hold_their_value) {
  Line line;
  Options options = parse(&line, FOR_TOP, "-bn3 -h db.test -p6380 -d 200ms --sort cpu");
  ck_assert(options.batch);
  ck_assert_uint_eq(options.iterations, 3);
  ck_assert_str_eq(options.server.host, "db.test");
  ck_assert_str_eq(options.server.port, "6380");
  ck_assert_uint_eq(options.delay, UINT64_C(200000000));
  ctl_options_free(&options);
  options = parse(&line, FOR_TENANT, "set --json acme -s /run/s limits.hold -- -20ms");
  ck_assert(options.json);
  ck_assert_str_eq(options.server.socket, "/run/s");
  ck_assert_int_eq(options.operand_count, 4);
  ck_assert_str_eq(options.operands[0], "set");
  ck_assert_str_eq(options.operands[1], "acme");
  ck_assert_str_eq(options.operands[2], "limits.hold");
  ck_assert_str_eq(options.operands[3], "-20ms");
  ctl_options_free(&options);
  options = parse(&line, FOR_RUN, "-h");
  ck_assert(options.help);
  ctl_options_free(&options);
}
END_TEST

START_TEST(bad_lines_are_refused_with_what_and_why) {
  static const struct {
    unsigned command;
    const char *text;
    const char *reason;
  } rows[] = {
      {FOR_RUN, "--jsn f", "did you mean --json?"},
      {FOR_RUN, "--no_raw f", "did you mean --no-raw?"},
      {FOR_RUN, "-x f", "goes after --"},
      {FOR_RUN, "f -5", "unknown option -5"},
      {FOR_RUN, "--limit", "--limit needs a value: NAME=VALUE"},
      {FOR_RUN, "--limit memory", "limit memory: ''"},
      {FOR_RUN, "--limit memory=1", "out of range"},
      {FOR_RUN, "--limit memory=1x", "not a whole number"},
      {FOR_RUN, "--limit memry=1m", "unknown limit 'memry'"},
      {FOR_RUN, "--limit wall=99999999999999s", "out of range"},
      {FOR_RUN, "--raw=1 f", "--raw takes no value"},
      {FOR_RUN, "--seed x f", "'x' is not a whole number"},
      {FOR_RUN, "--seed 99999999999999999999999 f", "not a whole number"},
      {FOR_RUN, "--seed '' f", "not a whole number"},
      {FOR_RUN, "--timeout 5 f", "out of range"},
      {FOR_RUN, "--timeout soon f", "'soon' is not a time"},
      {FOR_RUN, "--log loud f", "none of debug"},
      {FOR_DOC, "--redis x limits", "unknown option --redis"},
      {FOR_PS, "--color red", "none of auto"},
      {FOR_PS, "-n 1", "unknown option -n"},
      {FOR_TOP, "-bx1", "unknown option -x1"},
      {FOR_TOP, "-n one", "not a whole number"},
      {FOR_EVENTS, "--since -1", "not a whole number"},
      {FOR_TOP, "-d 1us", "out of range"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    Line line;
    Options options;
    FsbError error = {.code = 0};
    split(&line, rows[i].text);
    ck_assert_msg(!ctl_options_parse(&options, rows[i].command, line.count, line.words, &error),
                  "%s is accepted", rows[i].text);
    ck_assert_msg(strstr(error.text, rows[i].reason) != NULL, "%s: '%s' without '%s'", rows[i].text,
                  error.text, rows[i].reason);
    ck_assert_int_eq(error.code, CODE_USAGE);
    ctl_options_free(&options);
  }
}
END_TEST

START_TEST(only_a_near_word_is_suggested) {
  static const struct {
    const char *word;
    const char *best;
  } rows[] = {{"rnu", "run"},         {"evla", "eval"},   {"chekc", "check"}, {"doctr", "doctor"},
              {"versoin", "version"}, {"frobnicate", ""}, {"x", ""},          {"", ""}};
  static const char *const known[] = {"run", "eval", "check", "doctor", "doc", "version"};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    Nearest nearest = policy_nearest_start(rows[i].word);
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
      policy_nearest_offer(&nearest, known[k]);
    ck_assert_msg(strcmp(policy_nearest_best(&nearest), rows[i].best) == 0, "%s: %s", rows[i].word,
                  policy_nearest_best(&nearest));
  }
}
END_TEST

SUITE("ctl options", operands_begin_where_options_end, values_are_read,
      options_for_a_server_stand_anywhere_and_letters_may_hold_their_value,
      bad_lines_are_refused_with_what_and_why, only_a_near_word_is_suggested)
