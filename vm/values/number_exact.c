/* SPDX-License-Identifier: BSD-2-Clause */
/* number_exact - the slow road: decimal and binary compared without any error.
 *
 * Integers are arrays of 32-bit words, lowest first.  Sizes follow from the range of
 * doubles and from EXACT_COMPARE_DIGITS; every growth is checked against the array.
 * Layer: vm/values.
 */
#include "vm/values/number_exact.h"

#include <string.h>

#include "vm/config.h"
#include "vm/values/number_digits.h"

/* 781 digits and a power of ten up to 10^1130, or 2^1075 times as much. */
enum { WORDS_MAX = 208, LIMB = 1000000000, LIMB_DIGITS = 9 };

typedef struct {
  int count; /* words in use; the highest is not zero */
  uint32_t words[WORDS_MAX];
} Big;

static void set(Big *b, uint64_t value) {
  b->words[0] = (uint32_t)value;
  b->words[1] = (uint32_t)(value >> 32);
  b->count = b->words[1] ? 2 : b->words[0] ? 1 : 0;
}

/* b = b * factor + addend */
static void multiply_add(Big *b, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (int i = 0; i < b->count; i++) {
    carry += (uint64_t)b->words[i] * factor;
    b->words[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) {
    VM_ASSERT(b->count < WORDS_MAX);
    b->words[b->count++] = (uint32_t)carry;
  }
}

static void multiply_power_of_five(Big *b, int power) {
  for (; power >= 13; power -= 13) multiply_add(b, 1220703125, 0);
  for (; power > 0; power--) multiply_add(b, 5, 0);
}

static void shift_up(Big *b, int bits) {
  if (b->count == 0) return;
  int words = bits / 32;
  VM_ASSERT(b->count + words <= WORDS_MAX);
  memmove(b->words + words, b->words, (size_t)b->count * sizeof *b->words);
  memset(b->words, 0, (size_t)words * sizeof *b->words);
  b->count += words;
  multiply_add(b, UINT32_C(1) << bits % 32, 0);
}

static int compare(const Big *a, const Big *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (int i = a->count - 1; i >= 0; i--) {
    if (a->words[i] != b->words[i]) return a->words[i] < b->words[i] ? -1 : 1;
  }
  return 0;
}

/* b = the integer of `count` digits, nine at a time. */
static void set_digits(Big *b, const char *digits, size_t count) {
  static const uint32_t powers[LIMB_DIGITS + 1] = {1,      10,      100,      1000,      10000,
                                                   100000, 1000000, 10000000, 100000000, LIMB};
  set(b, 0);
  while (count > 0) {
    size_t taken = count < LIMB_DIGITS ? count : LIMB_DIGITS;
    uint32_t limb = 0;
    for (size_t i = 0; i < taken; i++) limb = limb * 10 + (uint32_t)(digits[i] - '0');
    multiply_add(b, powers[taken], limb);
    digits += taken;
    count -= taken;
  }
}

int vm_number_exact_compare(const char *digits, size_t count, int exponent, uint64_t mantissa,
                            int binary) {
  Big decimal, other;
  set_digits(&decimal, digits, count);
  set(&other, mantissa);
  multiply_power_of_five(exponent >= 0 ? &decimal : &other, exponent >= 0 ? exponent : -exponent);
  int shift = exponent - binary; /* the decimal side's power of two, less the other's */
  shift_up(shift >= 0 ? &decimal : &other, shift >= 0 ? shift : -shift);
  return compare(&decimal, &other);
}

/* --- Expansion --- */

/* b = b / LIMB; returns the remainder. */
static uint32_t divide_by_limb(Big *b) {
  uint64_t rest = 0;
  for (int i = b->count - 1; i >= 0; i--) {
    rest = rest << 32 | b->words[i];
    b->words[i] = (uint32_t)(rest / LIMB);
    rest %= LIMB;
  }
  while (b->count > 0 && b->words[b->count - 1] == 0) b->count--;
  return (uint32_t)rest;
}

/* Writes the decimal digits of `b`, zeros in front up to whole limbs; destroys it. */
static int write_integer(Big *b, char *digits) {
  uint32_t limbs[40];
  int count = 0;
  while (b->count > 0) limbs[count++] = divide_by_limb(b);
  for (int i = 0; i < count; i++) {
    vm_number_digits_put(limbs[count - 1 - i], LIMB_DIGITS, digits + i * LIMB_DIGITS);
  }
  return count * LIMB_DIGITS;
}

/* Writes the digits of fraction / 2^bits, which is below 1, until at least `significant`
 * of them follow the first that is not zero and `places` are there; a 1 stands for the
 * rest. */
static int write_fraction(uint64_t fraction, int bits, int significant, int places, char *digits) {
  Big b;
  int words = (bits + 31) / 32; /* the point stands before word `words` */
  set(&b, fraction);
  shift_up(&b, words * 32 - bits);
  int count = 0;
  while (b.count > 0) {
    if (count >= places && significant <= 0) {
      digits[count++] = '1';
      break;
    }
    multiply_add(&b, LIMB, 0);
    uint32_t limb = 0;
    if (b.count > words) limb = b.words[--b.count];
    vm_number_digits_put(limb, LIMB_DIGITS, digits + count);
    count += LIMB_DIGITS;
    if (limb != 0) significant -= vm_number_digits_count(limb);
    while (b.count > 0 && b.words[b.count - 1] == 0) b.count--;
    if (b.count > 0 && b.words[0] == 0) {
      /* Low words run empty as factors of two are used up: move the point. */
      memmove(b.words, b.words + 1, (size_t)--b.count * sizeof *b.words);
      words--;
    }
  }
  return count;
}

/* Takes zeros off both ends; returns how many digits are left. */
static int strip(char *digits, int count, int *ret_leading) {
  int leading = 0;
  while (leading < count && digits[leading] == '0') leading++;
  while (count > leading && digits[count - 1] == '0') count--;
  memmove(digits, digits + leading, (size_t)(count - leading));
  *ret_leading = leading;
  return count - leading;
}

int vm_number_exact_expand(uint64_t mantissa, int exponent, int significant, int places,
                           char digits[EXACT_DIGITS_MAX], int *ret_exponent) {
  int whole, count, leading;
  Big integer;
  int bits = exponent < 0 ? -exponent : 0;
  set(&integer, bits < 64 ? mantissa >> bits : 0);
  if (exponent > 0) shift_up(&integer, exponent);
  whole = write_integer(&integer, digits);
  uint64_t fraction = bits < 64 ? mantissa & ((UINT64_C(1) << bits) - 1) : mantissa;
  leading = 0;
  while (leading < whole && digits[leading] == '0') leading++;
  /* One digit more than asked for, so that the last 1 never stands at a tie. */
  significant -= whole - leading - 1;
  count = whole + write_fraction(fraction, bits, significant, places + 1, digits + whole);
  count = strip(digits, count, &leading);
  *ret_exponent = whole - 1 - leading;
  return count;
}
