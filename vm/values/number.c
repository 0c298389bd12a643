/* SPDX-License-Identifier: BSD-2-Clause */
/* number - writing doubles as "%.14g" and "%.17g" do, and as short as can be.
 *
 * Whole numbers, the common case, are written directly; the rest are rounded by
 * number_digits.c and laid out here.  Reading is in number_read.c.
 * Layer: vm/values.
 */
#include "vm/values/number.h"

#include <stdint.h>
#include <string.h>

#include "vm/config.h"
#include "vm/values/number_digits.h"

static size_t write_not_finite(double n, bool negative, char *text) {
  char *p = text;
  if (negative) *p++ = '-';
  memcpy(p, n != n ? "nan" : "inf", 4);
  return (size_t)(p - text) + 3;
}

static size_t write_integer(uint64_t value, char *text) {
  int count;
  if (value < NUMBER_SMALL) {
    count = vm_number_digits_small((uint32_t)value, text);
  } else {
    count = vm_number_digits_count(value);
    vm_number_digits_put(value, count, text);
  }
  text[count] = '\0';
  return (size_t)count;
}

/* d.ddde+xx */
static size_t lay_out_scientific(const char *digits, int count, int exponent, char *text) {
  char *p = text;
  *p++ = digits[0];
  if (count > 1) {
    *p++ = '.';
    memcpy(p, digits + 1, (size_t)count - 1);
    p += count - 1;
  }
  *p++ = 'e';
  *p++ = exponent < 0 ? '-' : '+';
  unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
  int places = size < 100 ? 2 : 3;
  vm_number_digits_put(size, places, p);
  p[places] = '\0';
  return (size_t)(p - text) + (size_t)places;
}

/* 0.000ddd, dd.ddd or dd000 */
static size_t lay_out_plain(const char *digits, int count, int exponent, char *text) {
  char *p = text;
  if (exponent < 0) {
    memcpy(p, "0.0000", 6);
    p += 1 - exponent;
    memcpy(p, digits, (size_t)count);
    p += count;
  } else if (count <= exponent + 1) {
    memcpy(p, digits, (size_t)count);
    memset(p + count, '0', (size_t)(exponent + 1 - count));
    p += exponent + 1;
  } else {
    memcpy(p, digits, (size_t)exponent + 1);
    p += exponent + 1;
    *p++ = '.';
    memcpy(p, digits + exponent + 1, (size_t)(count - exponent - 1));
    p += count - exponent - 1;
  }
  *p = '\0';
  return (size_t)(p - text);
}

/* A finite number, not zero, as "%.<precision>g". */
static size_t write_general(double n, int precision, char *text) {
  char digits[NUMBER_DIGITS_MAX];
  NumberDigits d = vm_number_digits_significant(n, precision, digits);
  int count = d.count;
  while (count > 1 && digits[count - 1] == '0') count--;
  if (d.exponent < -4 || d.exponent >= precision)
    return lay_out_scientific(digits, count, d.exponent, text);
  return lay_out_plain(digits, count, d.exponent, text);
}

/* A number of at most three decimal places, such as most fractions in scripts; 0 when
 * `n` is none.  If whole / 1000 is n after rounding, n is nearer to it than half a unit
 * of the 14th digit, so these are the digits of "%.14g". */
static size_t write_short(double n, char *text) {
  double scaled = n * 1000;
  if (!(scaled < 1e14)) return 0;
  uint64_t thousandths = (uint64_t)(scaled + 0.5);
  if (thousandths == 0 || (double)thousandths / 1000 != n) return 0;
  size_t size = write_integer(thousandths / 1000, text);
  text[size] = '.';
  vm_number_digits_put(thousandths % 1000, 3, text + size + 1);
  size += 4;
  while (text[size - 1] == '0') size--;
  text[size] = '\0';
  return size;
}

static inline size_t write(double n, int precision, double whole_below, char *text) {
  uint64_t bits;
  memcpy(&bits, &n, sizeof bits);
  size_t sign = bits >> 63;
  double size = __builtin_fabs(n);
  if (LIKELY(size < whole_below)) {
    uint64_t whole = (uint64_t)(int64_t)size;
    text[0] = '-';
    if ((double)(int64_t)whole == size) return sign + write_integer(whole, text + sign);
  }
  if (UNLIKELY(!(size <= 0x1.fffffffffffffp1023))) return write_not_finite(n, sign, text);
  text[0] = '-';
  size_t written = precision == 14 ? write_short(size, text + sign) : 0;
  if (written == 0) written = write_general(size, precision, text + sign);
  return sign + written;
}

size_t vm_number_write(double n, char text[NUMBER_TEXT_MAX]) {
  uint32_t whole = (uint32_t)(n > 0 && n < NUMBER_SMALL ? (int32_t)n : 0);
  if (LIKELY(whole == n && whole > 0)) {
    int count = vm_number_digits_small(whole, text);
    text[count] = '\0';
    return (size_t)count;
  }
  return write(n, 14, 1e14, text);
}

size_t vm_number_write_exact(double n, char text[NUMBER_TEXT_MAX]) {
  return write(n, 17, 0x1p53, text);
}

/* --- The fewest digits --- */

/* A finite number that is not whole, or large. */
static int find_fewest_digits(double n, char digits[NUMBER_DIGITS_MAX], int *ret_exponent) {
  char text[NUMBER_TEXT_MAX];
  double back = 0;
  int count = 0;
  int precision = n < 0x1p-1022 ? 1 : 15; /* a subnormal number may have any number of them */
  for (; precision <= 17 && (count == 0 || back != n); precision++) {
    NumberDigits d = vm_number_digits_significant(n, precision, digits);
    count = d.count;
    while (count > 1 && digits[count - 1] == '0') count--;
    *ret_exponent = d.exponent;
    if (!vm_number_read(text, lay_out_scientific(digits, count, d.exponent, text), &back)) back = 0;
  }
  return count;
}

/* As fpconv lays digits out: no zero in front of a one-digit exponent. */
static size_t lay_out_short(const char *digits, int count, int exponent, char *text) {
  int size = exponent < 0 ? -exponent : exponent, zeros = exponent - count + 1;
  if (zeros >= 0 && size < count + 7) return lay_out_plain(digits, count, exponent, text);
  if (zeros < 0 && exponent >= 0 && (zeros > -7 || size < 4)) return lay_out_plain(digits, count, exponent, text);
  if (zeros < 0 && (zeros > -7 || size < 4)) {
    memcpy(text, "0.00000000", 10);
    memcpy(text + 1 + size, digits, (size_t)count);
    text[1 + size + count] = '\0';
    return (size_t)(1 + size + count);
  }
  size_t written = lay_out_scientific(digits, count, exponent, text);
  if (size >= 10) return written;
  text[written - 2] = text[written - 1];
  text[written - 1] = '\0';
  return written - 1;
}

size_t vm_number_write_shortest(double n, char text[NUMBER_TEXT_MAX]) {
  char digits[NUMBER_DIGITS_MAX];
  int exponent = 0;
  size_t sign = n < 0;
  double size = __builtin_fabs(n);
  text[0] = '-';
  if (size <= 0x1p62 && (double)(uint64_t)size == size) return sign + write_integer((uint64_t)size, text + sign);
  if (!(size <= 0x1.fffffffffffffp1023)) return vm_number_write(n, text);
  int count = find_fewest_digits(size, digits, &exponent);
  return sign + lay_out_short(digits, count, exponent, text + sign);
}
