/* SPDX-License-Identifier: BSD-2-Clause */
/* number_digits - the decimal digits of a double, correctly rounded.
 *
 * What printf's conversions are made of.  Rounding is of the exact binary value,
 * ties to even, as glibc does it.  Layer: vm/values.
 */
#ifndef VM_VALUES_NUMBER_DIGITS_H
#define VM_VALUES_NUMBER_DIGITS_H

#include <stdint.h>

enum {
  NUMBER_PLACES_MAX = 120, /* digits or places that can be asked for */
  NUMBER_DIGITS_MAX = 512  /* bytes of the digits' buffer */
};

/* A number is d.ddd... * 10^exponent; `count` digits, no NUL behind them. */
typedef struct {
  int count;
  int exponent;
} NumberDigits;

/* Writes the first `count` (1..NUMBER_PLACES_MAX) significant digits of `n`, which
 * is finite and positive. */
NumberDigits vm_number_digits_significant(double n, int count, char digits[NUMBER_DIGITS_MAX]);

/* Writes the digits of `n`, finite and positive, down to the `places`th (0..
 * NUMBER_PLACES_MAX) behind the decimal point.  No digits: it rounds to zero. */
NumberDigits vm_number_digits_fixed(double n, int places, char digits[NUMBER_DIGITS_MAX]);

/* Writes `value` with `count` digits, zeros in front. */
void vm_number_digits_put(uint64_t value, int count, char *text);

enum { NUMBER_SMALL = 100000000 };

/* Writes `value`, below NUMBER_SMALL, without zeros in front, and perhaps bytes behind it, 8 in all
 * at most; returns the number of digits. */
int vm_number_digits_small(uint32_t value, char *text);

/* The number of decimal digits of `value`, 1 for 0. */
int vm_number_digits_count(uint64_t value);

#endif
