/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1 - SHA-1 of bytes, as lower-case hexadecimal (FIPS 180-4). */
#include "vm/lib/sha1.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56 };

typedef struct {
  uint32_t words[5];
} Digest;

static inline uint32_t rotate(uint32_t x, int bits) {
  return x << bits | x >> (32 - bits);
}

static inline uint32_t load(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The round's function of b, c, d plus its constant. */
static inline uint32_t mix(int round, uint32_t b, uint32_t c, uint32_t d) {
  if (round < 20) return ((b & c) | (~b & d)) + UINT32_C(0x5a827999);
  if (round < 40) return (b ^ c ^ d) + UINT32_C(0x6ed9eba1);
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + UINT32_C(0x8f1bbcdc);
  return (b ^ c ^ d) + UINT32_C(0xca62c1d6);
}

static void add_block(Digest *digest, const unsigned char *block) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++) w[i] = load(block + 4 * i);
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  uint32_t *h = digest->words;
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  for (int i = 0; i < 80; i++) {
    uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + w[i];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
}

/* The rest of the input, a one bit, zeros and the length in bits. */
static void add_end(Digest *digest, const unsigned char *rest, size_t size, uint64_t total) {
  unsigned char block[BLOCK] = {0};
  memcpy(block, rest, size);
  block[size] = 0x80;
  if (size >= LENGTH_AT) {
    add_block(digest, block);
    memset(block, 0, sizeof block);
  }
  for (int i = 0; i < 8; i++) block[LENGTH_AT + i] = (unsigned char)(total * 8 >> (56 - 8 * i));
  add_block(digest, block);
}

void vm_sha1_hex(const void *bytes, size_t size, char hex[SHA1_HEX_SIZE]) {
  Digest digest = {{UINT32_C(0x67452301), UINT32_C(0xefcdab89), UINT32_C(0x98badcfe),
                    UINT32_C(0x10325476), UINT32_C(0xc3d2e1f0)}};
  const unsigned char *p = bytes;
  size_t left = size;
  for (; left >= BLOCK; left -= BLOCK, p += BLOCK) add_block(&digest, p);
  add_end(&digest, p, left, size);
  for (int i = 0; i < SHA1_HEX_SIZE; i++) {
    hex[i] = "0123456789abcdef"[digest.words[i / 8] >> (28 - i % 8 * 4) & 15];
  }
}
