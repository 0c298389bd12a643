/* SPDX-License-Identifier: BSD-2-Clause */
/* test_work - whose the time is that a run held the server's thread. */
#include "tests/check_main.h"
#include "tools/module/work.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* A run of one call on a quiet machine: 210 us, of which 57 on the worker's processor and 50 on the way. */
static FsbUsage calm_usage(void) {
  return (FsbUsage){.calls = 1, .own_cpu_ns = 57 * US, .idle_ns = 50 * US};
}

START_TEST(on_a_quiet_machine_a_run_worked_for_as_long_as_it_held_the_thread) {
  FsbUsage usage = calm_usage();
  ck_assert(!module_work_may_be_less(&usage, 210 * US));
  ck_assert_uint_eq(module_work_of(&usage, 210 * US, UINT64_MAX), 210 * US);
}
END_TEST

START_TEST(a_worker_that_waited_for_a_processor_did_not_work_but_for_the_way_to_it) {
  FsbUsage usage = calm_usage();
  usage.idle_ns = 4 * MS;
  uint64_t held = 4 * MS + 57 * US + 100 * US;
  ck_assert_uint_eq(module_work_of(&usage, held, UINT64_MAX), 2 * WORK_SWITCH + 57 * US + 100 * US);
  usage.calls = 1000;
  ck_assert_uint_eq(module_work_of(&usage, held, UINT64_MAX), held);
  usage.calls = UINT64_MAX;
  ck_assert_uint_eq(module_work_of(&usage, held, UINT64_MAX), held);
}
END_TEST

/* The host took the processor while the server wrote the reply. */
START_TEST(of_the_servers_part_it_worked_what_the_thread_computed) {
  FsbUsage usage = calm_usage();
  uint64_t held = 6 * MS + 107 * US;
  ck_assert(module_work_may_be_less(&usage, held));
  ck_assert_uint_eq(module_work_of(&usage, held, 130 * US), 130 * US + 107 * US);
  ck_assert_uint_eq(module_work_of(&usage, held, UINT64_MAX), held);
  /* KEYS of a million keys computes. */
  ck_assert_uint_eq(module_work_of(&usage, held, 7 * MS), held);
}
END_TEST

START_TEST(starting_a_worker_is_the_runs_own_up_to_a_millisecond) {
  FsbUsage usage = calm_usage();
  usage.spawn_ns = 300 * US;
  ck_assert_uint_eq(module_work_of(&usage, 510 * US, UINT64_MAX), 510 * US);
  usage.spawn_ns = 20 * MS;
  ck_assert_uint_eq(module_work_of(&usage, 20 * MS + 210 * US, UINT64_MAX), WORK_START + 210 * US);
}
END_TEST

/* The thread slept while the worker computed: its clock says nothing about that. */
START_TEST(where_the_workers_clock_cannot_be_read_everything_is_work) {
  FsbUsage usage = {.calls = 1};
  ck_assert(!module_work_may_be_less(&usage, 40 * MS));
  ck_assert_uint_eq(module_work_of(&usage, 40 * MS, 10 * US), 40 * MS);
}
END_TEST

START_TEST(no_run_worked_for_longer_than_it_held_the_thread) {
  FsbUsage usage = {.calls = 5, .own_cpu_ns = 3 * MS, .idle_ns = MS, .spawn_ns = MS};
  ck_assert_uint_eq(module_work_of(&usage, MS, 10 * MS), MS);
  ck_assert_uint_eq(module_work_of(&usage, 0, 10 * MS), 0);
}
END_TEST

SUITE("module work", on_a_quiet_machine_a_run_worked_for_as_long_as_it_held_the_thread,
      a_worker_that_waited_for_a_processor_did_not_work_but_for_the_way_to_it,
      of_the_servers_part_it_worked_what_the_thread_computed,
      starting_a_worker_is_the_runs_own_up_to_a_millisecond,
      where_the_workers_clock_cannot_be_read_everything_is_work,
      no_run_worked_for_longer_than_it_held_the_thread)
