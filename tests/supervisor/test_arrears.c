/* SPDX-License-Identifier: BSD-2-Clause */
/* test_arrears - a made-up worker whose clock lags, and whether the sum of its bills is right. */
#include "sandbox/supervisor/arrears.h"
#include "tests/check_main.h"

/* A worker on a processor of its own: what it has used, and what its clock shows of it. */
typedef struct {
  uint64_t now, used, shown, tick;
  uint64_t random;
} Fake;

static uint64_t draw(Fake *fake, uint64_t below) {
  fake->random = fake->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (fake->random >> 33) % below;
}

/* Uses the processor; the clock moves at ticks. */
static void compute(Fake *fake, uint64_t time) {
  uint64_t before = fake->now;
  fake->now += time;
  fake->used += time;
  if (before / fake->tick != fake->now / fake->tick) fake->shown = fake->used - fake->now % fake->tick;
}

/* Leaves the processor, which brings the clock up to date. */
static void sleep_for(Fake *fake, uint64_t time) {
  fake->shown = fake->used;
  fake->now += time;
}

static Moment moment_of(const Fake *fake) {
  return (Moment){fake->now, fake->shown};
}

static Meter begin(Arrears *arrears, const Fake *fake) {
  Meter meter;
  Limits limits = policy_limits_defaults();
  supervisor_meter_start(&meter, &limits, moment_of(fake));
  supervisor_arrears_find(arrears, fake->shown);
  return meter;
}

/* One run that has the floor for `kept` without the processor, and then for `time` with it. */
static uint64_t run_once(Arrears *arrears, Fake *fake, uint64_t kept, uint64_t time) {
  Meter meter = begin(arrears, fake);
  supervisor_meter_give(&meter, (Moment){fake->now, METER_NO_CPU});
  if (kept != 0) sleep_for(fake, kept);
  compute(fake, time);
  supervisor_meter_take(&meter, moment_of(fake));
  supervisor_meter_answered(&meter);
  return supervisor_arrears_bill(arrears, &meter);
}

static Fake new_fake(uint64_t random) {
  return (Fake){.now = 1000, .used = 5000, .shown = 5000, .tick = 4000000, .random = random};
}

START_TEST(what_the_clock_shows_late_is_billed_with_the_next_run) {
  Arrears arrears = {0};
  Fake fake = new_fake(1);
  fake.now = 3900000; /* a tick comes 0.1 ms into the run */
  uint64_t first = run_once(&arrears, &fake, 0, 1000000);
  ck_assert_uint_eq(first, 100000);
  sleep_for(&fake, 50000);
  uint64_t second = run_once(&arrears, &fake, 0, 30000);
  ck_assert_uint_eq(first + second, 1030000);
}
END_TEST

/* It was let run late, and its clock had not moved: the floor stood for it, far too much. */
START_TEST(what_was_billed_too_much_is_taken_off) {
  Arrears arrears = {0};
  Fake fake = new_fake(2);
  uint64_t first = run_once(&arrears, &fake, 2000000, 10000);
  ck_assert_uint_eq(first, 2010000);
  uint64_t sum = first, truth = 10000;
  for (int i = 0; i < 300; i++) {
    sleep_for(&fake, 1000000);
    sum += run_once(&arrears, &fake, 0, 10000);
    truth += 10000;
  }
  sleep_for(&fake, 1);
  supervisor_arrears_find(&arrears, fake.shown);
  ck_assert_int_eq((int64_t)sum + arrears.owed, (int64_t)truth);
  ck_assert_uint_eq(sum, truth);
}
END_TEST

/* Runs of any length, one after the other at once or with a pause, on machines of any load. */
START_TEST(sums_are_exact_whenever_the_clock_is_right) {
  for (uint64_t seed = 1; seed <= 200; seed++) {
    Fake fake = new_fake(seed);
    Arrears arrears = {0};
    uint64_t sum = 0, truth = 0;
    supervisor_arrears_find(&arrears, fake.shown); /* its birth is nobody's */
    fake.tick = 1000000 * (1 + draw(&fake, 10));
    for (int i = 0; i < 500; i++) {
      uint64_t time = 1 + draw(&fake, draw(&fake, 8) == 0 ? 30000000 : 40000);
      uint64_t kept = draw(&fake, 4) == 0 ? draw(&fake, 20000000) : 0;
      sum += run_once(&arrears, &fake, kept, time);
      truth += time;
      if (draw(&fake, 3) != 0) sleep_for(&fake, draw(&fake, 100000));
    }
    sleep_for(&fake, 1);
    compute(&fake, 1); /* so that the clock moves */
    sleep_for(&fake, 1);
    supervisor_arrears_find(&arrears, fake.shown);
    int64_t off = (int64_t)sum + arrears.owed - (int64_t)truth;
    ck_assert_msg(off >= 0 && off <= 1, "seed %d: off by %lld", (int)seed, (long long)off);
  }
}
END_TEST

/* Waiting and putting the heap back is never billed beyond the time of the floor. */
START_TEST(nobody_pays_for_more_than_the_floor_or_than_the_clock) {
  for (uint64_t seed = 1; seed <= 100; seed++) {
    Fake fake = new_fake(seed);
    Arrears arrears = {0};
    uint64_t sum = 0, floors = 0, truth = 0, idle = 0;
    supervisor_arrears_find(&arrears, fake.shown);
    for (int i = 0; i < 300; i++) {
      uint64_t time = 1 + draw(&fake, 3000000), reset = draw(&fake, 5000);
      sum += run_once(&arrears, &fake, 0, time);
      truth += time;
      floors += time;
      compute(&fake, reset);
      idle += reset;
      sleep_for(&fake, draw(&fake, 100000));
    }
    supervisor_arrears_find(&arrears, fake.shown);
    int64_t paid = (int64_t)sum + arrears.owed;
    ck_assert_int_ge(paid, (int64_t)truth);
    ck_assert_int_le(paid, (int64_t)floors);
    ck_assert_int_le(paid, (int64_t)(truth + idle));
  }
}
END_TEST

START_TEST(another_worker_leaves_what_is_owed) {
  Arrears arrears = {0};
  Fake fake = new_fake(3);
  fake.now = 3900000;
  uint64_t first = run_once(&arrears, &fake, 0, 1000000);
  sleep_for(&fake, 1);
  supervisor_arrears_find(&arrears, fake.shown); /* as it is retired */
  supervisor_arrears_renew(&arrears);
  Fake other = new_fake(4);
  other.used = other.shown = 700; /* younger than the one before */
  uint64_t second = run_once(&arrears, &other, 0, 20000);
  ck_assert_uint_eq(first + second, 1020000);
}
END_TEST

START_TEST(what_is_nobodys_is_billed_to_nobody) {
  Arrears arrears = {0};
  Fake fake = new_fake(5);
  Meter load = begin(&arrears, &fake);
  supervisor_meter_give(&load, (Moment){fake.now, METER_NO_CPU});
  fake.now = 3900000;
  compute(&fake, 1000000);
  supervisor_meter_take(&load, moment_of(&fake));
  supervisor_arrears_skip(&arrears, &load);
  sleep_for(&fake, 1);
  ck_assert_uint_eq(run_once(&arrears, &fake, 0, 20000), 20000);
  sleep_for(&fake, 1);
  supervisor_arrears_find(&arrears, fake.shown);
  ck_assert_int_eq(arrears.owed, 0);
}
END_TEST

START_TEST(a_clock_that_cannot_be_read_owes_nothing) {
  Arrears arrears = {0};
  Fake fake = new_fake(6);
  fake.shown = METER_NO_CPU;
  Meter meter = begin(&arrears, &fake);
  supervisor_meter_give(&meter, (Moment){fake.now, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){fake.now + 100, METER_NO_CPU});
  supervisor_meter_answered(&meter);
  ck_assert_uint_eq(supervisor_arrears_bill(&arrears, &meter), 0);
  supervisor_arrears_skip(&arrears, &meter);
  ck_assert_int_eq(arrears.owed, 0);
}
END_TEST

SUITE("supervisor arrears", what_the_clock_shows_late_is_billed_with_the_next_run, what_was_billed_too_much_is_taken_off,
      sums_are_exact_whenever_the_clock_is_right, nobody_pays_for_more_than_the_floor_or_than_the_clock,
      another_worker_leaves_what_is_owed, what_is_nobodys_is_billed_to_nobody, a_clock_that_cannot_be_read_owes_nothing)
