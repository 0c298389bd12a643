/* SPDX-License-Identifier: BSD-2-Clause */
/* test_turn - whose scripts wait for whose, with a clock of the test's own. */
#include "tests/check_main.h"
#include "tools/module/turn.h"

#define MS UINT64_C(1000000)
#define HOLD (50 * MS)
#define START (1000 * MS)

/* Of one that has used up its burst, and of one that has not. */
static const TurnRules spent = {.hold = HOLD, .share = 50, .rate = 50 * MS},
                       saved = {.hold = HOLD, .share = 50, .rate = 50 * MS, .has_saved = true};

typedef struct {
  Turns turns;
  TurnRecord abuser, other, steady;
} World;

/* A pass has begun, and `steady` is known for short runs. */
static World new_world(void) {
  World w = {.turns = {0}};
  module_turn_pass(&w.turns);
  w.steady.short_runs = TURN_TRUST - 1;
  module_turn_note(&w.turns, &w.steady, &spent, MS / 10, MS / 10, START);
  module_turn_pass(&w.turns);
  return w;
}

static void run(World *w, TurnRecord *who, uint64_t took, uint64_t now) {
  module_turn_note(&w->turns, who, &spent, took, took, now);
}

static uint64_t wait_of(World *w, const TurnRecord *who, uint64_t now) {
  return module_turn_wait(&w->turns, who, &spent, now);
}

/* How many runs of `took` it is let have in this pass, of at most 1000. */
static int runs_let_in(World *w, TurnRecord *who, const TurnRules *rules, uint64_t took) {
  int count = 0;
  for (; count < 1000 && module_turn_wait(&w->turns, who, rules, START) == 0; count++)
    module_turn_note(&w->turns, who, rules, took, took, START);
  return count;
}

START_TEST(after_a_long_run_its_tenant_pauses_for_as_long) {
  World w = new_world();
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 0);
  run(&w, &w.abuser, HOLD, START);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), HOLD);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START + HOLD - 1), 1);
  module_turn_pass(&w.turns);
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

/* A hundredth of the limit, 0.5 ms, of which it had a fifth in the pass before. */
START_TEST(beside_a_long_run_who_has_spent_its_burst_has_its_own_part_of_two_passes) {
  World w = new_world();
  run(&w, &w.abuser, 45 * MS, START);
  ck_assert_int_eq(runs_let_in(&w, &w.steady, &spent, MS / 10), 4);
  module_turn_pass(&w.turns);
  ck_assert_int_eq(runs_let_in(&w, &w.steady, &spent, MS / 10), 1);
  module_turn_pass(&w.turns);
  ck_assert_int_gt(runs_let_in(&w, &w.steady, &spent, MS / 10), 4);
}
END_TEST

/* What is left of nine tenths of the limit, and then what its rate brings while the rest stands. */
START_TEST(beside_a_long_run_who_saved_has_what_is_left_and_what_its_rate_brings) {
  World w = new_world();
  run(&w, &w.abuser, 40 * MS, START);
  ck_assert_int_eq(runs_let_in(&w, &w.steady, &saved, MS / 10), 49);
  TurnRecord late = {.short_runs = TURN_TRUST, .peak = MS / 10, .usual = MS / 10};
  ck_assert_int_eq(runs_let_in(&w, &late, &saved, MS / 10), 23);
  TurnRecord heavy = {.short_runs = TURN_TRUST, .peak = 3 * MS, .usual = 3 * MS};
  ck_assert_int_eq(runs_let_in(&w, &heavy, &saved, 3 * MS), 0);
}
END_TEST

/* One run took longer than they do, as one may on any machine. */
START_TEST(a_tenants_own_part_is_judged_by_what_its_runs_usually_take) {
  World w = new_world();
  for (int i = 0; i < 10; i++) run(&w, &w.steady, MS / 10, START);
  run(&w, &w.steady, 3 * MS, START);
  module_turn_pass(&w.turns);
  module_turn_pass(&w.turns);
  run(&w, &w.abuser, 45 * MS, START);
  ck_assert_int_ge(runs_let_in(&w, &w.steady, &saved, MS / 10), 15);
}
END_TEST

/* Such a burst is what a burst is for. */
START_TEST(many_short_runs_of_one_that_saved_have_the_whole_pass) {
  World w = new_world();
  ck_assert_int_eq(runs_let_in(&w, &w.steady, &saved, MS / 2), 89);
  World calm = new_world();
  ck_assert_int_lt(runs_let_in(&calm, &calm.steady, &spent, MS / 2), 10);
}
END_TEST

/* All clients of all tenants had to wait for a command that nobody could interrupt, and come at once. */
START_TEST(after_a_run_beyond_every_limit_each_has_what_its_rate_brought_meanwhile) {
  World w = new_world();
  run(&w, &w.abuser, 400 * MS, START);
  ck_assert_uint_ne(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_int_ge(runs_let_in(&w, &w.steady, &saved, MS / 2), 40);
  TurnRecord late = {.short_runs = TURN_TRUST, .peak = MS / 2, .usual = MS / 2};
  ck_assert_int_ge(runs_let_in(&w, &late, &saved, MS / 2), 40);
}
END_TEST

START_TEST(a_pass_that_is_full_takes_no_more) {
  World w = new_world();
  TurnRecord poser = {.short_runs = TURN_TRUST};
  run(&w, &w.abuser, 45 * MS, START);
  ck_assert_uint_eq(wait_of(&w, &poser, START), 0);
  run(&w, &poser, 45 * MS, START);
  ck_assert_uint_ne(wait_of(&w, &w.steady, START), 0);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
  ck_assert_uint_ne(wait_of(&w, &poser, START), 0);
}
END_TEST

/* --- The promise --- */

enum { TENANTS = 12 };

typedef struct {
  TurnRecord record;
  TurnRules rules;
  uint64_t takes;
} Somebody;

static void invent(Somebody *who, uint64_t *random) {
  static const uint64_t lengths[] = {MS / 20, MS / 2, MS, 3 * MS, 45 * MS, 45 * MS};
  *random = *random * 6364136223846793005U + 1442695040888963407U;
  who->takes = lengths[(*random >> 33) % 6];
  who->rules = (*random >> 40) % 2 == 0 ? spent : saved;
  who->record = (TurnRecord){.short_runs = TURN_TRUST, .peak = who->takes, .usual = who->takes};
  if (who->takes >= TURN_LONG) who->record.long_until = UINT64_MAX;
}

static uint64_t own_parts(const Somebody *people, uint64_t stands) {
  uint64_t sum = 0;
  for (int i = 0; i < TENANTS; i++) {
    bool is_short = people[i].takes < TURN_LONG;
    sum += !is_short ? 0 : people[i].rules.has_saved ? stands / 20 : HOLD / 100;
  }
  return sum;
}

/* Twelve tenants of any kind, who all have commands at any time, served in any order. */
START_TEST(no_more_stands_in_two_passes_than_the_limit_and_own_parts) {
  uint64_t random = 1;
  for (int world = 0; world < 500; world++) {
    Turns turns = {0};
    Somebody people[TENANTS];
    for (int i = 0; i < TENANTS; i++) invent(&people[i], &random);
    uint64_t now = START, most = 0;
    for (int step = 0; step < 4000; step++) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      Somebody *who = &people[(random >> 33) % TENANTS];
      if (step % (int)(100 + world % 7 * 50) == 0) module_turn_pass(&turns);
      if (module_turn_wait(&turns, &who->record, &who->rules, now) != 0) continue;
      now += who->takes;
      module_turn_note(&turns, &who->record, &who->rules, who->takes, who->takes, now);
      uint64_t stands = turns.now.worked + turns.before.worked;
      if (stands > most) most = stands;
    }
    ck_assert_uint_le(most, HOLD - HOLD / 20 + own_parts(people, most));
    ck_assert_uint_gt(most, 0);
  }
}
END_TEST

START_TEST(one_that_short_runs_never_leave_room_begins_beside_them_each_five_seconds) {
  World w = new_world();
  run(&w, &w.steady, 4 * MS, START);
  ck_assert_uint_ne(wait_of(&w, &w.abuser, START), 0);
  ck_assert_uint_ne(wait_of(&w, &w.abuser, START + TURN_PATIENCE - 1), 0);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START + TURN_PATIENCE), 0);
  ck_assert_uint_ne(wait_of(&w, &w.other, START + TURN_PATIENCE), 0);
  ck_assert_uint_eq(wait_of(&w, &w.other, START + 2 * TURN_PATIENCE), 0);
}
END_TEST

/* A worker that was taken over can wait, and says nothing. */
START_TEST(who_has_the_whole_limit_has_a_long_run_whatever_it_did_in_it) {
  World w = new_world();
  module_turn_note(&w.turns, &w.abuser, &saved, 45 * MS, 0, START);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 45 * MS);
}
END_TEST

START_TEST(behind_somebody_with_a_larger_limit_there_is_room_by_that) {
  World w = new_world();
  const TurnRules large = {.hold = 10 * HOLD, .share = 50};
  module_turn_note(&w.turns, &w.abuser, &large, 2 * HOLD, 2 * HOLD, START);
  ck_assert_int_eq(runs_let_in(&w, &w.steady, &saved, MS / 2), 699);
}
END_TEST

START_TEST(who_has_run_something_short_once_is_not_known_for_it) {
  World w = new_world();
  for (unsigned i = 1; i <= TURN_TRUST; i++) {
    module_turn_note(&w.turns, &w.other, &saved, MS / 100, MS / 100, START);
    run(&w, &w.steady, 4 * MS, START);
    ck_assert_int_eq(module_turn_wait(&w.turns, &w.other, &saved, START) == 0, i == TURN_TRUST);
    module_turn_pass(&w.turns);
    module_turn_pass(&w.turns);
  }
  module_turn_note(&w.turns, &w.other, &saved, TURN_LONG, TURN_LONG, START);
  ck_assert_uint_eq(w.other.short_runs, 0);
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
  ck_assert_uint_eq(w.turns.pause_until, 0);
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
  module_turn_note(&w.turns, &w.abuser, &spent, HOLD / 2, MS / 2, START);
  ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 0);
  module_turn_note(&w.turns, &w.steady, &spent, HOLD / 2, MS / 2, START);
  ck_assert_uint_eq(wait_of(&w, &w.steady, START), 0);
}
END_TEST

START_TEST(long_runs_are_forgotten_and_unknown_passes_count_for_nothing) {
  World w = new_world();
  run(&w, &w.abuser, HOLD, START);
  run(&w, &w.steady, HOLD, START + TURN_MEMORY);
  module_turn_pass(&w.turns);
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
      beside_a_long_run_who_has_spent_its_burst_has_its_own_part_of_two_passes,
      beside_a_long_run_who_saved_has_what_is_left_and_what_its_rate_brings,
      a_tenants_own_part_is_judged_by_what_its_runs_usually_take,
      many_short_runs_of_one_that_saved_have_the_whole_pass,
      after_a_run_beyond_every_limit_each_has_what_its_rate_brought_meanwhile,
      a_pass_that_is_full_takes_no_more,
      no_more_stands_in_two_passes_than_the_limit_and_own_parts,
      one_that_short_runs_never_leave_room_begins_beside_them_each_five_seconds,
      who_has_the_whole_limit_has_a_long_run_whatever_it_did_in_it,
      behind_somebody_with_a_larger_limit_there_is_room_by_that,
      who_has_run_something_short_once_is_not_known_for_it,
      a_tenth_of_a_short_limit_is_kept_for_the_end,
      many_short_runs_of_a_tenant_in_one_pass_are_a_long_one,
      what_a_run_waited_for_a_processor_makes_it_no_long_one,
      long_runs_are_forgotten_and_unknown_passes_count_for_nothing)
