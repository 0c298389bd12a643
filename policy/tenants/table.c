/* SPDX-License-Identifier: BSD-2-Clause */
/* table - linear probing, at most half full. */
#include "policy/tenants/table.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= UINT64_C(0xd6e8feb86659fd93);
  return h ^ h >> 32;
}

static uint64_t hash_of(const NameSlot *slots, TenantText key) {
  uint64_t h = mix((uint64_t)(uintptr_t)slots);
  for (size_t i = 0; i < key.size; i++) h = mix(h ^ (unsigned char)key.data[i]);
  return h;
}

static bool is_same(TenantText a, TenantText b) {
  return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* The slot of a text, or the free one where it would be. */
static NameSlot *find_slot(NameSlot *slots, size_t room, TenantText key) {
  size_t at = hash_of(slots, key) & (room - 1);
  while (slots[at].key.data != NULL && !is_same(slots[at].key, key)) at = (at + 1) & (room - 1);
  return &slots[at];
}

bool policy_tenants_table_find(const NameTable *table, TenantText key, size_t *ret_value) {
  if (table->room == 0 || key.data == NULL) return false;
  const NameSlot *slot = find_slot(table->slots, table->room, key);
  if (slot->key.data == NULL) return false;
  *ret_value = slot->value;
  return true;
}

static Status double_room(NameTable *table) {
  size_t room = table->room == 0 ? 16 : table->room * 2;
  NameSlot *slots = calloc(room, sizeof *slots);
  if (slots == NULL) return ST_NO_MEMORY;
  for (size_t i = 0; i < table->room; i++)
    if (table->slots[i].key.data != NULL) *find_slot(slots, room, table->slots[i].key) = table->slots[i];
  free(table->slots);
  table->slots = slots;
  table->room = room;
  return ST_OK;
}

Status policy_tenants_table_add(NameTable *table, TenantText key, size_t value) {
  if (table->used * 2 >= table->room) {
    Status s = double_room(table);
    if (s != ST_OK) return s;
  }
  *find_slot(table->slots, table->room, key) = (NameSlot){key, value};
  table->used++;
  return ST_OK;
}

void policy_tenants_table_free(NameTable *table) {
  free(table->slots);
  *table = (NameTable){.slots = NULL};
}
