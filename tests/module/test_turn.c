/* SPDX-License-Identifier: BSD-2-Clause */
/* test_turn - whose scripts wait for whose, with a clock of the test's own. */
#include "tests/check_main.h"
#include "tools/module/turn.h"

#define MS UINT64_C(1000000)
#define HOLD (50 * MS)
#define START (1000 * MS)

/* Of one that has used up its burst, and of one that has not. */
static const TurnRules spent = {.hold = HOLD, .share = 50}, saved = {.hold = HOLD, .share = 50, .has_saved = true};

typedef struct {
  Turns turns;
  TurnRecord abuser, other, steady;
} World;

/* A pass has begun, and `steady` is known for short runs. */
static World new_world(void) {
  World w = {.turns = {0}};
  module_turn_pass(&w.turns);
  module_turn_note(&w.turns, &w.steady, &spent, MS / 10, MS / 10, START);
  module_turn_pass(&w.turns);
  return w;
}

static void run(World *w, TurnRecord *who, uint64_t took, uint64_t now) {
  module_turn_note(&w->turns, who, &spent, took, took, now);
}

static uint64_t wait_of(const World *w, const TurnRecord *who, uint64_t now) {
  return module_turn_wait(&w->turns, who, &spent, now);
}

START_TEST(after_a_long_run_its_tenant_pauses_for_as_long) {
  World w = new_world();
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 0);
  run(&w, &w.abuser, HOLD, START);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), HOLD);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START + HOLD - 1), 1);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START + HOLD), 0);
}
END_TEST

START_TEST(the_share_says_how_long) {
  World w = new_world();
  const TurnRules fifth = {.hold = HOLD, .share = 20};
  module_turn_note(&w.turns, &w.abuser, &fifth, HOLD, HOLD, START);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 4 * HOLD);
}
END_TEST

START_TEST(who_runs_short_scripts_runs_in_the_pauses) {
  World w = new_world();
  run(&w, &w.abuser, HOLD, START);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
}
END_TEST

/* What waited for the first run is served before the next stranger's. */
START_TEST(strangers_wait_until_those_who_waited_are_served) {
  World w = new_world();
  ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
  run(&w, &w.abuser, HOLD, START);
  ck_assert_uint_ne(wait_of(&w, &w.other, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_ne(wait_of(&w, &w.other, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
}
END_TEST

START_TEST(beside_a_long_run_who_has_spent_its_burst_has_what_is_brief) {
  World w = new_world();
  run(&w, &w.abuser, HOLD, START);
  run(&w, &w.steady, MS / 2, START);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
  run(&w, &w.steady, MS / 2, START);
  ck_assert_uint_ne(wait_of(&w, &w.steady, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
}
END_TEST

/* All its clients had to wait for the long run, and come at once. */
START_TEST(many_short_runs_of_one_that_saved_are_what_they_are) {
  World w = new_world();
  run(&w, &w.abuser, HOLD, START);
  module_turn_pass(&w.turns);
  for (int i = 0; i < 48; i++) {
    ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
    module_turn_note(&w.turns, &w.steady, &saved, MS / 2, MS / 2, START);
  }
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
  module_turn_note(&w.turns, &w.steady, &saved, TURN_LONG, TURN_LONG, START);
  ck_assert_uint_ne(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
}
END_TEST

START_TEST(a_pass_of_twice_the_limit_takes_no_more) {
  World w = new_world();
  TurnRecord poser = {.is_known = true};
  run(&w, &w.abuser, HOLD, START);
  ck_assert_uint_eq(wait_of(&w, &poser, START), 0);
  run(&w, &poser, HOLD, START);
  ck_assert_uint_ne(wait_of(&w, &w.steady, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
  ck_assert_uint_ne(wait_of(&w, &poser, START), 0);
}
END_TEST

START_TEST(a_tenth_of_a_short_limit_is_kept_for_the_end) {
  ck_assert_uint_eq(module_turn_hold(HOLD), 45 * MS);
  ck_assert_uint_eq(module_turn_hold(500 * MS), 450 * MS);
  ck_assert_uint_eq(module_turn_hold(5000 * MS), 5000 * MS);
}
END_TEST

START_TEST(many_short_runs_of_a_tenant_in_one_pass_are_a_long_one) {
  World w = new_world();
  for (int i = 0; i < 4; i++) run(&w, &w.abuser, MS, START);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 0);
  run(&w, &w.abuser, MS, START);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 5 * MS);
  World calm = new_world();
  for (int i = 0; i < 50; i++) {
    run(&calm, &calm.abuser, MS, START);
    module_turn_pass(&calm.turns);
  }
  ck_assert_uint_eq(wait_of(&calm, &calm.abuser, START), 0);
}
END_TEST

START_TEST(what_a_run_waited_for_a_processor_makes_it_no_long_one) {
  World w = new_world();
  module_turn_note(&w.turns, &w.abuser, &spent, HOLD, MS / 2, START);
  ck_assert_uint_ne(wait_of(&w, &w.other, START), 0); /* others have waited all the same */
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 0);
  module_turn_note(&w.turns, &w.steady, &spent, 2 * HOLD, MS / 2, START);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
}
END_TEST

START_TEST(long_runs_are_forgotten_and_unknown_passes_count_for_nothing) {
  World w = new_world();
  run(&w, &w.abuser, HOLD, START);
  run(&w, &w.steady, HOLD, START + TURN_MEMORY);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START + TURN_MEMORY), 0);
  const TurnRules endless = {.hold = UINT64_MAX, .share = 50};
  World blind = {.turns = {0}};
  run(&blind, &blind.abuser, HOLD, START);
  ck_assert_uint_eq(wait_of(&blind, &blind.other, START), 0);
  ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &endless, 3 * TURN_MEMORY), 0);
}
END_TEST

SUITE("module turn", after_a_long_run_its_tenant_pauses_for_as_long,
      the_share_says_how_long,
      who_runs_short_scripts_runs_in_the_pauses,
      strangers_wait_until_those_who_waited_are_served,
      beside_a_long_run_who_has_spent_its_burst_has_what_is_brief,
      many_short_runs_of_one_that_saved_are_what_they_are,
      a_pass_of_twice_the_limit_takes_no_more,
      a_tenth_of_a_short_limit_is_kept_for_the_end,
      many_short_runs_of_a_tenant_in_one_pass_are_a_long_one,
      what_a_run_waited_for_a_processor_makes_it_no_long_one,
      long_runs_are_forgotten_and_unknown_passes_count_for_nothing)
