/* SPDX-License-Identifier: BSD-2-Clause */
/* format - one conversion of printf, as glibc does it in the C locale.
 *
 * A conversion makes a prefix (sign, "0x") and a body; emit puts them together with
 * zeros or spaces.  Digits of doubles come from values/number_digits.h, exact up to
 * the 99 places that a format can ask for.  Layer: vm/lib.
 */
#include "vm/lib/format.h"

#include <string.h>

#include "vm/config.h"
#include "vm/values/number_digits.h"

typedef struct {
  char prefix[2];
  int prefix_size;
  int zeros; /* between prefix and body */
  const char *body;
  size_t size;
} Parts;

static size_t emit(const FormatSpec *spec, const Parts *parts, bool pad_with_zeros, char *out) {
  char *p = out;
  size_t size = (size_t)parts->prefix_size + (size_t)parts->zeros + parts->size;
  size_t pad = (size_t)spec->width > size ? (size_t)spec->width - size : 0;
  size_t zeros = (size_t)parts->zeros;
  if (pad > 0 && !spec->left) {
    if (pad_with_zeros) {
      zeros += pad;
    } else {
      memset(p, ' ', pad);
      p += pad;
    }
    pad = 0;
  }
  memcpy(p, parts->prefix, (size_t)parts->prefix_size);
  p += parts->prefix_size;
  memset(p, '0', zeros);
  p += zeros;
  memcpy(p, parts->body, parts->size);
  p += parts->size;
  memset(p, ' ', pad);
  return (size_t)(p - out) + pad;
}

/* The sign that a signed conversion shows, or 0. */
static char sign_of(const FormatSpec *spec, bool negative) {
  if (negative) return '-';
  if (spec->plus) return '+';
  return spec->space ? ' ' : '\0';
}

static void set_sign(Parts *parts, char sign) {
  parts->prefix[0] = sign;
  parts->prefix_size = sign != '\0';
}

/* --- Integers --- */

enum { INTEGER_DIGITS = 22 }; /* octal digits of 64 bits */

/* Digits of `value` in base 8 or 16, written up to `end`; returns the first. */
static char *write_bits(uint64_t value, int shift, const char *letters, char *end) {
  for (; value != 0; value >>= shift) *--end = letters[value & ((1u << shift) - 1)];
  return end;
}

static char *write_decimal(uint64_t value, char *end) {
  if (value == 0) return end;
  int count = vm_number_digits_count(value);
  vm_number_digits_put(value, count, end - count);
  return end - count;
}

size_t vm_format_integer(const FormatSpec *spec, char conversion, uint64_t value,
                         char out[FORMAT_SIZE_MAX]) {
  char digits[INTEGER_DIGITS];
  char *end = digits + sizeof digits, *first;
  Parts parts = {.prefix_size = 0};
  bool nonzero = value != 0;
  if (conversion == 'd' || conversion == 'i') {
    bool negative = (int64_t)value < 0;
    set_sign(&parts, sign_of(spec, negative));
    first = write_decimal(negative ? -value : value, end);
  } else if (conversion == 'u') {
    first = write_decimal(value, end);
  } else if (conversion == 'o') {
    first = write_bits(value, 3, "01234567", end);
  } else {
    first = write_bits(value, 4, conversion == 'x' ? "0123456789abcdef" : "0123456789ABCDEF", end);
    if (spec->alternate && nonzero) {
      parts.prefix[0] = '0';
      parts.prefix[1] = conversion;
      parts.prefix_size = 2;
    }
  }
  parts.body = first;
  parts.size = (size_t)(end - first);
  int least = spec->precision >= 0 ? spec->precision : 1;
  if (least > (int)parts.size) parts.zeros = least - (int)parts.size;
  if (conversion == 'o' && spec->alternate && parts.zeros == 0) parts.zeros = 1;
  return emit(spec, &parts, spec->zero && spec->precision < 0, out);
}

/* --- Doubles --- */

/* Text under construction behind which there is room enough. */
typedef struct {
  char *p;
} Text;

static void put(Text *t, const char *bytes, int size) {
  if (size <= 0) return;
  memcpy(t->p, bytes, (size_t)size);
  t->p += size;
}

static void put_zeros(Text *t, int count) {
  if (count <= 0) return;
  memset(t->p, '0', (size_t)count);
  t->p += count;
}

/* Digits around the point: `d` is what number_digits gave for these places. */
static void put_plain(Text *t, const char *digits, NumberDigits d, int places, bool point) {
  int whole = d.count > 0 ? d.exponent + 1 : 0; /* digits before the point */
  if (whole <= 0) {
    *t->p++ = '0';
  } else {
    int given = whole < d.count ? whole : d.count;
    put(t, digits, given);
    put_zeros(t, whole - given);
  }
  if (places > 0 || point) *t->p++ = '.';
  if (places == 0) return;
  int gap = d.count == 0 ? places : whole < 0 ? -whole : 0;
  if (gap > places) gap = places;
  put_zeros(t, gap);
  int from = whole > 0 ? whole : 0;
  int given = d.count - from;
  if (given > places - gap) given = places - gap;
  if (given < 0) given = 0;
  put(t, digits + from, given);
  put_zeros(t, places - gap - given);
}

/* d.ddde+xx with `places` digits behind the point. */
static void put_scientific(Text *t, const char *digits, int exponent, int places, bool point,
                           char letter) {
  *t->p++ = digits[0];
  if (places > 0 || point) *t->p++ = '.';
  put(t, digits + 1, places);
  *t->p++ = letter;
  *t->p++ = exponent < 0 ? '-' : '+';
  unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
  int count = size < 100 ? 2 : 3;
  vm_number_digits_put(size, count, t->p);
  t->p += count;
}

static NumberDigits significant(double n, int count, char digits[NUMBER_DIGITS_MAX]) {
  if (n != 0) return vm_number_digits_significant(n, count, digits);
  memset(digits, '0', (size_t)count);
  return (NumberDigits){count, 0};
}

/* Whether rounding to `precision` digits lifted n to 10^precision.  glibc's "%#g" then
 * forgets the zeros it should keep: "1.e+06" for 999999.5. */
static bool is_lifted(double n, NumberDigits d, int precision) {
  double limit = 1;
  for (int i = 0; i < precision; i++) limit *= 10;
  return d.exponent == precision && n < limit;
}

static void put_general(Text *t, double n, int precision, bool alternate, char letter) {
  char digits[NUMBER_DIGITS_MAX];
  if (precision == 0) precision = 1;
  NumberDigits d = significant(n, precision, digits);
  if (!alternate) {
    while (d.count > 1 && digits[d.count - 1] == '0') d.count--;
  } else if (is_lifted(n, d, precision)) {
    d.count = 1;
  }
  if (d.exponent < -4 || d.exponent >= precision) {
    put_scientific(t, digits, d.exponent, d.count - 1, alternate, letter);
    return;
  }
  int places = d.count - 1 - d.exponent;
  put_plain(t, digits, d, places > 0 ? places : 0, alternate);
}

static void put_fixed(Text *t, double n, int places, bool point) {
  char digits[NUMBER_DIGITS_MAX];
  NumberDigits d = {0, 0};
  if (n != 0) d = vm_number_digits_fixed(n, places, digits);
  put_plain(t, digits, d, places, point);
}

static void put_finite(Text *t, const FormatSpec *spec, char conversion, double n) {
  int precision = spec->precision >= 0 ? spec->precision : 6;
  bool upper = conversion < 'a';
  char digits[NUMBER_DIGITS_MAX];
  switch (conversion) {
    case 'f': put_fixed(t, n, precision, spec->alternate); break;
    case 'e':
    case 'E': {
      NumberDigits d = significant(n, precision + 1, digits);
      put_scientific(t, digits, d.exponent, precision, spec->alternate, conversion);
      break;
    }
    default: put_general(t, n, precision, spec->alternate, upper ? 'E' : 'e');
  }
}

static const char *name_not_finite(double n, bool upper) {
  if (n != n) return upper ? "NAN" : "nan";
  return upper ? "INF" : "inf";
}

size_t vm_format_double(const FormatSpec *spec, char conversion, double n,
                        char out[FORMAT_SIZE_MAX]) {
  char text[FORMAT_SIZE_MAX];
  Parts parts = {.body = text, .size = 3};
  set_sign(&parts, sign_of(spec, __builtin_signbit(n)));
  double size = __builtin_fabs(n);
  bool finite = size <= 0x1.fffffffffffffp1023;
  if (finite) {
    Text t = {text};
    put_finite(&t, spec, conversion, size);
    parts.size = (size_t)(t.p - text);
  } else {
    parts.body = name_not_finite(n, conversion < 'a');
  }
  return emit(spec, &parts, spec->zero && finite, out);
}
