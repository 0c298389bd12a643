/* SPDX-License-Identifier: BSD-2-Clause */
/* journal - what every run used, kept in a file that survives the process.
 *
 * A journal is one preallocated file, mapped shared.  One process writes it (the server),
 * with plain stores and no system calls; one other process reads it (the drain).  The
 * file is the kernel's from the moment of the store, so kill -9 of either, at any
 * instruction, loses nothing; only a crash of the machine does.
 *
 * Numbers are cumulative.  There is a row for each (tenant, user, script, outcome, price
 * table); a run adds to exactly one row when it ends.  Between admission and end a run
 * owns an intent slot.  The slot goes FREE -> ARMED (admitted) -> COMMITTED (it holds
 * the row as it will be) -> FREE.  Opening a journal applies what was committed, once
 * or again, and ends what was only armed as CODE_LOST: so every admitted run is counted
 * exactly once.
 *
 * A tenant has a fixed number of rows of its own.  When they are all taken, and the drain
 * has not yet put away one that lies idle, the tenant's further scripts are added up in
 * rows called "(other)", one for each outcome, which are reserved: nothing is ever
 * dropped, and no tenant is touched by another's variety.
 *
 * Layer: policy/journal.  Threads: one writes; the reader copies under sequence locks.
 */
#ifndef POLICY_JOURNAL_JOURNAL_H
#define POLICY_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/codes.h"
#include "policy/spread.h"

typedef enum {
#define FIELD(NAME, name, unit, meaning) FIELD_##NAME,
#include "policy/journal/fields.def"
#undef FIELD
  FIELD_COUNT_
} Field;

typedef enum {
#define REASON(NAME, name, meaning) REJECTED_##NAME,
#include "policy/journal/reasons.def"
#undef REASON
  REASON_COUNT_
} Reason;

typedef struct {
  uint64_t amount[FIELD_COUNT_];
} JournalUsage;

typedef struct {
  const char *data; /* may be NULL when size is 0 */
  size_t size;
} JournalBytes;

/* One line for a person. */
typedef struct {
  char text[320];
} JournalError;

typedef struct Journal Journal;

#define JOURNAL_NAME_BYTES 64      /* tenant, user or script; longer ones are abbreviated */
#define JOURNAL_ACCOUNT_BYTES 1024 /* of a tenant's quota account */
#define JOURNAL_ID_BYTES 16
#define JOURNAL_TEXT_BYTES 120     /* of a detail's text */
#define JOURNAL_OTHER_TENANT 0     /* "_other": for tenants that found no place */

/* What a run's script is. */
typedef enum {
  KIND_SCRIPT = 1, /* named by its SHA1 */
  KIND_FUNCTION,   /* named by its function */
  KIND_LOAD,       /* a function library that is loaded, named by its name */
  KIND_COMPILE,    /* SCRIPT LOAD, by SHA1 */
  KIND_OTHER,      /* "(other)" */
  KIND_COUNT_
} ScriptKind;

typedef struct {
  const char *path;         /* NULL: in memory only, gone with the process */
  uint32_t tenants;         /* of a new file; 0: 1024 */
  uint32_t rows_per_tenant; /* of a new file; 0: 128; at least JOURNAL_LEAST_ROWS */
  uint32_t slots;           /* of a new file; 0: 64 runs at once */
  uint32_t details;         /* of a new file; 0: 4096 */
  uint32_t details_per_second; /* for each tenant; 0: 20 */
  uint32_t recycles_per_hour;  /* rows that a tenant may give to other scripts; 0: 720 */
  uint32_t cost_model;
  int64_t now;              /* CLOCK_REALTIME nanoseconds */
} JournalOptions;

#define JOURNAL_OUTCOME_ROOM 40 /* rows of a tenant that are reserved for "(other)" */
#define JOURNAL_LEAST_ROWS (JOURNAL_OUTCOME_ROOM + 4)

/* Opens or creates a journal for writing and recovers what a dead writer left.  A file that
 * is a link, is not ours, is in use, has another version, or whose frame is damaged is
 * refused with the reason; damaged rows are counted, put out of use, and never believed.
 * A file's own sizes win over those of `options`. */
Journal *policy_journal_open(const JournalOptions *options, JournalError *ret_error)
    __attribute__((nonnull));

/* Runs in flight will be found lost by the next opening.  Accepts NULL. */
void policy_journal_close(Journal *journal);

/* --- Tenants --- */

/* Returns the number of the tenant called `name`, with a new place if it has none yet;
 * JOURNAL_OTHER_TENANT when every place is taken or the name is not one of a tenant. */
uint32_t policy_journal_tenant(Journal *journal, JournalBytes name);

/* Returns the name of a tenant, or NULL past the last one. */
const char *policy_journal_tenant_name(const Journal *journal, uint32_t tenant);

/* Returns JOURNAL_ACCOUNT_BYTES, aligned to 64, zero when the tenant is new.  Whoever
 * uses them must expect what a crash or a damaged disk may have left in there. */
void *policy_journal_account(Journal *journal, uint32_t tenant);

/* --- Runs --- */

typedef struct {
  uint32_t tenant;
  ScriptKind kind;
  JournalBytes user;
  JournalBytes script;
} JournalOrder;

/* An admitted run; number 0 is none. */
typedef struct {
  uint64_t number; /* counts admissions since the file was made */
  uint32_t slot;
} JournalTicket;

/* Admits one run.  False when every slot is taken: nothing was counted. */
bool policy_journal_admit(Journal *journal, const JournalOrder *order, JournalTicket *ret_ticket)
    __attribute__((nonnull, warn_unused_result));

/* What finish shall put down beside the sums. */
typedef struct {
  int64_t now;         /* CLOCK_REALTIME nanoseconds */
  JournalBytes script; /* replaces the order's, which may not have known it; size 0: does not */
  JournalBytes text;   /* of the failure, cut */
  bool has_detail;     /* a record of this run alone, if the tenant's rate allows */
} JournalEnd;

/* Counts the end of an admitted run; FIELD_RUNS of `usage` is taken to be 1.  A ticket
 * that is not the slot's is refused with false, and nothing is counted. */
bool policy_journal_finish(Journal *journal, JournalTicket ticket, Code outcome,
                           const JournalUsage *usage, const JournalEnd *end)
    __attribute__((nonnull));

/* Counts a request that was turned away. */
void policy_journal_reject(Journal *journal, uint32_t tenant, Reason reason);

/* --- Totals --- */

typedef struct {
  uint64_t admitted;    /* since the file was made */
  uint64_t counted;     /* in rows, those given up after the drain had them included */
  uint64_t in_flight;
  uint64_t lost;        /* found armed when it was opened, and ended as lost */
  uint64_t damaged;     /* rows and tenants that were not what they should be */
  uint64_t unaccounted; /* runs that damage has taken */
  uint64_t folded;      /* runs counted as "(other)" for want of a row, since it was opened */
  uint64_t unslotted;   /* admissions refused because all slots were taken, since then */
  uint64_t recycled;    /* rows given to another script, since then */
  bool is_short;        /* opened after a reboot, without room to set the old state aside */
} JournalTotals;

void policy_journal_totals(const Journal *journal, JournalTotals *ret_totals);

/* How the drain is doing, as it says itself.  Zero times: never. */
typedef struct {
  uint32_t pid;
  uint32_t failures; /* passes that failed, one after the other; 0: all is well */
  int64_t passed_at; /* CLOCK_REALTIME nanoseconds of the last pass that succeeded */
  int64_t failed_at;
  uint64_t passes;
  char text[160];    /* of the last failure */
  uint64_t failed;   /* passes that failed since it started */
  uint64_t reached;  /* runs admitted when the last pass that succeeded began */
  uint64_t ledger_bytes; /* of the ledger's files */
  uint64_t commit_ns;    /* of its commits, which wait for the disk, since it started */
  uint64_t commits[SPREAD_BUCKETS]; /* by how long they took */
} JournalDrain;

void policy_journal_drain(const Journal *journal, JournalDrain *ret_drain);

/* --- Names --- */

const char *policy_journal_field_name(Field field);
const char *policy_journal_field_unit(Field field);
const char *policy_journal_field_meaning(Field field);
const char *policy_journal_reason_name(Reason reason);
const char *policy_journal_kind_name(ScriptKind kind);

#endif
