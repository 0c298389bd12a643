/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bpf_sim - the simulator itself, against the meaning of each instruction. */
#include <check.h>
#include <string.h>

#include "tests/check_main.h"
#include "policy/bpf_sim.h"

typedef struct {
  const char *what;
  struct sock_filter code[6];
  size_t count;
  Status status;
  uint32_t verdict;
} Case;

#define RET_A BPF_STMT(BPF_RET | BPF_A, 0)
#define LD_IMM(v) BPF_STMT(BPF_LD | BPF_IMM, v)

static const Case cases[] = {
    {"returns a constant", {BPF_STMT(BPF_RET | BPF_K, 7)}, 1, ST_OK, 7},
    {"loads the number", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), RET_A}, 2, ST_OK, 42},
    {"loads a low half", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), RET_A}, 2, ST_OK, 0x55667788},
    {"loads a high half", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 20), RET_A}, 2, ST_OK, 0x11223344},
    {"loads the last word", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60), RET_A}, 2, ST_OK, 0},
    {"refuses a read past the end", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RET_A}, 2, ST_INVALID, 0},
    {"refuses an unaligned read", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RET_A}, 2, ST_INVALID, 0},
    {"refuses a far read", {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffffffc), RET_A}, 2, ST_INVALID, 0},
    {"refuses byte loads", {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RET_A}, 2, ST_INVALID, 0},
    {"refuses running off the end", {LD_IMM(1)}, 1, ST_INVALID, 0},
    {"refuses an empty program", {LD_IMM(1)}, 0, ST_INVALID, 0},
    {"refuses a jump past the end", {BPF_STMT(BPF_JMP | BPF_JA, 9), RET_A}, 2, ST_INVALID, 0},
    {"knows the length", {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RET_A}, 2, ST_OK, 64},
    {"adds", {LD_IMM(5), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 3), RET_A}, 3, ST_OK, 8},
    {"subtracts and wraps", {LD_IMM(0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), RET_A}, 3, ST_OK, 0xffffffff},
    {"masks", {LD_IMM(0xff), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3c), RET_A}, 3, ST_OK, 0x3c},
    {"shifts by 32 to zero", {LD_IMM(1), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET_A}, 3, ST_OK, 0},
    {"refuses division by zero", {LD_IMM(1), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET_A}, 3, ST_INVALID, 0},
    {"negates", {LD_IMM(1), BPF_STMT(BPF_ALU | BPF_NEG, 0), RET_A}, 3, ST_OK, 0xffffffff},
    {"keeps scratch", {LD_IMM(9), BPF_STMT(BPF_ST, 15), LD_IMM(0), BPF_STMT(BPF_LD | BPF_MEM, 15), RET_A}, 5, ST_OK, 9},
    {"refuses scratch word 16", {BPF_STMT(BPF_ST, 16), RET_A}, 2, ST_INVALID, 0},
    {"moves through X", {LD_IMM(6), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD_IMM(0), BPF_STMT(BPF_MISC | BPF_TXA, 0), RET_A}, 5, ST_OK, 6},
    {"compares unsigned", {LD_IMM(0x80000000), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1), BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}, 4, ST_OK, 1},
    {"takes the else branch", {LD_IMM(3), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 1), BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}, 4, ST_OK, 2},
    {"tests bits", {LD_IMM(6), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1), BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}, 4, ST_OK, 1},
};

START_TEST(each_instruction_means_what_the_kernel_means) {
  const struct seccomp_data data = {.nr = 42, .args = {UINT64_C(0x1122334455667788)}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint32_t verdict = 0;
    Status s = policy_bpf_run(cases[i].code, cases[i].count, &data, NULL, &verdict);
    ck_assert_msg(s == cases[i].status, "%s: status %d", cases[i].what, (int)s);
    if (s == ST_OK) ck_assert_msg(verdict == cases[i].verdict, "%s: %08x", cases[i].what, verdict);
  }
}
END_TEST

START_TEST(visited_marks_what_was_executed_and_nothing_else) {
  const struct seccomp_data data = {.nr = 1};
  const struct sock_filter code[] = {BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)};
  uint8_t visited[3] = {0};
  uint32_t verdict = 0;
  ck_assert_int_eq(policy_bpf_run(code, 3, &data, visited, &verdict), ST_OK);
  ck_assert(visited[0] == 1 && visited[1] == 0 && visited[2] == 1);
}
END_TEST

START_TEST(printing_says_how_much_room_it_needs) {
  const struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 20), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  char text[64], small[8];
  size_t need = policy_bpf_print(code, 2, text, sizeof text);
  ck_assert_str_eq(text, "  0  a = arg0.high\n  1  return allow\n");
  ck_assert_uint_eq(need, strlen(text));
  ck_assert_uint_eq(policy_bpf_print(code, 2, small, sizeof small), need);
  ck_assert_uint_eq(policy_bpf_print(code, 2, NULL, 0), need);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("policy/bpf_sim");
  TCase *tc = tcase_create("machine");
  tcase_add_test(tc, each_instruction_means_what_the_kernel_means);
  tcase_add_test(tc, visited_marks_what_was_executed_and_nothing_else);
  tcase_add_test(tc, printing_says_how_much_room_it_needs);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
