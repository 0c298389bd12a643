/* SPDX-License-Identifier: BSD-2-Clause */
/* literal - see the header. */
#include "vm/compile/literal.h"

#include <stdint.h>
#include <string.h>

static bool is_newline(char c) {
  return c == '\n' || c == '\r';
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Skips one line end of one or two bytes. */
static const char *skip_newline(const char *p, const char *end) {
  char first = *p++;
  if (p < end && is_newline(*p) && *p != first) p++;
  return p;
}

/* Writes the byte that a decimal escape stands for; at its first digit. */
static const char *show_decimal(const char *p, const char *end, char *result) {
  int value = 0;
  for (int i = 0; i < 3 && p < end && is_digit(*p); i++) value = value * 10 + *p++ - '0';
  *result = (char)value;
  return p;
}

static char translate_escape(char c) {
  static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
  const char *found = memchr(from, c, sizeof from - 1);
  return found ? to[found - from] : c;
}

/* Writes what the escape after a backslash stands for: one byte. */
static const char *show_escape(const char *p, const char *end, char *result) {
  if (is_digit(*p)) return show_decimal(p, end, result);
  if (is_newline(*p)) {
    *result = '\n';
    return skip_newline(p, end);
  }
  *result = translate_escape(*p);
  return p + 1;
}

static size_t show_short_string(const char *p, const char *end, char *result) {
  size_t n = 0;
  while (p < end) {
    if (*p != '\\') {
      result[n++] = *p++;
    } else if (++p < end) {
      p = show_escape(p, end, &result[n++]);
    }
  }
  return n;
}

static size_t show_long_string(const char *p, const char *end, char *result) {
  size_t n = 0;
  result[n++] = *p++;
  while (p < end && *p == '=') result[n++] = *p++;
  if (p < end && *p == '[') result[n++] = *p++;
  if (p < end && is_newline(*p)) p = skip_newline(p, end);
  while (p < end) {
    if (is_newline(*p)) {
      p = skip_newline(p, end);
      result[n++] = '\n';
    } else {
      result[n++] = *p++;
    }
  }
  return n;
}

size_t vm_literal_show(const char *text, const char *end, char *result) {
  if (text == end) return 0;
  if (*text == '"' || *text == '\'') return show_short_string(text, end, result);
  if (*text == '[') return show_long_string(text, end, result);
  memcpy(result, text, (size_t)(end - text));
  return (size_t)(end - text);
}

bool vm_literal_short_number(const char *text, const char *end, double *ret_number) {
  static const double powers[16] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (end - text > 16) return false;
  uint64_t digits = 0;
  int count = 0, decimals = 0;
  bool point = false;
  for (; text < end; text++) {
    if (*text == '.' && !point) {
      point = true;
    } else if (is_digit(*text)) {
      digits = digits * 10 + (uint64_t)(*text - '0');
      count++;
      decimals += point;
    } else {
      return false;
    }
  }
  if (count == 0 || count > 15) return false;
  /* Both are exact doubles, so the one division rounds correctly. */
  *ret_number = (double)digits / powers[decimals];
  return true;
}
