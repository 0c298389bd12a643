/* SPDX-License-Identifier: BSD-2-Clause */
/* slots - principals seen lately, found by name, oldest first.
 *
 * A slot holds a principal's worker, if it has one, and where its generator of random
 * numbers stands.  Slots with a worker stand in one order of use and the others in
 * another, so that neither has to be searched for its oldest.  A worker may end
 * without the table being told: then its slot stands in the wrong order until somebody
 * looks.  Every operation takes the same time whatever the number of slots.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_SLOTS_H
#define SANDBOX_SUPERVISOR_SLOTS_H

#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/arrears.h"
#include "sandbox/supervisor/worker.h"

typedef struct PoolSlot {
  struct PoolSlot *next; /* in its bucket */
  struct PoolSlot *newer;
  struct PoolSlot *older;
  uint64_t hash;
  uint64_t used_at; /* CLOCK_MONOTONIC nanoseconds */
  uint64_t bytes;   /* what its worker is taken to occupy; 0 while it stands among the others */
  bool is_staffed;  /* stands among those with a worker */
  Worker worker;
  uint64_t random_state;
  Arrears arrears; /* of its worker's clock */
  size_t principal_size;
  char principal[]; /* any bytes */
} PoolSlot;

typedef struct {
  PoolSlot *newest;
  PoolSlot *oldest;
  size_t count;
} SlotOrder;

typedef struct {
  PoolSlot **buckets; /* heap; NULL until the first slot */
  size_t bucket_count; /* a power of two */
  SlotOrder staffed;
  SlotOrder others;
  uint64_t bytes; /* sum over the staffed */
} SlotTable;

/* Finds a principal's slot, which is then the newest of its order; NULL: there is none. */
PoolSlot *supervisor_slots_find(SlotTable *table, FsbBytes principal, uint64_t now);

/* Makes the slot of a principal that has none, without a worker; NULL when memory is out. */
PoolSlot *supervisor_slots_add(SlotTable *table, FsbBytes principal, uint64_t now);

/* Puts a slot among those with a worker, which occupies `bytes`; and back. */
void supervisor_slots_staff(SlotTable *table, PoolSlot *slot, uint64_t bytes);
void supervisor_slots_unstaff(SlotTable *table, PoolSlot *slot);

/* Removes and frees a slot, whose worker must be gone. */
void supervisor_slots_remove(SlotTable *table, PoolSlot *slot);

/* Walks the staffed, newest first. */
#define SLOTS_EACH(slot, table) \
  for (PoolSlot *slot = (table)->staffed.newest; slot != NULL; slot = slot->older)

#endif
