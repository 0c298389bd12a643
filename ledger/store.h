/* SPDX-License-Identifier: BSD-2-Clause */
/* store - the ledger's database: opening it, its shape, its version.
 *
 * SQLite in WAL mode with synchronous FULL: what a transaction committed survives a power
 * failure.  Tables:
 *   series       one row for each row a journal ever had (node, row): whose usage it is, what
 *                of it is in `usage` in total, and what was last seen in the journal
 *   usage        what was used, by (node, row, second, boot); `span` seconds from `second` on
 *   rejections   requests turned away, by (node, tenant, reason, second, boot)
 *   details      single runs
 *   nodes        the journals, and how far each was drained
 *   folded       rows that were put into another one, for good (compact.h)
 * Everything is written together with the position that it moves: a drain that is killed
 * repeats nothing and leaves nothing out.
 *
 * Layer: ledger.  Threads: one for each Ledger.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/journal/journal.h"

#define LEDGER_VERSION 3

typedef struct {
  int code; /* of SQLite, or -1 */
  char text[320];
} LedgerError;

typedef struct {
  sqlite3 *db;
  /* Of the drain: records written in this hour for each tenant, by its number in the journal. */
  uint32_t *written, tenants;
  uint32_t reserve; /* records that a tenant may have in an hour */
  int64_t hour;
  uint64_t commit_ns; /* how long the last commit took */
} Ledger;

#define LEDGER_RESERVE 36000

typedef enum { LEDGER_READ, LEDGER_WRITE, LEDGER_CREATE } LedgerMode;

/* Opens a ledger; ":memory:" with LEDGER_CREATE makes one that is gone when closed.  An
 * older version is brought up to date unless it is only read; a newer one is refused. */
bool ledger_store_open(Ledger *ledger, const char *path, LedgerMode mode, LedgerError *ret_error);
void ledger_store_close(Ledger *ledger);

/* Runs SQL without results; several statements may be given. */
bool ledger_store_run(Ledger *ledger, const char *sql, LedgerError *ret_error);

/* Prepares a statement; NULL with the reason. */
sqlite3_stmt *ledger_store_prepare(Ledger *ledger, const char *sql, LedgerError *ret_error);

/* Steps a statement that has no rows, and resets it. */
bool ledger_store_step(Ledger *ledger, sqlite3_stmt *statement, LedgerError *ret_error);

/* Reads one number; `otherwise` when there is no row. */
bool ledger_store_number(Ledger *ledger, const char *sql, int64_t otherwise, int64_t *ret_number,
                         LedgerError *ret_error);

/* Writes what the database says is wrong; returns false. */
bool ledger_store_explain(const Ledger *ledger, LedgerError *error);

/* Begins a transaction that may write; ends one, undoing it when `is_good` is false. */
bool ledger_store_begin(Ledger *ledger, LedgerError *ret_error);
bool ledger_store_end(Ledger *ledger, bool is_good, LedgerError *ret_error);

/* The columns for fields.def, ", "-separated: "runs, wrote, ..." */
extern const char ledger_store_fields[];

/* Writes for every field `pattern` with each '$' replaced by its name, separated by ", ". */
void ledger_store_each(char *buffer, size_t size, const char *pattern);

#define LEDGER_SQL_BYTES 8192

#endif
