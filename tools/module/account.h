/* SPDX-License-Identifier: BSD-2-Clause */
/* account - what every run used, written down before its reply is sent.
 *
 * `sandbox.journal` names the file (policy/journal); without it the same is kept in memory
 * and is gone with the server.  `sandbox.ledger` names the database into which a process of its
 * own drains it (drain.h).  A run is counted between module_account_begin() and
 * module_account_end(); whatever ends the server in between, it is found as lost.
 */
#ifndef TOOLS_MODULE_ACCOUNT_H
#define TOOLS_MODULE_ACCOUNT_H

#include "policy/journal/journal.h"
#include "policy/quota/admission.h"
#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/live.h"
#include "tools/module/tenant.h"

/* Registers the settings `journal`, `ledger` and `ledger-sync`. */
bool module_account_register(RedisCtx *ctx);

/* Opens the journal and starts the drain, as the settings say; otherwise has logged. */
bool module_account_start(RedisCtx *ctx);
void module_account_stop(void);

/* An idle moment: looks after the drain. */
void module_account_tend(RedisCtx *ctx);

/* Admits a run of run->tenant; the ticket's number is 0 when there is no room. */
JournalTicket module_account_begin(const LiveRun *run, ScriptKind kind);

/* Counts its end, at `when`.  `code` is the outcome as the caller was told it; `tenant`, whose policy says
 * what is kept one by one, may be NULL. */
void module_account_end(JournalTicket ticket, const Tenant *tenant, Code code, const FsbResult *result, Times when);

/* Counts a request that was turned away. */
void module_account_reject(const char *tenant, Reason reason);

/* Returns the memory of a tenant's quota account, JOURNAL_ACCOUNT_BYTES that survive the
 * server; NULL when there is no journal, or no place of its own for this tenant. */
void *module_account_place(const char *tenant);

/* Reads totals for INFO; false when there is nothing to tell. */
bool module_account_totals(JournalTotals *ret_totals, JournalDrain *ret_drain);

/* How many of the runs that ended the ledger does not have yet; at most one too few. */
uint64_t module_account_unexported(const JournalTotals *totals, const JournalDrain *drain);

#endif
