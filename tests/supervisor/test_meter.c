/* SPDX-License-Identifier: BSD-2-Clause */
/* test_meter - the arithmetic of time, with made-up clocks. */
#include "sandbox/supervisor/meter.h"
#include "tests/check_main.h"

static Limits small_limits(void) {
  Limits limits = policy_limits_defaults();
  limits.wall = 1000;
  limits.cpu = 100;
  limits.host_time = 200;
  limits.hold = 500;
  return limits;
}

static Meter started_at(uint64_t now, uint64_t cpu) {
  Meter meter;
  Limits limits = small_limits();
  supervisor_meter_start(&meter, &limits, (Moment){now, cpu});
  return meter;
}

/* 60 of processor time in all, while it had the floor for 30 + 20. */
START_TEST(only_the_time_with_the_floor_is_billed) {
  Meter meter = started_at(0, 10);
  supervisor_meter_give(&meter, (Moment){100, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){130, METER_NO_CPU});
  supervisor_meter_give(&meter, (Moment){200, METER_NO_CPU});
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 0);
  supervisor_meter_take(&meter, (Moment){220, 70});
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 50);
  ck_assert_uint_eq(supervisor_meter_wait_cpu(&meter), 10);
}
END_TEST

/* It was kept from the processor for a while: what it used is billed, not what passed. */
START_TEST(a_worker_that_did_not_run_is_not_billed) {
  Meter meter = started_at(0, 10);
  supervisor_meter_give(&meter, (Moment){0, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){900, 52});
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 42);
  ck_assert_uint_eq(supervisor_meter_wait_cpu(&meter), 0);
  ck_assert_uint_eq(supervisor_meter_idle(&meter), 858);
}
END_TEST

/* On another processor, between two ticks: its clock has not moved, and yet it has answered. */
START_TEST(a_worker_that_answered_is_billed_for_something) {
  Meter meter = started_at(0, 10);
  supervisor_meter_give(&meter, (Moment){100, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){130, 10});
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 0);
  supervisor_meter_answered(&meter);
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 30);
  ck_assert_uint_eq(supervisor_meter_wait_cpu(&meter), 0);
  ck_assert_uint_eq(supervisor_meter_idle(&meter), 0);
  /* Not for more than a tick: then the clock would have moved. */
  meter = started_at(0, 10);
  supervisor_meter_give(&meter, (Moment){100, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){100 + 7 * METER_TICK, 10});
  supervisor_meter_answered(&meter);
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), METER_TICK);
  meter = started_at(0, METER_NO_CPU);
  supervisor_meter_give(&meter, (Moment){100, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){130, METER_NO_CPU});
  supervisor_meter_answered(&meter);
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 0);
}
END_TEST

START_TEST(a_clock_that_cannot_be_read_bills_nothing) {
  Meter meter = started_at(0, METER_NO_CPU);
  supervisor_meter_give(&meter, (Moment){1, METER_NO_CPU});
  supervisor_meter_take(&meter, (Moment){2, 500});
  supervisor_meter_give(&meter, (Moment){3, 400});
  supervisor_meter_take(&meter, (Moment){4, 300});
  ck_assert_uint_eq(supervisor_meter_cpu(&meter), 0);
  ck_assert_uint_eq(supervisor_meter_wait_cpu(&meter), 0);
  /* Nor is it asked for again and again. */
  supervisor_meter_give(&meter, (Moment){5, METER_NO_CPU});
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){900, METER_NO_CPU}), 0 + 1000 + 1);
}
END_TEST

START_TEST(the_clock_is_wanted_when_the_limit_may_be_exceeded) {
  Meter meter = started_at(0, 0);
  supervisor_meter_give(&meter, (Moment){0, METER_NO_CPU});
  ck_assert(!supervisor_meter_wants_cpu(&meter, 100));
  ck_assert(supervisor_meter_wants_cpu(&meter, 101));
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){60, METER_NO_CPU}), 60 + 40 + 1);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){101, 30}), CODE_OK);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){101, 30}), 101 + 70 + 1);
}
END_TEST

START_TEST(reaching_a_limit_is_not_exceeding_it) {
  Meter meter = started_at(0, 0);
  supervisor_meter_give(&meter, (Moment){0, METER_NO_CPU});
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){1000, 100}), CODE_OK);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){1000, 101}), CODE_LIMIT_CPU);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){1001, 100}), CODE_LIMIT_WALL);
}
END_TEST

START_TEST(hold_counts_from_the_first_call_and_host_time_adds_up) {
  Meter meter = started_at(0, 0);
  supervisor_meter_call(&meter, 100, 3);
  supervisor_meter_answer(&meter, 250, 4, 0);
  ck_assert_uint_eq(meter.host_time, 150);
  supervisor_meter_call(&meter, 400, 3);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){450, 0}), CODE_OK);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){451, 0}), CODE_LIMIT_HOST_TIME);
  supervisor_meter_answer(&meter, 440, 4, 0);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){600, 0}), CODE_OK);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){601, 0}), CODE_LIMIT_HOLD);
  ck_assert_uint_eq(meter.calls, 2);
  ck_assert_uint_eq(meter.call_bytes, 6);
  ck_assert_uint_eq(meter.reply_bytes, 8);
}
END_TEST

START_TEST(connecting_is_neither_host_time_nor_hold) {
  Meter meter = started_at(0, 0);
  supervisor_meter_call(&meter, 100, 0);
  supervisor_meter_answer(&meter, 900, 0, 790);
  ck_assert_uint_eq(meter.host_time, 10);
  ck_assert_uint_eq(meter.first_call, 890);
  supervisor_meter_call(&meter, 910, 0);
  supervisor_meter_answer(&meter, 920, 0, UINT64_MAX);
  ck_assert_uint_eq(meter.host_time, 10);
  ck_assert_uint_eq(meter.first_call, 890);
}
END_TEST

START_TEST(the_deadline_is_the_earliest_possible_excess) {
  Meter meter = started_at(10, 0);
  Moment moment = {20, 0};
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, moment), 10 + 1000 + 1);
  supervisor_meter_give(&meter, moment);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, moment), 20 + 100 + 1);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){50, 20}), 50 + 80 + 1);
  supervisor_meter_take(&meter, (Moment){60, 30});
  supervisor_meter_call(&meter, 60, 0);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){60, 90}), 60 + 200 + 1);
  supervisor_meter_patience(&meter, 5, 70);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){60, 90}), 71);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){71, 90}), CODE_TIMEOUT);
  ck_assert_uint_eq(supervisor_meter_limit(&meter, CODE_TIMEOUT), 5);
}
END_TEST

/* A host that can do nothing else is held from its own beginning on, calls or not. */
START_TEST(hold_may_count_from_the_hosts_beginning) {
  Meter meter = started_at(100, METER_NO_CPU);
  ck_assert_uint_eq(supervisor_meter_held(&meter, 400), 0);
  supervisor_meter_hold(&meter, 20);
  ck_assert_uint_eq(supervisor_meter_held(&meter, 400), 380);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){520, METER_NO_CPU}), CODE_OK);
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){521, METER_NO_CPU}), CODE_LIMIT_HOLD);
  ck_assert_uint_eq(supervisor_meter_deadline(&meter, (Moment){400, METER_NO_CPU}), 521);
  supervisor_meter_call(&meter, 410, 0);
  ck_assert_uint_eq(supervisor_meter_held(&meter, 420), 400);
}
END_TEST

/* At the deadline something is exceeded, one nanosecond before nothing is,
 * provided that the worker uses all the processor time there is. */
START_TEST(looking_at_the_deadline_never_comes_too_late) {
  Meter meter = started_at(0, 0);
  supervisor_meter_give(&meter, (Moment){0, 0});
  uint64_t at = supervisor_meter_deadline(&meter, (Moment){0, 0});
  ck_assert_int_eq(supervisor_meter_exceeded(&meter, (Moment){at - 1, at - 1}), CODE_OK);
  ck_assert_int_ne(supervisor_meter_exceeded(&meter, (Moment){at, at}), CODE_OK);
}
END_TEST

SUITE("supervisor meter", only_the_time_with_the_floor_is_billed,
      a_worker_that_did_not_run_is_not_billed, a_worker_that_answered_is_billed_for_something, the_clock_is_wanted_when_the_limit_may_be_exceeded,
      a_clock_that_cannot_be_read_bills_nothing, reaching_a_limit_is_not_exceeding_it,
      hold_counts_from_the_first_call_and_host_time_adds_up,
      connecting_is_neither_host_time_nor_hold, the_deadline_is_the_earliest_possible_excess,
      hold_may_count_from_the_hosts_beginning, looking_at_the_deadline_never_comes_too_late)
