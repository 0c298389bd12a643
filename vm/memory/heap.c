/* SPDX-License-Identifier: BSD-2-Clause */
/* heap - see heap.h. */
#include "vm/memory/heap.h"

#include <string.h>

const uint16_t vm_heap_class_size[CLASS_COUNT] = {16,  32,  48,  64,  80,  96,  112,  128,  160,  192,  224,  256,
                                                  320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048};

/* Index: size in granules, rounded up. */
const uint8_t vm_heap_class_of[SMALL_MAX / GRANULE + 1] = {
    0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14,
    14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17, 17, 17, 18, 18, 18,
    18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20,
    20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22,
    22, 22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23};

static uint32_t block_address(const Heap *heap, uint32_t block) {
  return heap->arena_base + (block << BLOCK_SHIFT);
}

static uint32_t block_of(const Heap *heap, uint32_t address) {
  return (address - heap->arena_base) >> BLOCK_SHIFT;
}

/* Bytes that may still be handed out under the limit. */
static uint64_t room(const Heap *heap) {
  uint64_t used = heap->state.used + heap->control.used;
  return used >= heap->state.limit ? 0 : heap->state.limit - used;
}

static void count_used(Heap *heap, uint64_t bytes) {
  HeapState *state = &heap->state;
  state->used += bytes;
  uint64_t total = state->used + heap->control.used;
  if (total > state->peak) state->peak = total;
  if (total > state->threshold) state->collect_due = 1;
}

/* --- Whole blocks --- */

static uint32_t take_from_free_runs(Heap *heap, uint32_t count) {
  for (uint32_t i = 0; i < heap->free_run_count; i++) {
    FreeRun *run = &heap->free_runs[i];
    if (run->count < count) continue;
    uint32_t block = run->block;
    run->block += count;
    run->count -= count;
    if (run->count == 0) *run = heap->free_runs[--heap->free_run_count];
    return block;
  }
  return 0;
}

static uint32_t take_blocks(Heap *heap, uint32_t count) {
  uint32_t block = take_from_free_runs(heap, count);
  if (block != 0) return block;
  HeapState *state = &heap->state;
  if (count > heap->block_count - state->next_block) return 0;
  block = state->next_block;
  state->next_block += count;
  return block;
}

/* One more than are remembered is forgotten until the next collection. */
static void add_free_run(Heap *heap, FreeRun run) {
  if (heap->free_run_count == FREE_RUN_MAX) return;
  heap->free_runs[heap->free_run_count++] = run;
  if (heap->free_run_count > heap->free_run_most) heap->free_run_most = heap->free_run_count;
}

static void give_blocks(Heap *heap, uint32_t block, uint32_t count) {
  memset(&heap->block_bin[block], KIND_FREE, count);
  heap->state.has_recycled = 1;
  add_free_run(heap, (FreeRun){block, count});
}

/* --- Bins --- */

static bool add_block(Heap *heap, uint32_t bin_index) {
  uint32_t block = take_blocks(heap, 1);
  if (block == 0) return false;
  Bin *bin = &heap->state.bins[bin_index];
  heap->block_bin[block] = (uint8_t)bin_index;
  heap->state.bins_used[bin_index >> 6] |= UINT64_C(1) << (bin_index & 63);
  heap->block_link[block] = 0;
  if (bin->first == 0) bin->first = block;
  else heap->block_link[bin->last] = block;
  bin->last = block;
  uint32_t first_granule = heap_granule(heap, block_address(heap, block));
  if (heap->has_marks) memset(&heap->marks[first_granule >> 6], 0, BLOCK_SIZE / GRANULE / 8);
  return true;
}

static bool block_is_empty(const Heap *heap, uint32_t block) {
  const uint64_t *words = &heap->marks[(uint64_t)block << (BLOCK_SHIFT - 4) >> 6];
  return (words[0] | words[1] | words[2] | words[3]) == 0;
}

/* Finds the next run of unmarked slots of a block from `position` on.  Returns false
 * when the block has no more. */
static bool next_run(Heap *heap, uint32_t block, uint32_t slot, uint32_t position, uint32_t *ret_start,
                     uint32_t *ret_end) {
  uint32_t end = block_address(heap, block) + BLOCK_SIZE / slot * slot;
  /* Fresh blocks, and those that died as a whole, need no look at every slot. */
  if (block_is_empty(heap, block) && position < end) {
    *ret_start = position;
    *ret_end = end;
    return true;
  }
  while (position < end && heap_is_marked(heap, position)) position += slot;
  if (position >= end) return false;
  uint32_t start = position;
  while (position < end && !heap_is_marked(heap, position)) position += slot;
  *ret_start = start;
  *ret_end = position;
  return true;
}

/* Cuts a run to what the limit leaves; false when not one slot is left. */
static bool open_run(Heap *heap, Bin *bin, uint32_t slot, uint32_t start, uint32_t end) {
  uint64_t allowed = room(heap);
  if (allowed < slot) return false;
  uint64_t bytes = end - start;
  if (bytes > allowed) bytes = allowed / slot * slot;
  bin->cursor = start;
  bin->end = start + (uint32_t)bytes;
  bin->position = bin->end;
  count_used(heap, bytes);
  return true;
}

/* Gives the bin a new run of free slots. */
static bool refill(Heap *heap, uint32_t bin_index, uint32_t slot) {
  Bin *bin = &heap->state.bins[bin_index];
  for (;;) {
    while (bin->sweep != 0) {
      uint32_t start, end;
      uint32_t from = bin->position ? bin->position : block_address(heap, bin->sweep);
      if (next_run(heap, bin->sweep, slot, from, &start, &end)) return open_run(heap, bin, slot, start, end);
      bin->sweep = heap->block_link[bin->sweep];
      bin->position = 0;
    }
    if (room(heap) < slot || !add_block(heap, bin_index)) return false;
    bin->sweep = bin->last;
    bin->position = 0;
  }
}

static void stamp(Heap *heap, void *slot, Kind kind) {
  Header header = {(uint8_t)kind, 0, heap->state.epoch, kind == KIND_STRING ? 0 : heap->state.serial++};
  memcpy(slot, &header, sizeof header);
}

static void *take_base(Heap *heap, uint64_t size) {
  uint64_t rounded = (size + GRANULE - 1) & ~(uint64_t)(GRANULE - 1);
  uint32_t address = heap->state.base_cursor;
  if (rounded > heap->base_end - address) return NULL;
  heap->state.base_cursor += (uint32_t)rounded;
  return (void *)(uintptr_t)address;
}

/* A slot without header. */
static void *take_slot(Heap *heap, uint32_t bin_index, uint32_t slot) {
  Bin *bin = &heap->state.bins[bin_index];
  if (bin->free_list != 0) {
    if (room(heap) < slot) return NULL;
    void *block = (void *)(uintptr_t)bin->free_list;
    redzone_open(bin->free_list, sizeof bin->free_list);
    memcpy(&bin->free_list, block, sizeof bin->free_list);
    count_used(heap, slot);
    return block;
  }
  if (bin->end - bin->cursor < slot && !refill(heap, bin_index, slot)) return NULL;
  uint32_t address = bin->cursor;
  bin->cursor += slot;
  return (void *)(uintptr_t)address;
}

static void *take_large(Heap *heap, uint64_t size) {
  if (size > (uint64_t)heap->block_count << BLOCK_SHIFT) return NULL;
  uint64_t bytes = heap_slot_size(size);
  uint32_t count = (uint32_t)(bytes >> BLOCK_SHIFT);
  if (room(heap) < bytes) return NULL;
  uint32_t block = take_blocks(heap, count);
  if (block == 0) return NULL;
  heap->block_bin[block] = BIN_LARGE;
  memset(&heap->block_bin[block + 1], BIN_LARGE_REST, count - 1);
  heap->block_link[block] = count;
  uint32_t address = block_address(heap, block);
  uint32_t granule = heap_granule(heap, address);
  if (heap->has_marks) heap->marks[granule >> 6] &= ~(UINT64_C(1) << (granule & 63));
  count_used(heap, bytes);
  return (void *)(uintptr_t)address;
}

static bool is_small(uint64_t size) { return size + REDZONE_SIZE <= SMALL_MAX; }

static uint32_t class_of(uint64_t size) {
  return vm_heap_class_of[(size + REDZONE_SIZE + GRANULE - 1) / GRANULE];
}

static void *take_any(Heap *heap, Kind kind, uint64_t size) {
  if (heap->state.building_base) return take_base(heap, size);
  if (heap_must_fail(heap)) return NULL;
  if (!is_small(size)) return take_large(heap, size);
  uint32_t class_index = class_of(size);
  return take_slot(heap, (uint32_t)kind * CLASS_COUNT + class_index, vm_heap_class_size[class_index]);
}

static void *take_open(Heap *heap, Kind kind, uint64_t size) {
  void *slot = take_any(heap, kind, size);
  if (slot != NULL) redzone_open((uint32_t)(uintptr_t)slot, size);
  return slot;
}

void *vm_heap_take(VM *vm, Kind kind, uint32_t size) {
  Heap *heap = heap_of(vm);
  void *slot = take_open(heap, kind, size);
  if (slot != NULL) stamp(heap, slot, kind);
  return slot;
}

void *vm_heap_take_buffer(VM *vm, uint64_t size) { return take_open(heap_of(vm), KIND_BUFFER, size); }

void vm_heap_give_buffer(VM *vm, uint32_t address, uint64_t size) {
  Heap *heap = heap_of(vm);
  if (address < heap->base_end || size == 0) return;
  uint64_t bytes = heap_slot_size(size);
  heap->state.used -= bytes;
  if (!is_small(size)) {
    redzone_close(address, bytes);
    /* The address comes from the arena, the blocks' record from control. */
    VM_ASSERT(heap_is_inside(heap, address));
    uint32_t block = block_of(heap, address);
    VM_ASSERT(heap->block_bin[block] == BIN_LARGE);
    give_blocks(heap, block, heap->block_link[block]);
    return;
  }
  Bin *bin = &heap->state.bins[KIND_BUFFER * CLASS_COUNT + class_of(size)];
  memcpy((void *)(uintptr_t)address, &bin->free_list, sizeof bin->free_list);
  bin->free_list = address;
  redzone_close(address, bytes);
}

/* --- Reserve --- */

static bool has_room(const Heap *heap, uint64_t size) {
  if (room(heap) < size) return false;
  /* One run must hold it all, for the request may be one large slot. */
  uint64_t blocks = heap->block_count - heap->state.next_block;
  for (uint32_t i = 0; i < heap->free_run_count; i++) {
    if (heap->free_runs[i].count > blocks) blocks = heap->free_runs[i].count;
  }
  return (blocks << BLOCK_SHIFT) >= size + 4 * BLOCK_SIZE;
}

/* Stress builds collect at every collection point; when the heap has grown large, at every
 * few, so that the price of a point stays bounded. */
static bool is_collection_due(Heap *heap) {
  if (!FERROUS_STRESS || heap->state.collect_due) return heap->state.collect_due;
  if (heap->state.points_skipped++ < heap->state.scanned / 4096) return false;
  heap->state.points_skipped = 0;
  return true;
}

void vm_heap_reserve_slow(VM *vm, uint64_t size) {
  Heap *heap = heap_of(vm);
  if (heap->state.building_base) return;
  if (is_collection_due(heap)) vm_gc_collect(vm);
  uint64_t rounded = size + size / 4 + 8 * SMALL_MAX;
  if (LIKELY(has_room(heap, rounded))) return;
  vm_gc_collect(vm);
  /* A reserve is generous; near the limit the request itself is what counts. */
  if (!has_room(heap, size + 2 * BLOCK_SIZE)) vm_error_memory(vm);
}

uint64_t vm_heap_used(VM *vm) {
  const Heap *heap = heap_of(vm);
  uint64_t rest = 0;
  for (uint32_t word = 0; word < (BIN_COUNT + 63) / 64; word++) {
    for (uint64_t left = heap->state.bins_used[word]; left != 0; left &= left - 1) {
      const Bin *bin = &heap->state.bins[word * 64 + (uint32_t)__builtin_ctzll(left)];
      rest += bin->end - bin->cursor;
    }
  }
  return heap->state.used - rest + heap->control.used;
}

/* --- For the collector --- */

void vm_heap_clear_marks(Heap *heap) {
  uint64_t granules = (uint64_t)heap->state.next_block << (BLOCK_SHIFT - 4);
  memset(heap->marks, 0, granules / 8);
  heap->has_marks = true;
}

/* A run that needed neither marks nor free runs leaves their pages unwritten: they stay the
 * zygote's. */
void vm_heap_forget(Heap *heap) {
  if (heap->has_marks) memset(heap->marks, 0, (size_t)heap->state.next_block * (BLOCK_SIZE / GRANULE / 8));
  if (heap->free_run_most != 0) memset(heap->free_runs, 0, heap->free_run_most * sizeof heap->free_runs[0]);
  heap->has_marks = false;
  heap->free_run_count = heap->free_run_most = 0;
}

static void free_unmarked_large(Heap *heap) {
  for (uint32_t b = block_of(heap, heap->base_end); b < heap->state.next_block; b++) {
    if (heap->block_bin[b] != BIN_LARGE) continue;
    uint32_t count = heap->block_link[b];
    if (!heap_is_marked(heap, block_address(heap, b))) memset(&heap->block_bin[b], KIND_FREE, count);
    b += count - 1;
  }
}

/* Collects neighbouring free blocks into runs, lowest first. */
static void rebuild_free_runs(Heap *heap) {
  const HeapState *state = &heap->state;
  heap->free_run_count = 0;
  uint32_t b = block_of(heap, heap->base_end);
  while (b < state->next_block && heap->free_run_count < FREE_RUN_MAX) {
    if (heap->block_bin[b] != KIND_FREE) {
      b++;
      continue;
    }
    uint32_t start = b;
    while (b < state->next_block && heap->block_bin[b] == KIND_FREE) b++;
    add_free_run(heap, (FreeRun){start, b - start});
  }
}

/* Buffer blocks hold no headers: empty ones may serve anything. */
static void release_buffer_blocks(Heap *heap) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    Bin *bin = &heap->state.bins[KIND_BUFFER * CLASS_COUNT + c];
    uint32_t kept = 0;
    uint32_t next;
    for (uint32_t b = bin->first; b != 0; b = next) {
      next = heap->block_link[b];
      if (block_is_empty(heap, b)) {
        heap->block_bin[b] = KIND_FREE;
      } else {
        if (kept == 0) bin->first = b;
        else heap->block_link[kept] = b;
        kept = b;
      }
    }
    if (kept == 0) bin->first = 0;
    else heap->block_link[kept] = 0;
    bin->last = kept;
  }
}

/* Closes what a collection has found dead, long before it is swept. */
static void close_dead(const Heap *heap) {
  if (REDZONE_SIZE == 0) return;
  for (uint32_t b = block_of(heap, heap->base_end); b < heap->state.next_block; b++) {
    uint32_t address = block_address(heap, b);
    uint8_t bin = heap->block_bin[b];
    if (bin == KIND_FREE) redzone_close(address, BLOCK_SIZE);
    if (bin >= BIN_COUNT || bin == KIND_FREE) continue;
    uint32_t slot = vm_heap_class_size[bin % CLASS_COUNT];
    for (uint32_t a = address; a + slot <= address + BLOCK_SIZE; a += slot) {
      if (!heap_is_marked(heap, a)) redzone_close(a, slot);
    }
  }
}

void vm_heap_start_sweep(Heap *heap, uint64_t live) {
  HeapState *state = &heap->state;
  state->has_recycled = 1;
  free_unmarked_large(heap);
  release_buffer_blocks(heap);
  close_dead(heap);
  rebuild_free_runs(heap);
  for (uint32_t i = 0; i < BIN_COUNT; i++) {
    Bin *bin = &state->bins[i];
    bin->cursor = bin->end = bin->free_list = bin->position = 0;
    bin->sweep = bin->first;
  }
  state->used = live;
  state->collect_due = 0;
}

/* --- Opening --- */

enum { INTERN_HEADS = 1024 };

static void skip_to_page(Control *control) {
  (void)vm_control_carve(control, -((uintptr_t)control->base + control->top) & 4095);
}

/* What every run touches comes first and close together: each further 2 MiB of control in which
 * a worker, or the process that it was forked from, has a page cost it a page table. */
static bool carve(Heap *heap) {
  heap->block_bin = vm_control_carve(&heap->control, heap->block_count); /* begins in the last page of the VM */
  skip_to_page(&heap->control);
  heap->state.intern_heads = vm_control_carve(&heap->control, INTERN_HEADS * sizeof(uint32_t));
  heap->state.intern_mask = INTERN_HEADS - 1;
  heap->block_link = vm_control_carve(&heap->control, sizeof(uint32_t) * (size_t)heap->block_count);
  heap->marks = vm_control_carve(&heap->control, (size_t)heap->block_count * (BLOCK_SIZE / GRANULE / 8));
  heap->free_runs = vm_control_carve(&heap->control, FREE_RUN_MAX * sizeof(FreeRun));
  return heap->state.intern_heads != NULL && heap->block_bin != NULL && heap->block_link != NULL && heap->marks != NULL &&
         heap->free_runs != NULL;
}

bool vm_heap_open(VM *vm, void *arena, size_t arena_size, void *control, size_t control_size) {
  Heap *heap = heap_of(vm);
  heap->arena = arena;
  heap->arena_base = (uint32_t)(uintptr_t)arena;
  heap->block_count = (uint32_t)(arena_size >> BLOCK_SHIFT);
  heap->control.base = control;
  heap->control.size = control_size;
  if (!carve(heap)) return false;
  heap->state.epoch = 1;
  heap->state.serial = 1;
  heap->state.limit = UINT64_MAX / 2;
  heap->state.threshold = UINT64_MAX;
  return true;
}
