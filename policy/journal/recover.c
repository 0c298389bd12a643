/* SPDX-License-Identifier: BSD-2-Clause */
/* recover - what an opening does with what it finds.
 *
 * In this order, and each step may be interrupted and done again:
 *   1. tenants whose names are not names get one, so that their rows keep an owner;
 *   2. a row that was being given up is given up;
 *   3. committed slots are applied to their rows, if row, id and after-image agree;
 *   4. rows that do not hold what a writer wrote are put out of use and counted as damage;
 *   5. counters are brought to where the slots and rows say they must be;
 *   6. slots that are still armed end as CODE_LOST (their process is gone).
 * No number read from the file is used as an index or a size before it was checked.
 */
#include <stdio.h>
#include <string.h>

#include "policy/journal/writer.h"

/* --- 1. Tenants --- */

static void check_tenant(JournalMap *map, uint32_t i) {
  Tenant *tenant = &map->tenants[i];
  if (tenant->state == PLACE_FREE) return;
  if (tenant->state == PLACE_USED && policy_journal_layout_is_name(tenant->name)) return;
  (void)snprintf(tenant->name, sizeof tenant->name, "_damaged-%u", i);
  layout_publish(&tenant->state, PLACE_USED);
  map->header->damaged++;
}

static void check_tenants(JournalMap *map) {
  for (uint32_t i = 1; i < map->geometry.tenants; i++) check_tenant(map, i);
}

/* --- 2. and 3. Intents --- */

static void finish_recycling(JournalMap *map) {
  const Recycle *recycle = &map->header->recycle;
  if (recycle->state == RECYCLE_IDLE) return;
  bool is_sound = recycle->state == RECYCLE_ARMED && recycle->row < map->row_count &&
                  recycle->tenant == recycle->row / map->geometry.rows_per_tenant;
  if (is_sound) {
    policy_journal_rows_retire(map);
    return;
  }
  map->header->damaged++;
  layout_publish(&map->header->recycle.state, RECYCLE_IDLE);
}

static bool is_committed(const JournalMap *map, const Slot *slot) {
  if (slot->state != SLOT_COMMITTED || slot->row >= map->row_count) return false;
  const Row *row = &map->rows[slot->row];
  return row->id == slot->row_id && row->state == PLACE_USED &&
         slot->row / map->geometry.rows_per_tenant == row->key.tenant &&
         slot->after.check == policy_journal_layout_check_row(row->id, &row->key, &slot->after);
}

/* Whether an armed slot's key is one that an admission could have written. */
static bool is_order(const JournalMap *map, const RowKey *key) {
  return policy_journal_layout_is_key(key, &map->geometry) && key->kind != KIND_OTHER &&
         map->tenants[key->tenant].state == PLACE_USED;
}

static void check_slot(Journal *journal, Slot *slot) {
  if (slot->state == SLOT_FREE) return;
  if (is_committed(&journal->map, slot)) {
    policy_journal_writer_apply(journal, slot);
    return;
  }
  slot->key.outcome = CODE_LOST;
  if (slot->state == SLOT_ARMED && is_order(&journal->map, &slot->key)) return;
  journal->map.header->damaged++;
  layout_publish(&slot->state, SLOT_FREE);
}

/* --- 4. Rows --- */

static void put_out_of_use(JournalMap *map, Row *row) {
  layout_begin(&row->sequence);
  layout_publish(&row->state, PLACE_FREE);
  layout_end(&row->sequence);
  map->header->damaged++;
}

/* A row of a tenant that has no place cannot have been written. */
static bool has_owner(const JournalMap *map, uint32_t i) {
  uint32_t tenant = map->rows[i].key.tenant;
  uint32_t place = i % map->geometry.rows_per_tenant;
  bool is_other = map->rows[i].key.kind == KIND_OTHER;
  return tenant == i / map->geometry.rows_per_tenant && map->tenants[tenant].state == PLACE_USED &&
         is_other == (place < JOURNAL_OUTCOME_ROOM) &&
         (!is_other || map->rows[i].key.outcome == place);
}

/* Returns the runs in the row.  One that was being made when its writer died is free. */
static uint64_t check_row(JournalMap *map, uint32_t i) {
  Row *row = &map->rows[i];
  bool is_used = row->state != PLACE_FREE;
  if ((row->sequence & 1) != 0) layout_end(&row->sequence);
  if (!is_used) return 0;
  if (!policy_journal_layout_is_row(row, &map->geometry) || !has_owner(map, i)) {
    put_out_of_use(map, row);
    return 0;
  }
  if (row->id >= map->header->next_row) map->header->next_row = row->id + 1;
  return row->sums.amount[FIELD_RUNS];
}

static uint64_t check_retired(JournalMap *map, uint32_t i) {
  Tenant *tenant = &map->tenants[i];
  if (tenant->retired_check == policy_journal_layout_check_retired(i, tenant->retired)) return tenant->retired;
  tenant->retired_check = tenant->retired = 0;
  map->header->damaged++;
  return 0;
}

/* --- 5. Counters --- */

static void start_counters(Header *header) {
  if (header->next_ticket == 0) header->next_ticket = 1;
  if (header->next_row == 0) header->next_row = 1;
  if (header->next_detail == 0) header->next_detail = 1;
}

static void raise_counters(JournalMap *map) {
  Header *header = map->header;
  start_counters(header);
  for (uint32_t i = 0; i < map->geometry.slots; i++) {
    const Slot *slot = &map->slots[i];
    if (slot->state != SLOT_ARMED) continue;
    Tenant *tenant = &map->tenants[slot->key.tenant];
    if (slot->number >= header->next_ticket) header->next_ticket = slot->number + 1;
    if (slot->admitted > tenant->admitted) tenant->admitted = slot->admitted;
  }
}

static uint32_t count_armed(const JournalMap *map) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < map->geometry.slots; i++) count += map->slots[i].state == SLOT_ARMED;
  return count;
}

/* What is admitted and in no row was taken by damage; rows never hold more. */
static void balance(JournalMap *map, uint64_t counted) {
  Header *header = map->header;
  uint64_t present = counted + count_armed(map);
  if (header->next_ticket - 1 < present + header->unaccounted) header->next_ticket = present + header->unaccounted + 1;
  header->unaccounted = header->next_ticket - 1 - present;
}

static void check_details(JournalMap *map) {
  for (uint32_t i = 0; i < map->geometry.details; i++)
    if ((map->details[i].sequence & 1) != 0) layout_end(&map->details[i].sequence);
}

static void name_first_tenant(JournalMap *map) {
  static const char other[] = "_other";
  Tenant *first = &map->tenants[JOURNAL_OTHER_TENANT];
  memcpy(first->name, other, sizeof other);
  layout_publish(&first->state, PLACE_USED);
}

void policy_journal_recover_file(Journal *journal, bool is_empty) {
  JournalMap *map = &journal->map;
  uint64_t counted = 0;
  name_first_tenant(map);
  if (is_empty) { /* its pages need not even be touched */
    start_counters(map->header);
    return;
  }
  check_tenants(map);
  finish_recycling(map);
  for (uint32_t i = 0; i < map->geometry.slots; i++) check_slot(journal, &map->slots[i]);
  raise_counters(map);
  for (uint32_t i = 0; i < map->row_count; i++) counted += check_row(map, i);
  for (uint32_t i = 0; i < map->geometry.tenants; i++) counted += check_retired(map, i);
  check_details(map);
  balance(map, counted);
  journal->counted = counted;
}

/* --- 6. Runs whose process is gone --- */

void policy_journal_recover_runs(Journal *journal, int64_t now) {
  static const JournalUsage nothing = {.amount = {0}};
  for (uint32_t i = 0; i < journal->map.geometry.slots; i++) {
    Slot *slot = &journal->map.slots[i];
    if (slot->state != SLOT_ARMED) continue;
    policy_journal_writer_commit(journal, slot, &slot->key, &nothing, now);
    journal->lost++;
  }
}
