/* SPDX-License-Identifier: BSD-2-Clause */
/* hash - a fast seeded hash of bytes, for tables that no script can observe.
 *
 * It folds 16 bytes a step through a 64x64->128 multiplication; it reads every byte, and
 * both factors of every product hang on the seed: a factor that a script could make zero
 * would let it forget what it read before, and build chains as long as it likes.  Long
 * texts are read in four lanes, for one lane waits for its products.  Layer: vm/values.
 */
#ifndef VM_VALUES_HASH_H
#define VM_VALUES_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_load(const char *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Up to 8 bytes without reading beyond them. */
static inline uint64_t hash_load_tail(const char *p, size_t size) {
  uint32_t low, high;
  if (size >= 4) {
    memcpy(&low, p, 4);
    memcpy(&high, p + size - 4, 4);
    return (uint64_t)high << 32 | low;
  }
  if (size == 0) return 0;
  return (uint64_t)(uint8_t)p[0] << 16 | (uint64_t)(uint8_t)p[size >> 1] << 8 | (uint8_t)p[size - 1];
}

#define HASH_K0 UINT64_C(0xa0761d6478bd642f)
#define HASH_K1 UINT64_C(0xe7037ed1a0b428db)

enum { HASH_LANES = 4, HASH_LONG = 128 }; /* bytes from which lanes pay */

/* What whole rounds of lanes make of `rounds` * 64 bytes. */
static __attribute__((noinline, unused)) uint64_t hash_rounds(uint64_t h, uint64_t secret, const char *p, size_t rounds) {
  uint64_t lanes[HASH_LANES] = {h, h ^ HASH_K0, h ^ HASH_K1, ~h};
  for (; rounds > 0; rounds--) {
    for (int i = 0; i < HASH_LANES; i++, p += 16) {
      lanes[i] = hash_fold(hash_load(p) ^ secret, hash_load(p + 8) ^ lanes[i]);
    }
  }
  h = hash_fold(lanes[0] ^ secret, lanes[1] ^ h);
  return hash_fold(lanes[2] ^ secret, lanes[3] ^ h);
}

/* All of a text of up to 16 bytes, some of which may be in both words. */
typedef struct {
  uint64_t low, high;
} HashWords;

static inline HashWords hash_words(const char *p, size_t size) {
  if (size > 8) return (HashWords){hash_load(p), hash_load(p + size - 8)};
  return (HashWords){hash_load_tail(p, size), 0};
}

/* What hash_bytes gives for a text of up to 16 bytes. */
static inline uint64_t hash_of_words(uint64_t seed, HashWords words, size_t size) {
  return hash_fold(words.low ^ seed * HASH_K1 ^ HASH_K0, words.high ^ seed ^ size * HASH_K1);
}

static inline uint64_t hash_bytes(uint64_t seed, const char *p, size_t size) {
  const uint64_t secret = seed * HASH_K1 ^ HASH_K0;
  uint64_t h = seed ^ size * HASH_K1;
  size_t left = size;
  if (left >= HASH_LONG) {
    h = hash_rounds(h, secret, p, left / 64);
    p += left & ~(size_t)63;
    left &= 63;
  }
  while (left > 16) {
    h = hash_fold(hash_load(p) ^ secret, hash_load(p + 8) ^ h);
    p += 16;
    left -= 16;
  }
  HashWords last = hash_words(p, left);
  return hash_fold(last.low ^ secret, last.high ^ h);
}

#endif
