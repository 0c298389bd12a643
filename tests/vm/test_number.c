/* SPDX-License-Identifier: BSD-2-Clause */
/* test_number - numbers are read and written exactly as glibc does it. */
#include <check.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "vm/values/number.h"
#include "vm/values/number_digits.h"

enum { SAMPLES = 150000 };

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t draw(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static double from_bits(uint64_t bits) {
  double n;
  memcpy(&n, &bits, sizeof n);
  return n;
}

/* Doubles of every size and of every number of digits. */
static double draw_double(int kind) {
  uint64_t b = draw();
  switch (kind % 6) {
    case 0: return from_bits(b);
    case 1: return (double)(int64_t)b / 1000;
    case 2: return (double)(b % 100000) / 100;
    case 3: return (double)(int64_t)(b >> draw() % 64);
    case 4:
      return from_bits(((b & UINT64_C(0x800fffffffffffff)) | (993 + draw() % 90) << 52) &
                       ~UINT64_C(0) << draw() % 52);
    default: return from_bits(b >> draw() % 64);
  }
}

/* --- Writing --- */

static void check_write(double n) {
  char ours[NUMBER_TEXT_MAX], theirs[64];
  size_t size = vm_number_write(n, ours);
  snprintf(theirs, sizeof theirs, "%.14g", n);
  ck_assert_str_eq(ours, theirs);
  ck_assert_uint_eq(size, strlen(theirs));
  size = vm_number_write_exact(n, ours);
  snprintf(theirs, sizeof theirs, "%.17g", n);
  ck_assert_str_eq(ours, theirs);
  ck_assert_uint_eq(size, strlen(theirs));
}

START_TEST(chosen_numbers_are_written_as_printf_writes_them) {
  static const double numbers[] = {0,
                                   -0.0,
                                   1,
                                   -1,
                                   9,
                                   10,
                                   99,
                                   100,
                                   0.1,
                                   0.5,
                                   1.5,
                                   2.5,
                                   1e13,
                                   99999999999999,
                                   1e14,
                                   1e15,
                                   123456789012345,
                                   1e16,
                                   1e17,
                                   9007199254740991,
                                   9007199254740992,
                                   9007199254740994,
                                   1e21,
                                   1e22,
                                   1e23,
                                   1e100,
                                   1.7976931348623157e308,
                                   5e-324,
                                   2.2250738585072014e-308,
                                   1e-4,
                                   1e-5,
                                   0.00012345,
                                   99999999999999.5,
                                   9999999999999.95,
                                   0.99999999999999,
                                   0.999999999999995,
                                   0.9999999999999995,
                                   1.0 / 3,
                                   2.0 / 3,
                                   3.14159265358979,
                                   0x1p-21,
                                   0x1p-20,
                                   0x1p62,
                                   0x1p63,
                                   0x1p64,
                                   -0x1p31,
                                   4.5,
                                   1e-307,
                                   1e28,
                                   1e29,
                                   1e55,
                                   1e56,
                                   1e-28,
                                   1e-29};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    check_write(numbers[i]);
    check_write(-numbers[i]);
  }
}
END_TEST

START_TEST(what_is_not_finite_is_written_with_its_sign) {
  check_write(__builtin_inf());
  check_write(-__builtin_inf());
  check_write(from_bits(UINT64_C(0x7FF8000000000000)));
  check_write(from_bits(UINT64_C(0xFFF8000000000000)));
}
END_TEST

START_TEST(random_numbers_are_written_as_printf_writes_them) {
  for (int i = 0; i < SAMPLES; i++) check_write(draw_double(i));
}
END_TEST

START_TEST(every_power_of_ten_and_two_is_written_as_printf_writes_it) {
  for (int e = -1074; e <= 1023; e++) check_write(__builtin_ldexp(1, e));
  for (int e = -323; e <= 308; e++) {
    char text[32];
    snprintf(text, sizeof text, "1e%d", e);
    double n = strtod(text, NULL);
    check_write(n);
    uint64_t bits;
    memcpy(&bits, &n, sizeof bits);
    check_write(from_bits(bits - 1));
    check_write(from_bits(bits + 1));
  }
}
END_TEST

/* --- Digits --- */

/* What Valkey 9.1 passed to ECHO. */
START_TEST(the_fewest_digits_are_laid_out_as_in_valkey) {
  static const struct {
    double n;
    const char *text;
  } rows[] = {{0.1, "0.1"}, {-0.0, "0"}, {1e17, "100000000000000000"}, {1e-5, "0.00001"}, {1e-7, "1e-7"},
              {1e100, "1e+100"}, {1.0 / 3, "0.3333333333333333"}, {1.23456789e-15, "1.23456789e-15"},
              {-2.5, "-2.5"}, {0x1p62, "4611686018427387904"}, {0x1p63, "9223372036854776000"}, {123456789012345678901234.0, "123456789012345690000000"}, {0.00012345678901234567, "1.2345678901234567e-4"},
              {1e19, "1e+19"}, {5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
              {__builtin_inf(), "inf"}, {-__builtin_inf(), "-inf"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[NUMBER_TEXT_MAX];
    ck_assert_uint_eq(vm_number_write_shortest(rows[i].n, text), strlen(rows[i].text));
    ck_assert_str_eq(text, rows[i].text);
  }
}
END_TEST

START_TEST(the_fewest_digits_read_back_as_the_same_number) {
  for (int i = 0; i < 100000; i++) {
    char text[NUMBER_TEXT_MAX];
    double n = draw_double(i), back = 0;
    if (n != n || n - n != 0) continue;
    size_t size = vm_number_write_shortest(n, text);
    ck_assert_msg(vm_number_read(text, size, &back) && back == n, "%s", text);
  }
}
END_TEST

START_TEST(any_number_of_significant_digits_agrees_with_printf) {
  for (int i = 0; i < SAMPLES / 4; i++) {
    double n = __builtin_fabs(draw_double(i));
    if (!(n > 0 && n <= 1.7976931348623157e308)) continue;
    int count = 1 + (int)(draw() % (i % 2 ? 18 : NUMBER_PLACES_MAX));
    char digits[NUMBER_DIGITS_MAX], ours[600], theirs[600];
    NumberDigits d = vm_number_digits_significant(n, count, digits);
    ck_assert_int_eq(d.count, count);
    snprintf(ours, sizeof ours, "%c%s%.*se%+03d", digits[0], count > 1 ? "." : "", count - 1,
             digits + 1, d.exponent);
    snprintf(theirs, sizeof theirs, "%.*e", count - 1, n);
    ck_assert_str_eq(ours, theirs);
  }
}
END_TEST

/* Lays fixed digits out as "%f" does. */
static void lay_out(const char *digits, NumberDigits d, int places, char *text) {
  int top = d.count > 0 && d.exponent > 0 ? d.exponent : 0;
  for (int position = top; position >= -places; position--) {
    int index = d.exponent - position;
    if (position == -1) *text++ = '.';
    *text++ = index < 0 || index >= d.count ? '0' : digits[index];
  }
  *text = '\0';
}

START_TEST(any_number_of_places_agrees_with_printf) {
  for (int i = 0; i < SAMPLES / 4; i++) {
    double n = __builtin_fabs(draw_double(i));
    if (!(n > 0 && n <= 1.7976931348623157e308)) continue;
    int places = (int)(draw() % (i % 2 ? 5 : NUMBER_PLACES_MAX));
    char digits[NUMBER_DIGITS_MAX], ours[600], theirs[600];
    lay_out(digits, vm_number_digits_fixed(n, places, digits), places, ours);
    snprintf(theirs, sizeof theirs, "%.*f", places, n);
    ck_assert_str_eq(ours, theirs);
  }
}
END_TEST

START_TEST(ties_are_rounded_to_even) {
  static const struct {
    double n;
    int places;
    const char *text;
  } rows[] = {{0.5, 0, "0"},      {1.5, 0, "2"},         {2.5, 0, "2"},          {0.125, 2, "0.12"},
              {0.375, 2, "0.38"}, {0x1p-130, 120, NULL}, {0.03125, 4, "0.0312"}, {9.5, 0, "10"},
              {0.05, 1, "0.1"},   {0.25, 0, "0"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char digits[NUMBER_DIGITS_MAX], ours[600], theirs[600];
    lay_out(digits, vm_number_digits_fixed(rows[i].n, rows[i].places, digits), rows[i].places,
            ours);
    snprintf(theirs, sizeof theirs, "%.*f", rows[i].places, rows[i].n);
    ck_assert_str_eq(ours, theirs);
    if (rows[i].text) ck_assert_str_eq(ours, rows[i].text);
  }
}
END_TEST

/* --- Reading --- */

/* What the reference does with a C string. */
static bool read_by_strtod(const char *text, double *ret_number) {
  char *end;
  *ret_number = strtod(text, &end);
  if (end == text) return false;
  if (*end == 'x' || *end == 'X') *ret_number = (double)strtoul(text, &end, 16);
  while (isspace((unsigned char)*end)) end++;
  return *end == '\0';
}

static void check_read(const char *text) {
  double ours = 0, theirs = 0;
  bool is_ours = vm_number_read(text, strlen(text), &ours);
  bool is_theirs = read_by_strtod(text, &theirs);
  ck_assert_msg(is_ours == is_theirs, "'%s' is a number here: %d, there: %d", text, is_ours,
                is_theirs);
  if (!is_ours) return;
  if (theirs != theirs) {
    ck_assert_msg(ours != ours && !__builtin_signbit(ours) == !__builtin_signbit(theirs), "'%s'",
                  text);
  } else {
    ck_assert_msg(memcmp(&ours, &theirs, sizeof ours) == 0, "'%s' is %a here, %a there", text, ours,
                  theirs);
  }
}

/* clang-format off */
static const char *const texts[] = {
    "", " ", "0", "-0", "00", "007", "12", "+12", "-12", "+-12", "- 12", " 12 ",
    "\t\n\v\f\r12\r\f\v\n\t", "1 2", "12a", ".", "5.", ".5", "-.5e1", "1..2", "1.2.3", "1,5",
    "1_000", "e5", "1e", "1e+", "1e-", "1e+5", "1E5", "1e5x", "1e0x1", "1e400", "-1e400",
    "1e-400", "1e308", "1e309", "1e99999999999999999999", "1e-99999999999999999999",
    "0e99999999999999999999", "123456789012345", "1234567890123456", "12345678901234567",
    "1234567890123456789", "12345678901234567890", "123456789012345678901234567890",
    "00000000000000000000000000000000000001", "0.000000000000000000000000000000000000000000001",
    "9007199254740993", "9007199254740993.0", "9007199254740995",
    "9007199254740993.00000000000000000000000000000001", "4.9406564584124654e-324",
    "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072011e-308",
    "2.2250738585072012e-308", "1.7976931348623157e308", "1.7976931348623158e308",
    "1.7976931348623159e308", "8.5", "1e22", "1e23", "1e-22", "1e-23", "0.1",
    "0.30000000000000004", "0x", "0X", "0x10", "0X1F", "-0x10", "0xg", "0x.8", "0x8.", "0x.",
    "0x.p1", "0x1p", "0x1p+", "0x1p4", "0x1P-4", "0x1p4x", "0x 1", "00x1", "0x1p-1074",
    "0x1p-1075", "0x1.8p-1075", "0x1p-1076", "0x1.00000000000008p0",
    "0x1.000000000000080000000000001p0", "0x1.fffffffffffff7p1023", "0x1.fffffffffffff8p1023",
    "0xffffffffffffffffffff", "0x1p99999999999999", "0x1p-99999999999999", "0x0p99999999999999",
    "0x0.00000000000000000000000001p100", "inf", "-inf", "+INF", "Infinity", "infinit",
    "infinityx", "infx", "in", "nan", "-nan", "NaN", "nan(12_a)", "nan(", "nan()", "nan(-)",
    "nanx", "na", "x", "ax", "1x", "0b1", "+", "-", "+.", "1e5 ", " 1e5",
};
/* clang-format on */

START_TEST(chosen_texts_are_read_as_strtod_reads_them) {
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_read(texts[i]);
}
END_TEST

START_TEST(random_numbers_are_read_back) {
  char text[1400];
  for (int i = 0; i < SAMPLES; i++) {
    double n = draw_double(i);
    static const char *const formats[] = {"%.17g", "%.14g", "%.5e", "%.25e", "%a"};
    snprintf(text, sizeof text, formats[draw() % 5], n);
    check_read(text);
  }
}
END_TEST

START_TEST(random_texts_are_read_as_strtod_reads_them) {
  for (int i = 0; i < SAMPLES; i++) {
    char text[64];
    int size = (int)(draw() % 48);
    const char *alphabet = i % 3 == 0   ? "0123456789.eEpx-+ 0xaf"
                           : i % 3 == 1 ? "0123456789"
                                        : "0123456789.5";
    size_t letters = strlen(alphabet);
    for (int k = 0; k < size; k++) text[k] = alphabet[draw() % letters];
    text[size] = '\0';
    if (i % 2) snprintf(text + size, sizeof text - (size_t)size, "e%d", (int)(draw() % 700) - 350);
    check_read(text);
  }
}
END_TEST

START_TEST(midpoints_and_their_neighbours_are_read_exactly) {
  for (int i = 0; i < SAMPLES / 30; i++) {
    /* 54 bits: halfway between two doubles. */
    long double middle = (long double)((draw() >> 10) | UINT64_C(1) << 53 | 1);
    middle = __builtin_ldexpl(middle, (int)(draw() % 1900) - 1000);
    char text[1400];
    snprintf(text, sizeof text, "%.790Le", middle);
    check_read(text);
    char *last = strchr(text, 'e') - 1;
    *last = '1';
    check_read(text);
    snprintf(text, sizeof text, "%.*Le", (int)(18 + draw() % 8), middle);
    check_read(text);
  }
}
END_TEST

START_TEST(a_text_ends_at_its_first_nul) {
  double n = 0;
  ck_assert(vm_number_read("12\0", 3, &n) && n == 12);
  ck_assert(vm_number_read("12\0abc", 6, &n) && n == 12);
  ck_assert(
      !vm_number_read("\0"
                      "12",
                      3, &n));
}
END_TEST

START_TEST(subnormals_of_many_digits_are_rounded_correctly) {
  /* Three quarters between two subnormals, in full; glibc 2.36 rounds some of these down. */
  char text[1400];
  for (uint64_t k = 1; k < 400; k += 2) {
    double expected = from_bits(UINT64_C(0x000dcf3df50d81d4) + k);
    long double exact = (long double)expected - __builtin_ldexpl(1, -1076);
    snprintf(text, sizeof text, "%.790Le", exact);
    double n = 0;
    ck_assert(vm_number_read(text, strlen(text), &n));
    ck_assert_double_eq(n, expected);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("number");
  TCase *tests = tcase_create("number");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, chosen_numbers_are_written_as_printf_writes_them);
  tcase_add_test(tests, what_is_not_finite_is_written_with_its_sign);
  tcase_add_test(tests, random_numbers_are_written_as_printf_writes_them);
  tcase_add_test(tests, every_power_of_ten_and_two_is_written_as_printf_writes_it);
  tcase_add_test(tests, the_fewest_digits_are_laid_out_as_in_valkey);
  tcase_add_test(tests, the_fewest_digits_read_back_as_the_same_number);
  tcase_add_test(tests, any_number_of_significant_digits_agrees_with_printf);
  tcase_add_test(tests, any_number_of_places_agrees_with_printf);
  tcase_add_test(tests, ties_are_rounded_to_even);
  tcase_add_test(tests, chosen_texts_are_read_as_strtod_reads_them);
  tcase_add_test(tests, random_numbers_are_read_back);
  tcase_add_test(tests, random_texts_are_read_as_strtod_reads_them);
  tcase_add_test(tests, midpoints_and_their_neighbours_are_read_exactly);
  tcase_add_test(tests, a_text_ends_at_its_first_nul);
  tcase_add_test(tests, subnormals_of_many_digits_are_rounded_correctly);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
