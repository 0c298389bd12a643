/* SPDX-License-Identifier: BSD-2-Clause */
/* error_line - an error of the data store, as a script sees it.
 *
 * Shared by the machine, which makes error tables of such lines, and the supervisor,
 * which words the error of a call that the machine did not wait for.
 *
 * Layer: policy.  Pure.
 */
#ifndef POLICY_ERROR_LINE_H
#define POLICY_ERROR_LINE_H

#include <stddef.h>

/* An error line of the data store as scripts see it: code word, one space, message. */
typedef struct {
  const char *code; /* "ERR" where the line has no code word */
  size_t code_bytes;
  const char *message; /* no CR or LF at its ends; borrows from the line, as `code` may */
  size_t message_bytes;
} ErrorLine;

/* Takes an error line without its '-' apart.  Like Redis it handles the line as a C
 * string: a NUL ends it. */
ErrorLine policy_error_line_split(const char *line, size_t size) __attribute__((nonnull(1)));

#endif
