/* SPDX-License-Identifier: BSD-2-Clause */
/* constant - the constants of the function being generated, each once.
 *
 * An atom or number remembers its slot in the innermost function that uses it;
 * the slot remembers what stood there before, and gives it back when the function
 * is finished.  Numbers equal by value share a slot, so 0 and -0 do too: the
 * reference behaves so, and scripts can see it.
 */
#include <string.h>

#include "vm/compile/generator.h"

enum { MOST_CONSTANTS = 262143, RESERVE = 8 };

bool vm_constant_reserve(Generator *g) {
  if (LIKELY(g->slot_capacity - g->slot_count >= RESERVE)) return true;
  uint32_t capacity = g->slot_count + g->slot_count / 2 + 64;
  Slot *larger = region_grow(g->scratch, g->slots, g->slot_capacity * sizeof *larger,
                             (size_t)capacity * sizeof *larger);
  if (!larger) return false;
  g->slots = larger;
  g->slot_capacity = capacity;
  return true;
}

/* Appends a slot; returns its number in the function. */
static int add_slot(Generator *g, Slot slot) {
  uint32_t number = g->slot_count - g->frame->slot_base;
  if (number >= MOST_CONSTANTS) vm_draft_refuse(g, "constant table overflow", true);
  VM_ASSERT(g->slot_count < g->slot_capacity);
  g->slots[g->slot_count++] = slot;
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

static NumberEntry *find_number(const Generator *g, const NumberTable *table, double number) {
  uint32_t i = (uint32_t)number_hash(g, number) & table->mask;
  while (table->entries[i].used && !(table->entries[i].number == number)) i = (i + 1) & table->mask;
  return &table->entries[i];
}

static bool grow_numbers(Generator *g) {
  uint32_t size = g->numbers.entries ? (g->numbers.mask + 1) * 2 : 64;
  NumberTable larger = {scratch_take(g->scratch, size * sizeof(NumberEntry)), size - 1,
                        g->numbers.count};
  if (!larger.entries) return false;
  memset(larger.entries, 0, size * sizeof(NumberEntry));
  for (uint32_t i = 0; g->numbers.entries && i <= g->numbers.mask; i++) {
    const NumberEntry *old = &g->numbers.entries[i];
    if (old->used) *find_number(g, &larger, old->number) = *old;
  }
  g->numbers = larger;
  return true;
}

int vm_constant_number(Generator *g, double number) {
  if (g->numbers.count * 2 >= (g->numbers.entries ? g->numbers.mask : 0) && !grow_numbers(g)) {
    g->memory = true;
    return 0;
  }
  NumberEntry *entry = find_number(g, &g->numbers, number);
  if (!entry->used) {
    *entry = (NumberEntry){.number = number, .used = true};
    g->numbers.count++;
  }
  if (entry->slot > g->frame->slot_base) return (int)(entry->slot - 1 - g->frame->slot_base);
  Slot slot = {.kind = CONSTANT_NUMBER, .previous = entry->slot, .number = number};
  entry->slot = g->slot_count + 1;
  return add_slot(g, slot);
}

void vm_constant_close(Generator *g) {
  while (g->slot_count > g->frame->slot_base) {
    const Slot *slot = &g->slots[--g->slot_count];
    if (slot->kind == CONSTANT_STRING) slot->atom->slot = slot->previous;
    if (slot->kind == CONSTANT_NUMBER)
      find_number(g, &g->numbers, slot->number)->slot = slot->previous;
  }
}
