/* SPDX-License-Identifier: BSD-2-Clause */
/* constant - the constants of the function being generated, each once.
 *
 * An atom remembers its slot in the innermost function that uses it; the slot
 * remembers what stood there before, and gives it back when the function is finished.
 * Numbers are found by hash; slots of one hash are chained, newest first, which is the
 * order in which they go.  Numbers equal by value share a slot, so 0 and -0 do too:
 * the reference behaves so, and scripts can see it.
 */
#include <string.h>

#include "vm/compile/generator.h"

enum { MOST_CONSTANTS = 262143, FIRST_BUCKETS = 64 };

bool vm_constant_reserve_more(Generator *g) {
  uint32_t count = g->slot_capacity / SLOT_CHUNK;
  if (count == g->chunk_room) {
    uint32_t room = count * 2 + 8;
    Slot **larger = region_grow(g->region, g->slot_chunks, count * sizeof *larger, room * sizeof *larger);
    if (!larger) return false;
    g->slot_chunks = larger;
    g->chunk_room = room;
  }
  Slot *chunk = region_take(g->region, SLOT_CHUNK * sizeof *chunk);
  if (!chunk) return false;
  g->slot_chunks[count] = chunk;
  g->slot_capacity += SLOT_CHUNK;
  return true;
}

/* Appends a slot; returns its number in the function. */
static int add_slot(Generator *g, Slot slot) {
  uint32_t number = g->slot_count - g->frame->slot_base;
  if (number >= MOST_CONSTANTS) vm_draft_refuse(g, "constant table overflow", true);
  VM_ASSERT(g->slot_count < g->slot_capacity);
  *slot_at(g, g->slot_count++) = slot;
  return (int)number;
}

int vm_constant_string(Generator *g, Atom *atom) {
  if (atom->slot > g->frame->slot_base) return (int)(atom->slot - 1 - g->frame->slot_base);
  Slot slot = {.kind = CONSTANT_STRING, .previous = atom->slot, .atom = atom};
  atom->slot = g->slot_count + 1;
  return add_slot(g, slot);
}

int vm_constant_special(Generator *g, ConstantKind kind) {
  int *number = &g->frame->special[kind];
  if (*number < 0) *number = add_slot(g, (Slot){.kind = kind});
  return *number;
}

/* --- Numbers --- */

/* Seeded as vm/compile/atom.c is, and for the same reason. */
static uint64_t number_hash(const Generator *g, double number) {
  uint64_t bits;
  if (number == 0) number = 0; /* -0 is the same key */
  memcpy(&bits, &number, sizeof bits);
  bits ^= (uint64_t)(uintptr_t)g->scratch->base * UINT64_C(0xd6e8feb86659fd93);
  bits *= UINT64_C(0x9e3779b97f4a7c15);
  bits ^= bits >> 29;
  bits *= UINT64_C(0xd6e8feb86659fd93);
  return bits >> 32;
}

static uint32_t *number_bucket(const Generator *g, double number) {
  return &g->number_buckets[(uint32_t)number_hash(g, number) & g->number_mask];
}

/* Chains all numbers anew, the oldest first, in twice the buckets. */
static bool grow_numbers(Generator *g) {
  uint32_t size = g->number_buckets ? (g->number_mask + 1) * 2 : FIRST_BUCKETS;
  uint32_t *buckets = region_take(g->region, size * sizeof *buckets);
  if (!buckets) return false;
  memset(buckets, 0, size * sizeof *buckets);
  g->number_buckets = buckets;
  g->number_mask = size - 1;
  for (uint32_t i = 0; i < g->slot_count; i++) {
    Slot *slot = slot_at(g, i);
    if (slot->kind != CONSTANT_NUMBER) continue;
    uint32_t *bucket = number_bucket(g, slot->number);
    slot->previous = *bucket;
    *bucket = i + 1;
  }
  return true;
}

int vm_constant_number(Generator *g, double number) {
  if (g->number_count >= (g->number_buckets ? g->number_mask : 0) && !grow_numbers(g)) {
    g->memory = true;
    return 0;
  }
  uint32_t *bucket = number_bucket(g, number);
  for (uint32_t i = *bucket; i > g->frame->slot_base; i = slot_at(g, i - 1)->previous) {
    if (slot_at(g, i - 1)->number == number) return (int)(i - 1 - g->frame->slot_base);
  }
  Slot slot = {.kind = CONSTANT_NUMBER, .previous = *bucket, .number = number};
  *bucket = g->slot_count + 1;
  g->number_count++;
  return add_slot(g, slot);
}

void vm_constant_close(Generator *g) {
  while (g->slot_count > g->frame->slot_base) {
    const Slot *slot = slot_at(g, --g->slot_count);
    if (slot->kind == CONSTANT_STRING) slot->atom->slot = slot->previous;
    if (slot->kind != CONSTANT_NUMBER) continue;
    *number_bucket(g, slot->number) = slot->previous;
    g->number_count--;
  }
}
