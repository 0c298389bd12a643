/* SPDX-License-Identifier: BSD-2-Clause */
/* when - times and durations as people write them, in UTC.
 *
 * Layer: ledger.
 */
#ifndef LEDGER_WHEN_H
#define LEDGER_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a duration in seconds: "90d", "36h", "15m", "30s", "2w". */
bool ledger_when_duration(const char *text, int64_t *ret_seconds);

/* Reads a moment: "2026-11-22", "2026-11-22T10:30", "2026-11-22T10:30:05Z", "@1795386073",
 * "now", "today", "month" (its first day), or a duration before `now`. */
bool ledger_when_moment(const char *text, int64_t now, int64_t *ret_second);

#endif
