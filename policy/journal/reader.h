/* SPDX-License-Identifier: BSD-2-Clause */
/* reader - a journal as its drain sees it, while the server goes on writing.
 *
 * Whatever is read is copied under its sequence lock and judged before it is returned.
 * The reader may write one region: what it has put away, and how it is doing.
 *
 * Not for the writing process: to close a file gives up the process's locks on it.
 *
 * Layer: policy/journal.  Threads: one.
 */
#ifndef POLICY_JOURNAL_READER_H
#define POLICY_JOURNAL_READER_H

#include "policy/journal/journal.h"

typedef struct JournalReader JournalReader;

/* Opens a journal.  `is_drain`: locks out other drains and may write acknowledgements;
 * otherwise it is only looked at.  NULL with the reason. */
JournalReader *policy_journal_reader_open(const char *path, bool is_drain, JournalError *ret_error);
void policy_journal_reader_close(JournalReader *reader);

typedef struct {
  uint8_t node[JOURNAL_ID_BYTES];
  uint8_t boot[JOURNAL_ID_BYTES];
  int64_t created, boot_at;
  uint32_t pid, cost_model;
  uint32_t tenants, rows, details;
  uint64_t admitted, damaged, unaccounted;
  uint64_t next_detail;
} JournalInfo;

void policy_journal_reader_info(const JournalReader *reader, JournalInfo *ret_info);

typedef struct {
  uint64_t id;
  uint32_t tenant, outcome, cost_model;
  ScriptKind kind;
  char user[JOURNAL_NAME_BYTES], script[JOURNAL_NAME_BYTES];
  size_t user_size, script_size;
  int64_t first_at, last_at;
  uint64_t amount[FIELD_COUNT_];
} JournalRow;

/* Whether the row may have moved since it was last acknowledged: a cheap look. */
bool policy_journal_reader_has_news(const JournalReader *reader, uint32_t row);

/* Copies a row; false when it is free, damaged, or in the hands of a dead writer. */
bool policy_journal_reader_row(const JournalReader *reader, uint32_t row, JournalRow *ret_row);

/* Returns the number of the row that was acknowledged last in this place; 0: none. */
uint64_t policy_journal_reader_acked(const JournalReader *reader, uint32_t row);

/* Says that the ledger has `runs` runs of the row `id`, durably. */
void policy_journal_reader_ack(JournalReader *reader, uint32_t row, uint64_t id, uint64_t runs);

typedef struct {
  char name[JOURNAL_NAME_BYTES];
  uint64_t admitted, retired, details_dropped;
  uint64_t rejected[REASON_COUNT_];
} JournalTenant;

/* Copies a tenant's counters; false when the place is free. */
bool policy_journal_reader_tenant(const JournalReader *reader, uint32_t tenant, JournalTenant *ret_tenant);

typedef struct {
  uint64_t number, ticket;
  int64_t at;
  JournalRow run; /* id 0; amounts of this run alone */
  char text[JOURNAL_TEXT_BYTES];
  size_t text_size;
} JournalDetail;

/* Copies the detail with this number; false when it was overwritten or is damaged. */
bool policy_journal_reader_detail(const JournalReader *reader, uint64_t number, JournalDetail *ret_detail);

/* Tells the server how the drain is doing, and reads what was told. */
void policy_journal_reader_tell(JournalReader *reader, const JournalDrain *drain);
void policy_journal_reader_told(const JournalReader *reader, JournalDrain *ret_drain);

#endif
