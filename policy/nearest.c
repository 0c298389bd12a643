/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest - edit distance over short words. */
#include "policy/nearest.h"

#include <stdio.h>
#include <string.h>

Nearest policy_nearest_start(const char *word) {
  return (Nearest){.word = word, .distance = NEAREST_BYTES};
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Insertions, deletions and replacements that turn one word into the other. */
static size_t distance_between(const char *a, const char *b) {
  size_t row[NEAREST_BYTES + 1];
  size_t width = strlen(b);
  for (size_t j = 0; j <= width; j++) row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < width; j++) {
      size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = least(replaced, least(row[j], row[j + 1]) + 1);
    }
  }
  return row[width];
}

void policy_nearest_offer(Nearest *nearest, const char *known) {
  if (strlen(known) >= NEAREST_BYTES || strlen(nearest->word) >= NEAREST_BYTES) return;
  size_t distance = distance_between(nearest->word, known);
  if (distance >= nearest->distance) return;
  nearest->distance = distance;
  (void)snprintf(nearest->best, sizeof nearest->best, "%s", known);
}

/* A third of the letters may be wrong, in a short word two (swapped ones). */
const char *policy_nearest_best(const Nearest *nearest) {
  return nearest->distance * 3 <= strlen(nearest->word) + 3 ? nearest->best : "";
}
