/* SPDX-License-Identifier: BSD-2-Clause */
/* number_read - text to double, equal to glibc's strtod bit for bit.
 *
 * The reference calls strtod, then skips white space, and stops at the first NUL of
 * the string; so do we.  (It also retries with strtoul when strtod stopped at 'x',
 * which can never consume more with this strtod.)
 *
 * Decimal: up to 19 digits are kept in an integer w; w * 10^q is exact (Clinger),
 * or decided by 128 bits (number_power.h), or compared exactly with the midpoint
 * between two doubles (number_exact.h).  Layer: vm/values.
 */
#include <stdint.h>
#include <string.h>

#include "vm/config.h"
#include "vm/values/number.h"
#include "vm/values/number_exact.h"
#include "vm/values/number_power.h"

enum {
  DIGITS_KEPT = 19,        /* decimal digits that always fit 64 bits */
  EXPONENT_CLIP = 1 << 30, /* larger ones are as good as this */
  LOWEST_BIT = -1074       /* exponent of the smallest double */
};

/* Decimal text taken apart: w * 10^exponent, w made of the first significant digits. */
typedef struct {
  uint64_t w;
  int digits; /* of w, without leading zeros */
  bool cut;   /* digits that are not zero were left out of w */
  int64_t exponent;
  const char *first; /* first significant digit, for the exact comparison */
  const char *end;   /* behind the last digit of the mantissa */
} Decimal;

static inline bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool is_digit(char c) {
  return (unsigned char)(c - '0') < 10;
}
static inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static double from_bits(uint64_t bits) {
  double n;
  memcpy(&n, &bits, sizeof n);
  return n;
}

/* mantissa * 2^exponent for a mantissa below 2^54 that has been rounded to fit. */
static double compose(uint64_t mantissa, int64_t exponent) {
  if (mantissa == UINT64_C(1) << 53) {
    mantissa >>= 1;
    exponent++;
  }
  if (mantissa < UINT64_C(1) << 52) return from_bits(mantissa); /* subnormal */
  if (exponent > 971) return __builtin_inf();
  return from_bits((uint64_t)(exponent + 1075) << 52 | (mantissa & ((UINT64_C(1) << 52) - 1)));
}

/* --- Decimal mantissa: rounding --- */

/* The digits again, as one integer for the exact comparison. */
static int compare_exactly(const Decimal *d, uint64_t mantissa, int binary) {
  char digits[EXACT_COMPARE_DIGITS + 1];
  size_t count = 0;
  bool more = false;
  for (const char *p = d->first; p < d->end; p++) {
    if (*p == '.') continue;
    if (count < EXACT_COMPARE_DIGITS) {
      digits[count++] = *p;
    } else {
      more |= *p != '0';
    }
  }
  /* d->exponent belongs to w: count from its last digit to our last one. */
  int64_t exponent = d->exponent - ((int64_t)count - d->digits);
  if (more) {
    digits[count++] = '1';
    exponent--;
  }
  return vm_number_exact_compare(digits, count, (int)exponent, mantissa, binary);
}

/* Rounds `top` (top bit set) times 2^exponent, and what lies up to `slack` above. */
static double round_scaled(const Decimal *d, const Scaled *scaled, int exponent, Wide slack) {
  int keep = 53;
  int lowest = exponent + 128 - keep; /* exponent of the last bit kept */
  if (lowest < LOWEST_BIT) {
    keep -= LOWEST_BIT - lowest;
    lowest = LOWEST_BIT;
  }
  if (keep < 0) return 0;
  int shift = 128 - keep;
  uint64_t mantissa = keep == 0 ? 0 : (uint64_t)(scaled->top >> shift);
  Wide rest = keep == 0 ? scaled->top : scaled->top & (((Wide)1 << shift) - 1);
  Wide half = (Wide)1 << (shift - 1);
  bool up = rest > half;
  if (scaled->exact && slack == 0) {
    up |= rest == half && (scaled->rest != 0 || (mantissa & 1));
  } else if (!up && half - rest < slack) {
    int order = compare_exactly(d, 2 * mantissa + 1, lowest - 1);
    up = order > 0 || (order == 0 && (mantissa & 1));
  }
  return compose(mantissa + up, lowest);
}

static double round_decimal(const Decimal *d) {
  if (d->w == 0) return 0;
  int64_t decimal = d->exponent + d->digits; /* value < 10^decimal */
  if (decimal > 310) return __builtin_inf();
  if (decimal < -325) return 0;
  int up = __builtin_clzll(d->w);
  Scaled scaled = vm_number_power_scale(d->w << up, (int)d->exponent);
  Wide slack = d->cut ? (Wide)1 << (65 + up) : 0; /* one more of w, normalised */
  if (!scaled.exact) slack += SCALED_SLACK;
  return round_scaled(d, &scaled, scaled.exponent - up, slack);
}

static const double small_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static double decimal_value(const Decimal *d) {
  if (LIKELY(!d->cut && d->w <= UINT64_C(1) << 53)) {
    /* Both factors are exact: one rounding. */
    if (d->exponent == 0) return (double)d->w;
    if (d->exponent > 0 && d->exponent <= 22) return (double)d->w * small_powers[d->exponent];
    if (d->exponent < 0 && d->exponent >= -22) return (double)d->w / small_powers[-d->exponent];
  }
  return round_decimal(d);
}

/* --- Scanning --- */

/* An exponent "[+-]ddd" at p, which follows the letter; returns p's new place, or
 * NULL when there is none. */
static const char *scan_exponent(const char *p, int64_t *ret_exponent) {
  bool negative = *p == '-';
  if (*p == '+' || *p == '-') p++;
  if (!is_digit(*p)) return NULL;
  int64_t value = 0;
  for (; is_digit(*p); p++) {
    if (value < EXPONENT_CLIP) value = value * 10 + (*p - '0');
  }
  *ret_exponent = negative ? -value : value;
  return p;
}

static void take_digit(Decimal *d, const char *p) {
  if (d->digits == DIGITS_KEPT) {
    d->cut |= *p != '0';
    d->exponent++;
  } else if (d->digits > 0 || *p != '0') {
    if (d->digits++ == 0) d->first = p;
    d->w = d->w * 10 + (uint64_t)(*p - '0');
  }
}

/* Digits, point, digits, exponent; NULL when no digit is there. */
static const char *scan_decimal(const char *p, double *ret_number) {
  Decimal d = {.first = p};
  const char *start = p;
  for (; is_digit(*p); p++) take_digit(&d, p);
  int64_t whole = p - start, places = 0;
  if (*p == '.') {
    const char *point = p++;
    for (; is_digit(*p); p++) take_digit(&d, p);
    places = p - point - 1;
  }
  if (whole + places == 0) return NULL;
  d.end = p;
  d.exponent -= places;
  if (lower(*p) == 'e') {
    int64_t exponent;
    const char *after = scan_exponent(p + 1, &exponent);
    if (after) {
      d.exponent += exponent;
      p = after;
    }
  }
  *ret_number = decimal_value(&d);
  return p;
}

static int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* w * 2^exponent plus, if `more`, something below w's last bit. */
static double round_hex(uint64_t w, int64_t exponent, bool more) {
  if (w == 0) return 0;
  int up = __builtin_clzll(w);
  w <<= up;
  exponent -= up;
  int keep = 53;
  int64_t lowest = exponent + 64 - keep;
  if (lowest > 971) return __builtin_inf();
  if (lowest < LOWEST_BIT) {
    if (lowest < LOWEST_BIT - 60) return 0;
    keep -= (int)(LOWEST_BIT - lowest);
    lowest = LOWEST_BIT;
  }
  if (keep < 0) return 0;
  uint64_t mantissa = keep == 0 ? 0 : w >> (64 - keep);
  uint64_t rest = w << keep; /* left-aligned */
  uint64_t half = UINT64_C(1) << 63;
  bool up_one = rest > half || (rest == half && (more || (mantissa & 1)));
  return compose(mantissa + up_one, lowest);
}

/* Behind "0x": hexadecimal digits with a point, and "p" exponent; NULL without digits. */
static const char *scan_hex(const char *p, double *ret_number) {
  uint64_t w = 0;
  int64_t exponent = 0;
  bool more = false, any = false, point = false;
  for (;; p++) {
    int digit = hex_digit(*p);
    if (digit < 0 && (*p != '.' || point)) break;
    if (digit < 0) {
      point = true;
      continue;
    }
    any = true;
    if (w >> 60) {
      more |= digit != 0;
      exponent += point ? 0 : 4;
    } else {
      w = w << 4 | (unsigned)digit;
      exponent -= point ? 4 : 0;
    }
  }
  if (!any) return NULL;
  if (lower(*p) == 'p') {
    int64_t binary;
    const char *after = scan_exponent(p + 1, &binary);
    if (after) {
      exponent += binary;
      p = after;
    }
  }
  *ret_number = round_hex(w, exponent, more);
  return p;
}

static bool has_prefix(const char *p, const char *word) {
  while (*word && lower(*p) == *word) p++, word++;
  return *word == '\0';
}

static bool is_payload(char c) {
  return is_digit(c) || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* inf, infinity, nan, nan(payload); NULL when it is neither. */
static const char *scan_word(const char *p, double *ret_number) {
  if (has_prefix(p, "inf")) {
    *ret_number = __builtin_inf();
    return p + (has_prefix(p, "infinity") ? 8 : 3);
  }
  if (!has_prefix(p, "nan")) return NULL;
  *ret_number = from_bits(UINT64_C(0x7FF8000000000000));
  p += 3;
  if (*p != '(') return p;
  const char *close = p + 1;
  while (is_payload(*close)) close++;
  return *close == ')' ? close + 1 : p;
}

static const char *scan_unsigned(const char *p, double *ret_number) {
  if (LIKELY(is_digit(*p) || *p == '.')) {
    if (UNLIKELY(p[0] == '0' && lower(p[1]) == 'x')) {
      const char *end = scan_hex(p + 2, ret_number);
      if (end) return end;
    }
    return scan_decimal(p, ret_number);
  }
  return scan_word(p, ret_number);
}

/* Up to 15 plain digits and nothing else: most of what scripts convert. */
static inline bool read_short_integer(const char *p, size_t size, double *ret_number) {
  if (size - 1 >= 15) return false;
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) {
    if (!is_digit(p[i])) return false;
    value = value * 10 + (uint64_t)(p[i] - '0');
  }
  *ret_number = (double)value;
  return true;
}

bool vm_number_read(const char *text, size_t size, double *ret_number) {
  if (LIKELY(read_short_integer(text, size, ret_number))) return true;
  const char *p = text;
  while (is_space(*p)) p++;
  bool negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  double n;
  p = scan_unsigned(p, &n);
  if (!p) return false;
  while (is_space(*p)) p++;
  if (*p != '\0') return false;
  *ret_number = negative ? -n : n;
  return true;
}
