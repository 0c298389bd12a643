/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace: each instruction once, in order, with the kinds of values that it reads; and
 * a run that is traced costs and gives what one that is not does. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static char seen[1 << 16];
static size_t seen_size;
static uint64_t points;

static void note(void *context, const VmTracePoint *point) {
  static const char letters[VM_KIND_COUNT_] = "-0bnstmfcu";
  ck_assert_ptr_eq(context, &points);
  ck_assert_int_ge(point->line, 1);
  points++;
  if (seen_size + 40 > sizeof seen) return;
  seen_size += (size_t)snprintf(seen + seen_size, sizeof seen - seen_size, "%s:%c%c%c ", point->name,
                                letters[point->kinds[0]], letters[point->kinds[1]], letters[point->kinds[2]]);
}

static VmUsage run(const char *source, bool traced) {
  VmUsage usage;
  seen_size = 0;
  points = 0;
  vm_set_trace(vm, traced ? note : NULL, &points);
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script(source), VM_DONE);
  vm_usage(vm, &usage);
  vm_rollback(vm);
  vm_set_trace(vm, NULL, NULL);
  return usage;
}

START_TEST(operands_are_reported_by_kind) {
  run("local a, t = 1, setmetatable({}, {}) local b = a + 2 local c = t.x if c then end local s = 'x' .. b return s", true);
  static const char *const points_wanted[] = {"LOADK:-n- ", "ADD_RK:-nn ", "GETFIELD:-ms ", "CONCAT:-sn ", "RETURN1:s-- ", "CALL:f-- "};
  for (size_t i = 0; i < sizeof points_wanted / sizeof *points_wanted; i++) {
    ck_assert_msg(strstr(seen, points_wanted[i]) != NULL, "%s is not in %s", points_wanted[i], seen);
  }
}
END_TEST

START_TEST(registers_that_no_field_names_are_reported_too) {
  run("for i = 1, 2 do end for k, v in next, {} do end local up = {} local function f() return up end f() G = nil", true);
  ck_assert_ptr_nonnull(strstr(seen, "FORPREP:nnn "));
  ck_assert_ptr_nonnull(strstr(seen, "TFORLOOP:ft0 "));
  ck_assert_ptr_nonnull(strstr(seen, "GETUPV:-t- "));
  ck_assert_ptr_nonnull(strstr(seen, "SETGLOBAL:0st "));
}
END_TEST

START_TEST(a_traced_run_costs_and_gives_the_same) {
  static const char script[] =
      "local t = {} for i = 1, 200 do t[i] = tostring(i) end table.sort(t, function(a, b) return a > b end) "
      "local co = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i) end end) co() co() "
      "return pcall(error, table.concat(t))";
  VmUsage plain = run(script, false);
  ck_assert_uint_eq(points, 0);
  VmUsage traced = run(script, true);
  ck_assert_uint_gt(points, 1000);
  ck_assert_mem_eq(&plain, &traced, sizeof plain);
}
END_TEST

INSIDE_SUITE("vm/trace", operands_are_reported_by_kind, registers_that_no_field_names_are_reported_too,
             a_traced_run_costs_and_gives_the_same)
