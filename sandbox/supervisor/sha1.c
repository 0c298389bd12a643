/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1 - FIPS 180-4, over a message that is whole in memory. */
#include "sandbox/supervisor/sha1.h"

#include <string.h>

#define BLOCK 64

typedef struct {
  uint32_t h[5];
} State;

static uint32_t rotate(uint32_t x, unsigned n) {
  return x << n | x >> (32 - n);
}

static uint32_t load(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static void expand(const uint8_t *block, uint32_t w[80]) {
  for (size_t i = 0; i < 16; i++) w[i] = load(block + 4 * i);
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

/* The round function and constant of round i. */
static uint32_t mix(int i, uint32_t b, uint32_t c, uint32_t d) {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999u;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1u;
  if (i < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
  return (b ^ c ^ d) + 0xca62c1d6u;
}

static void add_block(State *s, const uint8_t *block) {
  uint32_t w[80];
  uint32_t a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
  expand(block, w);
  for (int i = 0; i < 80; i++) {
    uint32_t t = rotate(a, 5) + mix(i, b, c, d) + e + w[i];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = t;
  }
  s->h[0] += a;
  s->h[1] += b;
  s->h[2] += c;
  s->h[3] += d;
  s->h[4] += e;
}

/* The last bytes, the mark and the length take one block or two. */
static void add_tail(State *s, const uint8_t *rest, size_t left, uint64_t total) {
  uint8_t tail[2 * BLOCK] = {0};
  size_t size = left + 9 > BLOCK ? 2 * BLOCK : BLOCK;
  if (left != 0) memcpy(tail, rest, left);
  tail[left] = 0x80;
  for (size_t i = 0; i < 8; i++) tail[size - 1 - i] = (uint8_t)(total * 8 >> (8 * i));
  for (size_t at = 0; at < size; at += BLOCK) add_block(s, tail + at);
}

void supervisor_sha1_hex(const void *data, size_t size, char ret_hex[SHA1_HEX_BYTES]) {
  static const char digits[] = "0123456789abcdef";
  State s = {{0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u}};
  const uint8_t *at = data;
  size_t left = size;
  for (; left >= BLOCK; left -= BLOCK, at += BLOCK) add_block(&s, at);
  add_tail(&s, at, left, size);
  for (size_t i = 0; i < 40; i++) ret_hex[i] = digits[s.h[i / 8] >> (28 - 4 * (i % 8)) & 15];
  ret_hex[40] = '\0';
}
