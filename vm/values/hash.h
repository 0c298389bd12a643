/* SPDX-License-Identifier: BSD-2-Clause */
/* hash - a fast seeded hash of bytes, for tables that no script can observe.
 *
 * It folds 16 bytes a step through a 64x64->128 multiplication; it reads every byte, so
 * that no choice of bytes that a script can make builds long chains without knowing the
 * seed.  Layer: vm/values.
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

static inline uint64_t hash_bytes(uint64_t seed, const char *p, size_t size) {
  const uint64_t k0 = UINT64_C(0xa0761d6478bd642f), k1 = UINT64_C(0xe7037ed1a0b428db),
                 k2 = UINT64_C(0x8ebc6af09c88c6e3);
  uint64_t h = seed ^ size * k1;
  size_t left = size;
  if (left > 96) {
    /* Three folds at a time: each waits for its own last product only. */
    uint64_t h1 = h ^ k0, h2 = h ^ k1;
    for (; left > 48; p += 48, left -= 48) {
      h = hash_fold(hash_load(p) ^ k0, hash_load(p + 8) ^ h);
      h1 = hash_fold(hash_load(p + 16) ^ k1, hash_load(p + 24) ^ h1);
      h2 = hash_fold(hash_load(p + 32) ^ k2, hash_load(p + 40) ^ h2);
    }
    h ^= h1 ^ h2;
  }
  while (left > 16) {
    h = hash_fold(hash_load(p) ^ k0, hash_load(p + 8) ^ h);
    p += 16;
    left -= 16;
  }
  uint64_t a, b;
  if (left > 8) {
    a = hash_load(p);
    b = hash_load(p + left - 8);
  } else {
    a = hash_load_tail(p, left);
    b = 0;
  }
  return hash_fold(a ^ k0, b ^ h);
}

#endif
