/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pace - the two ways to wait on machines that are made up. */
#include "ipc/pace.h"

#include <stdlib.h>

#include "tests/check_main.h"

/* What a run costs in each mode, and what comes between two, in nanoseconds. */
typedef struct {
  uint64_t cost[2];
  uint64_t pause[2];
  unsigned hiccup_every[2]; /* a run in so many costs `hiccup` more; 0: none */
  uint64_t hiccup;
} Machine;

typedef struct {
  PaceGauge gauge;
  uint64_t now;
  uint64_t runs[2];
  uint64_t spent;
  uint32_t random;
} Server;

static void start(Server *s) {
  *s = (Server){.now = 1000000000, .random = 1};
  ipc_pace_init(&s->gauge, true);
}

static bool draw(Server *s, unsigned every) {
  s->random = s->random * 1664525 + 1013904223;
  return every != 0 && (s->random >> 8) % every == 0;
}

static PaceMode run(Server *s, const Machine *machine) {
  PaceMode mode = ipc_pace_begin(&s->gauge, s->now) ? PACE_APART : PACE_TOGETHER;
  uint64_t took = machine->cost[mode];
  if (draw(s, machine->hiccup_every[mode])) took += machine->hiccup;
  s->now += took;
  s->spent += took;
  s->runs[mode]++;
  ipc_pace_end(&s->gauge, s->now);
  s->now += machine->pause[mode];
  return mode;
}

static void run_many(Server *s, const Machine *machine, int count) {
  s->runs[0] = s->runs[1] = s->spent = 0;
  for (int i = 0; i < count; i++) (void)run(s, machine);
}

static const Machine quiet = {.cost = {7000, 2400}, .pause = {3000, 3000}};
/* Whoever sleeps or yields alone waits for a turn of somebody else's. */
static const Machine loaded = {.cost = {7000, 1500}, .pause = {3000, 3000}, .hiccup_every = {2000, 100}, .hiccup = 3000000};

START_TEST(where_processors_are_free_runs_are_waited_for_awake) {
  Server s;
  start(&s);
  run_many(&s, &quiet, 20000);
  run_many(&s, &quiet, 1000000);
  ck_assert_uint_gt(s.runs[PACE_APART], 960000);
  ck_assert_uint_gt(s.runs[PACE_TOGETHER], 0); /* it is tried */
}
END_TEST

START_TEST(where_others_want_them_little_is_lost) {
  Server s;
  start(&s);
  run_many(&s, &loaded, 2000000);
  double together = 7000 + 3000000 / 2000.0;
  ck_assert_double_lt((double)s.spent / 2000000, 1.1 * together);
}
END_TEST

START_TEST(load_that_comes_and_goes_is_followed) {
  Server s;
  start(&s);
  run_many(&s, &quiet, 100000);
  ck_assert_uint_gt(s.runs[PACE_APART], 80000);
  run_many(&s, &loaded, 400000);
  ck_assert_uint_lt(s.runs[PACE_APART], 40000);
  run_many(&s, &quiet, 2 * 400000);
  run_many(&s, &quiet, 100000);
  ck_assert_uint_gt(s.runs[PACE_APART], 90000);
}
END_TEST

START_TEST(one_hiccup_decides_nothing) {
  Server s;
  const Machine hiccup = {.cost = {7000, 2400}, .pause = {3000, 3000}, .hiccup_every = {1, 1}, .hiccup = 1000000000};
  start(&s);
  run_many(&s, &quiet, 60000);
  for (int i = 0; i < 50; i++) {
    (void)run(&s, &hiccup);
    run_many(&s, &quiet, 5000);
    ck_assert_uint_gt(s.runs[PACE_APART] + 900, 5000); /* a trial of the other mode at most */
  }
}
END_TEST

START_TEST(a_machine_that_is_only_a_little_faster_apart_stays_together) {
  Server s;
  const Machine even = {.cost = {7000, 6000}, .pause = {3000, 3000}};
  start(&s);
  run_many(&s, &even, 1000000);
  ck_assert_uint_lt(s.runs[PACE_APART], 20000);
}
END_TEST

START_TEST(what_clients_lose_counts) {
  Server s;
  const Machine client_starves = {.cost = {7000, 2400}, .pause = {3000, 9000}};
  start(&s);
  run_many(&s, &client_starves, 1000000);
  ck_assert_uint_lt(s.runs[PACE_APART], 20000);
}
END_TEST

START_TEST(runs_that_come_at_their_own_rate_stay_together) {
  Server s;
  const Machine paced = {.cost = {7000, 2400}, .pause = {13000, 17600}};
  start(&s);
  run_many(&s, &paced, 1000000);
  ck_assert_uint_lt(s.runs[PACE_APART], 20000);
}
END_TEST

START_TEST(a_trial_that_makes_no_run_faster_is_short) {
  Server s;
  const Machine slow = {.cost = {7000, 8000}, .pause = {3000, 3000}};
  start(&s);
  run_many(&s, &slow, 1000000);
  ck_assert_uint_lt(s.runs[PACE_APART], 12 * (PACE_GLANCE + PACE_WARM_UP + 1));
}
END_TEST

START_TEST(what_has_changed_is_tried_soon) {
  Server s;
  const Machine starving = {.cost = {7000, 2400}, .pause = {3000, 9000}};
  const Machine longer = {.cost = {14000, 4800}, .pause = {3000, 3000}};
  start(&s);
  run_many(&s, &starving, 2000000);
  ck_assert_uint_eq(s.gauge.rest[PACE_APART], PACE_REST_MOST);
  run_many(&s, &longer, 20000);
  ck_assert_uint_gt(s.runs[PACE_APART], 10000);
}
END_TEST

/* Each trial costs those who are served during it: a pause is no reason for one, nor is one odd window. */
START_TEST(what_has_not_changed_is_not_tried_again) {
  Server s;
  const Machine starving = {.cost = {7000, 2400}, .pause = {3000, 9000}};
  const Machine odd = {.cost = {7000, 2400}, .pause = {13000, 13000}};
  start(&s);
  run_many(&s, &starving, 2000000);
  uint64_t apart = 0;
  for (int i = 0; i < 10; i++) {
    s.now += PACE_PAUSE;
    run_many(&s, &starving, 5000);
    apart += s.runs[PACE_APART];
    run_many(&s, &odd, PACE_SPAN / 20000);
    apart += s.runs[PACE_APART];
  }
  ck_assert_uint_lt(apart, 800); /* at most the trial that is due every 256 windows */
}
END_TEST

START_TEST(runs_that_do_not_follow_closely_are_never_apart) {
  Server s;
  Machine slow = quiet;
  slow.pause[0] = slow.pause[1] = PACE_CLOSE + 1;
  start(&s);
  run_many(&s, &slow, 10000);
  ck_assert_uint_eq(s.runs[PACE_APART], 0);
  slow.pause[0] = slow.pause[1] = PACE_PAUSE + 1; /* and these are not even measured */
  run_many(&s, &quiet, 60000);
  uint64_t mean = s.gauge.mean[PACE_APART].lap;
  slow.cost[PACE_TOGETHER] = 1000000;
  run_many(&s, &slow, 10000);
  ck_assert_uint_le(s.runs[PACE_APART], 1); /* the first follows the run before */
  ck_assert_uint_eq(s.gauge.mean[PACE_APART].lap, mean);
}
END_TEST

START_TEST(what_is_refused_or_impossible_is_not_asked_for) {
  Server s;
  start(&s);
  for (int i = 0; i < 10000 && run(&s, &quiet) == PACE_TOGETHER; i++) continue;
  ck_assert_uint_ne(s.runs[PACE_APART], 0);
  ipc_pace_refused(&s.gauge);
  run_many(&s, &quiet, 10000);
  ck_assert_uint_eq(s.runs[PACE_APART], 0);
  ipc_pace_init(&s.gauge, false);
  run_many(&s, &quiet, 10000);
  ck_assert_uint_eq(s.runs[PACE_APART], 0);
}
END_TEST

START_TEST(time_that_runs_backwards_does_no_harm) {
  Server s;
  start(&s);
  run_many(&s, &quiet, 5000);
  for (int i = 0; i < 5000; i++) {
    (void)ipc_pace_begin(&s.gauge, s.now);
    s.now -= 1000;
    ipc_pace_end(&s.gauge, s.now);
  }
  s.now += 1000000000;
  run_many(&s, &quiet, 200000);
  ck_assert_uint_gt(s.runs[PACE_APART], 50000);
}
END_TEST

SUITE("ipc pace", where_processors_are_free_runs_are_waited_for_awake, where_others_want_them_little_is_lost,
      load_that_comes_and_goes_is_followed, one_hiccup_decides_nothing,
      a_machine_that_is_only_a_little_faster_apart_stays_together, what_clients_lose_counts,
      runs_that_come_at_their_own_rate_stay_together, a_trial_that_makes_no_run_faster_is_short,
      what_has_changed_is_tried_soon, what_has_not_changed_is_not_tried_again,
      runs_that_do_not_follow_closely_are_never_apart, what_is_refused_or_impossible_is_not_asked_for,
      time_that_runs_backwards_does_no_harm)
