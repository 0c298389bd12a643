/* SPDX-License-Identifier: BSD-2-Clause */
/* cjson_number - the two uses of numbers that only cjson makes: printing with fewer
 * than 14 digits, and reading a number from the middle of a text. */
#include "vm/lib/cjson.h"
#include "vm/lib/native.h"
#include "vm/values/number.h"
#include "vm/values/number_digits.h"

/* --- Writing --- */

static char *put_digits(char *at, const char *digits, int count) {
  memcpy(at, digits, (size_t)count);
  return at + count;
}

static char *put_zeros(char *at, int count) {
  for (; count > 0; count--) *at++ = '0';
  return at;
}

static char *put_scientific(char *at, const char *digits, NumberDigits d) {
  *at++ = digits[0];
  if (d.count > 1) {
    *at++ = '.';
    at = put_digits(at, digits + 1, d.count - 1);
  }
  *at++ = 'e';
  *at++ = d.exponent < 0 ? '-' : '+';
  int size = d.exponent < 0 ? -d.exponent : d.exponent;
  if (size >= 100) *at++ = (char)('0' + size / 100);
  *at++ = (char)('0' + size / 10 % 10);
  *at++ = (char)('0' + size % 10);
  return at;
}

static char *put_plain(char *at, const char *digits, NumberDigits d) {
  if (d.exponent < 0) {
    *at++ = '0';
    *at++ = '.';
    at = put_zeros(at, -d.exponent - 1);
    return put_digits(at, digits, d.count);
  }
  int whole = d.exponent + 1;
  if (d.count <= whole) return put_zeros(put_digits(at, digits, d.count), whole - d.count);
  at = put_digits(at, digits, whole);
  *at++ = '.';
  return put_digits(at, digits + whole, d.count - whole);
}

size_t vm_cjson_write_rounded(double n, int precision, char *text) {
  char digits[NUMBER_DIGITS_MAX];
  char *at = text;
  if (__builtin_signbit(n)) *at++ = '-';
  n = __builtin_fabs(n);
  if (n == 0) {
    *at++ = '0';
    return (size_t)(at - text);
  }
  if (n > 1.7976931348623157e308) return (size_t)(put_digits(at, "inf", 3) - text);
  NumberDigits d = vm_number_digits_significant(n, precision, digits);
  while (d.count > 1 && digits[d.count - 1] == '0') d.count--;
  bool plain = d.exponent >= -4 && d.exponent < precision;
  at = plain ? put_plain(at, digits, d) : put_scientific(at, digits, d);
  return (size_t)(at - text);
}

/* --- Reading --- */

enum { SHORT_TEXT = 128, EXACT_DIGITS = 15, EXACT_POWER = 22 };

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

static bool starts_with(const char *text, const char *word) {
  for (; *word; word++, text++) {
    if (lower(*text) != *word) return false;
  }
  return true;
}

/* The end of "inf", "infinity", "nan" or "nan(...)"; NULL when it is none of them. */
static const char *read_word(const char *text, bool negative, double *ret_number) {
  if (starts_with(text, "inf")) {
    *ret_number = negative ? -__builtin_inf() : __builtin_inf();
    return starts_with(text, "infinity") ? text + 8 : text + 3;
  }
  if (!starts_with(text, "nan")) return NULL;
  *ret_number = __builtin_copysign(__builtin_nan(""), negative ? -1.0 : 1.0);
  const char *payload = text + 3;
  if (*payload != '(') return payload;
  const char *p = payload + 1;
  while (is_digit(*p) || (lower(*p) >= 'a' && lower(*p) <= 'z') || *p == '_') p++;
  return *p == ')' ? p + 1 : payload;
}

/* The end of an exponent introduced by `letter`; `p` itself when there is none. */
static const char *skip_exponent(const char *p, char letter) {
  if (lower(*p) != letter) return p;
  const char *q = p + 1;
  if (*q == '-' || *q == '+') q++;
  if (!is_digit(*q)) return p;
  while (is_digit(*q)) q++;
  return q;
}

/* The end of an unsigned number; NULL when there is none. */
static const char *find_end(const char *text) {
  bool hex = text[0] == '0' && lower(text[1]) == 'x' && (is_hex(text[2]) || (text[2] == '.' && is_hex(text[3])));
  const char *p = hex ? text + 2 : text;
  const char *start = p;
  while (hex ? is_hex(*p) : is_digit(*p)) p++;
  size_t digits = (size_t)(p - start);
  if (*p == '.') {
    const char *fraction = ++p;
    while (hex ? is_hex(*p) : is_digit(*p)) p++;
    digits += (size_t)(p - fraction);
  }
  if (digits == 0) return NULL;
  return skip_exponent(p, hex ? 'p' : 'e');
}

static const double powers_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Reads up to 15 digits with at most one point among them, where one division rounds
 * correctly.  NULL when it is anything else. */
static const char *read_short(const char *text, double *ret_number) {
  uint64_t mantissa = 0;
  const char *p = text, *point = NULL;
  for (;; p++) {
    if (is_digit(*p)) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    else if (*p == '.' && point == NULL) point = p;
    else break;
    if (p - text > EXACT_DIGITS) return NULL;
  }
  if (p == text || (point && p - text == 1) || lower(*p) == 'e' || lower(*p) == 'x') return NULL;
  if (p - text > EXACT_DIGITS) return NULL;
  *ret_number = (double)mantissa;
  if (point) *ret_number /= powers_of_ten[p - point - 1];
  return p;
}

/* vm_number_read wants a text of its own. */
static bool read_copy(VM *vm, const char *text, size_t size, double *ret_number) {
  char copy[SHORT_TEXT];
  if (LIKELY(size < SHORT_TEXT)) {
    memcpy(copy, text, size);
    copy[size] = '\0';
    return vm_number_read(copy, size, ret_number);
  }
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, text, size);
  vm_buffer_put_byte(vm, '\0');
  bool found = vm_number_read(vm_buffer_data(vm, mark), size, ret_number);
  vm_buffer_close(vm, mark);
  return found;
}

const char *vm_cjson_read_number(VM *vm, const char *text, double *ret_number) {
  bool negative = *text == '-';
  const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
  double n;
  const char *end = read_short(digits, &n);
  if (UNLIKELY(end == NULL)) {
    end = read_word(digits, negative, ret_number);
    if (end) return end;
    end = find_end(digits);
    if (end == NULL || !read_copy(vm, digits, (size_t)(end - digits), &n)) return NULL;
  }
  *ret_number = negative ? -n : n;
  return end;
}
