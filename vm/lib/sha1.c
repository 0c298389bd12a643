/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1 - SHA-1 of bytes, as lower-case hexadecimal (FIPS 180-4). */
#include "vm/lib/sha1.h"

#include <stdint.h>
#include <string.h>

#include "vm/lib/sha1_cpu.h"

enum { BLOCK = 64, LENGTH_AT = 56 };

typedef struct {
  uint32_t words[5];
  bool by_cpu;
} Digest;

static inline uint32_t rotate(uint32_t x, int bits) {
  return x << bits | x >> (32 - bits);
}

static inline uint32_t load(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Word i of the schedule, of which the last sixteen are kept. */
static inline uint32_t word_at(uint32_t w[16], int i) {
  if (i >= 16) w[i & 15] = rotate(w[(i - 3) & 15] ^ w[(i - 8) & 15] ^ w[(i - 14) & 15] ^ w[i & 15], 1);
  return w[i & 15];
}

/* Functions of b, c, d with their constants. */
#define CHOOSE(b, c, d) (((d) ^ ((b) & ((c) ^ (d)))) + UINT32_C(0x5a827999))
#define PARITY(b, c, d) (((b) ^ (c) ^ (d)) + UINT32_C(0x6ed9eba1))
#define MAJORITY(b, c, d) ((((b) & (c)) + ((d) & ((b) ^ (c)))) + UINT32_C(0x8f1bbcdc))
#define PARITY_AGAIN(b, c, d) (((b) ^ (c) ^ (d)) + UINT32_C(0xca62c1d6))

/* One round: e becomes the new a, so that the names move instead of the values. */
#define ROUND(function, a, b, c, d, e, i)                          \
  do {                                                             \
    e += rotate(a, 5) + function(b, c, d) + word_at(w, i);         \
    b = rotate(b, 30);                                             \
  } while (0)
#define TWENTY_ROUNDS(function, from)                  \
  for (int i = (from); i < (from) + 20; i += 5) {      \
    ROUND(function, a, b, c, d, e, i);                 \
    ROUND(function, e, a, b, c, d, i + 1);             \
    ROUND(function, d, e, a, b, c, i + 2);             \
    ROUND(function, c, d, e, a, b, i + 3);             \
    ROUND(function, b, c, d, e, a, i + 4);             \
  }

static void add_block(uint32_t h[5], const unsigned char *block) {
  uint32_t w[16];
  for (int i = 0; i < 16; i++) w[i] = load(block + 4 * i);
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
#pragma GCC unroll 4
  TWENTY_ROUNDS(CHOOSE, 0)
#pragma GCC unroll 4
  TWENTY_ROUNDS(PARITY, 20)
#pragma GCC unroll 4
  TWENTY_ROUNDS(MAJORITY, 40)
#pragma GCC unroll 4
  TWENTY_ROUNDS(PARITY_AGAIN, 60)
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
}

static void add_blocks(Digest *digest, const unsigned char *blocks, size_t count) {
  if (digest->by_cpu) vm_sha1_cpu_add(digest->words, blocks, count);
  else for (; count > 0; count--, blocks += BLOCK) add_block(digest->words, blocks);
}

/* The rest of the input, a one bit, zeros and the length in bits. */
static void add_end(Digest *digest, const unsigned char *rest, size_t size, uint64_t total) {
  unsigned char block[BLOCK] = {0};
  memcpy(block, rest, size);
  block[size] = 0x80;
  if (size >= LENGTH_AT) {
    add_blocks(digest, block, 1);
    memset(block, 0, sizeof block);
  }
  for (int i = 0; i < 8; i++) block[LENGTH_AT + i] = (unsigned char)(total * 8 >> (56 - 8 * i));
  add_blocks(digest, block, 1);
}

void vm_sha1_hex(const void *bytes, size_t size, bool by_cpu, char hex[SHA1_HEX_SIZE]) {
  Digest digest = {{UINT32_C(0x67452301), UINT32_C(0xefcdab89), UINT32_C(0x98badcfe),
                    UINT32_C(0x10325476), UINT32_C(0xc3d2e1f0)}, by_cpu};
  const unsigned char *p = bytes;
  size_t whole = size / BLOCK;
  add_blocks(&digest, p, whole);
  add_end(&digest, p + whole * BLOCK, size % BLOCK, size);
  for (int i = 0; i < SHA1_HEX_SIZE; i++) {
    hex[i] = "0123456789abcdef"[digest.words[i / 8] >> (28 - i % 8 * 4) & 15];
  }
}
