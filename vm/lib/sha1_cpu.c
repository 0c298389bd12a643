/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1_cpu - see the header.
 *
 * An instruction does four rounds; twenty groups make a block.  Each group takes four
 * words of the schedule and puts those that stand sixteen further on in their place.
 */
#include "vm/lib/sha1_cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

bool vm_sha1_cpu_has(void) {
  enum { LEAF_FEATURES = 1, LEAF_EXTENDED = 7, SSSE3 = 1 << 9, SSE41 = 1 << 19, SHA = 1 << 29 };
  unsigned a, b, c, d;
  if (!__get_cpuid(LEAF_FEATURES, &a, &b, &c, &d) || (c & SSSE3) == 0 || (c & SSE41) == 0) return false;
  return __get_cpuid_count(LEAF_EXTENDED, 0, &a, &b, &c, &d) && (b & SHA) != 0;
}

#define WITH_SHA __attribute__((target("sha,ssse3,sse4.1")))

typedef struct {
  __m128i abcd;
  __m128i before; /* abcd of the group before: its a is the e to come */
  __m128i words[4];
} Rounds;

/* Rounds 4g to 4g + 3; `function` is that of the rounds, g / 5. */
#define GROUP(r, g, function)                                                                     \
  do {                                                                                            \
    __m128i *w_ = &(r)->words[(g) & 3];                                                           \
    __m128i e_ = (g) == 0 ? _mm_add_epi32((r)->before, *w_) : _mm_sha1nexte_epu32((r)->before, *w_); \
    (r)->before = (r)->abcd;                                                                      \
    (r)->abcd = _mm_sha1rnds4_epu32((r)->abcd, e_, (function));                                   \
    if ((g) < 16) {                                                                               \
      __m128i x_ = _mm_xor_si128(_mm_sha1msg1_epu32(*w_, (r)->words[((g) + 1) & 3]), (r)->words[((g) + 2) & 3]); \
      *w_ = _mm_sha1msg2_epu32(x_, (r)->words[((g) + 3) & 3]);                                    \
    }                                                                                             \
  } while (0)
#define FIVE_GROUPS(r, g, function) \
  GROUP(r, g, function);            \
  GROUP(r, g + 1, function);        \
  GROUP(r, g + 2, function);        \
  GROUP(r, g + 3, function);        \
  GROUP(r, g + 4, function)

WITH_SHA static void add_block(__m128i *abcd, __m128i *e, const unsigned char *block) {
  const __m128i reversed = _mm_set_epi64x(INT64_C(0x0001020304050607), INT64_C(0x08090a0b0c0d0e0f));
  Rounds r = {.abcd = *abcd, .before = *e};
  for (int i = 0; i < 4; i++) {
    r.words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), reversed);
  }
  FIVE_GROUPS(&r, 0, 0);
  FIVE_GROUPS(&r, 5, 1);
  FIVE_GROUPS(&r, 10, 2);
  FIVE_GROUPS(&r, 15, 3);
  *e = _mm_sha1nexte_epu32(r.before, *e);
  *abcd = _mm_add_epi32(*abcd, r.abcd);
}

WITH_SHA void vm_sha1_cpu_add(uint32_t words[5], const unsigned char *blocks, size_t count) {
  /* The registers hold a in the highest lane. */
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)words), 0x1b);
  __m128i e = _mm_set_epi32((int)words[4], 0, 0, 0);
  for (; count > 0; count--, blocks += 64) add_block(&abcd, &e, blocks);
  _mm_storeu_si128((__m128i *)(void *)words, _mm_shuffle_epi32(abcd, 0x1b));
  words[4] = (uint32_t)_mm_extract_epi32(e, 3);
}
#else

bool vm_sha1_cpu_has(void) { return false; }

void vm_sha1_cpu_add(uint32_t words[5], const unsigned char *blocks, size_t count) {
  (void)words, (void)blocks, (void)count;
  __builtin_trap();
}
#endif
