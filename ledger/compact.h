/* SPDX-License-Identifier: BSD-2-Clause */
/* compact - old seconds into hours, older hours into days, what is older still away.
 *
 * Sums stay what they are until something is dropped.  What was put together is closed: a drain that
 * comes late adds to the first second after it.
 *
 * Layer: ledger.
 */
#ifndef LEDGER_COMPACT_H
#define LEDGER_COMPACT_H

#include "ledger/store.h"

typedef struct {
  int64_t now;            /* seconds */
  int64_t keep_seconds;   /* younger records keep their second */
  int64_t keep_hours;     /* younger ones than this their hour; 0: no days are made */
  int64_t keep_scripts;   /* longer unused ones whose row the journal gave up lose their names; 0: none */
  int64_t keep_details;   /* older details go; 0: as keep_seconds */
  bool vacuum;            /* give the space back to the file system */
} CompactOrder;

typedef struct {
  int64_t before, after; /* records of usage */
  int64_t details;       /* dropped */
  int64_t series;        /* put into others */
} CompactResult;

bool ledger_compact_run(Ledger *ledger, const CompactOrder *order, CompactResult *ret_result,
                        LedgerError *ret_error);

#endif
