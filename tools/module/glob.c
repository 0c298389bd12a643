/* SPDX-License-Identifier: BSD-2-Clause */
/* glob - matching with one point of return: the last star takes one byte more. */
#include "tools/module/glob.h"

#include <ctype.h>

static int fold(char c) {
  return tolower((unsigned char)c);
}

/* Reads one member of a set at `*at`; true when it has `c`. */
static bool has_member(FsbBytes pattern, size_t *at, int c) {
  size_t i = *at;
  if (pattern.data[i] == '\\' && i + 1 < pattern.size) i++;
  if (i + 2 < pattern.size && pattern.data[i + 1] == '-') {
    int low = fold(pattern.data[i]), high = fold(pattern.data[i + 2]);
    *at = i + 3;
    return low <= high ? c >= low && c <= high : c >= high && c <= low;
  }
  *at = i + 1;
  return fold(pattern.data[i]) == c;
}

/* Matches `c` with the set whose '[' is at `*at`, and moves behind it. */
static bool matches_set(FsbBytes pattern, size_t *at, int c) {
  bool is_in = false;
  ++*at;
  bool is_negated = *at < pattern.size && pattern.data[*at] == '^';
  if (is_negated) ++*at;
  while (*at < pattern.size && pattern.data[*at] != ']')
    if (has_member(pattern, at, c)) is_in = true;
  if (*at < pattern.size) ++*at;
  return is_in != is_negated;
}

/* Matches one byte with what stands at `*at`, and moves behind that. */
static bool matches_one(FsbBytes pattern, size_t *at, char c) {
  if (pattern.data[*at] == '?') {
    ++*at;
    return true;
  }
  if (pattern.data[*at] == '[') return matches_set(pattern, at, fold(c));
  if (pattern.data[*at] == '\\' && *at + 1 < pattern.size) ++*at;
  return fold(pattern.data[(*at)++]) == fold(c);
}

bool module_glob_matches(FsbBytes pattern, FsbBytes text) {
  size_t at = 0, i = 0, star = 0, resume = 0;
  bool has_star = false;
  while (i < text.size) {
    if (at < pattern.size && pattern.data[at] == '*') {
      has_star = true;
      star = ++at;
      resume = i;
    } else if (at < pattern.size && matches_one(pattern, &at, text.data[i])) {
      i++;
    } else if (has_star) {
      at = star;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size && pattern.data[at] == '*') at++;
  return at == pattern.size;
}
