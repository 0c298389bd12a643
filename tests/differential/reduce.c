/* SPDX-License-Identifier: BSD-2-Clause */
/* reduce - see reduce.h. */
#include "tests/differential/reduce.h"

#include <ctype.h>
#include <string.h>

#include "tests/differential/generator.h"

enum { PIECES_MAX = 20000 };

static size_t cut_lines(const char *text, size_t size, size_t *starts) {
  size_t n = 0;
  for (size_t i = 0; i < size && n < PIECES_MAX - 1; i++) {
    if (i == 0 || text[i - 1] == '\n') starts[n++] = i;
  }
  starts[n] = size;
  return n;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t cut_words(const char *text, size_t size, size_t *starts) {
  size_t n = 0;
  for (size_t i = 0; i < size && n < PIECES_MAX - 1; i++) {
    if (i == 0 || !(is_word(text[i - 1]) && is_word(text[i]))) starts[n++] = i;
  }
  starts[n] = size;
  return n;
}

/* One pass over all runs of `run` pieces; true when something was removed. */
static bool remove_runs(char *text, size_t *size, size_t run, size_t (*cut)(const char *, size_t, size_t *),
                        bool (*still)(const char *, size_t)) {
  static size_t starts[PIECES_MAX];
  static char trial[PROGRAM_MAX + 1];
  bool removed = false;
  size_t count = cut(text, *size, starts);
  for (size_t i = 0; i + run <= count;) {
    size_t from = starts[i], to = starts[i + run];
    memcpy(trial, text, from);
    memcpy(trial + from, text + to, *size - to);
    trial[*size - (to - from)] = '\0';
    if (!still(trial, *size - (to - from))) {
      i++;
      continue;
    }
    *size -= to - from;
    memcpy(text, trial, *size + 1);
    count = cut(text, *size, starts);
    removed = true;
  }
  return removed;
}

size_t reduce_text(char *text, size_t size, bool (*still)(const char *text, size_t size)) {
  bool again = true;
  while (again) {
    again = false;
    for (size_t run = 32; run > 0; run /= 2) again |= remove_runs(text, &size, run, cut_lines, still);
    for (size_t run = 16; run > 0; run /= 2) again |= remove_runs(text, &size, run, cut_words, still);
  }
  return size;
}
