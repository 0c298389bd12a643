/* SPDX-License-Identifier: BSD-2-Clause */
/* store - blocks of 64 KiB, and larger ones for what does not fit. */
#include "policy/tenants/store.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10)
#define ALIGNMENT 16

struct StoreBlock {
  StoreBlock *next;
  size_t size;
  _Alignas(ALIGNMENT) char bytes[];
};

static StoreBlock *add_block(Store *store, size_t bytes) {
  size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
  if (size > STORE_MOST - store->taken) return NULL;
  StoreBlock *block = calloc(1, sizeof *block + size);
  if (block == NULL) return NULL;
  *block = (StoreBlock){.next = store->blocks, .size = size};
  store->blocks = block;
  store->left = size;
  store->taken += size;
  return block;
}

void *policy_tenants_store_take(Store *store, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return NULL;
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (bytes > store->left && add_block(store, bytes) == NULL) return NULL;
  StoreBlock *block = store->blocks;
  if (block == NULL) return NULL;
  void *place = block->bytes + (block->size - store->left);
  store->left -= bytes;
  return place;
}

TenantText policy_tenants_store_text(Store *store, TenantText text) {
  char *copy = policy_tenants_store_take(store, text.size + 1);
  if (copy == NULL) return (TenantText){NULL, 0};
  if (text.size != 0) memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  return (TenantText){copy, text.size};
}

void policy_tenants_store_free(Store *store) {
  while (store->blocks != NULL) {
    StoreBlock *block = store->blocks;
    store->blocks = block->next;
    free(block);
  }
  store->left = store->taken = 0;
}

void *policy_tenants_store_grow(void *array, size_t count, size_t *room, size_t size) {
  if (count < *room) return array;
  size_t wanted = *room == 0 ? 16 : *room * 2;
  if (wanted > SIZE_MAX / 2 / size) return NULL;
  void *moved = realloc(array, wanted * size);
  if (moved != NULL) *room = wanted;
  return moved;
}
