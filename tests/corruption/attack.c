/* SPDX-License-Identifier: BSD-2-Clause */
/* attack - arbitrary writes into the arena, at instructions, charges and reserves.
 *
 * Half of the places are likely to matter: registers of the running frame, fields of
 * objects.  Half of the values are likely to be believed: handles with the right
 * generation, addresses, small numbers, copies from elsewhere.
 */
#include <string.h>

#include "tests/corruption/bench.h"

static uint32_t pick(Bench *b, uint32_t n) { return random_below(&b->random, n); }

static uint32_t used_bytes(const Bench *b) { return b->vm->heap.state.next_block << BLOCK_SHIFT; }

/* Somewhere in the blocks that were ever taken, a multiple of `step`. */
static uint32_t pick_address(Bench *b, uint32_t step) {
  return b->vm->heap.arena_base + pick(b, used_bytes(b) / step) * step;
}

/* The address of something that looks like an object. */
static uint32_t pick_object(Bench *b) {
  uint32_t address = 0;
  for (int i = 0; i < 40; i++) {
    address = pick_address(b, GRANULE);
    const Header *h = (const Header *)(uintptr_t)address;
    if (h->kind > KIND_FREE && h->kind < KIND_COUNT_ && h->generation != 0 && h->generation <= b->vm->heap.state.epoch) break;
  }
  return address;
}

/* An object that a register of the running frame holds, or any. */
static uint32_t pick_live_object(Bench *b) {
  const Frame *frame = b->vm->run.frame;
  for (int i = 0; i < 8; i++) {
    Value v = frame->base[(int)pick(b, 24) - 4];
    if (value_is_object(v)) return (uint32_t)v;
  }
  return frame->kind == FRAME_ENTRY || pick(b, 2) ? pick_object(b) : (uint32_t)(uintptr_t)frame->closure;
}

static char *pick_place(Bench *b) {
  const Frame *frame = b->vm->run.frame;
  switch (pick(b, 8)) {
    case 0:
    case 1: return (char *)(frame->base + (int)pick(b, 24) - 4);
    case 2:
    case 3: return (char *)(uintptr_t)(pick_live_object(b) + pick(b, 16) * 4);
    case 4: return (char *)(uintptr_t)(pick_object(b) + pick(b, 16) * 4);
    case 5: return (char *)(uintptr_t)(b->vm->heap.arena_base + pick(b, b->vm->base_size / 4) * 4);
    default: return (char *)(uintptr_t)pick_address(b, 4);
  }
}

static uint32_t pick_word(Bench *b) {
  static const uint32_t odd[] = {0, 1, 2, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffff, 64, 255, 0x10000};
  switch (pick(b, 6)) {
    case 0: return odd[pick(b, sizeof odd / sizeof *odd)];
    case 1: return pick(b, 300);
    case 2: return pick_address(b, 4);
    case 3: return pick_object(b);
    case 4: return b->vm->heap.arena_base + BENCH_ARENA - 64 + pick(b, 64) * 4; /* about the end */
    default: return pick(b, UINT32_MAX);
  }
}

static Value pick_value(Bench *b) {
  uint32_t address = pick_object(b);
  const Header *h = (const Header *)(uintptr_t)address;
  switch (pick(b, 5)) {
    case 0: return (uint64_t)pick_word(b) << 32 | pick_word(b);
    case 1: return *(const Value *)(uintptr_t)pick_address(b, 8);
    case 2: return value_of_int((int64_t)pick(b, 10) - 3);
    default: return (uint64_t)(TAG_FIRST + pick(b, 7)) << 48 | (uint64_t)h->generation << 32 | address;
  }
}

static bool is_inside(const Bench *b, const char *place, size_t size) {
  const char *start = b->config.arena;
  return place >= start && place + size <= start + BENCH_ARENA;
}

/* A text that is longer, or shorter, than when somebody measured it. */
static bool lengthen(Bench *b) {
  String *s = (String *)(uintptr_t)pick_live_object(b);
  if (s->header.kind != KIND_STRING || !is_inside(b, (const char *)s, sizeof *s)) return false;
  s->length = pick(b, 8) ? s->length + pick(b, 4u << pick(b, 17)) : pick_word(b);
  b->tally->writes++;
  return true;
}

void attack_write(Bench *b) {
  if (pick(b, 8) == 0 && lengthen(b)) return;
  char *place = pick_place(b);
  Value value = pick_value(b);
  uint32_t word = pick_word(b);
  if (!is_inside(b, place, sizeof value)) return;
  switch (pick(b, 4)) {
    case 0: *place = (char)(*place ^ 1 << pick(b, 8)); break;
    case 1: *place = (char)word; break;
    case 2: memcpy(place, &word, sizeof word); break;
    default: memcpy(place, &value, sizeof value); break;
  }
  b->tally->writes++;
}

/* The next moment: soon, or much later. */
static void attack_now(Bench *b) {
  b->until = 1 + pick(b, 4u << pick(b, 9));
  for (uint32_t n = 1 + pick(b, 1u << pick(b, 7)); n > 0 && b->writes_left > 0; n--, b->writes_left--) attack_write(b);
  if (pick(b, 4) == 0) b->vm->heap.state.collect_due = 1;
}

static Bench *attacked; /* set once, before anything is watched */

static void step(Bench *b) {
  if (b->is_quiet || b->writes_left == 0 || --b->until > 0) return;
  attack_now(b);
}

void attack_step(void *bench, const VmTracePoint *point) {
  (void)point;
  attacked = bench;
  step(bench);
}

void vm_corrupt_point(void *vm) {
  if (attacked != NULL && attacked->vm == vm) step(attacked);
}
