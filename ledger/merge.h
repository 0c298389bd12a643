/* SPDX-License-Identifier: BSD-2-Clause */
/* merge - one ledger's contents into another's, any number of times.
 *
 * Every record has a key that says which journal, row and time it is about, and within a key
 * numbers only grow: merging keeps the larger.  Records that a ledger has put
 * together (compact.h) replace those they were made of, wherever they are met.
 *
 * Layer: ledger.
 */
#ifndef LEDGER_MERGE_H
#define LEDGER_MERGE_H

#include <stdio.h>

#include "ledger/store.h"

/* Merges what lies in the attached database `schema` ("other"). */
bool ledger_merge_schema(Ledger *ledger, const char *schema, LedgerError *ret_error);

/* Merges the ledger at `path`. */
bool ledger_merge_file(Ledger *ledger, const char *path, LedgerError *ret_error);

/* Writes everything as JSON, one object a line, schema "ferrous.sandbox/v1". */
bool ledger_export_write(Ledger *ledger, FILE *to, LedgerError *ret_error);

/* Merges what ledger_export_write() wrote.  Bad lines are errors, and then nothing is
 * merged; kinds of lines that are not known are left out. */
bool ledger_import_read(Ledger *ledger, FILE *from, int64_t *ret_lines, LedgerError *ret_error);

#endif
