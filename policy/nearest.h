/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest - "did you mean": the known word that is closest to a mistyped one.
 *
 * Layer: policy (no I/O, no allocation).
 */
#ifndef POLICY_NEAREST_H
#define POLICY_NEAREST_H

#include <stddef.h>

#define NEAREST_BYTES 32

typedef struct {
  const char *word;
  size_t distance; /* of the best so far */
  char best[NEAREST_BYTES];
} Nearest;

Nearest policy_nearest_start(const char *word);

/* Considers one known word. */
void policy_nearest_offer(Nearest *nearest, const char *known);

/* Returns the best, or "" when none is close enough to be meant. */
const char *policy_nearest_best(const Nearest *nearest);

#endif
