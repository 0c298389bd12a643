/* SPDX-License-Identifier: BSD-2-Clause */
/* transaction - see transaction.h.
 *
 * The base image is a copy of the arena's first bytes, of the intern heads, and of both
 * state structs.  A run works on the originals; rollback copies back what it changed of the base
 * and zeroes everything else that was touched: what was handed out of the blocks from the base's end up
 * to the highest ever taken, their metadata, and control above its floor. */
#include "vm/run/transaction.h"

#include "vm/run/coroutine.h"

void vm_transaction_keep_image(VM *vm, const void *image, uint32_t size) {
  vm->base_image = size <= BASE_NEAR ? vm->image_near : vm->image_far;
  vm->base_size = size;
  memcpy(vm->base_image, image, size);
}

bool vm_transaction_commit_base(VM *vm) {
  Heap *heap = &vm->heap;
  uint32_t size = heap->state.base_cursor - heap->arena_base;
  uint32_t blocks = (size + BLOCK_SIZE - 1) >> BLOCK_SHIFT;
  size_t intern_bytes = (heap->state.intern_mask + (size_t)1) * sizeof(uint32_t);
  vm->image_near = vm_control_carve(&heap->control, BASE_NEAR);
  vm->image_far = vm_control_carve_far(&heap->control, BASE_CEILING);
  vm->base_intern = vm_control_carve(&heap->control, intern_bytes);
  if (vm->image_near == NULL || vm->image_far == NULL || vm->base_intern == NULL) return false;
  vm->code_floor = heap->control.floor;
  heap->base_end = heap->arena_base + (blocks << BLOCK_SHIFT);
  heap->state.next_block = blocks;
  heap->state.building_base = 0;
  heap->state.used = 0;
  heap->state.peak = 0;
  heap->state.heads_written = 0;
  redzone_close(heap->base_end, ((size_t)heap->block_count << BLOCK_SHIFT) - (heap->base_end - heap->arena_base));
  vm_transaction_keep_image(vm, heap->arena, size);
  memcpy(vm->base_intern, heap->state.intern_heads, intern_bytes);
  vm->base->heap = heap->state;
  vm->base->run = vm->run;
  return true;
}

size_t vm_touched(const VM *vm) {
  return ((size_t)vm->heap.state.next_block << BLOCK_SHIFT) - (vm->heap.base_end - vm->heap.arena_base);
}

/* Bytes of a block, from its start, that may have been written.  A bin's last block was handed out up to the
 * cursor, unless something was there before: most runs are small, and use little of each of a few blocks. */
static size_t find_written(const Heap *heap, uint32_t block) {
  uint8_t bin = heap->block_bin[block];
  if (heap->state.has_recycled || bin >= BIN_COUNT || heap->state.bins[bin].last != block) return BLOCK_SIZE;
  uint32_t written = heap->state.bins[bin].cursor - (heap->arena_base + (block << BLOCK_SHIFT));
  return written < BLOCK_SIZE ? written : BLOCK_SIZE;
}

static void zero_blocks(VM *vm) {
  Heap *heap = &vm->heap;
  uint32_t first = (heap->base_end - heap->arena_base) >> BLOCK_SHIFT;
  uint32_t count = heap->state.next_block - first;
  redzone_open(heap->base_end, (size_t)count << BLOCK_SHIFT);
  for (uint32_t block = first; block < first + count; block++)
    memset(heap->arena + ((size_t)block << BLOCK_SHIFT), 0, find_written(heap, block));
  redzone_close(heap->base_end, (size_t)count << BLOCK_SHIFT);
  memset(heap->block_bin + first, 0, count);
  memset(heap->block_link + first, 0, count * sizeof(uint32_t));
  vm_heap_forget(heap);
}

/* Copies back what a run changed.  A page that it left alone is not written: it stays shared
 * with the process that this one was forked from, and comparing costs what copying does. */
static void restore(void *to, const void *from, size_t size) {
  enum { PIECE = 4096 };
  for (size_t at = 0; at < size; at += PIECE) {
    size_t piece = size - at < PIECE ? size - at : PIECE;
    if (memcmp((char *)to + at, (const char *)from + at, piece) != 0) memcpy((char *)to + at, (const char *)from + at, piece);
  }
}

static void restore_heads(const VM *vm, const HeapState *state) {
  uint32_t *heads = vm->base->heap.intern_heads;
  for (uint32_t i = 0; i <= vm->base->heap.intern_mask; i += HEADS_PART)
    if ((state->heads_written >> (i / HEADS_PART & 63) & 1) != 0)
      memcpy(heads + i, vm->base_intern + i, HEADS_PART * sizeof *heads);
}

static void restore_bins(HeapState *state, const HeapState *base) {
  for (uint32_t word = 0; word < (BIN_COUNT + 63) / 64; word++) {
    for (uint64_t left = state->bins_used[word]; left != 0; left &= left - 1) {
      uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(left);
      state->bins[i] = base->bins[i];
    }
  }
}

/* Most of the state is bins, and most bins a run has no use for. */
static void restore_state(HeapState *state, const HeapState *base) {
  enum { BEHIND_BINS = offsetof(HeapState, bins_used) };
  if (state->has_recycled) {
    *state = *base;
    return;
  }
  restore_bins(state, base);
  memcpy((char *)state + BEHIND_BINS, (const char *)base + BEHIND_BINS, sizeof *state - BEHIND_BINS);
}

void vm_rollback(VM *vm) {
  Heap *heap = &vm->heap;
  uint16_t epoch = heap_next_epoch(heap->state.epoch);
  zero_blocks(vm);
  redzone_open(heap->arena_base, vm->base_size);
  restore(heap->arena, vm->base_image, vm->base_size);
  restore_heads(vm, &heap->state);
  restore_state(&heap->state, &vm->base->heap);
  /* No handle of this run may be taken for one of the next. */
  heap->state.epoch = epoch;
  vm_control_rollback(&heap->control);
  memset(vm->mark_stack, 0, vm->mark_high * sizeof(uint32_t));
  vm->mark_high = 0;
  vm->run = vm->base->run;
  vm->error_view = (VmError){0};
  vm->open = false;
}

/* --- The hash of everything that a rollback restores --- */

REDZONE_BLIND static uint64_t mix(uint64_t h, const void *bytes, size_t size) {
  const uint8_t *p = bytes;
  for (; size >= 8; size -= 8, p += 8) {
    uint64_t word;
    __builtin_memcpy(&word, p, 8);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
  }
  for (; size > 0; size--) h = (h ^ *p++) * UINT64_C(0x100000001b3);
  return h;
}

uint64_t vm_state_hash(const VM *vm) {
  const Heap *heap = &vm->heap;
  uint64_t h = mix(1, heap->arena, (size_t)heap->block_count << BLOCK_SHIFT);
  HeapState state = heap->state;
  state.epoch = 0; /* the one field that a rollback moves on */
  h = mix(h, &state, sizeof state);
  h = mix(h, &vm->run, sizeof vm->run);
  return mix(h, heap->state.intern_heads, (heap->state.intern_mask + (size_t)1) * sizeof(uint32_t));
}
