/* SPDX-License-Identifier: BSD-2-Clause */
/* number_power - a 64-bit integer times a power of ten, to 128 bits.
 *
 * The one multiplication behind fast reading and fast writing of numbers.  The
 * result is a lower bound with a known slack, so a caller can tell when rounding it
 * is safe and when only exact arithmetic (number_exact.h) decides.
 * Layer: vm/values.
 */
#ifndef VM_VALUES_NUMBER_POWER_H
#define VM_VALUES_NUMBER_POWER_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 Wide;

enum {
  NUMBER_POWER_MIN = -364, /* powers of ten that can be asked for */
  NUMBER_POWER_MAX = 363,
  SCALED_SLACK = 16 /* an inexact product lies in [top, top + SCALED_SLACK) */
};

/* The product is (top + rest / 2^64) * 2^exponent; the top bit of `top` is set. */
typedef struct {
  Wide top;
  uint64_t rest; /* meaningful only when exact */
  int exponent;
  bool exact;
} Scaled;

/* Multiplies `m`, whose top bit is set, by 10^power. */
Scaled vm_number_power_scale(uint64_t m, int power);

#endif
