/* SPDX-License-Identifier: BSD-2-Clause */
/* cell - a small record that one thread writes and any other may read.
 *
 * A sequence lock over 64-bit words: the writer never waits and never fails, a
 * reader that meets it in the middle of a change tries again.  Every word is an
 * atomic, so a torn read is only a retry and never a data race.  `cell[0]` is the
 * turn, odd while the record changes; the record follows.
 *
 *     _Atomic uint64_t cell[CELL_WORDS(LiveRun)];
 */
#ifndef TOOLS_MODULE_CELL_H
#define TOOLS_MODULE_CELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A record's size must be a multiple of 8. */
#define CELL_WORDS(type) (1 + sizeof(type) / 8)

/* A writer needs some tens of nanoseconds; one that was interrupted, longer. */
#define CELL_TRIES 100000

typedef _Atomic uint64_t CellWord;

static inline void cell_write(CellWord *cell, const void *record, size_t size) {
  const uint64_t turn = atomic_load_explicit(&cell[0], memory_order_relaxed);
  atomic_store_explicit(&cell[0], turn + 1, memory_order_relaxed);
  atomic_thread_fence(memory_order_release);
  for (size_t i = 0; i < size / 8; i++) {
    uint64_t word;
    memcpy(&word, (const char *)record + i * 8, 8);
    atomic_store_explicit(&cell[i + 1], word, memory_order_relaxed);
  }
  atomic_store_explicit(&cell[0], turn + 2, memory_order_release);
}

static inline bool cell_try_read(const CellWord *cell, void *ret_record, size_t size) {
  const uint64_t turn = atomic_load_explicit(&cell[0], memory_order_acquire);
  if ((turn & 1) != 0) return false;
  for (size_t i = 0; i < size / 8; i++) {
    uint64_t word = atomic_load_explicit(&cell[i + 1], memory_order_relaxed);
    memcpy((char *)ret_record + i * 8, &word, 8);
  }
  atomic_thread_fence(memory_order_acquire);
  return atomic_load_explicit(&cell[0], memory_order_relaxed) == turn;
}

/* Returns false when the writer did not finish in time; the record is then unusable. */
static inline bool cell_read(const CellWord *cell, void *ret_record, size_t size) {
  for (int i = 0; i < CELL_TRIES; i++)
    if (cell_try_read(cell, ret_record, size)) return true;
  return false;
}

#endif
