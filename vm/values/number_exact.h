/* SPDX-License-Identifier: BSD-2-Clause */
/* number_exact - the slow road: decimal and binary compared without any error.
 *
 * Used when 128 bits cannot decide a rounding, and for more than 17 digits.
 * Everything lives in fixed arrays on the stack.  Layer: vm/values.
 */
#ifndef VM_VALUES_NUMBER_EXACT_H
#define VM_VALUES_NUMBER_EXACT_H

#include <stddef.h>
#include <stdint.h>

enum {
  EXACT_DIGITS_MAX = 1100
}; /* the longest double has 309 + 1074 places, 767 of them significant */

/* The digits of mantissa * 2^exponent, a positive double; no zeros in front or at the
 * end.  At least `significant` digits and as many as reach to `places` behind the point
 * are exact; what lies below both may be replaced by a last digit 1.  Returns their
 * number; *ret_exponent is the decimal exponent of the first. */
int vm_number_exact_expand(uint64_t mantissa, int exponent, int significant, int places,
                           char digits[EXACT_DIGITS_MAX], int *ret_exponent);

enum { EXACT_COMPARE_DIGITS = 780 }; /* further digits are replaced by one "1" if any is not zero */

/* Compares the integer `digits` (count digits, at most EXACT_COMPARE_DIGITS + 1)
 * times 10^exponent with mantissa * 2^binary: <0, 0, >0. */
int vm_number_exact_compare(const char *digits, size_t count, int exponent, uint64_t mantissa,
                            int binary);

#endif
