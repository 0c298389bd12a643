/* SPDX-License-Identifier: BSD-2-Clause */
/* layout - where everything is in a journal's file, and what may be believed.
 *
 *     Header | DrainPage, Ack per row | Tenant ... | Slot ... | Detail ... | Row ...
 *
 * Regions begin at pages; records never cross a cache line more than they must.  The
 * first part of the header fixes the sizes and has a checksum; with it a file of
 * another size is refused.  Rows and details carry a checksum of their own.  The
 * drain writes the second region and nothing else.
 *
 * Layer: policy/journal, inside.  Integers are little-endian, as the machines are.
 */
#ifndef POLICY_JOURNAL_LAYOUT_H
#define POLICY_JOURNAL_LAYOUT_H

#include "policy/journal/journal.h"

#define JOURNAL_VERSION 1
#define JOURNAL_PAGE ((size_t)4096)
#define JOURNAL_FIELD_ROOM 24
#define JOURNAL_BOOT_BYTES 40
#define JOURNAL_REASON_ROOM 16
#define JOURNAL_MAX_TENANTS 131072u
#define JOURNAL_MAX_ROWS 4096u
#define JOURNAL_MAX_SLOTS 65536u
#define JOURNAL_MAX_DETAILS 1048576u

typedef struct {
  uint32_t tenants, rows_per_tenant, slots, details;
} Geometry;

typedef struct {
  char magic[8];
  uint32_t version, header_bytes;
  Geometry geometry;
  uint32_t row_bytes, tenant_bytes;
  uint8_t node[JOURNAL_ID_BYTES]; /* of this file, for ever */
  int64_t created;
  uint64_t check; /* of everything above */
} HeaderFrame;

enum { RECYCLE_IDLE, RECYCLE_ARMED };

/* The row that is being given up, so that its runs are not counted twice or never. */
typedef struct {
  uint32_t state, tenant, row, unused;
  uint64_t id;
  uint64_t retired_after; /* of the tenant */
} Recycle;

typedef struct {
  HeaderFrame frame;
  uint8_t unused[128 - sizeof(HeaderFrame)];
  uint8_t boot[JOURNAL_ID_BYTES]; /* of this opening */
  int64_t boot_at;
  uint32_t cost_model, pid;
  uint64_t next_ticket, next_row, next_detail; /* the first ones not used yet */
  uint64_t damaged, unaccounted;
  char machine_boot[JOURNAL_BOOT_BYTES]; /* the kernel's boot id when it was last opened */
  Recycle recycle;
} Header;

typedef struct {
  uint64_t sequence; /* odd while the drain writes */
  JournalDrain drain;
} DrainPage;

/* What the ledger has of a row, durably. */
typedef struct {
  uint64_t id, runs;
} Ack;

enum { PLACE_FREE, PLACE_USED };

typedef struct {
  uint32_t state, unused;
  char name[JOURNAL_NAME_BYTES]; /* terminated */
  uint64_t admitted;
  uint64_t retired; /* runs of rows that were given up */
  uint64_t retired_check;
  uint64_t details_dropped;
  uint64_t rejected[JOURNAL_REASON_ROOM];
  uint8_t padding[1024 - 232];
  uint8_t account[JOURNAL_ACCOUNT_BYTES];
} Tenant;

/* Whose usage a row adds up. */
typedef struct {
  uint32_t tenant;
  uint16_t outcome;
  uint8_t kind, unused;
  uint32_t cost_model;
  uint8_t user_size, script_size, padding[2];
  char user[JOURNAL_NAME_BYTES]; /* zero behind their ends */
  char script[JOURNAL_NAME_BYTES];
} RowKey;

/* What it adds up. */
typedef struct {
  int64_t first_at, last_at;
  uint64_t amount[JOURNAL_FIELD_ROOM];
  uint64_t check; /* of all this, the id and the key */
} RowSums;

typedef struct {
  uint64_t sequence; /* odd while it changes */
  uint32_t state, unused;
  uint64_t id; /* never used for two keys */
  RowKey key;
  RowSums sums;
} Row;

enum { SLOT_FREE, SLOT_ARMED, SLOT_COMMITTED };

typedef struct {
  uint32_t state, row;
  uint64_t number;   /* the ticket's */
  uint64_t admitted; /* of the tenant, this run included */
  uint64_t row_id;
  RowKey key;        /* outcome unknown while armed */
  RowSums after;     /* the row as it will be, once committed */
} Slot;

typedef struct {
  uint64_t sequence;
  uint64_t number; /* from 1; a later one in the same place has overwritten it */
  uint64_t ticket;
  int64_t at;
  RowKey key;
  uint64_t amount[JOURNAL_FIELD_ROOM];
  uint32_t text_size, unused;
  char text[JOURNAL_TEXT_BYTES];
  uint64_t check;
} Detail;

_Static_assert(sizeof(Header) <= 4096 && sizeof(DrainPage) <= 4096, "a page each");
_Static_assert(sizeof(Tenant) == 2048 && sizeof(RowKey) == 144, "layout of version 1");
_Static_assert(sizeof(RowSums) == 216 && sizeof(Row) == 384, "layout of version 1");
_Static_assert(sizeof(Slot) == 392 && sizeof(Detail) == 504, "layout of version 1");
_Static_assert((int)FIELD_COUNT_ <= JOURNAL_FIELD_ROOM, "fields.def has outgrown the rows");
_Static_assert((int)CODE_COUNT_ <= JOURNAL_OUTCOME_ROOM, "codes.def has outgrown the tenants' rows");
_Static_assert((int)REASON_COUNT_ <= JOURNAL_REASON_ROOM, "reasons.def has outgrown the tenants");

/* The file as this process sees it. */
typedef struct {
  uint8_t *base;
  size_t size;
  Header *header;
  DrainPage *drain;
  Ack *acks;
  Tenant *tenants;
  Slot *slots;
  Detail *details;
  Row *rows;
  Geometry geometry; /* a copy: the file's may change under us */
  uint32_t row_count;
} JournalMap;

/* Returns the size of a file of this geometry; 0 when it is not one we make. */
size_t policy_journal_layout_size(const Geometry *geometry);

/* Offsets of the region that the drain writes: [*ret_begin, *ret_end). */
void policy_journal_layout_drain(const Geometry *geometry, size_t *ret_begin, size_t *ret_end);

/* Points into the `size` bytes at `base`, which must hold a valid frame. */
void policy_journal_layout_map(JournalMap *map, void *base, size_t size, const Geometry *geometry);

/* Judges the frame of a file of `size` bytes; false with the reason. */
bool policy_journal_layout_judge(const HeaderFrame *frame, size_t size, JournalError *ret_error);

void policy_journal_layout_seal(HeaderFrame *frame);

/* Returns the checksum that belongs into sums->check. */
uint64_t policy_journal_layout_check_row(uint64_t id, const RowKey *key, const RowSums *sums);
uint64_t policy_journal_layout_check_retired(uint32_t tenant, uint64_t retired);
uint64_t policy_journal_layout_check_detail(const Detail *detail);

/* Whether a key is one that a writer could have written. */
bool policy_journal_layout_is_key(const RowKey *key, const Geometry *geometry);

/* Whether `name`, JOURNAL_NAME_BYTES long, is terminated and a tenant's. */
bool policy_journal_layout_is_name(const char *name);

/* Whether a row that is in use holds what was once written to it. */
bool policy_journal_layout_is_row(const Row *row, const Geometry *geometry);

/* Orders stores for whoever looks at memory after this process was killed, and for the
 * other process: what was written before is there when `word` has its new value. */
static inline void layout_publish(uint32_t *word, uint32_t value) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Brackets the change of what a sequence lock guards. */
static inline void layout_begin(uint64_t *sequence) {
  __atomic_store_n(sequence, *sequence | 1, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void layout_end(uint64_t *sequence) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  __atomic_store_n(sequence, (*sequence | 1) + 1, __ATOMIC_RELEASE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Copies under a sequence lock, word by word; false when it kept changing. */
bool policy_journal_layout_copy(void *to, const void *from, size_t size, const uint64_t *sequence);

#endif
