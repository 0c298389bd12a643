/* SPDX-License-Identifier: BSD-2-Clause */
/* rows - finding the row that a run adds to.
 *
 * A tenant's first JOURNAL_OUTCOME_ROOM rows are its "(other)" rows, one for each outcome
 * at the outcome's number.  The rest go to whatever (user, script, outcome) comes first.  A row that the
 * drain has wholly put away and that lay idle for a while may be given to another key; its
 * runs move to the tenant's `retired`, under an intent of its own (Recycle).
 */
#include <stdio.h>
#include <string.h>

#include "policy/journal/writer.h"

#define IDLE_NS INT64_C(10000000000)
#define HOUR_NS INT64_C(3600000000000)
#define SEARCH_STEPS 16u

/* --- Keys --- */

uint64_t policy_journal_rows_hash(const void *bytes, size_t size) {
  const uint8_t *at = bytes;
  uint64_t h = UINT64_C(0xcbf29ce484222325) ^ size;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
  }
  for (; size > 0; size--, at++) h = (h ^ *at) * UINT64_C(0x100000001b3);
  return h ^ (h >> 32);
}

uint8_t policy_journal_rows_name(char to[JOURNAL_NAME_BYTES], JournalBytes bytes) {
  enum { KEPT = JOURNAL_NAME_BYTES - 17 };
  char digits[17];
  memset(to, 0, JOURNAL_NAME_BYTES);
  if (bytes.size <= JOURNAL_NAME_BYTES) {
    if (bytes.size > 0) memcpy(to, bytes.data, bytes.size);
    return (uint8_t)bytes.size;
  }
  uint64_t h = policy_journal_rows_hash(bytes.data, bytes.size);
  (void)snprintf(digits, sizeof digits, "%016llx", (unsigned long long)h);
  memcpy(to, bytes.data, KEPT);
  to[KEPT] = '~';
  memcpy(to + KEPT + 1, digits, 16);
  return JOURNAL_NAME_BYTES;
}

static void make_other(RowKey *key) {
  key->kind = KIND_OTHER;
  key->user_size = policy_journal_rows_name(key->user, (JournalBytes){NULL, 0});
  key->script_size = policy_journal_rows_name(key->script, (JournalBytes){"(other)", 7});
}

/* --- The index --- */

static uint32_t *head_of(Journal *journal, const RowKey *key) {
  return &journal->row_heads[policy_journal_rows_hash(key, sizeof *key) & journal->row_mask];
}

void policy_journal_rows_index(Journal *journal, uint32_t row) {
  uint32_t *head = head_of(journal, &journal->map.rows[row].key);
  journal->row_next[row] = *head;
  *head = row + 1;
}

static void unindex(Journal *journal, uint32_t row) {
  uint32_t *link = head_of(journal, &journal->map.rows[row].key);
  while (*link != 0 && *link != row + 1) link = &journal->row_next[*link - 1];
  if (*link != 0) *link = journal->row_next[row];
}

static Row *find(Journal *journal, const RowKey *key) {
  for (uint32_t at = *head_of(journal, key); at != 0; at = journal->row_next[at - 1]) {
    Row *row = &journal->map.rows[at - 1];
    if (memcmp(&row->key, key, sizeof *key) == 0) return row;
  }
  return NULL;
}

/* --- Giving rows up --- */

static bool is_drained(const JournalMap *map, uint32_t index) {
  const Row *row = &map->rows[index];
  return __atomic_load_n(&map->acks[index].id, __ATOMIC_RELAXED) == row->id &&
         __atomic_load_n(&map->acks[index].runs, __ATOMIC_RELAXED) == row->sums.amount[FIELD_RUNS];
}

void policy_journal_rows_retire(JournalMap *map) {
  Recycle *recycle = &map->header->recycle;
  Row *row = &map->rows[recycle->row];
  Tenant *tenant = &map->tenants[recycle->tenant];
  tenant->retired = recycle->retired_after;
  tenant->retired_check = policy_journal_layout_check_retired(recycle->tenant, tenant->retired);
  if (row->state == PLACE_USED && row->id == recycle->id) {
    layout_begin(&row->sequence);
    layout_publish(&row->state, PLACE_FREE);
    layout_end(&row->sequence);
  }
  layout_publish(&recycle->state, RECYCLE_IDLE);
}

static void give_up(Journal *journal, uint32_t index) {
  JournalMap *map = &journal->map;
  Recycle *recycle = &map->header->recycle;
  Row *row = &map->rows[index];
  unindex(journal, index);
  recycle->tenant = row->key.tenant;
  recycle->row = index;
  recycle->id = row->id;
  recycle->retired_after = map->tenants[row->key.tenant].retired + row->sums.amount[FIELD_RUNS];
  layout_publish(&recycle->state, RECYCLE_ARMED);
  policy_journal_rows_retire(map);
  journal->recycled++;
}

/* --- Making rows --- */

static Row *make(Journal *journal, uint32_t index, const RowKey *key) {
  Header *header = journal->map.header;
  Row *row = &journal->map.rows[index];
  layout_begin(&row->sequence);
  row->id = header->next_row;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  header->next_row++; /* a number may be left out, never used again */
  row->key = *key;
  row->sums = (RowSums){.first_at = 0};
  row->sums.check = policy_journal_layout_check_row(row->id, key, &row->sums);
  layout_publish(&row->state, PLACE_USED);
  layout_end(&row->sequence);
  policy_journal_rows_index(journal, index);
  return row;
}

static bool may_recycle(const JournalMap *map, uint32_t index, int64_t now) {
  return now - map->rows[index].sums.last_at > IDLE_NS && is_drained(map, index);
}

/* Each recycled row is one more series in the ledger: a tenant that runs ever new scripts
 * may have so many, and is added up as "(other)" beyond. */
static bool has_recycles(const Journal *journal, TenantMemory *memory, int64_t now) {
  int64_t hour = now / HOUR_NS;
  if (memory->recycle_hour != hour) {
    memory->recycle_hour = hour;
    memory->recycles_in_hour = 0;
  }
  return memory->recycles_in_hour < journal->recycles_per_hour;
}

/* Looks at a few rows from the tenant's hand on.  Until the drain has passed again, a
 * whole round without success is not repeated. */
static uint32_t search(Journal *journal, uint32_t tenant, int64_t now) {
  TenantMemory *memory = &journal->memory[tenant];
  const Geometry *g = &journal->map.geometry;
  uint32_t count = g->rows_per_tenant - JOURNAL_OUTCOME_ROOM;
  uint32_t base = tenant * g->rows_per_tenant + JOURNAL_OUTCOME_ROOM;
  uint64_t pass = __atomic_load_n(&journal->map.drain->drain.passes, __ATOMIC_RELAXED);
  bool is_full = memory->used == count;
  if (is_full && (memory->tried_pass == pass + 1 || !has_recycles(journal, memory, now))) return UINT32_MAX;
  for (uint32_t i = 0; i < (is_full ? SEARCH_STEPS : count); i++) {
    uint32_t index = base + memory->hand;
    memory->hand = (memory->hand + 1) % count;
    if (journal->map.rows[index].state == PLACE_FREE) return index;
    if (is_full && may_recycle(&journal->map, index, now)) return index;
    if (is_full && memory->hand == 0) memory->tried_pass = pass + 1;
  }
  return UINT32_MAX;
}

static Row *make_other_row(Journal *journal, RowKey *key) {
  make_other(key);
  uint32_t index = key->tenant * journal->map.geometry.rows_per_tenant + key->outcome;
  Row *row = &journal->map.rows[index];
  journal->folded++;
  if (row->state == PLACE_FREE) return make(journal, index, key);
  if (row->key.cost_model == key->cost_model) return row;
  /* From before an upgrade.  Until it is drained it takes the new runs, too. */
  if (!is_drained(&journal->map, index)) {
    *key = row->key;
    return row;
  }
  give_up(journal, index);
  return make(journal, index, key);
}

Row *policy_journal_rows_take(Journal *journal, RowKey *key, int64_t now) {
  Row *row = find(journal, key);
  if (row != NULL) return row;
  uint32_t index = search(journal, key->tenant, now);
  if (index == UINT32_MAX) return make_other_row(journal, key);
  if (journal->map.rows[index].state == PLACE_USED) {
    give_up(journal, index);
    journal->memory[key->tenant].recycles_in_hour++;
  } else {
    journal->memory[key->tenant].used++;
  }
  return make(journal, index, key);
}
