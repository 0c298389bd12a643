/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_number - numbers to text and back, beside glibc.
 *
 * The bytes are read as a text, as strtod reads it, and their first eight as a double,
 * which is written as printf writes it.  Subnormals of hundreds of digits are left out:
 * glibc 2.36 rounds some of them wrongly.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/lib/format.h"
#include "vm/values/number.h"

#define TEXT_MAX 1024

static bool read_by_strtod(const char *text, double *ret_number) {
  char *end;
  *ret_number = strtod(text, &end);
  if (end == text) return false;
  while (isspace((unsigned char)*end)) end++;
  return *end == '\0';
}

static void check_read(const uint8_t *data, size_t size) {
  char text[TEXT_MAX + 1];
  if (size > TEXT_MAX) return;
  memcpy(text, data, size);
  text[size] = '\0';
  double ours = 0, theirs = 0;
  bool is_ours = vm_number_read(text, size, &ours);
  if (is_ours != read_by_strtod(text, &theirs)) __builtin_trap();
  if (!is_ours || theirs != theirs) return;
  if (size > 400 && __builtin_fabs(theirs) < 0x1p-1021) return;
  if (memcmp(&ours, &theirs, sizeof ours) != 0) __builtin_trap();
}

static void check_write(double n) {
  char ours[NUMBER_TEXT_MAX], theirs[64];
  vm_number_write(n, ours);
  snprintf(theirs, sizeof theirs, "%.14g", n);
  if (strcmp(ours, theirs) != 0) __builtin_trap();
  vm_number_write_exact(n, ours);
  snprintf(theirs, sizeof theirs, "%.17g", n);
  if (strcmp(ours, theirs) != 0) __builtin_trap();
}

static void check_format(double n, uint8_t flags, uint8_t width, uint8_t precision) {
  FormatSpec spec = {.left = flags & 1,
                     .plus = flags & 2,
                     .space = flags & 4,
                     .alternate = flags & 8,
                     .zero = flags & 16,
                     .width = width % (FORMAT_WIDTH_MAX + 1),
                     .precision = precision % (FORMAT_WIDTH_MAX + 1)};
  char conversion = "efgGE"[flags >> 5 < 5 ? flags >> 5 : 0];
  char format[32], ours[FORMAT_SIZE_MAX + 1], theirs[FORMAT_SIZE_MAX + 1];
  snprintf(format, sizeof format, "%%%s%s%s%s%s*.*%c", spec.left ? "-" : "", spec.plus ? "+" : "",
           spec.space ? " " : "", spec.alternate ? "#" : "", spec.zero ? "0" : "", conversion);
  ours[vm_format_double(&spec, conversion, n, ours)] = '\0';
  snprintf(theirs, sizeof theirs, format, spec.width, spec.precision, n);
  if (strcmp(ours, theirs) != 0) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  check_read(data, size);
  if (size < 11) return 0;
  double n;
  memcpy(&n, data, sizeof n);
  if (n != n) n = __builtin_nan("");
  check_write(n);
  check_format(n, data[8], data[9], data[10]);
  return 0;
}
