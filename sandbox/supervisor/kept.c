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
static KeptText *set_of(KeptTexts *kept, uint64_t begin) {
  return kept->texts[(begin & 0xf) << 2 | (begin >> 8 & 0x3)];
}

/* NULL: it is not here. */
static KeptText *find(KeptTexts *kept, ByteView key) {
  if (kept == NULL) return NULL;
  uint64_t begin = begin_of(key);
  KeptText *set = set_of(kept, begin);
  for (size_t way = 0; way < WAYS; way++)
    if (set[way].sent != 0 && set[way].begin == begin) return &set[way];
  return NULL;
}

bool supervisor_kept_has(KeptTexts *kept, ByteView key) {
  const KeptText *text = find(kept, key);
  return text != NULL && text->sent == ENOUGH;
}

void supervisor_kept_note(KeptTexts **kept, ByteView key) {
  if (*kept == NULL) *kept = calloc(1, sizeof **kept);
  if (*kept == NULL) return;
  uint64_t begin = begin_of(key);
  KeptText *set = set_of(*kept, begin);
  const KeptText *text = find(*kept, key);
  uint64_t sent = text == NULL ? 0 : text->sent;
  size_t later = text == NULL ? WAYS - 1 : (size_t)(text - set);
  memmove(set + 1, set, later * sizeof *set);
  set[0] = (KeptText){begin, sent < ENOUGH ? sent + 1 : ENOUGH};
}

void supervisor_kept_forget(KeptTexts *kept, ByteView key) {
  KeptText *text = find(kept, key);
  if (text != NULL) text->sent = 0;
}
