/* SPDX-License-Identifier: BSD-2-Clause */
/* format - one conversion of printf, as glibc does it in the C locale.
 *
 * Pure functions; string_format.c reads the format string and the arguments.
 * Layer: vm/lib.
 */
#ifndef VM_LIB_FORMAT_H
#define VM_LIB_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  FORMAT_WIDTH_MAX = 99, /* of width and precision: two digits */
  FORMAT_SIZE_MAX = 416  /* bytes that a number takes at most: 309 + 1 + 99 and a sign */
};

typedef struct {
  bool left;      /* '-' */
  bool plus;      /* '+' */
  bool space;     /* ' ' */
  bool alternate; /* '#' */
  bool zero;      /* '0' */
  int width;
  int precision; /* -1: none given */
} FormatSpec;

/* Writes an integer for 'd', 'i' (as signed), 'o', 'u', 'x' or 'X'; returns the size. */
size_t vm_format_integer(const FormatSpec *spec, char conversion, uint64_t value,
                         char out[FORMAT_SIZE_MAX]);

/* Writes a double for 'e', 'E', 'f', 'g' or 'G'; returns the size. */
size_t vm_format_double(const FormatSpec *spec, char conversion, double n,
                        char out[FORMAT_SIZE_MAX]);

#endif
