/* SPDX-License-Identifier: BSD-2-Clause */
/* test_layout - the arena's place, the guards, and finding intruders. */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "sandbox/worker/layout.h"

static const LayoutSizes small = {
    .memory = 1 << 20, .script_bytes = 4096, .arg_bytes = 4096, .reply_bytes = 4096, .item_bytes = 16};

static void unmap(const Layout *l) {
  const Region *regions[] = {&l->in, &l->out, &l->tokens, &l->items};
  munmap(l->arena.data, l->arena.size);
  munmap(l->stack.data - 4096, (size_t)(l->control.data + l->control.size + 4096 - (l->stack.data - 4096)));
  for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
    munmap(regions[i]->data - 4096, regions[i]->size + 8192);
}

static bool lies_within(uint64_t begin, uint64_t end, uint64_t low, uint64_t high) {
  return begin >= low && end <= high;
}

START_TEST(the_arena_lies_low_and_outside_what_sanitizers_use) {
  uint64_t lowest = UINT64_MAX, highest = 0;
  for (int i = 0; i < 200; i++) {
    Layout l;
    ck_assert_int_eq(worker_layout_map(&small, 4096, 4096, &l), ST_OK);
    uint64_t begin = (uintptr_t)l.arena.data, end = begin + l.arena.size;
    ck_assert_uint_eq(l.arena.size, 1310720);
    ck_assert(lies_within(begin, end, LAYOUT_LOW_BEGIN, LAYOUT_LOW_END) ||
              lies_within(begin, end, LAYOUT_HIGH_BEGIN, LAYOUT_HIGH_END));
    if (begin < lowest) lowest = begin;
    if (begin > highest) highest = begin;
    unmap(&l);
  }
  /* 200 draws over 1.3 GiB: all of them within 256 MiB happens once in 10^140. */
  ck_assert_uint_gt(highest - lowest, UINT64_C(256) << 20);
}
END_TEST

START_TEST(everything_else_lies_far_above_with_a_guard_on_either_side) {
  Layout l;
  ck_assert_int_eq(worker_layout_map(&small, 100000, 4096, &l), ST_OK);
  const Region *regions[] = {&l.control,  &l.state,     &l.stop,         &l.in,         &l.out,   &l.tokens,    &l.items,
                             &l.small_in, &l.small_out, &l.rings, &l.ring_frame, &l.stack};
  int null = open("/dev/zero", O_RDONLY);
  for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
    ck_assert_uint_ge((uintptr_t)regions[i]->data, LAYOUT_CLEAR_BELOW);
    /* The kernel says EFAULT where a store would fault. */
    ck_assert_int_eq(read(null, regions[i]->data - 1, 1), -1);
    ck_assert_int_eq(read(null, regions[i]->data + regions[i]->size, 1), -1);
    ck_assert_int_eq(read(null, regions[i]->data, 1), regions[i] == &l.stop ? -1 : 1);
  }
  close(null);
  unmap(&l);
}
END_TEST

/* A page table serves what lies within 2 MiB, and each worker pays for each that it has. */
START_TEST(what_every_run_touches_shares_a_page_table) {
  for (int i = 0; i < 20; i++) {
    Layout l;
    ck_assert_int_eq(worker_layout_map(&small, 100000, 40000, &l), ST_OK);
    const Region *near[] = {&l.state,    &l.stop,      &l.rings, &l.ring_frame,
                            &l.small_in, &l.small_out, &l.control};
    ck_assert_uint_eq(l.stack.size, LAYOUT_STACK);
    ck_assert_uint_eq(((uintptr_t)l.stack.data + l.stack.size - 16384) / LAYOUT_WINDOW, (uintptr_t)l.state.data / LAYOUT_WINDOW);
    for (size_t n = 0; n < sizeof near / sizeof near[0]; n++) {
      uintptr_t begin = (uintptr_t)near[n]->data, end = begin + near[n]->size;
      ck_assert_uint_eq(begin / LAYOUT_WINDOW, (uintptr_t)l.state.data / LAYOUT_WINDOW);
      ck_assert_uint_eq((end - 1) / LAYOUT_WINDOW, begin / LAYOUT_WINDOW);
    }
    unmap(&l);
  }
}
END_TEST

START_TEST(the_largest_limit_fits_and_a_larger_one_is_refused) {
  Layout l;
  LayoutSizes sizes = small;
  sizes.memory = 536870912;
  ck_assert_int_eq(worker_layout_map(&sizes, 4096, 4096, &l), ST_OK);
  unmap(&l);
  sizes.memory = UINT64_C(1) << 30;
  ck_assert_int_eq(worker_layout_map(&sizes, 4096, 4096, &l), ST_RANGE);
}
END_TEST

static LayoutScan scan(const Layout *l) {
  LayoutScan s;
  int proc = open("/proc", O_PATH | O_DIRECTORY);
  ck_assert_int_eq(worker_layout_scan(proc, l, &s), ST_OK);
  close(proc);
  return s;
}

/* Where nothing lies below 132 GiB but what the test puts there: not under ASan. */
static bool is_clear(const Layout *l) {
  bool clear = scan(l).intruder == 0;
  if (!clear) printf("SKIP intruders: this build has mappings of its own in the low addresses\n");
  return clear;
}

START_TEST(a_mapping_near_the_arena_is_found_wherever_it_is) {
  Layout l;
  ck_assert_int_eq(worker_layout_map(&small, 4096, 4096, &l), ST_OK);
  const uint64_t arena = (uintptr_t)l.arena.data;
  const uint64_t places[] = {UINT64_C(0x20000), arena - 4096, arena + l.arena.size, UINT64_C(0x80000000),
                             UINT64_C(0xfffff000), UINT64_C(0x100000000), LAYOUT_CLEAR_BELOW - 4096};
  for (size_t i = 0; is_clear(&l) && i < sizeof places / sizeof places[0]; i++) {
    void *wanted = (void *)(uintptr_t)places[i];
    /* Another protection than the arena's, or the kernel would join the two. */
    void *got = mmap(wanted, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != wanted) continue; /* the arena's random place may touch a fixed one */
    ck_assert_msg(scan(&l).intruder == places[i], "%llx not found", (unsigned long long)places[i]);
    munmap(got, 4096);
  }
  void *far = mmap((void *)(uintptr_t)LAYOUT_CLEAR_BELOW, 4096, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (is_clear(&l)) ck_assert(far != MAP_FAILED && scan(&l).intruder == 0);
  unmap(&l);
}
END_TEST

START_TEST(the_scan_finds_the_clock_pages_and_counts_what_is_mapped) {
  Layout l;
  ck_assert_int_eq(worker_layout_map(&small, 4096, 4096, &l), ST_OK);
  LayoutScan before = scan(&l);
  ck_assert_uint_ge(before.clock_count, 1);
  void *more = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert(more != MAP_FAILED);
  ck_assert_uint_eq(scan(&l).mapped, before.mapped + (1 << 20));
  munmap(more, 1 << 20);
  unmap(&l);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("worker/layout");
  TCase *tc = tcase_create("layout");
  tcase_add_test(tc, the_arena_lies_low_and_outside_what_sanitizers_use);
  tcase_add_test(tc, everything_else_lies_far_above_with_a_guard_on_either_side);
  tcase_add_test(tc, what_every_run_touches_shares_a_page_table);
  tcase_add_test(tc, the_largest_limit_fits_and_a_larger_one_is_refused);
  tcase_add_test(tc, a_mapping_near_the_arena_is_found_wherever_it_is);
  tcase_add_test(tc, the_scan_finds_the_clock_pages_and_counts_what_is_mapped);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
