/* SPDX-License-Identifier: BSD-2-Clause */
/* slots - see slots.h. */
#include "sandbox/supervisor/slots.h"

#include <stdlib.h>
#include <string.h>

#include "policy/hash.h"

#define FIRST_BUCKETS 64

/* --- Orders --- */

static void unlink_slot(SlotOrder *order, PoolSlot *slot) {
  *(slot->newer == NULL ? &order->newest : &slot->newer->older) = slot->older;
  *(slot->older == NULL ? &order->oldest : &slot->older->newer) = slot->newer;
  slot->newer = slot->older = NULL;
  order->count--;
}

static void link_newest(SlotOrder *order, PoolSlot *slot) {
  slot->newer = NULL;
  slot->older = order->newest;
  *(order->newest == NULL ? &order->oldest : &order->newest->newer) = slot;
  order->newest = slot;
  order->count++;
}

static SlotOrder *order_of(SlotTable *table, const PoolSlot *slot) {
  return slot->is_staffed ? &table->staffed : &table->others;
}

void supervisor_slots_staff(SlotTable *table, PoolSlot *slot, uint64_t bytes) {
  unlink_slot(order_of(table, slot), slot);
  table->bytes += bytes - slot->bytes;
  slot->bytes = bytes;
  slot->is_staffed = true;
  link_newest(&table->staffed, slot);
}

void supervisor_slots_unstaff(SlotTable *table, PoolSlot *slot) {
  unlink_slot(order_of(table, slot), slot);
  table->bytes -= slot->bytes;
  slot->bytes = 0;
  slot->is_staffed = false;
  link_newest(&table->others, slot);
}

/* --- Names --- */

static uint64_t hash_name(FsbBytes bytes) {
  uint64_t hash = policy_hash_add(POLICY_HASH_START, bytes.data, bytes.size);
  return hash ^ (hash >> 32);
}

static PoolSlot **bucket_of(const SlotTable *table, uint64_t hash) {
  return &table->buckets[hash & (table->bucket_count - 1)];
}

static bool is_slot_of(const PoolSlot *slot, uint64_t hash, FsbBytes principal) {
  return slot->hash == hash && slot->principal_size == principal.size &&
         (principal.size == 0 || memcmp(slot->principal, principal.data, principal.size) == 0);
}

PoolSlot *supervisor_slots_find(SlotTable *table, FsbBytes principal, uint64_t now) {
  if (table->buckets == NULL) return NULL;
  uint64_t hash = hash_name(principal);
  PoolSlot *slot = *bucket_of(table, hash);
  while (slot != NULL && !is_slot_of(slot, hash, principal)) slot = slot->next;
  if (slot == NULL) return NULL;
  slot->used_at = now;
  SlotOrder *order = order_of(table, slot);
  if (order->newest != slot) {
    unlink_slot(order, slot);
    link_newest(order, slot);
  }
  return slot;
}

static void move_to(SlotTable *table, PoolSlot *first) {
  while (first != NULL) {
    PoolSlot *next = first->next;
    PoolSlot **bucket = bucket_of(table, first->hash);
    first->next = *bucket;
    *bucket = first;
    first = next;
  }
}

/* Without memory for more buckets the chains only get longer. */
static bool make_buckets(SlotTable *table) {
  size_t count = table->staffed.count + table->others.count;
  if (table->buckets != NULL && count < table->bucket_count) return true;
  size_t wanted = table->buckets == NULL ? FIRST_BUCKETS : table->bucket_count * 2;
  PoolSlot **larger = calloc(wanted, sizeof(PoolSlot *));
  if (larger == NULL) return table->buckets != NULL;
  PoolSlot **old = table->buckets;
  size_t old_count = table->bucket_count;
  table->buckets = larger;
  table->bucket_count = wanted;
  for (size_t i = 0; i < old_count; i++) move_to(table, old[i]);
  free(old);
  return true;
}

PoolSlot *supervisor_slots_add(SlotTable *table, FsbBytes principal, uint64_t now) {
  if (principal.size > SIZE_MAX / 2 || !make_buckets(table)) return NULL;
  PoolSlot *slot = malloc(sizeof *slot + principal.size);
  if (slot == NULL) return NULL;
  *slot = (PoolSlot){.hash = hash_name(principal),
                     .used_at = now,
                     .worker = WORKER_NONE,
                     .random_state = FSB_RANDOM_START,
                     .principal_size = principal.size};
  if (principal.size != 0) memcpy(slot->principal, principal.data, principal.size);
  move_to(table, slot);
  link_newest(&table->others, slot);
  return slot;
}

void supervisor_slots_remove(SlotTable *table, PoolSlot *slot) {
  PoolSlot **at = bucket_of(table, slot->hash);
  while (*at != slot) at = &(*at)->next;
  *at = slot->next;
  unlink_slot(order_of(table, slot), slot);
  table->bytes -= slot->bytes;
  free(slot);
  if (table->staffed.count + table->others.count != 0) return;
  free(table->buckets);
  table->buckets = NULL;
  table->bucket_count = 0;
}
