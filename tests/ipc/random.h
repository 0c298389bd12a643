/* SPDX-License-Identifier: BSD-2-Clause */
/* random - a small deterministic generator for property tests of the wire.
 *
 * Deterministic, so that a failure repeats; not for anything secret.
 */
#ifndef TESTS_IPC_RANDOM_H
#define TESTS_IPC_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t state;
} Random;

static inline uint64_t random_next(Random *random) {
  uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* A number below `limit`; 0 for limit 0. */
static inline uint64_t random_below(Random *random, uint64_t limit) {
  return limit == 0 ? 0 : random_next(random) % limit;
}

/* A number of random width, so that small ones are as likely as large ones. */
static inline uint64_t random_wide(Random *random) {
  return random_next(random) >> random_below(random, 64);
}

static inline void random_fill(Random *random, uint8_t *to, size_t size) {
  for (size_t i = 0; i < size; i++) to[i] = (uint8_t)random_next(random);
}

#endif
