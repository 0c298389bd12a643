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

/* Made by playing the adversary of the partition's pivots: every one of them is nearly the
 * smallest, so that the depth runs out and the rest is sorted by heap. */
static const char adversary[] =
    "0, 83, 108, 109, 110, 86, 22, 17, 111, 112, 92, 46, 113, 95, 114, 115, 52, 59, 94, 116, 98, 117, 65, 100, 118, "
    "119, 120, 71, 121, 122, 123, 70, 124, 125, 126, 127, 76, 1, 128, 7, 129, 130, 89, 13, 131, 132, 133, 19, 134, "
    "135, 136, 25, 137, 138, 139, 140, 31, 107, 141, 142, 37, 143, 144, 145, 43, 146, 147, 148, 49, 149, 150, 151, "
    "152, 55, 153, 154, 155, 61, 156, 157, 158, 67, 159, 160, 161, 73, 162, 163, 164, 165, 79, 166, 167, 168, 85, "
    "169, 170, 171, 91, 172, 173, 174, 97, 175, 176, 177, 178, 103, 179, 180, 181, 2, 182, 8, 183, 14, 184, 20, "
    "185, 26, 186, 187, 188, 189, 32, 190, 38, 191, 44, 192, 50, 193, 194, 195, 196, 56, 197, 62, 198, 68, 199, 74, "
    "200, 201, 202, 203, 80, 204, 3, 205, 9, 15, 21, 27, 206, 207, 208, 104, 33, 39, 45, 51, 209, 210, 211, 212, "
    "57, 63, 69, 75, 213, 214, 215, 216, 81, 87, 93, 99, 217, 218, 219, 220, 105, 221, 222, 223, 224, 225, 226, "
    "227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, "
    "249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 28, 4, 16, 10, 40, 34, 64, 58, 88, 82, 259, 106, 260, 261, "
    "262, 263, 264, 265, 266, 267, 268, 269, 270, 271, 272, 273, 274, 275, 276, 277, 278, 101, 77, 53, 29, 47, 23, "
    "41, 5, 35, 11, 279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289, 290, 291, 292, 293, 294, 295, 296, 297, "
    "298, 299, 102, 96, 90, 84, 78, 72, 66, 60, 54, 48, 42, 36, 30, 24, 18, 12, 6";

START_TEST(an_array_made_against_the_pivots_is_sorted_too) {
  static const char *const forms[] = {
      "local t = {%s} table.sort(t) for i = 1, #t do if t[i] ~= i - 1 then return i end end return #t",
      "local t = {%s} for i = 1, #t do t[i] = ('%%04d'):format(t[i]) end table.sort(t) "
      "for i = 1, #t do if tonumber(t[i]) ~= i - 1 then return i end end return #t",
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char source[4096];
    snprintf(source, sizeof source, forms[i], adversary);
    machine_expect(machine, source, ":300");
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
  tcase_add_test(tests, an_array_made_against_the_pivots_is_sorted_too);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
