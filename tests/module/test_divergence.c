/* SPDX-License-Identifier: BSD-2-Clause */
/* test_divergence - claims that no honest worker makes are seen, honest ones left alone. */
#include "tests/check_main.h"
#include "tools/module/divergence.h"

static bool is_found(uint64_t instructions, uint64_t cpu_ns) {
  FsbUsage usage = {.instructions = instructions, .own_cpu_ns = cpu_ns};
  return module_divergence_is_found(&usage);
}

START_TEST(honest_runs_are_left_alone) {
  ck_assert(!is_found(0, 0));
  ck_assert(!is_found(3, 60000));               /* return 1 */
  ck_assert(!is_found(2, 5000000));             /* the same on a machine that is busy */
  ck_assert(!is_found(100000000, 300000000));   /* 3 ns for an instruction */
  ck_assert(!is_found(100000000, 2000000000));  /* under a sanitizer */
  ck_assert(!is_found(50000000, 10000000));     /* library work, charged in bulk */
  ck_assert(!is_found(1000000, 0));             /* too little to judge */
  ck_assert(!is_found(30000000, 1000));         /* ten milliseconds of which the clock showed nothing yet */
}
END_TEST

START_TEST(impossible_claims_are_found) {
  ck_assert(is_found(10, 1000000000));          /* computed for a second, admits ten instructions */
  ck_assert(is_found(UINT64_C(10000000000), 1000000));
  ck_assert(is_found(UINT64_MAX, 1));
  FsbUsage overflow = {.instructions = UINT64_MAX, .compile_units = 2, .own_cpu_ns = UINT64_MAX};
  ck_assert(module_divergence_is_found(&overflow));
}
END_TEST

START_TEST(who_claims_nothing_is_counted_elsewhere) {
  FsbUsage usage = {.own_cpu_ns = UINT64_C(10000000000), .is_claim_missing = true};
  ck_assert(!module_divergence_is_found(&usage));
}
END_TEST

SUITE("module divergence", honest_runs_are_left_alone, impossible_claims_are_found,
      who_claims_nothing_is_counted_elsewhere)
