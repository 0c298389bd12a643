/* SPDX-License-Identifier: BSD-2-Clause */
/* code_cache - compiled script texts, kept from run to run.
 *
 * A module is immutable and names nothing in the heap, so it may outlive the run that
 * compiled it.  The cache is a piece of control of its own, outside every transaction; a
 * run that finds its text there is lent the module, and from then on nothing tells it from a
 * run that compiled: the same memory, the same price.  Nothing is put here while a script runs.
 *
 * A text joins when it is met for the second time: what runs once leaves a hash behind and
 * nothing else.  Equality is that of the bytes; the hash only finds them.  Who gave a text
 * a key may ask for it by the key alone, and gets the last text that came with it.  When
 * the room is used up the least recently used entries go.  Layer: vm/run.
 */
#ifndef VM_RUN_CODE_CACHE_H
#define VM_RUN_CODE_CACHE_H

#include "vm/compile/module.h"

enum {
  CODE_CACHE_BYTES = 2 << 20, /* of control: modules and their texts */
  CODE_CACHE_SLOTS = 256,
  CODE_CACHE_SEEN = 256 /* hashes of texts that were met once */
};

/* What is compiled, and under which name. */
typedef struct {
  const char *source; /* NULL: to be found by its key */
  size_t size;
  bool terminated; /* source[size] can be read */
  const char *name;
  size_t name_size;
  const char *key; /* what the caller tells texts apart by */
  size_t key_size; /* 0: nothing */
} CodeText;

typedef struct {
  uint64_t hash;
  uint64_t last_use;
  uint32_t offset; /* of the entry in the cache's bytes */
  uint32_t size;
} CodeSlot;

typedef struct {
  char *bytes; /* entries, packed; NULL: no cache */
  uint32_t used;
  uint32_t count;
  uint64_t clock;
  uint64_t hits;
  CodeSlot *slots; /* CODE_CACHE_SLOTS of them */
  uint64_t seen[CODE_CACHE_SEEN];
} CodeCache;

/* The hash of a text: of its key if it has one. */
uint64_t vm_code_cache_hash(uint64_t seed, const CodeText *text);

/* The module of a text, or without a source, of the text that came last with its key and name,
 * whose size is set; or NULL.  Valid until the next put. */
const Module *vm_code_cache_find(CodeCache *cache, uint64_t hash, CodeText *text);

/* Notes a text that was compiled; keeps it on second sight, in the place of another that came
 * with its key. */
void vm_code_cache_put(CodeCache *cache, uint64_t hash, const CodeText *text, const Module *module);

#endif
