/* SPDX-License-Identifier: BSD-2-Clause */
/* atom - see the header.
 *
 * The seed is the scratch's own address: a source text cannot know it, so nobody
 * can choose names that share a bucket and make compilation quadratic.  Nothing
 * that leaves the compiler depends on the order of the buckets.
 */
#include "vm/compile/atom.h"

#include <string.h>

#include "vm/config.h"

enum { FIRST_BUCKETS = 64, MOST_BUCKETS = 1 << 24 };

#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t load64(const char *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

static inline uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to 8 bytes as one word, without reading past them. */
static inline uint64_t load_short(const char *p, size_t length) {
  if (length >= 4) {
    uint32_t head, tail;
    memcpy(&head, p, 4);
    memcpy(&tail, p + length - 4, 4);
    return (uint64_t)head << 32 | tail;
  }
  if (length == 0) return 0;
  uint64_t first = (unsigned char)p[0], middle = (unsigned char)p[length / 2];
  return first << 16 | middle << 8 | (unsigned char)p[length - 1];
}

/* Of equal length.  What load_short makes of up to 8 bytes tells all of them apart. */
static inline bool are_equal(const char *p, const char *q, size_t length) {
  if (length <= 8) return load_short(p, length) == load_short(q, length);
  for (; length > 8; p += 8, q += 8, length -= 8) {
    if (load64(p) != load64(q)) return false;
  }
  return load64(p + length - 8) == load64(q + length - 8);
}

static inline uint32_t hash_bytes(uint64_t seed, const char *p, size_t length) {
  uint64_t h = seed ^ (length * MIX_A);
  while (length > 8) {
    h = fold(h ^ load64(p), MIX_B);
    p += 8;
    length -= 8;
  }
  h = fold(h ^ load_short(p, length), MIX_A);
  return (uint32_t)(h ^ h >> 32);
}

static Atom **take_buckets(Region *region, uint32_t count) {
  Atom **buckets = region_take(region, count * sizeof *buckets);
  if (buckets) memset(buckets, 0, count * sizeof *buckets);
  return buckets;
}

bool vm_atom_init(AtomTable *table, Region *region) {
  *table = (AtomTable){.region = region, .mask = FIRST_BUCKETS - 1};
  table->seed = (uint64_t)(uintptr_t)region->scratch->base * MIX_B;
  table->buckets = take_buckets(region, FIRST_BUCKETS);
  return table->buckets != NULL;
}

/* Twice the buckets; without room for them, chains grow longer. */
static void grow(AtomTable *table) {
  uint32_t count = (table->mask + 1) * 2;
  Atom **buckets = take_buckets(table->region, count);
  if (!buckets) return;
  for (uint32_t i = 0; i <= table->mask; i++) {
    for (Atom *atom = table->buckets[i], *next; atom; atom = next) {
      next = atom->next;
      atom->next = buckets[atom->hash & (count - 1)];
      buckets[atom->hash & (count - 1)] = atom;
    }
  }
  table->buckets = buckets;
  table->mask = count - 1;
}

static __attribute__((noinline)) Atom *add_atom(AtomTable *table, const char *bytes, size_t length, uint32_t hash) {
  if (UNLIKELY(table->count > table->mask) && table->mask < MOST_BUCKETS - 1) grow(table);
  Atom *atom = region_take(table->region, sizeof *atom);
  if (!atom) return NULL;
  Atom **bucket = &table->buckets[hash & table->mask];
  *atom = (Atom){.bytes = bytes, .length = (uint32_t)length, .hash = hash, .next = *bucket};
  *bucket = atom;
  table->count++;
  return atom;
}

Atom *vm_atom_intern(AtomTable *table, const char *bytes, size_t length) {
  uint32_t hash = hash_bytes(table->seed, bytes, length);
  for (Atom *atom = table->buckets[hash & table->mask]; atom; atom = atom->next) {
    if (atom->hash == hash && atom->length == length && are_equal(atom->bytes, bytes, length))
      return atom;
  }
  return add_atom(table, bytes, length, hash);
}

uint32_t vm_atom_order_hash(const char *bytes, size_t length) {
  uint32_t h = (uint32_t)length;
  for (size_t i = length; i > 0; i--) h ^= (h << 5) + (h >> 2) + (unsigned char)bytes[i - 1];
  return h;
}
