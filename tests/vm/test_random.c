/* SPDX-License-Identifier: BSD-2-Clause */
/* test_random - math.random gives Redis's sequences; its state goes in and out with a run. */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/machine.h"
#include "vm/lib/random.h"

static double next_fraction(uint64_t *state) { return (double)(random_next(state) % INT32_MAX) / (double)INT32_MAX; }

static void check_sequence(uint64_t state, const double *values, int count) {
  for (int i = 0; i < count; i++) ck_assert(next_fraction(&state) == values[i]);
}

START_TEST(an_unseeded_server_starts_with_its_known_numbers) {
  static const double values[] = {0.39646477363839039, 0.84048536971234034, 0.35333609737145533,
                                  0.44658343468167977, 0.31869277233197019};
  check_sequence(RANDOM_STATE_START, values, 5);
}
END_TEST

START_TEST(seeds_0_and_42_give_what_redis_gives) {
  static const double zero[] = {0.1708280361121651, 0.74990198051086721, 0.096371655397290201,
                                0.87046522734242737, 0.57730350670279162};
  static const double forty_two[] = {0.74452500033403046, 0.34270147855519384, 0.11108528222473585,
                                     0.42233895809498567, 0.081111170854936895};
  check_sequence(random_seeded(0), zero, 5);
  check_sequence(random_seeded(42), forty_two, 5);
}
END_TEST

START_TEST(the_state_stays_within_48_bits) {
  uint64_t state = random_seeded(-1);
  for (int i = 0; i < 1000; i++) {
    ck_assert_uint_le(random_next(&state), INT32_MAX);
    ck_assert_uint_eq(state >> 48, 0);
  }
}
END_TEST

START_TEST(scripts_see_redis_ranges_and_errors) {
  Machine *m = machine_open(VM_PROFILE_REDIS, 8 << 20);
  machine_expect(m, "math.randomseed(42) local t = {} for i = 1, 5 do t[i] = math.random(1, 1000) end return t",
                 "*5 :745 :343 :112 :423 :82");
  machine_expect(m, "math.randomseed(1.9) local a = math.random() math.randomseed(1) return tostring(a == math.random())", "$true");
  machine_expect(m, "return math.random(0)", "error: ERR user_script:1: bad argument #1 to 'random' (interval is empty)");
  machine_expect(m, "return math.random(5, 1)", "error: ERR user_script:1: bad argument #2 to 'random' (interval is empty)");
  machine_expect(m, "return math.random(1, 2, 3)", "error: ERR user_script:1: wrong number of arguments");
  machine_close(m);
}
END_TEST

START_TEST(a_run_returns_the_state_it_leaves) {
  Machine *m = machine_open(VM_PROFILE_REDIS, 8 << 20);
  uint64_t state = MACHINE_RANDOM;
  machine_expect(m, "math.random() math.random() return 1", ":1");
  random_next(&state);
  random_next(&state);
  ck_assert_uint_eq(m->usage.random_state, state);
  machine_expect(m, "math.randomseed(7) return 1", ":1");
  ck_assert_uint_eq(m->usage.random_state, random_seeded(7));
  machine_close(m);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("random");
  TCase *tests = tcase_create("random");
  tcase_add_test(tests, an_unseeded_server_starts_with_its_known_numbers);
  tcase_add_test(tests, seeds_0_and_42_give_what_redis_gives);
  tcase_add_test(tests, the_state_stays_within_48_bits);
  tcase_add_test(tests, scripts_see_redis_ranges_and_errors);
  tcase_add_test(tests, a_run_returns_the_state_it_leaves);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
