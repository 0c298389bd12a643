/* SPDX-License-Identifier: BSD-2-Clause */
/* Control: carved memory stays, slots are counted and reused, rollback leaves zeroes. */
#include <string.h>

#include "tests/check_main.h"
#include "vm/memory/control.h"

static char region[8192] __attribute__((aligned(64)));

static Control open_control(void) {
  memset(region, 0, sizeof region);
  return (Control){.base = region, .size = sizeof region};
}

START_TEST(a_slot_is_the_next_power_of_two_from_64_up_and_above_4096_the_next_quarter) {
  static const size_t rows[][2] = {{0, 64}, {1, 64}, {64, 64}, {65, 128}, {128, 128}, {129, 256}, {4096, 4096},
                                  {4097, 5120}, {5120, 5120}, {5121, 6144}, {7169, 8192}, {8193, 10240}, {1 << 20, 1 << 20},
                                  {(1 << 20) + 1, 5 << 18}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) ck_assert_uint_eq(vm_control_slot(rows[i][0]), rows[i][1]);
}
END_TEST

START_TEST(carved_memory_is_aligned_and_moves_the_floor) {
  Control c = open_control();
  ck_assert_ptr_eq(vm_control_carve(&c, 1), region);
  ck_assert_ptr_eq(vm_control_carve(&c, 100), region + 64);
  ck_assert_uint_eq(c.floor, 192);
  ck_assert_uint_eq(c.used, 0);
  ck_assert_ptr_null(vm_control_carve(&c, sizeof region - 191));
  ck_assert_ptr_null(vm_control_carve(&c, SIZE_MAX));
  ck_assert_uint_eq(c.floor, 192);
  ck_assert_ptr_nonnull(vm_control_carve(&c, sizeof region - 192));
}
END_TEST

START_TEST(memory_carved_from_the_far_end_is_aligned_and_out_of_reach) {
  Control c = open_control();
  c.size -= 10;
  char *far = vm_control_carve_far(&c, 100);
  ck_assert_ptr_eq(far, region + sizeof region - 192);
  memset(far, 'f', 128);
  ck_assert_uint_eq(c.floor, 0);
  ck_assert_ptr_null(vm_control_carve_far(&c, c.size + 1));
  ck_assert_ptr_null(vm_control_carve_far(&c, SIZE_MAX));
  ck_assert_ptr_null(vm_control_take(&c, sizeof region));
  ck_assert_ptr_nonnull(vm_control_carve(&c, c.size));
  ck_assert_ptr_null(vm_control_carve_far(&c, 1));
  vm_control_rollback(&c);
  for (size_t i = 0; i < 128; i++) ck_assert_int_eq(far[i], 'f');
}
END_TEST

START_TEST(a_slot_given_back_is_the_next_one_of_its_size) {
  Control c = open_control();
  void *first = vm_control_take(&c, 100), *second = vm_control_take(&c, 100), *other = vm_control_take(&c, 300);
  ck_assert_uint_eq(c.used, 128 + 128 + 512);
  vm_control_give(&c, first, 100);
  vm_control_give(&c, second, 100);
  vm_control_give(&c, NULL, 100);
  ck_assert_uint_eq(c.used, 512);
  size_t top = c.top;
  ck_assert_ptr_eq(vm_control_take(&c, 128), second);
  ck_assert_ptr_eq(vm_control_take(&c, 65), first);
  ck_assert_uint_eq(c.top, top);
  ck_assert_ptr_ne(vm_control_take(&c, 300), other);
}
END_TEST

START_TEST(a_full_region_refuses_and_stays_as_it_is) {
  Control c = open_control();
  ck_assert_ptr_nonnull(vm_control_take(&c, 4096));
  ck_assert_ptr_nonnull(vm_control_take(&c, 2048));
  Control before = c;
  ck_assert_ptr_null(vm_control_take(&c, 2049));
  ck_assert_ptr_null(vm_control_take(&c, sizeof region + 1));
  ck_assert_ptr_null(vm_control_take(&c, SIZE_MAX));
  ck_assert_mem_eq(&c, &before, sizeof c);
}
END_TEST

START_TEST(sizes_beyond_the_largest_class_are_refused_even_with_room) {
  Control c = {.base = region, .size = SIZE_MAX / 2};
  ck_assert_ptr_null(vm_control_take(&c, ((size_t)7 << (CONTROL_MIN_SHIFT + CONTROL_CLASSES / 4 - 3)) + 1));
  ck_assert_uint_eq(c.used, 0);
}
END_TEST

START_TEST(rollback_zeroes_all_that_was_touched_and_keeps_what_is_carved) {
  Control c = open_control();
  char *carved = vm_control_carve(&c, 64);
  memset(carved, 'k', 64);
  char *slot = vm_control_take(&c, 1000);
  memset(slot, 'x', 1000);
  vm_control_give(&c, slot, 1000);
  c.touched += 512; /* what the compiler's scratch has used beyond the slots */
  memset(region + c.top, 'y', 512);
  vm_control_rollback(&c);
  ck_assert_uint_eq(c.used, 0);
  ck_assert_uint_eq(c.top, 64);
  for (size_t i = 64; i < sizeof region; i++) ck_assert_int_eq(region[i], 0);
  for (size_t i = 0; i < 64; i++) ck_assert_int_eq(carved[i], 'k');
  ck_assert_ptr_eq(vm_control_take(&c, 1000), slot);
}
END_TEST

SUITE("vm/control", a_slot_is_the_next_power_of_two_from_64_up_and_above_4096_the_next_quarter, carved_memory_is_aligned_and_moves_the_floor,
      memory_carved_from_the_far_end_is_aligned_and_out_of_reach, a_slot_given_back_is_the_next_one_of_its_size, a_full_region_refuses_and_stays_as_it_is,
      sizes_beyond_the_largest_class_are_refused_even_with_room,
      rollback_zeroes_all_that_was_touched_and_keeps_what_is_carved)
