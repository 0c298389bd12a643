/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spin - when spinning is allowed. */
#define _GNU_SOURCE
#include "ipc/spin.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check_main.h"

START_TEST(a_quota_below_two_cpus_is_small) {
  static const struct {
    const char *text;
    bool is_small;
  } rows[] = {{"max 100000\n", false},
              {"100000 100000\n", true},
              {"199999 100000\n", true},
              {"200000 100000\n", false},
              {"50000 100000\n", true},
              {"1 1\n", true},
              {"", false},
              {"garbage", false},
              {"100000", false},
              {"100000 0\n", false},
              {"100000 x\n", false}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ck_assert_msg(ipc_spin_is_quota_small(rows[i].text) == rows[i].is_small, "'%s'", rows[i].text);
  }
}
END_TEST

static void put_cpu_max(const char *directory, const char *text) {
  char name[256];
  snprintf(name, sizeof name, "%s/cpu.max", directory);
  FILE *file = fopen(name, "w");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  fclose(file);
}

START_TEST(the_quota_of_any_parent_counts) {
  char root[] = "/tmp/test_spin_XXXXXX", outer[64], inner[64], name[128];
  ck_assert_ptr_nonnull(mkdtemp(root));
  snprintf(outer, sizeof outer, "%s/outer", root);
  snprintf(inner, sizeof inner, "%s/inner", outer);
  ck_assert_int_eq(mkdir(outer, 0700), 0);
  ck_assert_int_eq(mkdir(inner, 0700), 0);
  ck_assert(!ipc_spin_is_cgroup_small(root, "/outer/inner"));
  put_cpu_max(inner, "max 100000\n");
  ck_assert(!ipc_spin_is_cgroup_small(root, "/outer/inner"));
  put_cpu_max(outer, "100000 100000\n");
  ck_assert(ipc_spin_is_cgroup_small(root, "/outer/inner"));
  ck_assert(!ipc_spin_is_cgroup_small(root, "/"));
  put_cpu_max(outer, "300000 100000\n");
  put_cpu_max(root, "150000 100000\n");
  ck_assert(ipc_spin_is_cgroup_small(root, "/outer/inner"));
  ck_assert(ipc_spin_is_cgroup_small(root, "/"));
  ck_assert(ipc_spin_is_cgroup_small(root, ""));
  const char *directories[] = {inner, outer, root};
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s/cpu.max", directories[i]);
    unlink(name);
    rmdir(directories[i]);
  }
}
END_TEST

START_TEST(one_usable_cpu_means_no_spinning) {
  cpu_set_t all, one;
  ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
  ck_assert_uint_eq(ipc_spin_rounds(), 0);
  ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
  ck_assert(ipc_spin_rounds() == 0 || ipc_spin_rounds() == SPIN_ROUNDS);
}
END_TEST

/* Runs until the watch at hand has its verdict; returns how many it took. */
static uint32_t watch(SpinGauge *gauge, uint32_t waits, uint32_t misses) {
  for (uint32_t runs = 1;; runs++) {
    ck_assert_uint_eq(ipc_spin_begin(gauge), gauge->rounds);
    ck_assert(gauge->is_watching);
    ipc_spin_end(gauge, waits, misses);
    if (gauge->left != 0) return runs;
  }
}

/* Runs between two watches, each of which may spin `rounds`. */
static uint32_t count_unwatched(SpinGauge *gauge, uint32_t rounds) {
  for (uint32_t runs = 0;; runs++) {
    if (gauge->left == 0) return runs;
    ck_assert_uint_eq(ipc_spin_begin(gauge), rounds);
    ck_assert(!gauge->is_watching);
    ipc_spin_end(gauge, 100, 100); /* nobody looks */
  }
}

START_TEST(spinning_in_vain_rests_and_is_tried_again) {
  SpinGauge gauge = {.rounds = 200};
  ck_assert_uint_eq(watch(&gauge, 16, 5), 2);
  ck_assert_uint_eq(count_unwatched(&gauge, 0), SPIN_REST_RUNS);
  ck_assert_uint_eq(watch(&gauge, 16, 4), 2);
  ck_assert_uint_eq(count_unwatched(&gauge, 200), SPIN_TRUST_RUNS);
  ck_assert_uint_eq(watch(&gauge, 1, UINT32_MAX), SPIN_WATCH_RUNS);
  ck_assert_uint_eq(count_unwatched(&gauge, 0), SPIN_REST_RUNS);
}
END_TEST

START_TEST(runs_that_call_nothing_change_nothing) {
  SpinGauge gauge = {.rounds = 200}, never = {.rounds = 0};
  ck_assert_uint_eq(watch(&gauge, 0, 9), SPIN_WATCH_RUNS);
  ck_assert_uint_eq(count_unwatched(&gauge, 200), SPIN_TRUST_RUNS);
  for (int i = 0; i < 100; i++) {
    ck_assert_uint_eq(ipc_spin_begin(&never), 0);
    ck_assert(!never.is_watching);
  }
}
END_TEST

SUITE("ipc spin", a_quota_below_two_cpus_is_small, the_quota_of_any_parent_counts,
      one_usable_cpu_means_no_spinning, spinning_in_vain_rests_and_is_tried_again,
      runs_that_call_nothing_change_nothing)
