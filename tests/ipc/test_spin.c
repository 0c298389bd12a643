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

/* Runs, each the same, until one may not spin; returns how many could, `most` at most. */
static uint32_t spin(SpinGauge *gauge, SpinWaits waits, uint32_t most) {
  for (uint32_t runs = 0; runs < most; runs++) {
    if (ipc_spin_begin(gauge) == 0) return gauge->left++, runs; /* the one that could not was the rest's first */
    ipc_spin_end(gauge, waits);
  }
  return most;
}

/* Runs until one may spin; returns how many could not. */
static uint32_t sit_out(SpinGauge *gauge) {
  uint32_t runs = 0;
  for (; gauge->left != 0; runs++) ck_assert_uint_eq(ipc_spin_begin(gauge), 0);
  return runs;
}

#define MS UINT64_C(1000000)
static const SpinWaits good = {.waits = 10, .idle = 10 * SPIN_WORTH, .took = MS};
static const SpinWaits slow = {.waits = 10, .idle = 11 * SPIN_WORTH, .took = MS};
static const SpinWaits lost = {.waits = 10, .idle = 3 * MS, .took = 3 * MS};
static const SpinWaits vain = {.waits = 8, .misses = 3, .took = MS};

START_TEST(spinning_that_pays_goes_on) {
  SpinGauge gauge = {.rounds = 200};
  ck_assert_uint_eq(spin(&gauge, good, 10000), 10000);
}
END_TEST

START_TEST(what_does_not_pay_rests_ever_longer_and_is_tried_again) {
  SpinGauge gauge = {.rounds = 200};
  for (uint32_t rest = SPIN_REST_FIRST; rest < SPIN_REST_MOST; rest *= 2) {
    ck_assert_uint_eq(spin(&gauge, lost, 100), 1); /* at once */
    ck_assert_uint_eq(sit_out(&gauge), rest);
  }
  ck_assert_uint_eq(spin(&gauge, slow, 100), 8); /* after the span */
  ck_assert_uint_eq(sit_out(&gauge), SPIN_REST_MOST);
  ck_assert_uint_eq(spin(&gauge, vain, 100), 8);
  ck_assert_uint_eq(sit_out(&gauge), SPIN_REST_MOST);
  ck_assert_uint_eq(spin(&gauge, good, 100), 100); /* and all is forgotten */
  ck_assert_uint_le(spin(&gauge, lost, 100), 2);
  ck_assert_uint_eq(sit_out(&gauge), SPIN_REST_FIRST);
}
END_TEST

START_TEST(a_long_wait_among_many_short_ones_is_nothing) {
  SpinGauge gauge = {.rounds = 200};
  const SpinWaits hiccup = {.waits = 10, .idle = SPIN_SLACK, .took = MS}, none = {.waits = 100, .took = MS};
  for (int i = 0; i < 100; i++) {
    ck_assert_uint_eq(spin(&gauge, none, 7), 7);
    ck_assert_uint_eq(spin(&gauge, hiccup, 1), 1);
  }
}
END_TEST

START_TEST(runs_that_wait_for_nothing_change_nothing) {
  SpinGauge gauge = {.rounds = 200}, never = {.rounds = 0};
  ck_assert_uint_eq(spin(&gauge, (SpinWaits){.idle = 100 * MS, .took = 100 * MS}, 100), 100);
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(ipc_spin_begin(&never), 0);
}
END_TEST

SUITE("ipc spin", a_quota_below_two_cpus_is_small, the_quota_of_any_parent_counts,
      one_usable_cpu_means_no_spinning, spinning_that_pays_goes_on,
      what_does_not_pay_rests_ever_longer_and_is_tried_again, a_long_wait_among_many_short_ones_is_nothing,
      runs_that_wait_for_nothing_change_nothing)
