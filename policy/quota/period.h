/* SPDX-License-Identifier: BSD-2-Clause */
/* period.h - what was used in a day or a month, when the wall clock cannot be trusted.
 *
 * Periods are those of UTC.  The wall clock may jump, so the monotonic clock has the last
 * word, either way:
 *   - a period does not begin within 23 hours (27 days) of the last beginning: a clock that
 *     jumps to and fro hands out no second quota;
 *   - a period ends after 25 hours (32 days), whatever the wall clock says: a clock that was
 *     a year ahead for a second locks nobody out for a year.
 * After a restart of the machine the monotonic clock starts anew: there the wall clock alone
 * decides about the first beginning.
 *
 * Layer: policy (no I/O, no allocation).
 */
#ifndef POLICY_QUOTA_PERIOD_H
#define POLICY_QUOTA_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/quota/resources.h"

typedef struct {
  uint64_t monotonic_ns; /* CLOCK_MONOTONIC */
  int64_t realtime_ns;   /* since 1970, UTC */
} Times;

typedef enum { PERIOD_DAY, PERIOD_MONTH, PERIOD_COUNT } PeriodKind;

/* Plain data; all zero is a period that was never used. */
typedef struct {
  int64_t number;    /* days since 1970, or months since year 0 */
  uint64_t began_ns; /* monotonic: when this count began */
  uint64_t used[RESOURCE_COUNT];
  uint32_t is_open;  /* 1: in use */
  uint32_t is_whole; /* 1: began where a period begins, so the next one keeps its distance */
  uint32_t notices;  /* bits of NoticeKind that were given in it */
  uint32_t spare;    /* 0 */
} Period;

/* Begins a new count if a new period has begun. */
void policy_quota_turn(Period *period, PeriodKind kind, Times now) __attribute__((nonnull));

/* Returns the number of the day or month of a wall clock time. */
int64_t policy_quota_number(PeriodKind kind, int64_t realtime_ns);

/* Returns the wall clock time at which the period of that number ends, at most INT64_MAX. */
int64_t policy_quota_end(PeriodKind kind, int64_t number);

/* Returns in how many nanoseconds the count begins anew, if the clocks behave. */
uint64_t policy_quota_rest(const Period *period, PeriodKind kind, Times now) __attribute__((nonnull));

/* Makes sense of a period that comes from a file: the monotonic clock starts anew. */
void policy_quota_mend_period(Period *period, Times now) __attribute__((nonnull));

#endif
