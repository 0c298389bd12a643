/* SPDX-License-Identifier: BSD-2-Clause */
/* bench - one machine under attack, and everything that the test itself may change.
 *
 * A Bench lies in a mapping of its own, so that all other memory of the process can be
 * held to be untouched.
 */
#ifndef TESTS_CORRUPTION_BENCH_H
#define TESTS_CORRUPTION_BENCH_H

#include "tests/corruption/watch.h"
#include "tests/differential/generator.h"
#include "vm/memory/scratch.h"
#include "vm/run/state.h"

enum {
  BENCH_ARENA = 5 << 19,
  BENCH_MEMORY = 2 << 20,
  BENCH_BUDGET = 60000,
  BENCH_SCRATCH = 8 << 20,
  BENCH_OUTPUT = 4096
};

/* Counted over all children; shared with the parent. */
typedef struct {
  uint64_t seed;     /* of the program that runs */
  uint64_t writes;   /* corruptions done */
  uint64_t programs, done, errors, limits;
  uint64_t commits;  /* of libraries */
  uint64_t remains;  /* rollbacks that left written bytes where no block was ever taken */
  char wrong[160];
} Tally;

typedef struct {
  VM *vm;
  VmConfig config;
  Random random;
  Tally *tally;
  int64_t until;        /* instructions or points until the next corruption */
  uint32_t writes_left; /* for this program */
  bool is_quiet;        /* nothing is corrupted: compiling, checking, the probe */
  uint64_t base;        /* hash of what never changes */
  uint64_t fixed;       /* hash of what of it not even a commit changes */
  uint64_t base_bytes;  /* at the beginning */
  char *control_image;  /* copy of control up to its floor, at the base */
  size_t control_image_size;
  int control_file;
  uint64_t probe;       /* hash of the probe's outcome */
  uint32_t turn;        /* of host calls */
  Watch watch;
  const WatchRange *changed; /* what is no more as the watch took it */
  Scratch scratch;      /* of the verifier */
  char text[PROGRAM_MAX + 1];
  char output[BENCH_OUTPUT];
  size_t output_size;
} Bench;

/* Maps a machine far from everything else, opens it, and takes the probe. */
Bench *bench_open(VmProfile profile, Tally *tally, uintptr_t place);

void bench_unmap(Bench *b);

/* Control is shared with the children.  What the last one, which may have committed a
 * base, may not have changed although it died, or NULL; then control is at the base again. */
const char *bench_autopsy(Bench *b, bool may_commit);

/* Runs `text` while bits of the arena are changed.  NULL, or what must not have
 * happened; what else may happen ends the process. */
const char *bench_attack(Bench *b, const char *text, size_t size);

/* Answers the host call at hand. */
void bench_serve(Bench *b);

/* As bench_attack(), but loads a function library and calls it; the machine is used up
 * (library.c). */
const char *library_attack(Bench *b, uint64_t seed);

/* Changes something in the arena now (attack.c). */
void attack_write(Bench *b);
void attack_step(void *bench, const VmTracePoint *point);

/* What of control is not as it must be while a program stands still, or NULL (inspect.c). */
const char *inspect_control(Bench *b);
const char *inspect_code(Bench *b); /* the same of functions and modules alone */
uint64_t inspect_constants(const Bench *b);
uint64_t inspect_fixed(const Bench *b);

#endif
