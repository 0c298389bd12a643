/* SPDX-License-Identifier: BSD-2-Clause */
/* drain - from a journal into a ledger.
 *
 * A pass reads the cumulative rows of a journal, and in one transaction adds what is new to
 * the second in which it happened and notes what it saw.  Only after the commit does it
 * acknowledge the rows in the journal, which may then give them to others.
 *
 * A tenant has room for so many records in an hour (Ledger.reserve).  Beyond that its usage is
 * added to what the same script has in that hour already: sums by hour stay exact, and
 * nobody fills the disk with variety.
 *
 * Layer: ledger.  Threads: one.
 */
#ifndef LEDGER_DRAIN_H
#define LEDGER_DRAIN_H

#include "ledger/store.h"
#include "policy/journal/reader.h"

/* Does one pass.  `is_full`: looks at every row, not only at those that moved since they were
 * acknowledged, as is needed with a ledger that may not be the one of last time. */
bool ledger_drain_pass(Ledger *ledger, JournalReader *reader, int64_t now, bool is_full,
                       LedgerError *ret_error);

typedef struct {
  const char *journal, *ledger;
  uint32_t sync_ms; /* between passes */
  int stop_fd;      /* closed or readable: the server is gone, do a last pass; -1: none */
  bool is_once;     /* one pass and out */
} DrainOptions;

/* Drains until it is told to stop, repeating what fails ever more slowly, and tells the
 * server how it is doing.  Returns an exit status. */
int ledger_drain_run(const DrainOptions *options);

#endif
