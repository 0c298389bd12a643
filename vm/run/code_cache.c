/* SPDX-License-Identifier: BSD-2-Clause */
/* code_cache - see code_cache.h.
 *
 * An entry is its head, the module, the source text, the chunk name and the key, packed one
 * behind the other.  Room is made down to three quarters at a time, so that closing the gaps is
 * paid for by many texts. */
#include "vm/run/code_cache.h"

#include <string.h>

#include "vm/values/hash.h"

typedef struct {
  uint32_t module_size;
  uint32_t source_size;
  uint32_t name_size;
  uint32_t key_size;
} Entry;

static const char *entry_module(const Entry *e) { return (const char *)(e + 1); }
static const char *entry_source(const Entry *e) { return entry_module(e) + e->module_size; }
static const char *entry_name(const Entry *e) { return entry_source(e) + e->source_size; }
static const char *entry_key(const Entry *e) { return entry_name(e) + e->name_size; }

static const Entry *entry_of(const CodeCache *cache, const CodeSlot *slot) {
  return (const Entry *)(const void *)(cache->bytes + slot->offset);
}

/* Bytes of the entry; 0 when it can never be kept. */
static uint32_t entry_size(const CodeText *text, const Module *module) {
  uint64_t size = sizeof(Entry) + (uint64_t)module->size + text->size + text->name_size + text->key_size;
  size = (size + 7) & ~UINT64_C(7);
  return size <= CODE_CACHE_BYTES / 4 ? (uint32_t)size : 0;
}

/* Whether the entry has the text's key and name. */
static bool is_called(const Entry *e, const CodeText *text) {
  return e->key_size == text->key_size && e->name_size == text->name_size &&
         (text->key_size == 0 || memcmp(entry_key(e), text->key, text->key_size) == 0) &&
         memcmp(entry_name(e), text->name, text->name_size) == 0;
}

static bool has_source(const Entry *e, const CodeText *text) {
  return e->source_size == text->size && memcmp(entry_source(e), text->source, text->size) == 0;
}

uint64_t vm_code_cache_hash(uint64_t seed, const CodeText *text) {
  bool has_key = text->key_size != 0;
  return hash_bytes(seed, has_key ? text->key : text->source, has_key ? text->key_size : text->size);
}

/* The slot of the text, or with no source, of what is called so; NULL: none. */
static CodeSlot *slot_of(CodeCache *cache, uint64_t hash, const CodeText *text) {
  for (uint32_t i = 0; i < cache->count; i++) {
    CodeSlot *slot = &cache->slots[i];
    if (slot->hash != hash) continue;
    const Entry *e = entry_of(cache, slot);
    if (is_called(e, text) && (text->source == NULL || has_source(e, text))) return slot;
  }
  return NULL;
}

const Module *vm_code_cache_find(CodeCache *cache, uint64_t hash, CodeText *text) {
  CodeSlot *slot = slot_of(cache, hash, text);
  if (slot == NULL) return NULL;
  const Entry *e = entry_of(cache, slot);
  slot->last_use = ++cache->clock;
  cache->hits++;
  text->size = e->source_size;
  return (const Module *)(const void *)entry_module(e);
}

/* --- Making room --- */

static uint32_t oldest(const CodeCache *cache) {
  uint32_t found = 0;
  for (uint32_t i = 1; i < cache->count; i++) {
    if (cache->slots[i].last_use < cache->slots[found].last_use) found = i;
  }
  return found;
}

static CodeSlot *slot_at(CodeCache *cache, uint32_t offset) {
  for (uint32_t i = 0; i < cache->count; i++) {
    if (cache->slots[i].offset == offset) return &cache->slots[i];
  }
  return NULL;
}

/* The entry that lies lowest at or above `offset`. */
static CodeSlot *next_slot(CodeCache *cache, uint32_t offset) {
  CodeSlot *found = NULL;
  for (uint32_t i = 0; i < cache->count; i++) {
    CodeSlot *slot = &cache->slots[i];
    if (slot->offset >= offset && (found == NULL || slot->offset < found->offset)) found = slot;
  }
  return found;
}

/* Moves the entries together and clears what that frees. */
static void close_gaps(CodeCache *cache) {
  uint32_t to = 0;
  for (uint32_t done = 0; done < cache->count; done++) {
    CodeSlot *slot = slot_at(cache, to);
    if (slot == NULL) {
      slot = next_slot(cache, to);
      memmove(cache->bytes + to, cache->bytes + slot->offset, slot->size);
      slot->offset = to;
    }
    to += slot->size;
  }
  memset(cache->bytes + to, 0, cache->used - to);
  cache->used = to;
}

static void make_room(CodeCache *cache, uint32_t size) {
  uint64_t left = cache->used;
  if (left + size <= CODE_CACHE_BYTES && cache->count < CODE_CACHE_SLOTS) return;
  while (cache->count > CODE_CACHE_SLOTS * 3 / 4 || left + size > (uint64_t)CODE_CACHE_BYTES * 3 / 4) {
    uint32_t i = oldest(cache);
    left -= cache->slots[i].size;
    cache->slots[i] = cache->slots[--cache->count];
  }
  close_gaps(cache);
}

/* Lets go of the text that came with this key before. */
static void forget_called(CodeCache *cache, uint64_t hash, CodeText text) {
  text.source = NULL;
  CodeSlot *slot = text.key_size == 0 ? NULL : slot_of(cache, hash, &text);
  if (slot == NULL) return;
  *slot = cache->slots[--cache->count];
  close_gaps(cache);
}

/* --- Joining --- */

/* True when this text was met before; else it is now. */
static bool was_seen(CodeCache *cache, uint64_t hash) {
  uint64_t *seen = &cache->seen[hash % CODE_CACHE_SEEN];
  if (*seen == hash) return true;
  *seen = hash;
  return false;
}

static char *put(char *at, const void *bytes, size_t size) {
  if (size != 0) memcpy(at, bytes, size);
  return at + size;
}

static void keep(CodeCache *cache, uint64_t hash, const CodeText *text, const Module *module) {
  uint32_t size = entry_size(text, module);
  if (size == 0) return;
  make_room(cache, size);
  char *at = cache->bytes + cache->used;
  const Entry head = {module->size, (uint32_t)text->size, (uint32_t)text->name_size, (uint32_t)text->key_size};
  at = put(at, &head, sizeof head);
  at = put(at, module, module->size);
  at = put(at, text->source, text->size);
  at = put(at, text->name, text->name_size);
  (void)put(at, text->key, text->key_size);
  cache->slots[cache->count++] = (CodeSlot){hash, ++cache->clock, cache->used, size};
  cache->used += size;
}

void vm_code_cache_put(CodeCache *cache, uint64_t hash, const CodeText *text, const Module *module) {
  if (cache->bytes == NULL) return;
  forget_called(cache, hash, *text);
  if (was_seen(cache, hash)) keep(cache, hash, text, module);
}
