/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_pattern - the pattern engine on arbitrary patterns and subjects.
 *
 * Byte 0 is the size of the pattern, which is followed by the subject.  Both stand in
 * blocks of their own, so that a read beyond them shows.  A match must lie inside the
 * subject, and its captures inside the match's reach; a budget ends what takes too long.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "vm/lib/pattern.h"

#define BUDGET 200000

typedef struct {
  jmp_buf out;
  uint64_t left;
  Choice *choices; /* grown, to be freed */
} Owner;

static void charge(void *owner, uint64_t units) {
  Owner *o = owner;
  if (units > o->left) longjmp(o->out, 1);
  o->left -= units;
}

static Choice *grow(Match *m) {
  Owner *owner = m->owner;
  Choice *larger = malloc(2 * m->room * sizeof *larger);
  if (larger == NULL) abort();
  memcpy(larger, m->choices, m->room * sizeof *larger);
  free(owner->choices);
  owner->choices = larger;
  return larger;
}

static char *copy(const uint8_t *bytes, size_t size) {
  char *text = malloc(size + 1);
  if (text == NULL) abort();
  memcpy(text, bytes, size);
  text[size] = '\0';
  return text;
}

static void check_match(const Match *m, const char *start, const char *end) {
  if (start < m->subject || end < start || end > m->end) __builtin_trap();
  for (int i = 0; i < m->level; i++) {
    const MatchCapture *c = &m->captures[i];
    if (c->start < start || c->start > m->end) __builtin_trap();
    if (c->size > m->end - c->start || c->size < CAPTURE_POSITION) __builtin_trap();
  }
}

static void search(Owner *owner, const char *subject, size_t size, const char *pattern) {
  Match m;
  const char *start, *end;
  vm_pattern_start(&m, subject, size, pattern);
  m.owner = owner;
  m.charge = charge;
  m.grow = grow;
  if (setjmp(owner->out) != 0) return;
  if (vm_pattern_search(&m, subject, &start, &end)) {
    if (m.error != NULL) __builtin_trap();
    check_match(&m, start, end);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  size_t pattern_size = data[0] < size - 1 ? data[0] : size - 1;
  char *pattern = copy(data + 1, pattern_size);
  size_t subject_size = size - 1 - pattern_size;
  char *subject = copy(data + 1 + pattern_size, subject_size);
  Owner owner = {.left = BUDGET, .choices = NULL};
  search(&owner, subject, subject_size, pattern);
  PlainSearch plain = {subject, subject + subject_size, pattern, pattern_size, 0};
  while (!vm_pattern_find_plain(&plain)) plain.work = 0;
  if (plain.s != NULL && memcmp(plain.s, pattern, pattern_size) != 0) __builtin_trap();
  free(owner.choices);
  free(pattern);
  free(subject);
  return 0;
}
