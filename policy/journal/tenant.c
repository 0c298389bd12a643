/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant - tenants' places, and the indexes that are made when a journal is opened. */
#include <stdlib.h>
#include <string.h>

#include "policy/journal/writer.h"

/* --- Indexes --- */

static uint32_t mask_for(uint32_t count) {
  uint32_t size = 16;
  while (size < count) size *= 2;
  return size - 1;
}

static bool allocate(Journal *journal) {
  const Geometry *g = &journal->map.geometry;
  journal->tenant_mask = mask_for(g->tenants);
  journal->row_mask = mask_for(journal->map.row_count);
  journal->tenant_heads = calloc((size_t)journal->tenant_mask + 1, sizeof(uint32_t));
  journal->tenant_next = calloc(g->tenants, sizeof(uint32_t));
  journal->row_heads = calloc((size_t)journal->row_mask + 1, sizeof(uint32_t));
  journal->row_next = calloc(journal->map.row_count, sizeof(uint32_t));
  journal->memory = calloc(g->tenants, sizeof(TenantMemory));
  journal->free_slots = calloc(g->slots, sizeof(uint32_t));
  return journal->tenant_heads != NULL && journal->tenant_next != NULL && journal->row_heads != NULL &&
         journal->row_next != NULL && journal->memory != NULL && journal->free_slots != NULL;
}

static uint32_t *head_of(const Journal *journal, const char *name, size_t size) {
  return &journal->tenant_heads[policy_journal_rows_hash(name, size) & journal->tenant_mask];
}

static void index_tenant(Journal *journal, uint32_t tenant) {
  const char *name = journal->map.tenants[tenant].name;
  uint32_t *head = head_of(journal, name, strlen(name));
  journal->tenant_next[tenant] = *head;
  *head = tenant + 1;
}

static void index_rows(Journal *journal) {
  const JournalMap *map = &journal->map;
  for (uint32_t i = 0; i < map->row_count; i++) {
    if (map->rows[i].state != PLACE_USED) continue;
    policy_journal_rows_index(journal, i);
    if (i % map->geometry.rows_per_tenant >= JOURNAL_OUTCOME_ROOM)
      journal->memory[i / map->geometry.rows_per_tenant].used++;
  }
}

/* Armed slots will be free once recovery has ended their runs. */
bool policy_journal_writer_prepare(Journal *journal) {
  if (!allocate(journal)) return false;
  uint32_t tenants = journal->fd < 0 ? 1 : journal->map.geometry.tenants; /* memory begins empty */
  for (uint32_t i = 0; i < tenants; i++)
    if (journal->map.tenants[i].state == PLACE_USED) index_tenant(journal, i);
  if (journal->fd >= 0) index_rows(journal);
  for (uint32_t i = journal->map.geometry.slots; i > 0; i--)
    journal->free_slots[journal->free_slot_count++] = i - 1;
  return true;
}

void policy_journal_writer_release(Journal *journal) {
  free(journal->tenant_heads);
  free(journal->tenant_next);
  free(journal->row_heads);
  free(journal->row_next);
  free(journal->memory);
  free(journal->free_slots);
}

/* --- Places --- */

static uint32_t find(const Journal *journal, JournalBytes name) {
  uint32_t at = *head_of(journal, name.data, name.size);
  for (; at != 0; at = journal->tenant_next[at - 1]) {
    const Tenant *tenant = &journal->map.tenants[at - 1];
    if (memcmp(tenant->name, name.data, name.size) == 0 && tenant->name[name.size] == '\0') break;
  }
  return at;
}

static uint32_t make(Journal *journal, const char *name) {
  for (uint32_t i = 1; i < journal->map.geometry.tenants; i++) {
    Tenant *tenant = &journal->map.tenants[i];
    if (tenant->state != PLACE_FREE) continue;
    memset(tenant, 0, sizeof *tenant);
    memcpy(tenant->name, name, JOURNAL_NAME_BYTES);
    layout_publish(&tenant->state, PLACE_USED);
    index_tenant(journal, i);
    return i;
  }
  return JOURNAL_OTHER_TENANT;
}

uint32_t policy_journal_tenant(Journal *journal, JournalBytes name) {
  char text[JOURNAL_NAME_BYTES] = {0};
  if (name.size == 0 || name.size >= sizeof text) return JOURNAL_OTHER_TENANT;
  memcpy(text, name.data, name.size);
  if (!policy_journal_layout_is_name(text)) return JOURNAL_OTHER_TENANT;
  uint32_t at = find(journal, name);
  return at != 0 ? at - 1 : make(journal, text);
}

const char *policy_journal_tenant_name(const Journal *journal, uint32_t tenant) {
  if (tenant >= journal->map.geometry.tenants) return NULL;
  const Tenant *place = &journal->map.tenants[tenant];
  return place->state == PLACE_USED ? place->name : NULL;
}

void *policy_journal_account(Journal *journal, uint32_t tenant) {
  if (tenant >= journal->map.geometry.tenants) tenant = JOURNAL_OTHER_TENANT;
  return journal->map.tenants[tenant].account;
}
