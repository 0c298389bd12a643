/* SPDX-License-Identifier: BSD-2-Clause */
/* kept - a small set-associative table of keys' beginnings; see kept.h.
 *
 * A beginning stands for its key: that another has the same costs a round trip. */
#include "sandbox/supervisor/kept.h"

#include <stdlib.h>
#include <string.h>

/* A worker keeps at most 256 texts. */
enum { SETS = 64, WAYS = 4, ENOUGH = 2 };

typedef struct {
  uint64_t begin; /* of the key */
  uint64_t sent;  /* how often, up to ENOUGH; 0: nothing is here */
} KeptText;

struct KeptTexts {
  KeptText texts[SETS][WAYS]; /* each set with the latest first */
};

static uint64_t begin_of(ByteView key) {
  uint64_t begin;
  memcpy(&begin, key.data, sizeof begin);
  return begin;
}

/* Keys are digits of a digest: the lower half of a digit is as good as any. */
static size_t set_of(uint64_t begin) {
  return ((begin & 0xf) << 2 | (begin >> 8 & 0x3)) % SETS;
}

static size_t find(const KeptText *set, uint64_t begin) {
  size_t way = 0;
  while (way < WAYS && (set[way].sent == 0 || set[way].begin != begin)) way++;
  return way;
}

bool supervisor_kept_has(const KeptTexts *kept, ByteView key) {
  if (kept == NULL) return false;
  uint64_t begin = begin_of(key);
  const KeptText *set = kept->texts[set_of(begin)];
  size_t way = find(set, begin);
  return way < WAYS && set[way].sent == ENOUGH;
}

void supervisor_kept_note(KeptTexts **kept, ByteView key) {
  if (*kept == NULL) *kept = calloc(1, sizeof **kept);
  if (*kept == NULL) return;
  uint64_t begin = begin_of(key);
  KeptText *set = (*kept)->texts[set_of(begin)];
  size_t way = find(set, begin);
  uint64_t sent = way < WAYS ? set[way].sent : 0;
  size_t last = way < WAYS ? way : WAYS - 1;
  memmove(set + 1, set, last * sizeof *set);
  set[0] = (KeptText){begin, sent < ENOUGH ? sent + 1 : ENOUGH};
}

void supervisor_kept_forget(KeptTexts *kept, ByteView key) {
  if (kept == NULL) return;
  uint64_t begin = begin_of(key);
  KeptText *set = kept->texts[set_of(begin)];
  size_t way = find(set, begin);
  if (way < WAYS) set[way].sent = 0;
}
