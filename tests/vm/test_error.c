/* SPDX-License-Identifier: BSD-2-Clause */
/* Raising and landing: what a raise leaves behind, who catches, and what nobody can catch. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static int reached;

static void work_raise_value(VM *v) {
  reached++;
  vm_error_raise(v, value_of_int(42));
}
static void work_raise_text(VM *v) { vm_error_text(v, "plain words"); }
static void work_nothing(VM *v) { (void)v, reached++; }

START_TEST(a_raise_lands_with_its_value_and_runs_nothing_further) {
  reached = 0;
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_try(work_raise_value), EXIT_ERROR);
  ck_assert(vm->run.error == value_of_int(42));
  ck_assert_int_eq(reached, 1);
  ck_assert_uint_eq(vm->run.protected_, 0);
  vm_rollback(vm);
}
END_TEST

START_TEST(a_text_raised_outside_every_function_has_no_position) {
  ck_assert_int_eq(inside_do(work_raise_text), EXIT_ERROR);
  ck_assert_str_eq(inside_error, "plain words");
}
END_TEST

START_TEST(a_body_that_returns_leaves_no_trace) {
  reached = 0;
  ck_assert_int_eq(inside_do(work_nothing), EXIT_NONE);
  ck_assert_int_eq(reached, 1);
}
END_TEST

static void work_stop(VM *v) { vm_error_stopped(v, 7); }

START_TEST(a_stopped_run_says_with_what) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_try(work_stop), EXIT_LIMIT);
  ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_STOPPED);
  ck_assert_uint_eq(vm_ending(vm)->stop_value, 7);
  vm_rollback(vm);
}
END_TEST

START_TEST(a_handler_that_fails_ends_the_handling) {
  static const char *const rows[][2] = {
      {"return select(2, xpcall(error, function() error('again') end))", "$error in error handling"},
      {"return select(2, xpcall(error, 5))", "$error in error handling"},
      {"return select(2, xpcall(function() error('a', 0) end, function(e) return e .. 'b' end))", "$ab"},
      {"return select(2, xpcall(function() return pcall(error, 'inner') end, function() return 'outer' end))", "_"},
      {"local ok, e = pcall(function() local ok, e = pcall(error, 'x', 0) error(e .. 'y', 0) end) return e", "$xy"},
      {"local co = coroutine.create(function() error({code = 5}) end) local ok, e = coroutine.resume(co) return e.code", ":5"},
  };
  Machine *m = machine_open(VM_PROFILE_FULL, (size_t)2 << 20);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) machine_expect(m, rows[i][0], rows[i][1]);
  machine_close(m);
}
END_TEST

START_TEST(no_limit_is_caught) {
  static const char *const scripts[] = {
      "pcall(function() while true do end end) return 'caught'",
      "xpcall(function() while true do end end, function() return 1 end) return 'caught'",
      "pcall(coroutine.wrap(function() pcall(function() while true do end end) end)) return 'caught'",
      "pcall(string.rep, 'x', 1e9) return 'caught'",
      "load(function() while true do end end) return 'caught'",
  };
  Machine *m = machine_open(VM_PROFILE_FULL, (size_t)2 << 20);
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    ck_assert_int_eq(machine_run(m, scripts[i], 100000), VM_LIMIT);
    ck_assert_str_eq(m->text, "limit");
  }
  machine_close(m);
}
END_TEST

/* --- The budget --- */

static void work_charge(VM *v) {
  v->run.remaining = 0;
  v->run.budget_left = 1000;
  v->run.quantum = 100;
  vm_charge_units(v, 250); /* more than a quantum: refilled for what is owed */
  ck_assert_int_ge(v->run.remaining, 0);
  ck_assert_uint_lt(v->run.budget_left, 1000 - 250 + 4);
  vm_charge_units(v, 100000);
}

START_TEST(a_charge_beyond_the_budget_ends_the_run) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_try(work_charge), EXIT_LIMIT);
  ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_INSTRUCTIONS);
  ck_assert_uint_eq(vm->run.budget_left, 0);
  vm_rollback(vm);
}
END_TEST

static const uint32_t stop = 5;
static void work_charge_when_stopped(VM *v) {
  v->stop_word = &stop;
  v->run.remaining = 0;
  vm_charge_units(v, 1);
}

START_TEST(library_work_looks_at_the_stop_word) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_try(work_charge_when_stopped), EXIT_LIMIT);
  ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_STOPPED);
  ck_assert_uint_eq(vm_ending(vm)->stop_value, 5);
  vm_rollback(vm);
}
END_TEST

static void work_charge_all(VM *v) {
  int64_t before = v->run.remaining;
  vm_charge_units(v, UINT64_MAX); /* counted as 2^40: nothing overflows */
  ck_assert_int_eq(before - v->run.remaining, (int64_t)sizeof(Word) << 40);
}

START_TEST(the_largest_charge_does_not_wrap) { ck_assert_int_eq(inside_do(work_charge_all), EXIT_NONE); }
END_TEST

INSIDE_SUITE("vm/error", a_raise_lands_with_its_value_and_runs_nothing_further,
             a_text_raised_outside_every_function_has_no_position, a_body_that_returns_leaves_no_trace,
             a_stopped_run_says_with_what, a_handler_that_fails_ends_the_handling, no_limit_is_caught,
             a_charge_beyond_the_budget_ends_the_run, the_largest_charge_does_not_wrap, library_work_looks_at_the_stop_word)
