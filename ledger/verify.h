/* SPDX-License-Identifier: BSD-2-Clause */
/* verify - whether a ledger is whole: the file, its sums, and nothing missing or twice.
 *
 * Layer: ledger.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include "ledger/store.h"

typedef struct {
  int64_t nodes, series, records;
  int64_t admitted;    /* by the journals, as of their last passes */
  int64_t counted;     /* in the ledger */
  int64_t unaccounted; /* lost to damage, as the journals say */
  int64_t open;        /* admitted and not counted: in flight at the last pass, or not drained */
  int64_t problems;
} VerifyResult;

/* Takes one line about what is wrong. */
typedef void (*VerifyTell)(void *context, const char *text);

/* Examines a ledger.  False when that was not possible; what is wrong is told, and counted. */
bool ledger_verify_run(Ledger *ledger, VerifyTell tell, void *context, VerifyResult *ret_result,
                       LedgerError *ret_error);

#endif
