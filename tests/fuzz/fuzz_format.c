/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_format - string.format's conversions beside snprintf's, and any format as a script.
 *
 * The first fourteen bytes are flags, width, precision, conversion and a value; what
 * follows is a format text, run through string.format with arguments of every kind.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/script.h"
#include "vm/lib/format.h"

static const char source[] =
    "local f = ARGV[1] local ok, a = pcall(string.format, f, 12, 'text', -0.5, 2^53, 'x\\0y\\n\\\\\"', 1e300, 65, 0) "
    "local ok2, b = pcall(string.format, f, 'text', 255, 'q', 1/0, 3, 4) "
    "if ok and #a > 100000 then return 1 end return 0";

static void build_spec(const uint8_t *data, FormatSpec *ret_spec, char format[40], const char *length, char conversion) {
  *ret_spec = (FormatSpec){.left = data[0] & 1, .plus = data[0] & 2, .space = data[0] & 4, .alternate = data[0] & 8,
                           .zero = data[0] & 16, .width = data[1] % (FORMAT_WIDTH_MAX + 1),
                           .precision = data[0] & 32 ? data[2] % (FORMAT_WIDTH_MAX + 1) : -1};
  char precision[8] = "";
  if (ret_spec->precision >= 0) snprintf(precision, sizeof precision, ".%d", ret_spec->precision);
  char width[8] = "";
  if (ret_spec->width > 0) snprintf(width, sizeof width, "%d", ret_spec->width);
  snprintf(format, 40, "%%%s%s%s%s%s%s%s%s%c", ret_spec->left ? "-" : "", ret_spec->plus ? "+" : "", ret_spec->space ? " " : "",
           ret_spec->alternate ? "#" : "", ret_spec->zero ? "0" : "", width, precision, length, conversion);
}

static void check_same(const char *ours, size_t size, const char *theirs, int length) {
  if (length < 0 || (size_t)length != size || memcmp(ours, theirs, size) != 0) __builtin_trap();
}

static void check_number(const uint8_t *data) {
  FormatSpec spec;
  char format[40], ours[FORMAT_SIZE_MAX], theirs[FORMAT_SIZE_MAX + 1];
  uint64_t bits;
  double n;
  memcpy(&bits, data + 4, sizeof bits);
  memcpy(&n, &bits, sizeof n);
  if (n != n) n = bits >> 63 ? -__builtin_nan("") : __builtin_nan("");
  char integer = "diouxX"[data[3] % 6], real = "eEfgG"[data[3] % 5];
  build_spec(data, &spec, format, "ll", integer);
  check_same(ours, vm_format_integer(&spec, integer, bits, ours), theirs, snprintf(theirs, sizeof theirs, format, (long long)bits));
  build_spec(data, &spec, format, "", real);
  check_same(ours, vm_format_double(&spec, real, n, ours), theirs, snprintf(theirs, sizeof theirs, format, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 14) return 0;
  check_number(data);
  if (size == 14 || size > 2000) return 0;
  VM *vm = script_machine();
  if (script_begin(vm, source, (VmBytes){(const char *)data + 14, size - 14})) {
    if (vm_run(vm, SCRIPT_BUDGET) == VM_ERROR) __builtin_trap();
  }
  script_end(vm);
  return 0;
}
