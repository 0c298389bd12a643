/* SPDX-License-Identifier: BSD-2-Clause */
/* codes.h - the outcomes of runs, and every spelling of them.
 *
 * codes.def holds one row per outcome; this header gives the constants, the
 * attributes and the one function that writes the RESP error line.  A Code is
 * what a tenant sees; failures inside the program are Status (status.h).
 *
 * Layer: policy (no I/O, no allocation).  Threads: all functions are pure.
 */
#ifndef POLICY_CODES_H
#define POLICY_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
#define CODE(name, number, label, prefix, exit, blame, billable, retry, text, meaning) CODE_##name = number,
#include "policy/codes.def"
#undef CODE
} Code;

enum { /* numbers are dense: a row past the last number must extend this count */
#define CODE(name, number, label, prefix, exit, blame, billable, retry, text, meaning) CODE_ROW_##name,
#include "policy/codes.def"
#undef CODE
  CODE_COUNT_
};

typedef enum { BLAME_TENANT, BLAME_PEER, BLAME_HOST, BLAME_NOBODY, BLAME_COUNT_ } Blame;

typedef struct {
  Code code;
  const char *name;    /* "LIMIT_MEMORY" */
  const char *label;   /* "limit_memory", for people, JSON and metrics */
  const char *prefix;  /* first word of the RESP error, may be empty */
  const char *text;    /* with placeholders */
  const char *meaning; /* a sentence */
  int exit_status;
  Blame blame;
  bool billable;
  bool retry_safe; /* when nothing was written */
} CodeRow;

/* What the placeholders of a row's text stand for.  Zero fields are left out. */
typedef struct {
  uint64_t limit;      /* {limit}: in the unit of the limit's row (limits.def) */
  const char *detail;  /* {detail}: need not be terminated */
  size_t detail_bytes;
  const char *chunk;   /* {at}: "user_script"; NULL leaves {at} empty */
  uint32_t line;       /* {at}: 0 with a chunk reads ", line unknown" */
  bool wrote;          /* appends " (wrote=1)" */
} CodeFacts;

/* Returns the row of `code`, or NULL when no row has that number: a number
 * from the wire may be passed as it came. */
const CodeRow *policy_codes_find(uint32_t code);

/* Returns the i-th row, for listing; `i` < CODE_COUNT_. */
const CodeRow *policy_codes_row(size_t i);

/* Returns the row whose label is `label`, or NULL. */
const CodeRow *policy_codes_by_label(const char *label);

/* Returns "tenant", "peer", "host" or "nobody". */
const char *policy_codes_blame_name(Blame blame);

/* Whether the code is one of the LIMIT_ rows. */
bool policy_codes_is_limit(Code code);

/* Writes the RESP error line of an outcome, without the leading '-' and the
 * line end, as "PREFIX text".  CR, LF and NUL in the detail become spaces, so
 * nothing can inject into a client's connection.  Always terminates `buffer`
 * when `capacity` > 0; returns the length written, cut to fit. */
size_t policy_codes_write(Code code, const CodeFacts *facts, char *buffer, size_t capacity)
    __attribute__((nonnull(2, 3)));

#endif
