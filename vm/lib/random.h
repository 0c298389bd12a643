/* SPDX-License-Identifier: BSD-2-Clause */
/* random - the generator behind math.random: drand48's, as Redis carries it.
 *
 * Its 48 bits of state belong to the run, come with the request and go back with the
 * usage record.  Layer: vm/lib.
 */
#ifndef VM_LIB_RANDOM_H
#define VM_LIB_RANDOM_H

#include <stdint.h>

#define RANDOM_STATE_START UINT64_C(0x1234ABCD330E) /* of a server that never seeded */

/* The state after math.randomseed(seed). */
static inline uint64_t random_seeded(int32_t seed) { return (uint64_t)(uint32_t)seed << 16 | 0x330E; }

/* Steps the state; the next number, 31 bits. */
static inline uint32_t random_next(uint64_t *state) {
  *state = (*state * UINT64_C(0x5DEECE66D) + 0xB) & UINT64_C(0xFFFFFFFFFFFF);
  return (uint32_t)(*state >> 17);
}

#endif
