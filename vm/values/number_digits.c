/* SPDX-License-Identifier: BSD-2-Clause */
/* number_digits - the decimal digits of a double, correctly rounded.
 *
 * Up to 17 digits come from one product of 128 bits (number_power.h), places behind
 * the point from one exact product; what either cannot decide is expanded in full
 * (number_exact.h) and rounded as text.  Layer: vm/values.
 */
#include "vm/values/number_digits.h"

#include <stdbool.h>
#include <string.h>

#include "vm/config.h"
#include "vm/values/number_exact.h"
#include "vm/values/number_power.h"

enum {
  PRODUCT_DIGITS_MAX = 17, /* significant digits that one product gives */
  PRODUCT_PLACES_MAX = 22, /* 2^53 * 10^22 < 2^127 */
  TEN_POWERS = 20
};

static const uint64_t ten_to[TEN_POWERS] = {1,
                                            10,
                                            100,
                                            1000,
                                            10000,
                                            100000,
                                            1000000,
                                            10000000,
                                            100000000,
                                            1000000000,
                                            UINT64_C(10000000000),
                                            UINT64_C(100000000000),
                                            UINT64_C(1000000000000),
                                            UINT64_C(10000000000000),
                                            UINT64_C(100000000000000),
                                            UINT64_C(1000000000000000),
                                            UINT64_C(10000000000000000),
                                            UINT64_C(100000000000000000),
                                            UINT64_C(1000000000000000000),
                                            UINT64_C(10000000000000000000)};

static const char pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

void vm_number_digits_put(uint64_t value, int count, char *text) {
  char *p = text + count;
  for (; count >= 4; count -= 4) {
    /* Four at a time: the chain of divisions is what takes the time. */
    unsigned four = (unsigned)(value % 10000);
    value /= 10000;
    p -= 4;
    memcpy(p, pairs + four / 100 * 2, 2);
    memcpy(p + 2, pairs + four % 100 * 2, 2);
  }
  unsigned rest = (unsigned)(value % 1000);
  for (; count > 0; count--, rest /= 10) *--p = (char)('0' + rest % 10);
}

/* The digits of a number below 10,000 as they stand in memory. */
static inline uint32_t four_digits(uint32_t n) {
  uint16_t high, low;
  memcpy(&high, pairs + n / 100 * 2, 2);
  memcpy(&low, pairs + n % 100 * 2, 2);
  return (uint32_t)low << 16 | high;
}

static inline int put_first_digits(uint32_t n, char *text) {
  int zeros = (n < 10) + (n < 100) + (n < 1000);
  uint32_t word = four_digits(n) >> 8 * zeros;
  memcpy(text, &word, 4);
  return 4 - zeros;
}

int vm_number_digits_small(uint32_t value, char *text) {
  _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first digit is the lowest byte of a word");
  if (value < 10000) return put_first_digits(value, text);
  int count = put_first_digits(value / 10000, text);
  uint32_t word = four_digits(value % 10000);
  memcpy(text + count, &word, 4);
  return count + 4;
}

int vm_number_digits_count(uint64_t value) {
  int bits = 64 - __builtin_clzll(value | 1);
  int guess = bits * 1233 >> 12;
  return guess + (guess < TEN_POWERS && value >= ten_to[guess]) + (value == 0);
}

/* n = mantissa * 2^exponent. */
typedef struct {
  uint64_t mantissa;
  int exponent;
} Parts;

static Parts take_apart(double n) {
  uint64_t bits;
  memcpy(&bits, &n, sizeof bits);
  uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
  int biased = (int)(bits >> 52 & 0x7FF);
  if (biased == 0) return (Parts){fraction, -1074};
  return (Parts){fraction | UINT64_C(1) << 52, biased - 1075};
}

/* --- Rounding as text --- */

/* Adds one to the last of `count` digits; true when it carried out of the first,
 * which then leaves "1000...". */
static bool increment(char *digits, int count) {
  for (int i = count - 1; i >= 0; i--) {
    if (digits[i] != '9') {
      digits[i]++;
      return false;
    }
    digits[i] = '0';
  }
  digits[0] = '1';
  return true;
}

/* Whether dropping all[keep..count-1] rounds up. */
static bool drops_upwards(const char *all, int count, int keep) {
  if (keep >= count || all[keep] < '5') return false;
  if (all[keep] > '5' || keep + 1 < count) return true;
  return keep > 0 && (all[keep - 1] & 1);
}

/* `keep` digits of the exact value, or with `places` >= 0 as many as reach there. */
static NumberDigits round_exact(Parts parts, int keep, int places, char digits[NUMBER_DIGITS_MAX]) {
  char all[EXACT_DIGITS_MAX];
  NumberDigits result;
  int count =
      vm_number_exact_expand(parts.mantissa, parts.exponent, keep, places, all, &result.exponent);
  if (places >= 0) keep = result.exponent + 1 + places;
  if (keep < 0) return (NumberDigits){0, 0};
  bool up = drops_upwards(all, count, keep);
  int copied = keep < count ? keep : count;
  memcpy(digits, all, (size_t)copied);
  memset(digits + copied, '0', (size_t)(keep - copied));
  result.count = keep;
  if (!up) return result;
  if (keep == 0 || increment(digits, keep)) {
    /* One digit more in front; with fixed places it is kept. */
    result.exponent++;
    if (places >= 0) digits[result.count++] = '0';
    digits[0] = '1';
  }
  return result;
}

/* --- Rounding of a product --- */

typedef enum { ROUND_DOWN, ROUND_UP, ROUND_UNKNOWN } Rounding;

/* How `above` + (fraction + [0, slack)) / 2^shift rounds, `tail` being what an exact
 * product has below the fraction. */
static Rounding round_fraction(uint64_t above, Wide fraction, int shift, const Scaled *scaled) {
  Wide half = (Wide)1 << (shift - 1);
  if (fraction > half) return ROUND_UP;
  if (!scaled->exact) return fraction + SCALED_SLACK > half ? ROUND_UNKNOWN : ROUND_DOWN;
  if (fraction < half) return ROUND_DOWN;
  return scaled->rest != 0 || (above & 1) ? ROUND_UP : ROUND_DOWN;
}

/* The same when the last digit of `above` is dropped too. */
static Rounding round_last_digit(uint64_t above, Wide fraction, int shift, const Scaled *scaled) {
  unsigned last = (unsigned)(above % 10);
  if (last > 5 || (last == 5 && fraction != 0)) return ROUND_UP;
  if (!scaled->exact) {
    bool near = last == 5 || (last == 4 && fraction + SCALED_SLACK > (Wide)1 << shift);
    return near ? ROUND_UNKNOWN : ROUND_DOWN;
  }
  if (last < 5) return ROUND_DOWN;
  return scaled->rest != 0 || (above / 10 & 1) ? ROUND_UP : ROUND_DOWN;
}

/* `count` <= 17 digits of n as an integer; false when 128 bits do not decide. */
static bool round_product(Parts parts, int count, uint64_t *ret_value, int *ret_exponent) {
  int up = __builtin_clzll(parts.mantissa);
  uint64_t m = parts.mantissa << up;
  int exponent = parts.exponent - up;
  /* floor(log10(n)), or one less: then the product has a digit too many. */
  int decimal = (int)(((int64_t)(exponent + 63) * 315653) >> 20);
  Scaled scaled = vm_number_power_scale(m, count - 1 - decimal);
  int shift = -(scaled.exponent + exponent);
  uint64_t value = (uint64_t)(scaled.top >> shift);
  Wide fraction = scaled.top & (((Wide)1 << shift) - 1);
  Rounding rounding;
  if (value < ten_to[count]) {
    rounding = round_fraction(value, fraction, shift, &scaled);
  } else {
    rounding = round_last_digit(value, fraction, shift, &scaled);
    value /= 10;
    decimal++;
  }
  if (UNLIKELY(rounding == ROUND_UNKNOWN)) return false;
  if (rounding == ROUND_UP) value++;
  if (UNLIKELY(value == ten_to[count])) {
    value = ten_to[count - 1];
    decimal++;
  }
  *ret_value = value;
  *ret_exponent = decimal;
  return true;
}

NumberDigits vm_number_digits_significant(double n, int count, char digits[NUMBER_DIGITS_MAX]) {
  Parts parts = take_apart(n);
  uint64_t value;
  NumberDigits result = {count, 0};
  if (count > PRODUCT_DIGITS_MAX || !round_product(parts, count, &value, &result.exponent)) {
    return round_exact(parts, count, -1, digits);
  }
  vm_number_digits_put(value, count, digits);
  return result;
}

/* n * 10^places, rounded, when it fits 64 bits. */
static bool round_places(Parts parts, int places, uint64_t *ret_value) {
  if (places > PRODUCT_PLACES_MAX || parts.exponent > 10) return false;
  Wide ten = places < TEN_POWERS ? (Wide)ten_to[places]
                                 : (Wide)ten_to[TEN_POWERS - 1] * ten_to[places - TEN_POWERS + 1];
  Wide product = parts.mantissa * ten;
  if (parts.exponent >= 0) {
    if (places > 0 || product >> (63 - parts.exponent)) return false;
    *ret_value = (uint64_t)product << parts.exponent;
    return true;
  }
  int shift = -parts.exponent;
  *ret_value = 0;
  if (shift > 127) return true; /* below half of the last place */
  Wide value = product >> shift;
  if (value >> 63) return false;
  Wide fraction = product - (value << shift);
  Wide half = (Wide)1 << (shift - 1);
  *ret_value = (uint64_t)value + (fraction > half || (fraction == half && (value & 1)));
  return true;
}

NumberDigits vm_number_digits_fixed(double n, int places, char digits[NUMBER_DIGITS_MAX]) {
  Parts parts = take_apart(n);
  uint64_t value;
  if (!round_places(parts, places, &value)) return round_exact(parts, 0, places, digits);
  if (value == 0) return (NumberDigits){0, 0};
  int count = vm_number_digits_count(value);
  vm_number_digits_put(value, count, digits);
  return (NumberDigits){count, count - 1 - places};
}
