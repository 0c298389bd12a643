/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap: size classes, headers, blocks of one kind, the limit, reserves. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

START_TEST(every_size_takes_the_smallest_class_that_holds_it) {
  for (uint32_t size = 1; size <= SMALL_MAX; size++) {
    uint32_t class_index = vm_heap_class_of[(size + GRANULE - 1) / GRANULE];
    ck_assert_uint_ge(vm_heap_class_size[class_index], size);
    if (class_index > 0) ck_assert_uint_lt(vm_heap_class_size[class_index - 1], size);
    ck_assert_uint_eq(vm_heap_class_size[class_index] % GRANULE, 0);
    if (size > REDZONE_SIZE) ck_assert_uint_eq(heap_slot_size(size - REDZONE_SIZE), vm_heap_class_size[class_index]);
  }
  ck_assert_uint_eq(heap_slot_size(SMALL_MAX + 1), BLOCK_SIZE);
  ck_assert_uint_eq(heap_slot_size(3 * BLOCK_SIZE + 1), 4 * BLOCK_SIZE);
}
END_TEST

START_TEST(no_epoch_is_zero_and_none_stays) {
  uint16_t epoch = 1;
  for (int i = 0; i < 70000; i++) {
    uint16_t next = heap_next_epoch(epoch);
    ck_assert_uint_ne(next, 0);
    ck_assert_uint_ne(next, epoch);
    epoch = next;
  }
}
END_TEST

static const Header *take(Kind kind, uint32_t size) { return vm_heap_take(vm, kind, size); }

static void work_headers(VM *v) {
  vm_heap_reserve(v, 4096);
  const Header *first = take(KIND_UPVALUE, 32), *second = take(KIND_UPVALUE, 32), *text = take(KIND_STRING, 32);
  ck_assert_uint_eq(first->kind, KIND_UPVALUE);
  ck_assert_uint_eq(first->generation, v->heap.state.epoch);
  ck_assert_uint_eq(second->serial, first->serial + 1);
  ck_assert_uint_eq(text->serial, 0); /* strings have no identity */
  ck_assert_uint_eq(v->heap.state.serial, second->serial + 1);
  ck_assert_ptr_eq(second, (const char *)first + heap_slot_size(32));
}

START_TEST(objects_are_stamped_with_kind_generation_and_serial) { ck_assert_int_eq(inside_do(work_headers), EXIT_NONE); }
END_TEST

static uint32_t block_of(const void *p) { return (uint32_t)(uintptr_t)p >> BLOCK_SHIFT; }

static void work_blocks(VM *v) {
  vm_heap_reserve(v, 64 * 1024);
  const void *first = take(KIND_UPVALUE, 32), *thread = take(KIND_THREAD, 32), *larger = take(KIND_UPVALUE, 48);
  ck_assert_uint_ne(block_of(first), block_of(thread));
  ck_assert_uint_ne(block_of(first), block_of(larger));
  ck_assert_uint_eq(heap_slot_at(&v->heap, (uint32_t)(uintptr_t)larger), heap_slot_size(48));
  for (int i = 0; i < BLOCK_SIZE / 32; i++) {
    const void *next = take(KIND_UPVALUE, 32);
    uint32_t block = block_of(next) - (v->heap.arena_base >> BLOCK_SHIFT);
    ck_assert_uint_eq(v->heap.block_bin[block] / CLASS_COUNT, KIND_UPVALUE);
  }
}

START_TEST(a_block_serves_one_kind_and_one_size) { ck_assert_int_eq(inside_do(work_blocks), EXIT_NONE); }
END_TEST

START_TEST(allocation_fails_at_the_limit_and_not_beyond_it) {
  static const uint32_t sizes[] = {16, 48, 100, 2000, 5000, 40000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    inside_begin(256 * 1024);
    uint64_t taken = 0;
    while (vm_heap_take_buffer(vm, sizes[i]) != NULL) {
      taken += heap_slot_size(sizes[i]);
      ck_assert_uint_le(vm_heap_used(vm), vm->heap.state.limit);
      ck_assert_uint_ge(vm_heap_used(vm), taken);
    }
    /* Runs that other bins have open count too. */
    ck_assert_uint_gt(vm->heap.state.used + vm->heap.control.used + heap_slot_size(sizes[i]), vm->heap.state.limit);
    ck_assert_uint_ge(vm->heap.state.peak, taken);
    vm_rollback(vm);
  }
}
END_TEST

START_TEST(what_is_larger_than_the_arena_is_refused) {
  inside_begin(UINT64_MAX / 4);
  ck_assert_ptr_null(vm_heap_take_buffer(vm, (uint64_t)1 << 40));
  ck_assert_ptr_null(vm_heap_take_buffer(vm, UINT64_MAX - 10000));
  ck_assert_ptr_null(vm_heap_take_buffer(vm, inside->config.arena_size));
  ck_assert_ptr_nonnull(vm_heap_take_buffer(vm, inside->config.arena_size / 2));
  ck_assert_ptr_null(vm_heap_take_buffer(vm, inside->config.arena_size / 2));
  vm_rollback(vm);
}
END_TEST

START_TEST(a_buffer_given_back_is_the_next_one_of_its_size) {
  inside_begin(INSIDE_MEMORY);
  static const uint64_t sizes[] = {16, 700, 3 * BLOCK_SIZE};
  for (size_t i = 0; i < 3; i++) {
    const void *first = vm_heap_take_buffer(vm, sizes[i]);
    uint64_t used = vm_heap_used(vm);
    vm_heap_give_buffer(vm, (uint32_t)(uintptr_t)first, sizes[i]);
    ck_assert_uint_eq(vm_heap_used(vm), used - heap_slot_size(sizes[i]));
    ck_assert_ptr_eq(vm_heap_take_buffer(vm, sizes[i]), first);
    ck_assert_uint_eq(vm_heap_used(vm), used);
  }
  uint64_t used = vm_heap_used(vm);
  vm_heap_give_buffer(vm, vm->heap.arena_base, 64); /* the base keeps what it has */
  vm_heap_give_buffer(vm, vm->heap.base_end, 0);
  ck_assert_uint_eq(vm_heap_used(vm), used);
  vm_rollback(vm);
}
END_TEST

START_TEST(addresses_are_inside_from_the_first_byte_to_the_last) {
  const Heap *heap = &vm->heap;
  uint32_t size = heap->block_count << BLOCK_SHIFT;
  ck_assert(heap_is_inside(heap, heap->arena_base));
  ck_assert(heap_is_inside(heap, heap->arena_base + size - 1));
  ck_assert(!heap_is_inside(heap, heap->arena_base + size));
  ck_assert(!heap_is_inside(heap, heap->arena_base - 1));
  ck_assert_uint_eq(heap_slot_at(heap, heap->arena_base + GRANULE), 0);
}
END_TEST

/* --- Reserves --- */

static void work_reserve(VM *v) {
  for (uint64_t size = 16; size < 300000; size = size * 3 / 2) {
    vm_heap_reserve(v, size);
    ck_assert_ptr_nonnull(vm_heap_take_buffer(v, size));
    vm_heap_reserve(v, size);
    for (uint64_t left = size; left >= 64; left -= 64) ck_assert_ptr_nonnull(vm_heap_take(v, KIND_TABLE, 48));
  }
}

START_TEST(within_a_reserve_nothing_fails) { ck_assert_int_eq(inside_do(work_reserve), EXIT_NONE); }
END_TEST

static void work_reserve_too_much(VM *v) { vm_heap_reserve(v, INSIDE_MEMORY); }
static void work_reserve_nearly_all(VM *v) { vm_heap_reserve(v, v->heap.state.limit - vm_heap_used(v) - 16 * BLOCK_SIZE); }

START_TEST(a_reserve_beyond_the_limit_ends_the_run) {
  ck_assert_int_eq(inside_do(work_reserve_too_much), EXIT_LIMIT);
  ck_assert_int_eq(inside_do(work_reserve_nearly_all), EXIT_NONE);
}
END_TEST

static void work_collected(VM *v) {
  Table *kept = vm_table_new(v, 0, 0);
  v->run.result = value_of_table(kept);
  vm_table_set_integer(v, kept, 1, inside_hold_string("a string that is kept"));
  vm_gc_collect(v);
  uint64_t used = vm_heap_used(v);
  for (int i = 0; i < 5000; i++) vm_table_new(v, 4, 0);
  uint16_t epoch = v->heap.state.epoch;
  vm_gc_collect(v);
  ck_assert_uint_ne(v->heap.state.epoch, epoch);
  ck_assert_uint_le(vm_heap_used(v), used + 4 * BLOCK_SIZE);
  ck_assert_ptr_eq(value_table(v->run.result), kept);
  ck_assert_str_eq(value_string(vm_table_get_integer(kept, 1))->bytes, "a string that is kept");
}

START_TEST(a_collection_frees_what_is_not_reachable_and_moves_nothing) { ck_assert_int_eq(inside_do(work_collected), EXIT_NONE); }
END_TEST

/* --- Failing on purpose --- */

START_TEST(the_allocation_that_a_test_names_fails_and_no_other) {
  inside_begin(INSIDE_MEMORY);
  vm->heap.fail_after = 3;
  ck_assert_ptr_nonnull(vm_heap_take_buffer(vm, 5000));
  ck_assert_ptr_nonnull(vm_heap_take_buffer(vm, 64));
  uint64_t used = vm_heap_used(vm);
  ck_assert_ptr_null(vm_heap_take_buffer(vm, 64));
  ck_assert_uint_eq(vm_heap_used(vm), used);
  ck_assert_ptr_nonnull(vm_heap_take_buffer(vm, 64));
  ck_assert_uint_eq(vm->heap.fail_after, 0);
  vm_rollback(vm);
}
END_TEST

START_TEST(regions_that_are_too_small_open_nothing) {
  static char control[1 << 16] __attribute__((aligned(4096)));
  VmConfig config = inside->config;
  config.control = control;
  for (size_t size = 0; size <= sizeof control; size += 4096) {
    config.control_size = size;
    ck_assert_ptr_null(vm_open(&config));
  }
  config = inside->config;
  config.arena_size = 64 * 1024;
  ck_assert_ptr_null(vm_open(&config));
}
END_TEST

INSIDE_SUITE("vm/heap", every_size_takes_the_smallest_class_that_holds_it, no_epoch_is_zero_and_none_stays,
             objects_are_stamped_with_kind_generation_and_serial, a_block_serves_one_kind_and_one_size,
             allocation_fails_at_the_limit_and_not_beyond_it, what_is_larger_than_the_arena_is_refused,
             a_buffer_given_back_is_the_next_one_of_its_size, addresses_are_inside_from_the_first_byte_to_the_last,
             within_a_reserve_nothing_fails, a_reserve_beyond_the_limit_ends_the_run,
             a_collection_frees_what_is_not_reachable_and_moves_nothing,
             the_allocation_that_a_test_names_fails_and_no_other, regions_that_are_too_small_open_nothing)
