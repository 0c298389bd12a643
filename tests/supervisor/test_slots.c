/* SPDX-License-Identifier: BSD-2-Clause */
/* test_slots - the table of principals beside a list that is searched from end to end. */
#include "sandbox/supervisor/slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"

#define NAMES 300
#define STEPS 200000

static FsbBytes name_of(unsigned number, char text[16]) {
  return (FsbBytes){text, (size_t)snprintf(text, 16, "user-%u", number)};
}

/* Per name: when it was used last, 0 for not there; and whether it is staffed, with how much. */
typedef struct {
  SlotTable table;
  uint64_t used[NAMES];
  uint64_t bytes[NAMES];
  uint64_t clock;
} Model;

static unsigned number_of(const PoolSlot *slot) {
  char text[16] = "";
  memcpy(text, slot->principal, slot->principal_size);
  return (unsigned)strtoul(text + 5, NULL, 10);
}

static void add_or_find(Model *m, unsigned number) {
  char text[16];
  FsbBytes name = name_of(number, text);
  PoolSlot *slot = supervisor_slots_find(&m->table, name, ++m->clock);
  ck_assert_int_eq(slot != NULL, m->used[number] != 0);
  if (slot == NULL) slot = supervisor_slots_add(&m->table, name, m->clock);
  ck_assert_ptr_nonnull(slot);
  m->used[number] = m->clock;
  ck_assert_uint_eq(slot->used_at, m->clock);
}

static void change(Model *m, unsigned number, uint64_t bytes) {
  char text[16];
  PoolSlot *slot = supervisor_slots_find(&m->table, name_of(number, text), ++m->clock);
  if (slot == NULL) return;
  m->used[number] = m->clock;
  m->bytes[number] = bytes;
  if (bytes != 0)
    supervisor_slots_staff(&m->table, slot, bytes);
  else
    supervisor_slots_unstaff(&m->table, slot);
}

static void remove_one(Model *m, unsigned number) {
  char text[16];
  PoolSlot *slot = supervisor_slots_find(&m->table, name_of(number, text), ++m->clock);
  if (slot == NULL) return;
  supervisor_slots_remove(&m->table, slot);
  m->used[number] = m->bytes[number] = 0;
}

static void check(const Model *m) {
  uint64_t bytes = 0, last = UINT64_MAX;
  size_t staffed = 0, others = 0;
  for (unsigned i = 0; i < NAMES; i++) {
    bytes += m->bytes[i];
    staffed += m->bytes[i] != 0;
    others += m->used[i] != 0 && m->bytes[i] == 0;
  }
  ck_assert_uint_eq(m->table.bytes, bytes);
  ck_assert_uint_eq(m->table.staffed.count, staffed);
  ck_assert_uint_eq(m->table.others.count, others);
  SLOTS_EACH(slot, &m->table) {
    ck_assert_uint_lt(m->used[number_of(slot)], last);
    last = m->used[number_of(slot)];
    ck_assert_uint_eq(slot->bytes, m->bytes[number_of(slot)]);
    staffed--;
  }
  ck_assert_uint_eq(staffed, 0);
}

START_TEST(orders_and_sums_hold_under_any_use) {
  static Model m;
  srand(1);
  for (int i = 0; i < STEPS; i++) {
    unsigned number = (unsigned)rand() % NAMES;
    switch (rand() % 8) {
      case 0: remove_one(&m, number); break;
      case 1: change(&m, number, 0); break;
      case 2:
      case 3: change(&m, number, 1 + (uint64_t)rand() % 1000); break;
      default: add_or_find(&m, number); break;
    }
    if (i % 256 == 0) check(&m);
  }
  for (unsigned i = 0; i < NAMES; i++) remove_one(&m, i);
  ck_assert_ptr_null(m.table.buckets);
}
END_TEST

START_TEST(names_may_hold_any_bytes) {
  SlotTable table = {.buckets = NULL};
  PoolSlot *a = supervisor_slots_add(&table, (FsbBytes){"a\0b", 3}, 1);
  PoolSlot *b = supervisor_slots_add(&table, (FsbBytes){"a\0c", 3}, 2);
  PoolSlot *none = supervisor_slots_add(&table, (FsbBytes){NULL, 0}, 3);
  ck_assert_ptr_eq(supervisor_slots_find(&table, (FsbBytes){"a\0b", 3}, 4), a);
  ck_assert_ptr_eq(supervisor_slots_find(&table, (FsbBytes){"a\0c", 3}, 4), b);
  ck_assert_ptr_eq(supervisor_slots_find(&table, (FsbBytes){"", 0}, 4), none);
  ck_assert_ptr_null(supervisor_slots_find(&table, (FsbBytes){"a", 1}, 4));
  supervisor_slots_remove(&table, a);
  supervisor_slots_remove(&table, b);
  supervisor_slots_remove(&table, none);
}
END_TEST

SUITE("supervisor slots", orders_and_sums_hold_under_any_use, names_may_hold_any_bytes)
