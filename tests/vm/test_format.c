/* SPDX-License-Identifier: BSD-2-Clause */
/* test_format - every conversion prints what glibc's printf prints. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"
#include "vm/lib/format.h"

enum { SAMPLES = 200000, OUT = FORMAT_SIZE_MAX + 1 };

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t draw(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

/* A random item up to its conversion: as a FormatSpec and as text. */
static size_t draw_spec(FormatSpec *spec, char *text) {
  char *p = text;
  *spec = (FormatSpec){.precision = -1};
  *p++ = '%';
  if ((spec->left = draw() % 3 == 0)) *p++ = '-';
  if ((spec->plus = draw() % 3 == 0)) *p++ = '+';
  if ((spec->space = draw() % 3 == 0)) *p++ = ' ';
  if ((spec->alternate = draw() % 3 == 0)) *p++ = '#';
  if ((spec->zero = draw() % 3 == 0)) *p++ = '0';
  if (draw() % 2) {
    spec->width = 1 + (int)(draw() % (draw() % 4 ? 12 : FORMAT_WIDTH_MAX));
    p += sprintf(p, "%d", spec->width);
  }
  if (draw() % 2) {
    spec->precision = (int)(draw() % (draw() % 3 ? 12 : FORMAT_WIDTH_MAX + 1));
    p += sprintf(p, spec->precision == 0 && draw() % 2 ? "." : ".%d", spec->precision);
  }
  *p = '\0';
  return (size_t)(p - text);
}

static double draw_double(int kind) {
  static const double chosen[] = {0,      -0.0, 1e308,  -1e308,  5e-324,   0.5,     1.5,
                                  2.5,    9.5,  0.05,   99.5,    999999.5, 9999995, 0.00001,
                                  0.0001, 1e6,  123456, 1234567, 1e15,     1e16,    1e17};
  double n;
  uint64_t b = draw();
  switch (kind % 6) {
    case 0: memcpy(&n, &b, sizeof n); return n;
    case 1: return (double)(int64_t)b / 1e15;
    case 2: return (double)(b % 100000) / 100;
    case 3: return (double)(int64_t)(b >> draw() % 64);
    case 4: return chosen[b % (sizeof chosen / sizeof *chosen)];
    default: return (double)(b % 1000) / 8;
  }
}

START_TEST(random_integers_are_formatted_as_printf_formats_them) {
  for (int i = 0; i < SAMPLES; i++) {
    FormatSpec spec;
    char format[32], ours[OUT], theirs[OUT];
    size_t size = draw_spec(&spec, format);
    char conversion = "diouxX"[draw() % 6];
    snprintf(format + size, sizeof format - size, "l%c", conversion);
    uint64_t value = i % 20 == 0 ? 0 : draw() >> draw() % 64;
    if (i % 3 == 0) value = -value;
    ours[vm_format_integer(&spec, conversion, value, ours)] = '\0';
    snprintf(theirs, sizeof theirs, format, value);
    ck_assert_msg(strcmp(ours, theirs) == 0, "%s: '%s', printf gives '%s'", format, ours, theirs);
  }
}
END_TEST

START_TEST(random_doubles_are_formatted_as_printf_formats_them) {
  for (int i = 0; i < SAMPLES; i++) {
    FormatSpec spec;
    char format[32], ours[OUT], theirs[OUT];
    size_t size = draw_spec(&spec, format);
    char conversion = "eEfgG"[draw() % 5];
    snprintf(format + size, sizeof format - size, "%c", conversion);
    double n = draw_double(i);
    ours[vm_format_double(&spec, conversion, n, ours)] = '\0';
    snprintf(theirs, sizeof theirs, format, n);
    ck_assert_msg(strcmp(ours, theirs) == 0, "%s: '%s', printf gives '%s'", format, ours, theirs);
  }
}
END_TEST

START_TEST(what_is_not_finite_is_never_padded_with_zeros) {
  static const struct {
    FormatSpec spec;
    char conversion;
    double n;
    const char *text;
  } rows[] = {
      {{.precision = -1, .zero = true, .width = 6}, 'f', __builtin_inf(), "   inf"},
      {{.precision = -1, .plus = true}, 'e', __builtin_inf(), "+inf"},
      {{.precision = -1, .left = true, .width = 5}, 'g', -__builtin_inf(), "-inf "},
      {{.precision = -1}, 'G', -__builtin_nan(""), "-NAN"},
      {{.precision = -1}, 'E', __builtin_inf(), "INF"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char ours[OUT];
    ours[vm_format_double(&rows[i].spec, rows[i].conversion, rows[i].n, ours)] = '\0';
    ck_assert_str_eq(ours, rows[i].text);
  }
}
END_TEST

START_TEST(the_longest_result_fits) {
  FormatSpec spec = {.precision = FORMAT_WIDTH_MAX, .width = FORMAT_WIDTH_MAX, .plus = true};
  char ours[OUT], theirs[OUT];
  ours[vm_format_double(&spec, 'f', -1.7976931348623157e308, ours)] = '\0';
  snprintf(theirs, sizeof theirs, "%+99.99f", -1.7976931348623157e308);
  ck_assert_str_eq(ours, theirs);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("format");
  TCase *tests = tcase_create("format");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, random_integers_are_formatted_as_printf_formats_them);
  tcase_add_test(tests, random_doubles_are_formatted_as_printf_formats_them);
  tcase_add_test(tests, what_is_not_finite_is_never_padded_with_zeros);
  tcase_add_test(tests, the_longest_result_fits);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
