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
      uint64_t stands = turns.now.took.held + turns.before.took.held;
      if (stands > most) most = stands;
    }
    ck_assert_uint_le(most, HOLD - HOLD / 20 + own_parts(people, most));
    ck_assert_uint_gt(most, 0);
  }
}
END_TEST

/* --- A machine that takes processors away --- */

/* A loop that begins again as soon as it may, and a victim each of whose clients sends by the clock. */
typedef struct {
  World world;
  uint64_t now, victim_due, random;
  int served, refused;
} Scene;

/* A run of a fifth of a millisecond; of one in twenty the machine takes up to 6 ms more. */
static void serve_victim(Scene *s) {
  World *w = &s->world;
  if (module_turn_wait(&w->turns, &w->steady, &saved, s->now) != 0) {
    s->refused++;
    return;
  }
  s->random = s->random * 6364136223846793005U + 1442695040888963407U;
  uint64_t lost = (s->random >> 33) % 20 == 0 ? (s->random >> 40) % (6 * MS) : 0;
  s->served++;
  s->now += MS / 5 + lost;
  module_turn_note(&w->turns, &w->steady, &saved, MS / 5 + lost, MS / 5, s->now);
}

static void serve_pass(Scene *s) {
  World *w = &s->world;
  uint64_t began = s->now;
  module_turn_pass(&w->turns);
  if (wait_of(w, &w->abuser, s->now) == 0) {
    s->now += 45 * MS;
    run(w, &w->abuser, 45 * MS, s->now);
  }
  for (; s->victim_due <= began; s->victim_due += 10 * MS) serve_victim(s);
  if (s->now == began) s->now += MS;
}

START_TEST(who_works_less_than_its_rate_is_not_refused_because_the_machine_stretches_its_runs) {
  Scene s = {.world = new_world(), .now = START, .victim_due = START, .random = 7};
  while (s.now < START + 60000 * MS) serve_pass(&s);
  ck_assert_int_gt(s.served, 5900);
  ck_assert_int_eq(s.refused, 0);
}
END_TEST

/* Processes that were taken over lie idle for just less than the limit, each time they may: each of the twelve
 * is believed once in about a second, and is known for long runs after that for a minute. */
START_TEST(who_lies_idle_instead_of_working_makes_others_wait_longer_only_seldom) {
  Turns turns = {0};
  TurnRecord idlers[TENANTS];
  for (int i = 0; i < TENANTS; i++) idlers[i] = (TurnRecord){.short_runs = TURN_TRUST, .peak = MS / 10, .usual = MS / 10};
  int passes = 0, beyond = 0;
  for (uint64_t now = START; now < START + 300000 * MS; now += MS) {
    module_turn_pass(&turns);
    for (int i = 0; i < TENANTS; i++) {
      if (module_turn_wait(&turns, &idlers[i], &saved, now) != 0) continue;
      now += 44 * MS;
      module_turn_note(&turns, &idlers[i], &saved, 44 * MS, 0, now);
    }
    passes++;
    beyond += turns.now.took.held + turns.before.took.held > HOLD;
  }
  ck_assert_int_gt(beyond, 0);
  ck_assert_int_lt(beyond, passes / 100);
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

/* A worker that was taken over can wait, and says nothing; so does one that got no processor. */
START_TEST(who_does_nothing_for_the_whole_limit_is_believed_once) {
  World w = new_world();
  module_turn_note(&w.turns, &w.abuser, &saved, 45 * MS, 0, START);
  ck_assert_uint_eq(w.abuser.long_until, 0);
  module_turn_note(&w.turns, &w.abuser, &saved, 45 * MS, 0, START + 45 * MS);
  ck_assert_uint_eq(w.abuser.long_until, START + 45 * MS + TURN_MEMORY);
}
END_TEST

/* All that its clients sent meanwhile is there, and is its own part. */
START_TEST(a_machine_that_stood_still_in_a_tenants_run_does_not_keep_it_out) {
  World w = new_world();
  module_turn_note(&w.turns, &w.steady, &saved, 300 * MS, MS / 5, START);
  ck_assert_uint_eq(w.steady.long_until, 0);
  module_turn_pass(&w.turns);
  for (int i = 0; i < 30; i++) {
    ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
    module_turn_note(&w.turns, &w.steady, &saved, MS / 5, MS / 5, START);
  }
  /* One of the server's commands that took as long is work. */
  module_turn_note(&w.turns, &w.other, &saved, 300 * MS, 299 * MS, START);
  ck_assert_uint_gt(w.other.long_until, START);
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

/* --- What was held and not worked --- */

static void run_stretched(World *w, TurnRecord *who, uint64_t held, uint64_t worked, uint64_t now) {
  module_turn_note(&w->turns, who, &saved, held, worked, now);
}

START_TEST(what_a_run_waited_for_a_processor_makes_it_no_long_one) {
  World w = new_world();
  run_stretched(&w, &w.steady, HOLD / 2, MS / 2, START);
  ck_assert_uint_eq(w.steady.long_until, 0);
  ck_assert_uint_eq(w.turns.pause_until, 0);
  ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
  ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
}
END_TEST

/* Whoever's fault it is, others have waited for it. */
START_TEST(what_runs_of_two_passes_did_not_work_stands_from_half_of_the_limit_on) {
  World w = new_world();
  for (int i = 0; i < 2; i++) {
    ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
    run_stretched(&w, &w.steady, 15 * MS, MS / 2, START);
  }
  ck_assert_uint_ne(wait_of(&w, &w.other, START), 0);
  module_turn_pass(&w.turns);
  module_turn_pass(&w.turns);
  ck_assert_uint_eq(wait_of(&w, &w.other, START), 0);
}
END_TEST

/* Its five clients had to wait for the loop; a millisecond each went to the machine. */
START_TEST(beside_a_long_run_a_tenants_own_part_is_judged_by_what_it_worked) {
  World w = new_world();
  run(&w, &w.abuser, 45 * MS, START);
  for (int i = 0; i < 5; i++) {
    ck_assert_uint_eq(module_turn_wait(&w.turns, &w.steady, &saved, START), 0);
    run_stretched(&w, &w.steady, 6 * MS / 5, MS / 5, START);
  }
  World busy = new_world();
  run(&busy, &busy.abuser, 45 * MS, START);
  ck_assert_int_lt(runs_let_in(&busy, &busy.steady, &saved, 6 * MS / 5), 3);
}
END_TEST

/* It cannot be told from one that lies idle on purpose: what stands ends it. */
START_TEST(who_lies_idle_beside_a_long_run_is_let_in_until_the_pass_is_full) {
  World w = new_world();
  run(&w, &w.abuser, 45 * MS, START);
  int count = 0;
  for (; count < 100 && module_turn_wait(&w.turns, &w.steady, &saved, START) == 0; count++)
    run_stretched(&w, &w.steady, MS, 0, START);
  ck_assert_int_ge(count, 40);
  ck_assert_int_le(count, 45);
}
END_TEST

START_TEST(who_lies_idle_again_and_again_has_worked) {
  World w = new_world();
  run_stretched(&w, &w.steady, 44 * MS, 0, START);
  ck_assert_uint_eq(w.steady.long_until, 0);
  run_stretched(&w, &w.steady, 44 * MS, 0, START + 44 * MS);
  ck_assert_uint_gt(w.steady.long_until, START);
  /* What the rate brings is paid back: at 50 ms a second, 44 ms in less than one. */
  World calm = new_world();
  for (int i = 0; i < 30; i++) run_stretched(&calm, &calm.steady, 44 * MS, 0, START + (uint64_t)i * 900 * MS);
  ck_assert_uint_eq(calm.steady.long_until, 0);
}
END_TEST

/* With a limit of 5 s a machine that stood still for long lends as much; an hour pays for it, at 50 ms a second. */
START_TEST(a_long_stall_is_paid_back_by_a_long_time) {
  World w = new_world();
  const TurnRules long_limit = {.hold = 5000 * MS, .share = 50, .rate = 50 * MS, .has_saved = true};
  module_turn_note(&w.turns, &w.steady, &long_limit, 4900 * MS, MS, START);
  ck_assert_uint_eq(w.steady.lent, 4899 * MS);
  module_turn_note(&w.turns, &w.steady, &long_limit, MS, MS, START + 10000 * MS);
  ck_assert_uint_eq(w.steady.lent, 4399 * MS);
  module_turn_note(&w.turns, &w.steady, &long_limit, MS, MS, START + 3600000 * MS);
  ck_assert_uint_eq(w.steady.lent, 0);
}
END_TEST

/* Of two tenants that hold the thread for as long, the one whose processor was taken away, too. */
START_TEST(the_pause_after_a_long_run_is_as_long_as_it_held_the_thread) {
  World w = new_world();
  run_stretched(&w, &w.abuser, 30 * MS, 10 * MS, START);
  ck_assert_uint_eq(wait_of(&w, &w.abuser, START), 30 * MS);
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
      who_works_less_than_its_rate_is_not_refused_because_the_machine_stretches_its_runs,
      who_lies_idle_instead_of_working_makes_others_wait_longer_only_seldom,
      one_that_short_runs_never_leave_room_begins_beside_them_each_five_seconds,
      who_does_nothing_for_the_whole_limit_is_believed_once,
      a_machine_that_stood_still_in_a_tenants_run_does_not_keep_it_out,
      behind_somebody_with_a_larger_limit_there_is_room_by_that,
      who_has_run_something_short_once_is_not_known_for_it,
      a_tenth_of_a_short_limit_is_kept_for_the_end,
      many_short_runs_of_a_tenant_in_one_pass_are_a_long_one,
      what_a_run_waited_for_a_processor_makes_it_no_long_one,
      what_runs_of_two_passes_did_not_work_stands_from_half_of_the_limit_on,
      beside_a_long_run_a_tenants_own_part_is_judged_by_what_it_worked,
      who_lies_idle_beside_a_long_run_is_let_in_until_the_pass_is_full,
      who_lies_idle_again_and_again_has_worked,
      a_long_stall_is_paid_back_by_a_long_time,
      the_pause_after_a_long_run_is_as_long_as_it_held_the_thread,
      long_runs_are_forgotten_and_unknown_passes_count_for_nothing)
