/* SPDX-License-Identifier: BSD-2-Clause */
/* script - a chained hash table that doubles, and for each shelf a list by last use. */
#include "tools/module/script.h"

#include <stdlib.h>
#include <string.h>

#include "tools/module/state.h"

#define FIRST_CHAINS 256
#define DIGITS (FSB_SHA1_BYTES - 1)

/* The part of the whole that one of several tenants may fill with SCRIPT LOAD. */
#define LOADED_PART 16

static struct {
  Script **chains;
  size_t chain_count; /* a power of 2, 0 before the first script */
  size_t count, bytes;
  ScriptShelf *shelves; /* those that hold something */
  size_t shelf_count;
} cache;

/* Scripts that EVAL brought lately, by their texts: one that is here needs no digest. */
#define LATELY 256
static Script *lately[LATELY];

size_t module_script_count(void) {
  return cache.count;
}

size_t module_script_bytes(void) {
  return cache.bytes;
}

/* --- The table --- */

static size_t cost_of(const Script *script) {
  return sizeof *script + script->source.size;
}

/* The digest's first digits are as random as any hash.  Scripts that declare flags are found
 * by digest alone, too (module_script_flags), others only together with their shelf: many
 * tenants with the same script make no long chain. */
static size_t chain_of(const char *sha1, const ScriptShelf *shelf) {
  const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
  uint64_t digits[2];
  memcpy(digits, sha1, sizeof digits);
  uint64_t hash = (digits[0] ^ digits[1] << 4) * odd ^ (uint64_t)(uintptr_t)shelf * odd;
  return (size_t)(hash >> 32) & (cache.chain_count - 1);
}

static Script **place_of(const Script *script) {
  return &cache.chains[chain_of(script->sha1, script->flags != 0 ? NULL : script->shelf)];
}

static void rehash(ScriptShelf *shelf) {
  for (Script *script = shelf->oldest; script != NULL; script = script->newer) {
    Script **chain = place_of(script);
    script->next = *chain;
    *chain = script;
  }
}

static bool grow(void) {
  size_t wanted = cache.chain_count == 0 ? FIRST_CHAINS : cache.chain_count * 2;
  if (cache.count < cache.chain_count) return true;
  Script **chains = calloc(wanted, sizeof *chains);
  if (chains == NULL) return cache.chain_count != 0;
  free(cache.chains);
  cache.chains = chains;
  cache.chain_count = wanted;
  for (ScriptShelf *shelf = cache.shelves; shelf != NULL; shelf = shelf->next) rehash(shelf);
  return true;
}

static void link_newest(Script *script) {
  ScriptShelf *shelf = script->shelf;
  script->newer = NULL;
  script->older = shelf->newest;
  if (shelf->newest != NULL) shelf->newest->newer = script;
  shelf->newest = script;
  if (shelf->oldest == NULL) shelf->oldest = script;
}

static void unlink_script(Script *script) {
  ScriptShelf *shelf = script->shelf;
  *(script->newer == NULL ? &shelf->newest : &script->newer->older) = script->older;
  *(script->older == NULL ? &shelf->oldest : &script->older->newer) = script->newer;
}

/* --- Texts --- */

static void move_to_newest(Script *script) {
  unlink_script(script);
  link_newest(script);
}

static uint64_t load(const char *at) {
  uint64_t bytes;
  memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/* From size and ends alone: whoever makes two texts meet here makes them take turns. */
static Script **place_of_text(const ScriptShelf *shelf, FsbBytes source) {
  const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
  uint64_t hash = (source.size ^ (uint64_t)(uintptr_t)shelf) * odd;
  if (source.size >= 8) hash = (hash ^ load(source.data) ^ load(source.data + source.size - 8) << 1) * odd;
  return &lately[(hash >> 40) % LATELY];
}

static bool is_text_of(const Script *script, const ScriptShelf *shelf, FsbBytes source) {
  return script->shelf == shelf && script->source.size == source.size && source.size != 0 &&
         memcmp(script->source.data, source.data, source.size) == 0;
}

Script *module_script_find_text(ScriptShelf *shelf, FsbBytes source) {
  Script *script = *place_of_text(shelf, source);
  if (script == NULL || !is_text_of(script, shelf, source)) return NULL;
  move_to_newest(script);
  return script;
}

static Script *note_text(Script *script) {
  *place_of_text(script->shelf, script->source) = script;
  return script;
}

static void forget_text(const Script *script) {
  Script **place = place_of_text(script->shelf, script->source);
  if (*place == script) *place = NULL;
}

/* --- Shelves --- */

static void count_in(Script *script) {
  ScriptShelf *shelf = script->shelf;
  if (shelf->count++ == 0) {
    shelf->next = cache.shelves;
    cache.shelves = shelf;
    cache.shelf_count++;
  }
  shelf->bytes += cost_of(script);
  if (script->is_loaded) shelf->loaded_bytes += cost_of(script);
  cache.count++;
  cache.bytes += cost_of(script);
}

static void take_away(ScriptShelf *shelf) {
  ScriptShelf **place = &cache.shelves;
  while (*place != shelf) place = &(*place)->next;
  *place = shelf->next;
  cache.shelf_count--;
}

static void forget(Script *script) {
  ScriptShelf *shelf = script->shelf;
  Script **place = place_of(script);
  while (*place != script) place = &(*place)->next;
  *place = script->next;
  forget_text(script);
  unlink_script(script);
  cache.count--;
  cache.bytes -= cost_of(script);
  shelf->bytes -= cost_of(script);
  if (script->is_loaded) shelf->loaded_bytes -= cost_of(script);
  if (--shelf->count == 0) take_away(shelf);
  module_script_give(script);
}

/* --- Room --- */

static ScriptShelf *largest(void) {
  ScriptShelf *most = cache.shelves;
  for (ScriptShelf *shelf = cache.shelves; shelf != NULL; shelf = shelf->next)
    if (shelf->bytes > most->bytes) most = shelf;
  return most;
}

/* The least recently used of what EVAL brought goes first.  False: nothing more may go. */
static bool shrink(ScriptShelf *shelf, size_t bytes, size_t most) {
  for (Script *script = shelf->oldest; script != NULL && cache.bytes + bytes > most;) {
    Script *newer = script->newer;
    if (!script->is_loaded) forget(script);
    script = newer;
    if (cache.shelf_count > 1 && shelf->bytes * cache.shelf_count < most) break;
  }
  return cache.bytes + bytes <= most;
}

static bool make_room(ScriptShelf *shelf, size_t bytes) {
  size_t most = (size_t)module_state.cache_bytes, before;
  do {
    before = cache.bytes;
    bool has_share = shelf->count != 0 && shelf->bytes * cache.shelf_count >= most;
    if (cache.count == 0 || shrink(has_share ? shelf : largest(), bytes, most)) break;
  } while (cache.bytes != before);
  return cache.bytes + bytes <= most || (shelf->count != 0 && shrink(shelf, bytes, most));
}

static bool may_load(const ScriptShelf *shelf, size_t bytes) {
  bool is_alone = cache.shelf_count == 0 || (cache.shelf_count == 1 && cache.shelves == shelf);
  return is_alone || shelf->loaded_bytes + bytes <= (size_t)module_state.cache_bytes / LOADED_PART;
}

/* --- Finding and keeping --- */

static bool read_digest(const char *sha1, size_t size, char ret_sha1[FSB_SHA1_BYTES]) {
  bool is_bad = false;
  if (size != DIGITS) return false;
  /* No early end: so it is one vector, or three. */
  for (size_t i = 0; i < DIGITS; i++) {
    char c = sha1[i];
    ret_sha1[i] = (char)(c | (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
    is_bad |= ret_sha1[i] < '0' || ret_sha1[i] > 'f';
  }
  ret_sha1[DIGITS] = '\0';
  return !is_bad;
}

static Script *find_in(size_t chain, const ScriptShelf *shelf, const char *digest) {
  Script *script = cache.chains[chain];
  while (script != NULL && (memcmp(script->sha1, digest, DIGITS) != 0 ||
                            (shelf != NULL && script->shelf != shelf)))
    script = script->next;
  return script;
}

unsigned module_script_flags(const char *sha1, size_t size) {
  char digest[FSB_SHA1_BYTES];
  if (cache.count == 0 || !read_digest(sha1, size, digest)) return 0;
  const Script *script = find_in(chain_of(digest, NULL), NULL, digest);
  return script == NULL ? 0 : script->flags;
}

Script *module_script_find(ScriptShelf *shelf, const char *sha1, size_t size) {
  char digest[FSB_SHA1_BYTES];
  if (shelf->count == 0 || !read_digest(sha1, size, digest)) return NULL;
  Script *script = find_in(chain_of(digest, shelf), shelf, digest);
  if (script == NULL) script = find_in(chain_of(digest, NULL), shelf, digest);
  if (script == NULL) return NULL;
  move_to_newest(script);
  return script;
}

static Script *make_script(FsbBytes source, const char *sha1) {
  Script *script = malloc(sizeof *script + source.size);
  if (script == NULL) return NULL;
  *script = (Script){.source = {(char *)(script + 1), source.size}, .uses = 1};
  memcpy(script->sha1, sha1, FSB_SHA1_BYTES);
  if (source.size != 0) memcpy(script + 1, source.data, source.size);
  return script;
}

static Script *mark_loaded(Script *script) {
  if (script->is_loaded) return script;
  if (!may_load(script->shelf, cost_of(script))) return NULL;
  script->is_loaded = true;
  script->shelf->loaded_bytes += cost_of(script);
  return script;
}

Script *module_script_keep(ScriptShelf *shelf, FsbBytes source, const char *sha1, unsigned flags,
                           bool is_loaded) {
  Script *script = module_script_find(shelf, sha1, DIGITS);
  size_t bytes = sizeof *script + source.size;
  if (script != NULL) return is_loaded ? mark_loaded(script) : note_text(script);
  if (is_loaded && !may_load(shelf, bytes)) return NULL;
  if (!make_room(shelf, bytes) || !grow()) return NULL;
  script = make_script(source, sha1);
  if (script == NULL) return NULL;
  script->flags = flags;
  script->is_loaded = is_loaded;
  script->shelf = shelf;
  Script **chain = place_of(script);
  script->next = *chain;
  *chain = script;
  link_newest(script);
  count_in(script);
  return note_text(script);
}

void module_script_take(Script *script) {
  script->uses++;
}

void module_script_give(Script *script) {
  if (--script->uses == 0) free(script);
}

static void flush_all(void) {
  while (cache.shelves != NULL) forget(cache.shelves->oldest);
  free(cache.chains);
  cache.chains = NULL;
  cache.chain_count = 0;
}

void module_script_flush(ScriptShelf *shelf) {
  if (shelf == NULL || shelf->count == cache.count)
    flush_all();
  else
    while (shelf->oldest != NULL) forget(shelf->oldest);
}
