/* SPDX-License-Identifier: BSD-2-Clause */
/* script - a chained hash table that doubles, and a list by last use. */
#include "tools/module/script.h"

#include <stdlib.h>
#include <string.h>

#include "tools/module/state.h"

#define FIRST_CHAINS 256
#define DIGITS (FSB_SHA1_BYTES - 1)

static struct {
  Script **chains;
  size_t chain_count; /* a power of 2, 0 before the first script */
  size_t count, bytes;
  Script *newest, *oldest;
} cache;

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

/* The digest's first digits are as random as any hash. */
static size_t chain_of(const char *sha1) {
  size_t hash = 0;
  for (size_t i = 0; i < 12; i++) hash = hash << 4 | (sha1[i] <= '9' ? (size_t)(sha1[i] - '0') : (size_t)(sha1[i] - 'a' + 10) & 15);
  return hash & (cache.chain_count - 1);
}

static bool grow(void) {
  size_t wanted = cache.chain_count == 0 ? FIRST_CHAINS : cache.chain_count * 2;
  if (cache.count < cache.chain_count) return true;
  Script **chains = calloc(wanted, sizeof *chains);
  if (chains == NULL) return cache.chain_count != 0;
  free(cache.chains);
  cache.chains = chains;
  cache.chain_count = wanted;
  for (Script *script = cache.oldest; script != NULL; script = script->newer) {
    Script **chain = &cache.chains[chain_of(script->sha1)];
    script->next = *chain;
    *chain = script;
  }
  return true;
}

static void link_newest(Script *script) {
  script->newer = NULL;
  script->older = cache.newest;
  if (cache.newest != NULL) cache.newest->newer = script;
  cache.newest = script;
  if (cache.oldest == NULL) cache.oldest = script;
}

static void unlink_script(Script *script) {
  *(script->newer == NULL ? &cache.newest : &script->newer->older) = script->older;
  *(script->older == NULL ? &cache.oldest : &script->older->newer) = script->newer;
}

static void forget(Script *script) {
  Script **place = &cache.chains[chain_of(script->sha1)];
  while (*place != script) place = &(*place)->next;
  *place = script->next;
  unlink_script(script);
  cache.count--;
  cache.bytes -= cost_of(script);
  module_script_give(script);
}

/* Makes room among what EVAL brought; the least recently used goes first. */
static bool make_room(size_t bytes) {
  size_t most = (size_t)module_state.cache_bytes;
  for (Script *script = cache.oldest; script != NULL && cache.bytes + bytes > most;) {
    Script *newer = script->newer;
    if (!script->is_loaded) forget(script);
    script = newer;
  }
  return cache.bytes + bytes <= most;
}

/* --- Finding and keeping --- */

static bool read_digest(const char *sha1, size_t size, char ret_sha1[FSB_SHA1_BYTES]) {
  if (size != DIGITS) return false;
  for (size_t i = 0; i < DIGITS; i++) {
    char c = sha1[i];
    ret_sha1[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    if (ret_sha1[i] < '0' || ret_sha1[i] > 'f') return false;
  }
  ret_sha1[DIGITS] = '\0';
  return true;
}

Script *module_script_find(const char *sha1, size_t size) {
  char digest[FSB_SHA1_BYTES];
  if (cache.count == 0 || !read_digest(sha1, size, digest)) return NULL;
  Script *script = cache.chains[chain_of(digest)];
  while (script != NULL && memcmp(script->sha1, digest, DIGITS) != 0) script = script->next;
  if (script == NULL) return NULL;
  unlink_script(script);
  link_newest(script);
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

Script *module_script_keep(FsbBytes source, const char *sha1, unsigned flags, bool is_loaded) {
  Script *script = module_script_find(sha1, DIGITS);
  if (script != NULL) {
    script->is_loaded = script->is_loaded || is_loaded;
    return script;
  }
  if (!make_room(sizeof *script + source.size) || !grow()) return NULL;
  script = make_script(source, sha1);
  if (script == NULL) return NULL;
  script->flags = flags;
  script->is_loaded = is_loaded;
  Script **chain = &cache.chains[chain_of(sha1)];
  script->next = *chain;
  *chain = script;
  link_newest(script);
  cache.count++;
  cache.bytes += cost_of(script);
  return script;
}

void module_script_take(Script *script) {
  script->uses++;
}

void module_script_give(Script *script) {
  if (--script->uses == 0) free(script);
}

void module_script_flush(void) {
  while (cache.oldest != NULL) forget(cache.oldest);
  free(cache.chains);
  cache.chains = NULL;
  cache.chain_count = 0;
}
