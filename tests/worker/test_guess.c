/* SPDX-License-Identifier: BSD-2-Clause */
/* test_guess - habits of calls. */
#include "sandbox/worker/guess.h"

#include <string.h>

#include "tests/check_main.h"

static GuessTable table;

static void note(uint64_t site, const char *answer, int times) {
  for (int i = 0; i < times; i++) worker_guess_note(&table, site, ipc_bytes_text(answer));
}

static bool is_guessed(uint64_t site, const char *answer) {
  ByteView guess = worker_guess_find(&table, site);
  return guess.size != 0 && ipc_bytes_is_equal(guess, ipc_bytes_text(answer));
}

static void start(void) { table = (GuessTable){0}; }

START_TEST(what_was_always_the_same_is_guessed) {
  start();
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
  note(7, ":1\r\n", GUESS_HABIT);
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
  note(7, ":1\r\n", 1);
  ck_assert(is_guessed(7, ":1\r\n"));
  note(7, ":1\r\n", 1000);
  ck_assert(is_guessed(7, ":1\r\n"));
  ck_assert_uint_eq(worker_guess_find(&table, 8).size, 0);
}
END_TEST

START_TEST(a_habit_that_was_broken_must_last_longer) {
  start();
  note(7, ":1\r\n", GUESS_HABIT + 1);
  note(7, ":0\r\n", 1);
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
  note(7, ":0\r\n", 2 * GUESS_HABIT - 1);
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
  note(7, ":0\r\n", 1);
  ck_assert(is_guessed(7, ":0\r\n"));
  for (int i = 0; i < 20; i++) { /* breaks it as soon as it is one */
    while (!is_guessed(7, ":1\r\n")) note(7, ":1\r\n", 1);
    note(7, ":0\r\n", 1);
  }
  note(7, ":0\r\n", GUESS_HABIT_MOST - 1);
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
  note(7, ":0\r\n", 1);
  ck_assert(is_guessed(7, ":0\r\n"));
  for (int i = 0; i < 20; i++) { /* keeps it long */
    note(7, ":1\r\n", 1 + (GUESS_WORTH + 1) * GUESS_HABIT_MOST);
    note(7, ":0\r\n", 1 + (GUESS_WORTH + 1) * GUESS_HABIT_MOST);
  }
  note(7, ":1\r\n", GUESS_HABIT + 1);
  ck_assert(is_guessed(7, ":1\r\n"));
}
END_TEST

START_TEST(what_changes_before_it_is_a_habit_costs_nothing) {
  start();
  for (int i = 0; i < 100; i++) note(7, i % 2 == 0 ? ":1\r\n" : ":2\r\n", 1);
  note(7, ":1\r\n", GUESS_HABIT + 1);
  ck_assert(is_guessed(7, ":1\r\n"));
}
END_TEST

/* No byte of the tenant's may outlive its run. */
START_TEST(only_answers_without_data_are_kept) {
  static const struct {
    const char *answer;
    bool is_kept;
  } rows[] = {{":0\r\n", true},    {":-2\r\n", true},        {":99999\r\n", true}, {":100000\r\n", false},
              {"$-1\r\n", true},   {"*-1\r\n", true},        {"*0\r\n", true},     {"*2\r\n$-1\r\n$-1\r\n", true},
              {"+OK\r\n", true},   {"+QUEUED\r\n", false},   {"+NO\r\n", false},   {"*2\r\n$-1\r\n$1\r\nx\r\n", false},
              {"$0\r\n\r\n", false}, {"$1\r\n1\r\n", true},  {"-ERR\r\n", false},
              {"$5\r\n10000\r\n", true}, {"$6\r\n100000\r\n", false}, {"$2\r\n-7\r\n", true}, {"$2\r\n7x\r\n", false},
              {"$1\r\n-\r\n", true}, {"*2\r\n$1\r\n4\r\n:7\r\n", true}, {"$3\r\n1.5\r\n", false},  {"-E\r\n", false},
              {"_\r\n", false},    {"#t\r\n", false},        {"", false},          {":1", false}};
  char many[128] = "*40\r\n";
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    start();
    note(7, rows[i].answer, 20);
    ck_assert_msg(is_guessed(7, rows[i].answer) == rows[i].is_kept, "row %zu", i);
    ck_assert(rows[i].is_kept || table.rows[0].bytes[0] == 0);
    for (size_t row = 0; row < GUESS_ROWS && !rows[i].is_kept; row++)
      for (size_t at = 0; at < TAPE_GUESS_BYTES; at++) ck_assert_uint_eq(table.rows[row].bytes[at], 0);
  }
  for (int i = 0; i < 12; i++) strcat(many, ":1\r\n");
  start();
  note(7, many, 20);
  ck_assert_uint_eq(worker_guess_find(&table, 7).size, 0);
}
END_TEST

START_TEST(a_call_that_is_made_often_finds_a_row) {
  start();
  unsigned known = 0;
  for (uint64_t site = 1; site <= GUESS_ROWS / 2; site++) note(site, ":1\r\n", GUESS_HABIT + 1);
  for (uint64_t site = 1; site <= GUESS_ROWS / 2; site++) known += worker_guess_find(&table, site).size != 0;
  ck_assert_uint_gt(known, GUESS_ROWS / 2 * 9 / 10);
  start();
  for (uint64_t run = 0; run < 40; run++) { /* among many that are made once */
    for (uint64_t site = 0; site < 20; site++) note(5000 + site, ":1\r\n", 1);
    for (uint64_t site = 0; site < 20; site++) note(10000 + 20 * run + site, ":1\r\n", 1);
  }
  known = 0;
  for (uint64_t site = 0; site < 20; site++) known += worker_guess_find(&table, 5000 + site).size != 0;
  ck_assert_uint_ge(known, 18);
  note(0, ":1\r\n", 100);
  ck_assert_uint_eq(worker_guess_find(&table, 0).size, 0);
}
END_TEST

SUITE("worker guess", what_was_always_the_same_is_guessed, a_habit_that_was_broken_must_last_longer,
      what_changes_before_it_is_a_habit_costs_nothing, only_answers_without_data_are_kept, a_call_that_is_made_often_finds_a_row)
