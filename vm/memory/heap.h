/* SPDX-License-Identifier: BSD-2-Clause */
/* heap - the arena: blocks, size classes, and the price of memory.
 *
 * The arena is cut into blocks of 4 KiB.  A block serves one bin, that is one kind
 * and one size class; allocation bumps a cursor through a run of free slots.  Slots
 * above SMALL_MAX take whole blocks.  Mark bits lie in control, one per 16 bytes of
 * arena.  After a collection blocks are swept lazily: a bin walks its blocks and takes
 * each run of unmarked slots when it needs one, so that a dead object is never touched.
 *
 * At the arena's start stands the base: objects made while `building_base` is set are
 * packed there without bins.  They are never swept, only copied back at rollback.
 *
 * Plain allocation never collects.  It fails (address 0) when the memory limit or the
 * arena is used up; within a reserve (vm_heap_reserve) it cannot fail.  `used` counts
 * the slots handed to bins; what a bin has not bumped through yet is subtracted when
 * somebody asks.  Layer: vm/memory.  One owner.
 */
#ifndef VM_MEMORY_HEAP_H
#define VM_MEMORY_HEAP_H

#include <stddef.h>

#include "vm/memory/control.h"
#include "vm/memory/redzone.h"
#include "vm/values/value.h"

typedef enum {
#define KIND(name, typed, meaning) KIND_##name,
#include "vm/memory/kinds.def"
#undef KIND
  KIND_COUNT_
} Kind;

enum {
  BLOCK_SHIFT = 12,
  BLOCK_SIZE = 1 << BLOCK_SHIFT,
  GRANULE = 16,        /* every slot is a multiple of it and aligned to it */
  SMALL_MAX = 2048,    /* larger slots take whole blocks */
  CLASS_COUNT = 24,
  BIN_COUNT = KIND_COUNT_ * CLASS_COUNT,
  BIN_LARGE = 254,     /* block_bin: first block of a large slot */
  BIN_LARGE_REST = 253 /* block_bin: further blocks of a large slot */
};

extern const uint16_t vm_heap_class_size[CLASS_COUNT];
extern const uint8_t vm_heap_class_of[SMALL_MAX / GRANULE + 1];

typedef struct {
  uint32_t cursor;    /* next slot of the current run */
  uint32_t end;       /* of the current run */
  uint32_t free_list; /* slots given back one by one; linked through their first word */
  uint32_t first;     /* first block of the bin, or 0 */
  uint32_t last;      /* last block of the bin */
  uint32_t sweep;     /* block to look at next, or 0 */
  uint32_t position;  /* address inside the block being swept, or 0 */
} Bin;

typedef struct {
  uint32_t block; /* first block */
  uint32_t count;
} FreeRun;

enum { FREE_RUN_MAX = 512 }; /* runs remembered; more are forgotten until a collection */

enum { HEADS_PART = 16 }; /* intern heads to a bit of heads_written: one cache line */

/* The part of the heap that a transaction changes: restored by assignment. */
typedef struct {
  Bin bins[BIN_COUNT];    /* first: a rollback restores those that were used, and all that follows */
  uint64_t bins_used[(BIN_COUNT + 63) / 64]; /* a bit for each bin that ever had a block */
  uint32_t next_block;    /* blocks from here up were never used */
  uint32_t base_cursor;   /* while building: next free byte of the base */
  uint32_t serial;        /* of the next object */
  uint16_t epoch;         /* generation of new objects; never 0 */
  uint8_t building_base;
  uint8_t collect_due;    /* the next collection point collects */
  uint8_t has_recycled;   /* blocks were given back or swept: anything in them may have been written */
  uint64_t used;          /* bytes of slots handed out, bins' rests included */
  uint64_t limit;         /* bytes */
  uint64_t threshold;     /* collect when used exceeds it */
  uint64_t peak;          /* highest `used` seen */
  uint64_t collections;
  uint64_t scanned;       /* objects and table slots that the last collection saw */
  uint64_t points_skipped; /* stress builds: collection points since the last collection */
  uint32_t idle_collections; /* in a row that freed next to nothing */
  uint32_t *intern_heads; /* control: chains of strings by their private hash */
  uint32_t intern_mask;   /* heads - 1 */
  uint32_t intern_count;  /* strings in the chains */
  uint64_t heads_written; /* a bit for each HEADS_PART of the heads that may have been; they take turns beyond 64 */
  uint32_t char_strings[256]; /* addresses of the one-byte strings, 0 until made */
} HeapState;

typedef struct {
  HeapState state;
  Control control;
  char *arena;            /* == (char *)(uintptr_t)arena_base */
  uint32_t arena_base;
  uint32_t block_count;
  uint32_t base_end;      /* first address behind the base, block-aligned once built */
  uint64_t hash_seed;     /* of the intern table */
  uint32_t string_order;  /* ORDER_REDIS or ORDER_VALKEY, for new strings */
  uint64_t fail_after;    /* tests: the n-th slow allocation from now fails; 0: none does */
  uint32_t empty_node;    /* the node that tables without nodes share */
  uint8_t *block_bin;     /* bin of each block, BIN_LARGE..., 0 free */
  uint32_t *block_link;   /* next block of the bin; for BIN_LARGE the number of blocks */
  uint64_t *marks;        /* one bit per granule */
  bool has_marks;         /* some may be set: a collection has been since the last rollback */
  uint32_t free_run_count;
  uint32_t free_run_most; /* highest since the last rollback: what is to be cleared */
  FreeRun *free_runs;     /* control: FREE_RUN_MAX of them */
} Heap;

typedef struct VM VM;

/* VM begins with its Heap. */
static inline Heap *heap_of(VM *vm) { return (Heap *)(void *)vm; }

/* Gives `size` bytes of `kind`, or NULL.  Objects get their header stamped. */
void *vm_heap_take(VM *vm, Kind kind, uint32_t size);
void *vm_heap_take_buffer(VM *vm, uint64_t size);
/* Gives a buffer of `size` bytes back at once. */
void vm_heap_give_buffer(VM *vm, uint32_t address, uint64_t size);

/* Bytes of the slot that `size` bytes take. */
static inline uint64_t heap_slot_size(uint64_t size) {
  size += REDZONE_SIZE;
  if (size <= SMALL_MAX) return vm_heap_class_size[vm_heap_class_of[(size + GRANULE - 1) / GRANULE]];
  return (size + BLOCK_SIZE - 1) & ~(uint64_t)(BLOCK_SIZE - 1);
}

/* Makes sure that `size` more bytes, in up to a few slots, can be taken without
 * failing; collects if that is due or needed.  A collection point.  Ends the run with
 * the memory limit when there is no room. */
void vm_heap_reserve_slow(VM *vm, uint64_t size) MAY_RAISE(memory);
static inline void vm_heap_reserve(VM *vm, uint64_t size) MAY_RAISE(memory);

/* Bytes of slots in use now, control included. */
uint64_t vm_heap_used(VM *vm);

/* The generation after `epoch`: never 0, and in stress builds of four bits only, so that
 * it wraps often. */
static inline uint16_t heap_next_epoch(uint16_t epoch) {
  uint16_t next = (uint16_t)(epoch + 1) & (FERROUS_STRESS ? 15 : UINT16_MAX);
  return next ? next : 1;
}

/* Counts down to the allocation that a test wants to fail; true when it is this one. */
static inline bool heap_must_fail(Heap *heap) { return UNLIKELY(heap->fail_after != 0) && --heap->fail_after == 0; }

/* Says that a head of the intern chains is written. */
static inline void heap_note_head(HeapState *state, uint32_t index) {
  state->heads_written |= UINT64_C(1) << (index / HEADS_PART & 63);
}

/* --- For the collector --- */

static inline uint32_t heap_granule(const Heap *heap, uint32_t address) {
  return (address - heap->arena_base) / GRANULE;
}
static inline bool heap_is_marked(const Heap *heap, uint32_t address) {
  uint32_t g = heap_granule(heap, address);
  return heap->marks[g >> 6] >> (g & 63) & 1;
}
/* Sets the mark; true when it was clear. */
static inline bool heap_mark(Heap *heap, uint32_t address) {
  uint32_t g = heap_granule(heap, address);
  uint64_t bit = UINT64_C(1) << (g & 63);
  uint64_t *word = &heap->marks[g >> 6];
  if (*word & bit) return false;
  *word |= bit;
  return true;
}
static inline bool heap_is_inside(const Heap *heap, uint32_t address) {
  return address - heap->arena_base < heap->block_count << BLOCK_SHIFT;
}
/* Bytes of the slot at `address`; 0 for the base. */
static inline uint64_t heap_slot_at(const Heap *heap, uint32_t address) {
  if (address < heap->base_end) return 0;
  uint32_t block = (address - heap->arena_base) >> BLOCK_SHIFT;
  uint8_t bin = heap->block_bin[block];
  if (bin == BIN_LARGE) return (uint64_t)heap->block_link[block] << BLOCK_SHIFT;
  VM_ASSERT(bin < BIN_COUNT);
  return vm_heap_class_size[bin % CLASS_COUNT];
}
void vm_heap_clear_marks(Heap *heap);
/* Puts every bin at the start of its blocks, frees unmarked large slots; `live` is the
 * sum of marked slots. */
void vm_heap_start_sweep(Heap *heap, uint64_t live);

/* Forgets marks and free runs: behind the base nothing is left. */
void vm_heap_forget(Heap *heap);

/* Carves the heap out of the two regions. */
bool vm_heap_open(VM *vm, void *arena, size_t arena_size, void *control, size_t control_size);

/* The collector (vm/run/gc.c).  Everything reachable stays; raw pointers to reachable
 * objects stay valid. */
void vm_gc_collect(VM *vm);
/* Ends the run with the memory limit (vm/run/error.c); never returns. */
__attribute__((noreturn)) void vm_error_memory(VM *vm);

/* --- Fast path --- */

static inline void vm_heap_reserve(VM *vm, uint64_t size) {
  enum { NEAR = 128 * 1024 }; /* below this distance from any bound the slow form looks */
  const Heap *heap = heap_of(vm);
  const HeapState *state = &heap->state;
  vm_corrupt_point(vm);
  if (LIKELY(!FERROUS_STRESS && !state->collect_due && size < SMALL_MAX &&
             state->used + heap->control.used + NEAR < state->limit &&
             state->next_block + (NEAR >> BLOCK_SHIFT) < heap->block_count)) {
    return;
  }
  vm_heap_reserve_slow(vm, size);
}

/* Takes a slot of a fixed class, or NULL when the bin's run is used up.  The caller
 * writes everything but the header. */
static inline void *heap_take_fast(VM *vm, Kind kind, uint32_t class_index, uint32_t slot) {
  Heap *heap = heap_of(vm);
  if (REDZONE_SIZE != 0) return NULL;
  Bin *bin = &heap->state.bins[(uint32_t)kind * CLASS_COUNT + class_index];
  uint32_t address = bin->cursor;
  if (UNLIKELY(bin->end - address < slot)) return NULL;
  bin->cursor = address + slot;
  uint64_t header = (uint64_t)kind | (uint64_t)heap->state.epoch << 16;
  /* Strings have no identity, and whether one is made anew depends on collections. */
  if (kind != KIND_STRING) header |= (uint64_t)heap->state.serial++ << 32;
  memcpy((void *)(uintptr_t)address, &header, sizeof header);
  return (void *)(uintptr_t)address;
}

/* The bin of a class, when the next slot can be taken from its run at once; else NULL. */
static inline Bin *heap_ready_bin(VM *vm, Kind kind, uint32_t class_index, uint32_t slot) {
  Bin *bin = &heap_of(vm)->state.bins[(uint32_t)kind * CLASS_COUNT + class_index];
  return REDZONE_SIZE == 0 && bin->free_list == 0 && bin->end - bin->cursor >= slot ? bin : NULL;
}

/* The same for a buffer, from the slots given back or the bin's run. */
static inline void *heap_take_buffer_fast(VM *vm, uint32_t class_index, uint32_t slot) {
  if (REDZONE_SIZE != 0) return NULL;
  Bin *bin = &heap_of(vm)->state.bins[(uint32_t)KIND_BUFFER * CLASS_COUNT + class_index];
  uint32_t address = bin->cursor;
  if (UNLIKELY(bin->free_list != 0 || bin->end - address < slot)) return NULL;
  bin->cursor = address + slot;
  return (void *)(uintptr_t)address;
}

#endif
