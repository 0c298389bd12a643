/* SPDX-License-Identifier: BSD-2-Clause */
/* outcome - what a program did, on one side. */
#ifndef TESTS_DIFFERENTIAL_OUTCOME_H
#define TESTS_DIFFERENTIAL_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTPUT_MAX = 1 << 18 };

typedef enum { OUTCOME_DONE, OUTCOME_COMPILE_ERROR, OUTCOME_ERROR, OUTCOME_LIMIT } OutcomeKind;

typedef struct {
  OutcomeKind kind;
  char output[OUTPUT_MAX]; /* what print wrote, then the error's text */
  size_t size;
} Outcome;

void outcome_put(Outcome *o, const char *bytes, size_t size);

/* Addresses ("table: 0x...") differ by design: their digits become '.'. */
void outcome_mask(Outcome *o);

/* --- The oracle: the distribution's Lua 5.1 --- */

void oracle_open(void);
void oracle_run(const char *text, size_t size, Outcome *o);

/* --- The subject: our machine --- */

typedef struct {
  uint64_t instructions;
  uint64_t peak;
  bool was_deep; /* some coroutine's frames have grown to their bound */
} Cost;

void subject_open(void);

/* Runs the program and rolls back.  With `isolation`, returns what of it is left, or
 * what is wrong with the heap or with a probe that runs after it; else NULL. */
const char *subject_run(const char *text, size_t size, int isolation, Outcome *o, Cost *ret_cost);

#endif
