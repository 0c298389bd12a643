/* SPDX-License-Identifier: BSD-2-Clause */
/* text - escaping, complaining, flushing. */
#include "tools/ctl/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 2048

/* --- Escaping --- */

static bool is_continuation(const unsigned char *p, size_t size, size_t count) {
  if (size <= count) return false;
  for (size_t i = 1; i <= count; i++)
    if ((p[i] & 0xc0) != 0x80) return false;
  return true;
}

/* Length of the valid, shortest-form UTF-8 sequence at `p`; 0: there is none.
 * C1 controls and what changes the direction of text are as bad as escapes. */
static size_t utf8_length(const unsigned char *p, size_t size) {
  if (p[0] >= 0xc2 && p[0] <= 0xdf && is_continuation(p, size, 1))
    return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : 2;
  if (p[0] >= 0xe0 && p[0] <= 0xef && is_continuation(p, size, 2)) {
    unsigned code = (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    bool is_bad = code < 0x800 || (code >= 0xd800 && code < 0xe000) ||
                  (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                  (code >= 0x2066 && code <= 0x2069);
    return is_bad ? 0 : 3;
  }
  if (p[0] >= 0xf0 && p[0] <= 0xf4 && is_continuation(p, size, 3)) {
    unsigned code = (p[0] & 7u) << 18 | (p[1] & 63u) << 12;
    return code < 0x10000 || code > 0x10ffff ? 0 : 4;
  }
  return 0;
}

void ctl_text_escape(FILE *to, FsbBytes bytes) {
  const unsigned char *p = (const unsigned char *)bytes.data;
  size_t left = bytes.size;
  while (left != 0) {
    size_t take = *p >= 0x20 && *p < 0x7f ? 1 : *p < 0x80 ? 0 : utf8_length(p, left);
    if (take == 0)
      (void)fprintf(to, "\\x%02x", *p);
    else
      (void)fwrite(p, 1, take, to);
    if (take == 0) take = 1;
    p += take;
    left -= take;
  }
}

static void quote_byte(FILE *to, unsigned char c) {
  static const char letters[] = "\\\\\"\"\nn\rr\tt\aa\bb";
  for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
    if (c != (unsigned char)letters[i]) continue;
    (void)fprintf(to, "\\%c", letters[i + 1]);
    return;
  }
  if (c >= 0x20 && c < 0x7f)
    (void)putc(c, to);
  else
    (void)fprintf(to, "\\x%02x", c);
}

void ctl_text_quote(FILE *to, FsbBytes bytes) {
  (void)putc('"', to);
  for (size_t i = 0; i < bytes.size; i++) quote_byte(to, (unsigned char)bytes.data[i]);
  (void)putc('"', to);
}

/* --- Complaining --- */

void ctl_text_complain(const char *format, ...) {
  char line[LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  (void)fputs("ferrous-sandboxctl: ", stderr);
  ctl_text_escape(stderr, (FsbBytes){line, strlen(line)});
  (void)putc('\n', stderr);
}

/* --- Standard output --- */

void ctl_text_reserve(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    /* The wrong direction on purpose: using it is an error, not a silence. */
    int null = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    if (null >= 0 && null != fd) (void)close(null);
  }
}

bool ctl_text_has_output(void) {
  int flags = fcntl(STDOUT_FILENO, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) return true;
  ctl_text_complain("standard output is closed; nothing was run");
  return false;
}

bool ctl_text_finish(void) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return true;
  ctl_text_complain("cannot write to standard output: %s", strerror(errno == 0 ? EIO : errno));
  return false;
}
