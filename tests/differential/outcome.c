/* SPDX-License-Identifier: BSD-2-Clause */
/* outcome - see outcome.h. */
#define _GNU_SOURCE
#include "tests/differential/outcome.h"

#include <ctype.h>
#include <string.h>

void outcome_put(Outcome *o, const char *bytes, size_t size) {
  if (size > OUTPUT_MAX - o->size) size = OUTPUT_MAX - o->size;
  memcpy(o->output + o->size, bytes, size);
  o->size += size;
}

void outcome_mask(Outcome *o) {
  static const char *const kinds[] = {"table: 0x", "function: 0x", "thread: 0x", "userdata: 0x"};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    char *at = o->output, *end = o->output + o->size;
    size_t length = strlen(kinds[k]);
    while ((at = memmem(at, (size_t)(end - at), kinds[k], length)) != NULL) {
      for (at += length; at < end && isxdigit((unsigned char)*at); at++) *at = '.';
    }
  }
}
