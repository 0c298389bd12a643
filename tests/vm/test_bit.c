/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bit - the bit library's arithmetic is BitOp's.
 *
 * Numbers alone need no machine, so the natives are called with none; tohex and the
 * errors are tried by scripts (tests/lua).
 */
#include <check.h>
#include <math.h>

#include "tests/check_main.h"
#include "vm/lib/builtins.h"

typedef struct {
  LeafNative native;
  int count;
  double args[4];
  double result;
} Row;

static double call(const Row *row) {
  Value slots[5];
  slots[0] = VALUE_NIL;
  for (int i = 0; i < row->count; i++) slots[i + 1] = value_of_number(row->args[i]);
  ck_assert_int_eq(row->native(NULL, slots + 1, row->count), 1);
  ck_assert(value_is_number(slots[0]));
  return value_number(slots[0]);
}

static void check_rows(const Row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    double result = call(&rows[i]);
    ck_assert_msg(result == rows[i].result, "row %zu gives %.17g, not %.17g", i, result,
                  rows[i].result);
  }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

START_TEST(numbers_are_rounded_to_even_modulo_two_to_the_32) {
  static const Row rows[] = {
      {vm_bit_tobit, 1, {0}, 0},
      {vm_bit_tobit, 1, {0.5}, 0},
      {vm_bit_tobit, 1, {1.5}, 2},
      {vm_bit_tobit, 1, {2.5}, 2},
      {vm_bit_tobit, 1, {-0.5}, 0},
      {vm_bit_tobit, 1, {-1.5}, -2},
      {vm_bit_tobit, 1, {-1}, -1},
      {vm_bit_tobit, 1, {2147483647}, 2147483647},
      {vm_bit_tobit, 1, {2147483648.0}, -2147483648.0},
      {vm_bit_tobit, 1, {4294967295.0}, -1},
      {vm_bit_tobit, 1, {4294967296.0}, 0},
      {vm_bit_tobit, 1, {4294967297.0}, 1},
      {vm_bit_tobit, 1, {-4294967297.0}, -1},
      {vm_bit_tobit, 1, {INFINITY}, 0},
      {vm_bit_tobit, 1, {1e300}, -2013235812},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_nan_counts_as_zero) {
  static const Row row = {vm_bit_tobit, 1, {NAN}, 0};
  ck_assert_double_eq(call(&row), 0);
}
END_TEST

START_TEST(logic_takes_any_number_of_arguments) {
  static const Row rows[] = {
      {vm_bit_bnot, 1, {0}, -1},         {vm_bit_bnot, 1, {305419896}, -305419897},
      {vm_bit_band, 1, {255}, 255},      {vm_bit_band, 3, {65535, 4080, 3855}, 3840},
      {vm_bit_bor, 4, {1, 2, 4, 8}, 15}, {vm_bit_bxor, 2, {4294967295.0, 1}, -2},
      {vm_bit_bxor, 3, {5, 5, 5}, 5},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(shifts_and_rotations_count_modulo_32) {
  static const Row rows[] = {
      {vm_bit_lshift, 2, {1, 0}, 1},
      {vm_bit_lshift, 2, {1, 31}, -2147483648.0},
      {vm_bit_lshift, 2, {1, 32}, 1},
      {vm_bit_lshift, 2, {1, -1}, -2147483648.0},
      {vm_bit_rshift, 2, {-1, 28}, 15},
      {vm_bit_rshift, 2, {-1, 0}, -1},
      {vm_bit_arshift, 2, {-256, 4}, -16},
      {vm_bit_arshift, 2, {256, 36}, 16},
      {vm_bit_rol, 2, {305419896, 12}, 1164411171},
      {vm_bit_rol, 2, {305419896, 0}, 305419896},
      {vm_bit_ror, 2, {305419896, 12}, 1736516421},
      {vm_bit_ror, 2, {1, 1}, -2147483648.0},
      {vm_bit_bswap, 1, {305419896}, 2018915346},
      {vm_bit_bswap, 1, {255}, -16777216},
  };
  CHECK_ROWS(rows);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("bit");
  TCase *tests = tcase_create("bit");
  tcase_add_test(tests, numbers_are_rounded_to_even_modulo_two_to_the_32);
  tcase_add_test(tests, a_nan_counts_as_zero);
  tcase_add_test(tests, logic_takes_any_number_of_arguments);
  tcase_add_test(tests, shifts_and_rotations_count_modulo_32);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
