/* SPDX-License-Identifier: BSD-2-Clause */
/* limits.h - the limits of one run: fields, defaults, ranges, and the text form.
 *
 * limits.def has one row per limit.  A limit is a rule; what a running script
 * has left of it is its budget, kept by whoever enforces the row.  Every value
 * is a uint64_t in the base unit of its row (a count, bytes, nanoseconds), and
 * a value outside [floor, ceiling] never gets into a Limits.
 *
 * Suffixes: k, m, g and kb, mb, gb are binary (1024) for bytes, as Redis's own
 * "kb mb gb" are; k, m, g are decimal (1000) for counts; times take ns, us, ms, s.
 *
 * Layer: policy (no I/O, no allocation).  Threads: all functions are pure.
 */
#ifndef POLICY_LIMITS_H
#define POLICY_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/codes.h"
#include "policy/status.h"

typedef struct {
#define LIMIT(name, unit, def, floor, ceiling, code, by, meaning) uint64_t name;
#include "policy/limits.def"
#undef LIMIT
} Limits;

typedef enum {
#define LIMIT(name, unit, def, floor, ceiling, code, by, meaning) LIMIT_ID_##name,
#include "policy/limits.def"
#undef LIMIT
  LIMIT_COUNT_
} LimitId;

typedef enum { UNIT_COUNT, UNIT_BYTES, UNIT_NANOSECONDS, UNIT_COUNT_ } LimitUnit;
typedef enum { BY_VM, BY_WORKER, BY_SUPERVISOR, BY_COUNT_ } LimitEnforcer;

typedef struct {
  LimitId id;
  const char *name;
  const char *meaning;
  LimitUnit unit;
  LimitEnforcer enforced_by;
  Code code;
  uint64_t default_value;
  uint64_t floor;
  uint64_t ceiling;
} LimitRow;

/* Room for the longest text of policy_limits_parse. */
#define LIMITS_ERROR_BYTES 256

/* Returns the defaults. */
Limits policy_limits_defaults(void);

/* Returns the i-th row, or NULL past the end. */
const LimitRow *policy_limits_row(size_t i);

/* Returns the row named by the `bytes` bytes at `name`, or NULL. */
const LimitRow *policy_limits_find(const char *name, size_t bytes);

/* Returns the row whose outcome is `code`, or NULL. */
const LimitRow *policy_limits_by_code(Code code);

/* Reads and writes a field by its row. */
uint64_t policy_limits_get(const Limits *limits, const LimitRow *row) __attribute__((nonnull));
void policy_limits_set(Limits *limits, const LimitRow *row, uint64_t value) __attribute__((nonnull));

/* Sets one limit from text such as "memory=32m" or "wall=1.5s" (a decimal
 * fraction is allowed where the result is whole).  On failure leaves `limits`
 * alone, writes one line for the user into `ret_error` (LIMITS_ERROR_BYTES)
 * and returns ST_NOT_FOUND (no such limit), ST_INVALID (not a number) or
 * ST_RANGE (outside the row's range; the text names it). */
Status policy_limits_parse(Limits *limits, const char *text, char *ret_error)
    __attribute__((nonnull, warn_unused_result));

/* Reads a text that is a number with a suffix of the unit, and nothing else.
 * ST_INVALID, or ST_RANGE when it does not fit. */
Status policy_limits_read(LimitUnit unit, const char *text, uint64_t *ret)
    __attribute__((nonnull, warn_unused_result));

/* Values of a unit as they may be written, for error texts: "500us, 20ms or 1.5s". */
const char *policy_limits_example(LimitUnit unit);

/* Checks every field against its row; for limits that came from elsewhere.
 * ST_OK or ST_RANGE with the text in `ret_error`. */
Status policy_limits_check(const Limits *limits, char *ret_error)
    __attribute__((nonnull, warn_unused_result));

/* Lowers every field of `limits` to at most that of `bound`: what a caller
 * asks for may only be stricter than what the policy gives. */
void policy_limits_clamp(Limits *limits, const Limits *bound) __attribute__((nonnull));

/* Writes a value with the largest suffix that leaves it whole ("64m", "5s",
 * "20g"); policy_limits_parse reads it back to the same value.  Returns the
 * length; 24 bytes are enough. */
size_t policy_limits_format(LimitUnit unit, uint64_t value, char *buffer, size_t capacity)
    __attribute__((nonnull));

/* The same for error messages: counts and bytes as plain digits, times with
 * a suffix ("1000000", "67108864", "5s"). */
size_t policy_limits_format_plain(LimitUnit unit, uint64_t value, char *buffer, size_t capacity)
    __attribute__((nonnull));

/* "count", "bytes", "nanoseconds". */
const char *policy_limits_unit_name(LimitUnit unit);

/* "vm", "worker", "supervisor". */
const char *policy_limits_enforcer_name(LimitEnforcer by);

#endif
