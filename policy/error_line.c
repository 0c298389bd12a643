/* SPDX-License-Identifier: BSD-2-Clause */
/* error_line - see error_line.h. */
#include "policy/error_line.h"

#include <stdbool.h>
#include <string.h>

static bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

ErrorLine policy_error_line_split(const char *line, size_t size) {
  const char *nul = memchr(line, '\0', size);
  const char *end = nul != NULL ? nul : line + size;
  const char *space = memchr(line, ' ', (size_t)(end - line));
  const char *message = space != NULL ? space + 1 : line;
  while (message < end && is_line_end(*message)) message++;
  while (end > message && is_line_end(end[-1])) end--;
  ErrorLine split = {"ERR", 3, message, (size_t)(end - message)};
  if (space != NULL) {
    split.code = line;
    split.code_bytes = (size_t)(space - line);
  }
  return split;
}
