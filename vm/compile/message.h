/* SPDX-License-Identifier: BSD-2-Clause */
/* message - error texts put together in a buffer, piece by piece. */
#ifndef VM_COMPILE_MESSAGE_H
#define VM_COMPILE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes `bytes` and a NUL at `at`; returns where the next piece goes. */
static inline size_t message_put(char *text, size_t at, const char *bytes) {
  size_t size = strlen(bytes);
  memcpy(text + at, bytes, size + 1);
  return at + size;
}

/* The same for a decimal number, of at most 10 digits. */
static inline size_t message_put_number(char *text, size_t at, uint32_t number) {
  char digits[12];
  size_t n = sizeof digits - 1;
  digits[n] = '\0';
  do digits[--n] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  return message_put(text, at, digits + n);
}

#endif
