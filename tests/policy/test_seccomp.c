/* SPDX-License-Identifier: BSD-2-Clause */
/* test_seccomp - the filter against its table, for every number there is.
 *
 * The table is read here a second time, by code that shares nothing with the
 * compiler: `is_listed` says what must pass, the simulator says what does.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "policy/bpf_sim.h"
#include "policy/seccomp.h"

#define X32_BIT UINT32_C(0x40000000)

static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};
static const char *const golden_names[] = {"filter-x86_64.txt", "filter-aarch64.txt"};

static const uint64_t boundary[] = {
    0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_C(0x100000000), UINT64_C(0x100000001),
    UINT64_C(0xffffffff00000000), UINT64_C(0xffffffff00000001), UINT64_C(0x8000000000000000), UINT64_MAX,
};
#define BOUNDARY_COUNT (sizeof boundary / sizeof boundary[0])

static bool row_holds(const SyscallRow *row, const uint64_t *args) {
  return row->arg < 0 || (args[row->arg] & row->mask) == row->value;
}

/* Numbers of the rows, looked up once: libseccomp searches by name. */
static uint32_t row_number(uint32_t arch, size_t i) {
  static uint32_t known[2][64];
  uint32_t *slot = &known[arch == AUDIT_ARCH_AARCH64][i];
  if (*slot == 0) *slot = 1 + (uint32_t)policy_seccomp_number(arch, policy_seccomp_row(i)->name);
  return *slot - 1;
}

/* What the table says, read row by row. */
static bool is_listed(uint32_t arch, uint32_t number, const uint64_t *args) {
  bool named = false;
  const SyscallRow *row;
  for (size_t i = 0; (row = policy_seccomp_row(i)) != NULL; i++) {
    if (row_number(arch, i) != number) continue;
    if (!row_holds(row, args)) return false;
    named = true;
  }
  return named;
}

static uint32_t verdict(const PolicyFilter *f, uint32_t arch, uint32_t number, const uint64_t *args,
                        uint8_t *visited) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch, .instruction_pointer = 0x1234};
  uint32_t result = 0;
  memcpy(data.args, args, sizeof data.args);
  /* No ck_assert on the way that is taken millions of times: each is a write. */
  if (policy_bpf_run(f->code, f->count, &data, visited, &result) != ST_OK) ck_abort_msg("not a valid program");
  return result;
}

static void check_number(const PolicyFilter *f, uint32_t arch, uint32_t number, const uint64_t *args,
                         uint8_t *visited) {
  uint32_t wanted = is_listed(arch, number, args) ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS;
  if (verdict(f, arch, number, args, visited) == wanted) return;
  ck_abort_msg("number %u args %llx %llx %llx %llx: not %s", number, (unsigned long long)args[0],
               (unsigned long long)args[1], (unsigned long long)args[2], (unsigned long long)args[3],
               wanted == SECCOMP_RET_ALLOW ? "allowed" : "killed");
}

/* Every pattern sets all arguments alike, then one of them differently. */
static void check_patterns(const PolicyFilter *f, uint32_t arch, uint32_t number, uint8_t *visited) {
  for (size_t all = 0; all < BOUNDARY_COUNT; all++) {
    uint64_t args[6];
    for (int i = 0; i < 6; i++) args[i] = boundary[all];
    check_number(f, arch, number, args, visited);
    for (int one = 0; one < 6; one++)
      for (size_t b = 0; b < BOUNDARY_COUNT; b++) {
        uint64_t kept = args[one];
        args[one] = boundary[b];
        check_number(f, arch, number, args, visited);
        args[one] = kept;
      }
  }
}

static PolicyFilter built(uint32_t arch) {
  PolicyFilter f;
  ck_assert_int_eq(policy_seccomp_build(arch, &f), ST_OK);
  return f;
}

START_TEST(exactly_the_rows_pass_for_every_number_and_boundary_argument) {
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    for (uint32_t number = 0; number < 1024; number++) check_patterns(&f, arches[a], number, NULL);
  }
}
END_TEST

START_TEST(numbers_of_the_future_and_negative_ones_are_killed) {
  static const uint64_t zero[6] = {0}, right[6] = {0, 1, 0, 0, 0, 0};
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    for (uint32_t n = 1024; n < 4096; n++) {
      ck_assert_uint_eq(verdict(&f, arches[a], n, zero, NULL), SECCOMP_RET_KILL_PROCESS);
      ck_assert_uint_eq(verdict(&f, arches[a], 0u - n + 1023u, right, NULL), SECCOMP_RET_KILL_PROCESS);
    }
    ck_assert_uint_eq(verdict(&f, arches[a], UINT32_MAX, zero, NULL), SECCOMP_RET_KILL_PROCESS);
    ck_assert_uint_eq(verdict(&f, arches[a], INT32_MAX, zero, NULL), SECCOMP_RET_KILL_PROCESS);
  }
}
END_TEST

START_TEST(every_number_with_the_x32_bit_is_killed) {
  PolicyFilter f = built(AUDIT_ARCH_X86_64);
  for (uint32_t n = 0; n < 4096; n++) check_patterns(&f, AUDIT_ARCH_X86_64, n | X32_BIT, NULL);
}
END_TEST

START_TEST(every_other_architecture_is_killed_whatever_the_number) {
  static const uint32_t others[] = {AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_X86_64 ^ 1, 0, UINT32_MAX};
  static const uint64_t patterns[][6] = {{0}, {1, 1, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}};
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    for (size_t o = 0; o < sizeof others / sizeof others[0] + 1; o++) {
      uint32_t arch = o < sizeof others / sizeof others[0] ? others[o] : arches[1 - a];
      for (uint32_t n = 0; n < 4096; n++)
        for (size_t p = 0; p < 3; p++)
          if (verdict(&f, arch, n, patterns[p], NULL) != SECCOMP_RET_KILL_PROCESS)
            ck_abort_msg("arch %08x number %u passes", arch, n);
    }
  }
}
END_TEST

START_TEST(the_architecture_is_checked_before_anything_else) {
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    ck_assert_uint_eq(f.code[0].code, BPF_LD | BPF_W | BPF_ABS);
    ck_assert_uint_eq(f.code[0].k, offsetof(struct seccomp_data, arch));
    ck_assert_uint_eq(f.code[1].code, BPF_JMP | BPF_JEQ | BPF_K);
    ck_assert_uint_eq(f.code[1].k, arches[a]);
  }
}
END_TEST

/* An instruction that no input reaches would be one that nobody has tested. */
START_TEST(every_instruction_of_the_filter_is_reached) {
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    uint8_t visited[POLICY_FILTER_MAX] = {0};
    static const uint64_t zero[6] = {0};
    for (uint32_t n = 0; n < 1024; n++) check_patterns(&f, arches[a], n, visited);
    verdict(&f, arches[a], X32_BIT, zero, visited);
    verdict(&f, 0, 0, zero, visited);
    for (uint32_t i = 0; i < f.count; i++) ck_assert_msg(visited[i], "instruction %u is never reached", i);
  }
}
END_TEST

/* The test above can fail: with one comparison of a high half taken out, a
 * value that differs only there passes. */
START_TEST(a_filter_that_compares_only_low_halves_is_found_out) {
  PolicyFilter f = built(AUDIT_ARCH_X86_64);
  static const uint64_t smuggled[6] = {UINT64_C(0x100000000), 0, 0, 0, 0, 0};
  uint32_t read_number = (uint32_t)policy_seccomp_number(AUDIT_ARCH_X86_64, "read");
  ck_assert_uint_eq(verdict(&f, AUDIT_ARCH_X86_64, read_number, smuggled, NULL), SECCOMP_RET_KILL_PROCESS);
  bool broke_one = false;
  for (uint32_t i = 0; i + 1 < f.count && !broke_one; i++)
    if (f.code[i].code == (BPF_LD | BPF_W | BPF_ABS) && f.code[i].k == offsetof(struct seccomp_data, args) + 4) {
      f.code[i + 1].jf = f.code[i + 1].jt;
      broke_one = true;
    }
  ck_assert(broke_one);
  ck_assert_uint_eq(verdict(&f, AUDIT_ARCH_X86_64, read_number, smuggled, NULL), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(the_allow_list_has_at_most_five_names) {
  const SyscallRow *row;
  const char *last = "";
  int names = 0;
  for (size_t i = 0; (row = policy_seccomp_row(i)) != NULL; i++) {
    if (strcmp(row->name, last) != 0) names++;
    last = row->name;
    ck_assert(row->why[0] != '\0');
  }
  ck_assert_int_le(names, 5);
}
END_TEST

static void read_golden(const char *name, char *text, size_t capacity) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/tests/golden/%s", FERROUS_TEST_SOURCE_DIR, name);
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "cannot open %s", path);
  size_t n = fread(text, 1, capacity - 1, file);
  text[n] = '\0';
  fclose(file);
}

START_TEST(the_program_is_the_one_that_was_reviewed) {
  char now[8192], golden[8192];
  for (size_t a = 0; a < 2; a++) {
    PolicyFilter f = built(arches[a]);
    ck_assert_uint_lt(policy_bpf_print(f.code, f.count, now, sizeof now), sizeof now);
    if (getenv("FERROUS_PRINT_GOLDEN") != NULL) printf("--- %s\n%s", golden_names[a], now);
    read_golden(golden_names[a], golden, sizeof golden);
    ck_assert_msg(strcmp(now, golden) == 0, "%s differs; now:\n%s", golden_names[a], now);
  }
}
END_TEST

START_TEST(an_unknown_architecture_is_refused) {
  PolicyFilter f;
  ck_assert_int_eq(policy_seccomp_build(AUDIT_ARCH_I386, &f), ST_UNSUPPORTED);
  ck_assert_int_eq(policy_seccomp_number(AUDIT_ARCH_X86_64, "no_such_call"), -1);
  ck_assert_int_eq(policy_seccomp_number(AUDIT_ARCH_I386, "read"), -1);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("policy/seccomp");
  TCase *tc = tcase_create("filter");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, exactly_the_rows_pass_for_every_number_and_boundary_argument);
  tcase_add_test(tc, numbers_of_the_future_and_negative_ones_are_killed);
  tcase_add_test(tc, every_number_with_the_x32_bit_is_killed);
  tcase_add_test(tc, every_other_architecture_is_killed_whatever_the_number);
  tcase_add_test(tc, the_architecture_is_checked_before_anything_else);
  tcase_add_test(tc, every_instruction_of_the_filter_is_reached);
  tcase_add_test(tc, a_filter_that_compares_only_low_halves_is_found_out);
  tcase_add_test(tc, the_allow_list_has_at_most_five_names);
  tcase_add_test(tc, the_program_is_the_one_that_was_reviewed);
  tcase_add_test(tc, an_unknown_architecture_is_refused);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
