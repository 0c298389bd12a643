/* SPDX-License-Identifier: BSD-2-Clause */
/* generator - random Lua programs that end, from a seed.
 *
 * The grammar is in grammar.def: templates whose marks are replaced by random parts of
 * the kind they name.  The same seed gives the same program, on every machine.
 */
#ifndef TESTS_DIFFERENTIAL_GENERATOR_H
#define TESTS_DIFFERENTIAL_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_MAX = 60000 };

typedef struct {
  uint64_t state;
} Random;

Random random_from(uint64_t seed);
uint32_t random_below(Random *r, uint32_t n);

/* Writes a program, ended by NUL, and returns its size. */
size_t generator_write(uint64_t seed, char text[PROGRAM_MAX + 1]);

/* Writes a damaged window of one of `count` sources (sometimes two): a few tokens are
 * dropped, doubled, swapped or replaced. */
size_t generator_mutate(uint64_t seed, const char *const *sources, size_t count, char text[PROGRAM_MAX + 1]);

#endif
