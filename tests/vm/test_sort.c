/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sort - table.sort: the reference's comparisons, right results, a bounded price.
 *
 * The counts and orders are those observed on a redis-server 7.0.15.
 */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/machine.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, 32 << 20); }
static void close_machine(void) { machine_close(machine); }

#define COUNTED "local n = 0 local function less(a, b) n = n + 1 return a < b end "

START_TEST(comparators_are_called_as_often_as_by_the_reference) {
  machine_expect(machine, COUNTED "local t = {} for i = 1, 100 do t[i] = i end table.sort(t, less) return n", ":578");
  machine_expect(machine, COUNTED "local t = {} for i = 1, 100 do t[i] = 101 - i end table.sort(t, less) return n", ":710");
  machine_expect(machine, COUNTED "local t = {} for i = 1, 100 do t[i] = 7 end table.sort(t, less) return n", ":593");
}
END_TEST

START_TEST(equal_keys_end_up_where_the_reference_puts_them) {
  machine_expect(machine,
                 "local t = {} for i = 1, 5 do t[i] = {i} end table.sort(t, function() return false end) "
                 "for i = 1, 5 do t[i] = t[i][1] end return t",
                 "*5 :1 :4 :3 :2 :5");
}
END_TEST

START_TEST(a_comparator_that_is_no_order_is_told_so) {
  machine_expect(machine, "table.sort({1, 2, 3, 4, 5}, function() return true end)",
                 "error: ERR user_script:1: invalid order function for sorting");
}
END_TEST

START_TEST(what_cannot_be_compared_raises_without_a_position) {
  machine_expect(machine, "table.sort({3, 'a'})", "error: ERR attempt to compare string with number");
  machine_expect(machine, "table.sort({{}, {}})", "error: ERR attempt to compare two table values");
  machine_expect(machine, "table.sort({1, 2, 3}, 5)",
                 "error: ERR user_script:1: bad argument #2 to 'sort' (function expected, got number)");
}
END_TEST

START_TEST(lt_metamethods_order_tables) {
  machine_expect(machine,
                 "local mt = {__lt = function(a, b) return a.v < b.v end} local t = {} "
                 "for i, v in ipairs{5, 2, 9, 1, 7} do t[i] = setmetatable({v = v}, mt) end table.sort(t) "
                 "for i = 1, 5 do t[i] = t[i].v end return t",
                 "*5 :1 :2 :5 :7 :9");
}
END_TEST

/* Fills t with n values by `expression` of i, sorts it plainly and with a comparator,
 * and compares the results and the sums. */
static void check_shape(const char *expression, int n) {
  char source[1024];
  snprintf(source, sizeof source,
           "local t, u, sum = {}, {}, 0 for i = 1, %d do t[i] = %s u[i] = t[i] end "
           "table.sort(t) table.sort(u, function(a, b) return a < b end) "
           "for i = 1, #t do if t[i] ~= u[i] then return i end if i > 1 and t[i] < t[i - 1] then return -i end end "
           "return #t",
           n, expression);
  char expected[32];
  snprintf(expected, sizeof expected, ":%d", n);
  machine_expect(machine, source, expected);
}

START_TEST(plain_arrays_of_every_shape_are_sorted) {
  static const char *const shapes[] = {"i", "-i", "7", "i % 3", "i % 50", "math.random()", "math.random(1, 1000)",
                                       "(i * 7919) % 1009", "i < 100 and i or -i", "1 / i", "'k' .. math.random(1, 500)",
                                       "tostring(i)", "('p'):rep(70) .. math.random(1, 99)", "'same'",
                                       "string.char(i % 256) .. '\\0' .. i % 7"};
  static const int sizes[] = {0, 1, 2, 3, 12, 13, 14, 100, 1000};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) check_shape(shapes[i], sizes[k]);
  }
}
END_TEST

START_TEST(every_kind_of_sorting_stops_at_the_budget) {
  static const char *const sources[] = {
      "local t = {} for i = 1, 200 do t[i] = i end while true do table.sort(t) end",
      "local t = {} for i = 1, 20000 do t[i] = math.random() end for i = 1, 1e9 do table.sort(t) end",
      "local t = {} for i = 1, 200 do t[i] = {} end while true do pcall(table.sort, t, function() return true end) end",
      "local t = {} for i = 1, 200 do t[i] = 0/0 end while true do table.sort(t) end",
      "local s = ('x'):rep(100000) local t = {} for i = 1, 20 do t[i] = s .. i end while true do table.sort(t) end"};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    ck_assert_int_eq(machine_run(machine, sources[i], 3000000), VM_LIMIT);
    ck_assert_uint_le(machine->usage.instructions, 3000000 + 10000);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("sort");
  TCase *tests = tcase_create("sort");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, comparators_are_called_as_often_as_by_the_reference);
  tcase_add_test(tests, equal_keys_end_up_where_the_reference_puts_them);
  tcase_add_test(tests, a_comparator_that_is_no_order_is_told_so);
  tcase_add_test(tests, what_cannot_be_compared_raises_without_a_position);
  tcase_add_test(tests, lt_metamethods_order_tables);
  tcase_add_test(tests, plain_arrays_of_every_shape_are_sorted);
  tcase_add_test(tests, every_kind_of_sorting_stops_at_the_budget);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
