/* SPDX-License-Identifier: BSD-2-Clause */
/* writer - what the writing process knows of its journal beside the file.
 *
 * Everything here is rebuilt from the file when it is opened: indexes over tenants and
 * rows, which slots are free, how far a search for a row to recycle has come.
 *
 * Layer: policy/journal, inside.
 */
#ifndef POLICY_JOURNAL_WRITER_H
#define POLICY_JOURNAL_WRITER_H

#include "policy/journal/layout.h"

/* Of one tenant, in memory. */
typedef struct {
  uint32_t hand;         /* where the search for a row goes on */
  uint32_t used;         /* of the rows that are not reserved */
  uint64_t tried_pass;   /* pass of the drain in which the search found nothing */
  int64_t detail_second; /* details_in_second belong to it */
  uint32_t details_in_second;
  int64_t recycle_hour; /* recycles_in_hour belong to it */
  uint32_t recycles_in_hour;
} TenantMemory;

struct Journal {
  JournalMap map;
  int fd; /* -1: in memory only */
  bool is_mapped;
  bool is_short; /* after a reboot the file could not be set aside */
  uint32_t details_per_second, recycles_per_hour;
  uint32_t *tenant_heads, *tenant_next; /* by hash of the name; 0: none, else number + 1 */
  uint32_t *row_heads, *row_next;       /* by hash of the key; the same */
  uint32_t tenant_mask, row_mask;
  TenantMemory *memory;
  uint32_t *free_slots; /* a stack */
  uint32_t free_slot_count;
  uint64_t counted, lost, folded, unslotted, recycled;
};

/* Rebuilds the indexes over what is in the file, once it is known to be sound. */
bool policy_journal_writer_prepare(Journal *journal);
void policy_journal_writer_release(Journal *journal);

/* Repairs what a dead writer left: see recover.c.  `is_empty`: there was none. */
void policy_journal_recover_file(Journal *journal, bool is_empty);

/* After a reboot of the machine: sets the file at `path` aside for the drain and begins anew,
 * see reboot.c.  False when there was no room for that: rows go on as they are. */
bool policy_journal_reboot_notice(JournalMap *map, const char *path, int64_t now);

/* Ends what is still armed as lost; the indexes must be there. */
void policy_journal_recover_runs(Journal *journal, int64_t now);

/* Applies a committed slot, once or again, and frees it. */
void policy_journal_writer_apply(Journal *journal, Slot *slot);

/* Counts the end of an armed slot in the row for `exact`, or the one it is folded into. */
void policy_journal_writer_commit(Journal *journal, Slot *slot, const RowKey *exact,
                                  const JournalUsage *usage, int64_t now);

/* Returns the row for `key`, made if need be; where there is no room, the tenant's
 * "(other)" row for the outcome, and `key` is changed to it. */
Row *policy_journal_rows_take(Journal *journal, RowKey *key, int64_t now);

/* Enters a row, or takes it out. */
void policy_journal_rows_index(Journal *journal, uint32_t row);

/* Completes the giving up of a row; for recovery, too. */
void policy_journal_rows_retire(JournalMap *map);

/* Sets one side of a key; longer bytes are abbreviated, ending in a hash of them all. */
uint8_t policy_journal_rows_name(char to[JOURNAL_NAME_BYTES], JournalBytes bytes);

uint64_t policy_journal_rows_hash(const void *bytes, size_t size);

#endif
