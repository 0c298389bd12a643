/* SPDX-License-Identifier: BSD-2-Clause */
/* test_verifier - a module that breaks a rule is refused. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"
#include "vm/compile/verify.h"

static const char everything[] =
    "local a, b = {1, x = 'y', [2.5] = true}, ... a.x, a[1], a[b] = a[300], b.c, a[2]\n"
    "for i = 1, 10 do if i > 5 then break elseif i == 3 then a = i else b[i] = i end end\n"
    "for k, v in pairs(a) do print(k, v, ...) end while a and b or c do a = nil end\n"
    "repeat local z = 1 local function g() z = z + 1 return g() end until z\n"
    "local shared, copied = 1, 2 local function h(...) shared = shared + copied return h(...), ... end\n"
    "t.a.b:d(1, 2, ...) t[1], t.x = f() c = a .. b .. 1 d = 1 / 0 e = not -#a f = 1 < 2\n"
    "return {f(), h(h)}, function(p, ...) return arg, copied, shared end, f(...)";

static Module *module; /* a copy that tests may change */
static VerifyReport report;

static void compile_everything(void) {
  open_large_scratch();
  const Module *compiled = compile_bytes(everything, sizeof everything - 1);
  ck_assert_msg(compiled != NULL, "%s", error.text);
  module = malloc(compiled->size);
  memcpy(module, compiled, compiled->size);
}

static void free_everything(void) {
  free(module);
  module = NULL;
  close_scratch();
}

static bool verifies(void) {
  memset(&report, 0, sizeof report);
  return vm_verify_module(module, &scratch, &report);
}

static Proto *proto(uint32_t i) { return (Proto *)(uintptr_t)module_proto(module, i); }
static Word *code(uint32_t i) { return (Word *)(uintptr_t)module_at(module, proto(i)->code); }

/* The first instruction `op` of function `i`. */
static Word *find(uint32_t i, Opcode op) {
  for (uint32_t pc = 0; pc < proto(i)->code_words; pc += 1u + vm_opcode_info[word_op(code(i)[pc])].extra)
    if (word_op(code(i)[pc]) == op) return &code(i)[pc];
  ck_abort_msg("no %s in function %u", vm_opcode_info[op].name, i);
  return NULL;
}

static Word with_op(Word w, Opcode op) { return (w & ~(Word)0xff) | (Word)op; }
static Word with_a(Word w, uint32_t a) { return (w & ~(Word)0xff00) | a << 8; }
static Word with_b(Word w, uint32_t b) { return (w & ~(Word)0xff0000) | b << 16; }
static Word with_c(Word w, uint32_t c) { return (w & 0xffffff) | c << 24; }

START_TEST(what_the_compiler_makes_verifies) {
  ck_assert_msg(verifies(), "%s at %u of %u", report.problem, report.pc, report.proto);
}
END_TEST

typedef struct {
  Opcode op;
  char field; /* what to change: o a b c d, w the word behind */
  uint32_t value;
  const char *problem;
} Fault;

static void plant(const Fault *fault, Word *word) {
  switch (fault->field) {
    case 'o': *word = with_op(*word, (Opcode)fault->value); break;
    case 'a': *word = with_a(*word, fault->value); break;
    case 'b': *word = with_b(*word, fault->value); break;
    case 'c': *word = with_c(*word, fault->value); break;
    case 'd': *word = word_ad(word_op(*word), word_a(*word), fault->value); break;
    default: word[1] = fault->value;
  }
}

START_TEST(a_planted_fault_is_found) {
  static const Fault faults[] = {
      {OP_MOVE, 'a', 250, "register outside the frame"},
      {OP_MOVE, 'b', 250, "register outside the frame"},
      {OP_MOVE, 'c', 1, "unused operand is not 0"},
      {OP_MOVE, 'o', 255, "no such instruction"},
      {OP_MOVE, 'o', OP_CLOSE, "unused operand is not 0"},
      {OP_LOADK, 'd', 60000, "no such constant"},
      {OP_GETGLOBAL, 'd', 60000, "no such constant"},
      {OP_GETGLOBAL, 'd', 0, "constant is no string"},
      {OP_GETFIELD, 'c', 0, "constant is no string"},
      {OP_GETFIELD, 'w', 20, "cache between nodes"},
      {OP_SETGLOBAL, 'w', 25, "cache between nodes"},
      {OP_SELF, 'w', 1, "cache between nodes"},
      {OP_GETFIELD, 'c', 255, "no such constant"},
      {OP_GETINDEX_K, 'c', 1, "constant is a string"},
      {OP_GETINDEX_I, 'c', 0, "index 0"},
      {OP_SETFIELD_K, 'b', 0, "constant is no string"},
      {OP_SETLIST, 'b', 0, "empty batch"},
      {OP_SETLIST, 'b', 240, "register outside the frame"},
      {OP_SETLIST, 'w', 0, "empty batch"},
      {OP_SETLIST, 'o', OP_SETLISTM, "no open top"},
      {OP_ARITH_KK, 'w', 6, "no such operator"},
      {OP_CMP_KK, 'a', 6, "no such comparison"},
      {OP_CONCAT, 'b', 200, "register outside the frame"},
      {OP_CONCAT, 'c', 0, "empty range"},
      {OP_NE_RK, 'c', 255, "no such constant"},
      {OP_NLT_KR, 'o', OP_MOVE, "unused operand is not 0"},
      {OP_FORPREP, 'w', 1, "for without its end"},
      {OP_FORPREP, 'w', 100000, "jump to no instruction"},
      {OP_FORPREP, 'a', 0, "for without its end"},
      {OP_FORLOOP, 'a', 249, "for without its end"},
      {OP_FORLOOP, 'd', 0x8000, "jump before the code"},
      {OP_TFORLOOP, 'c', 0, "no variables"},
      {OP_TFORLOOP, 'c', 250, "register outside the frame"},
      {OP_CALL, 'b', 0, "no function"},
      {OP_CALL, 'b', 255, "register outside the frame"},
      {OP_CALL, 'c', 255, "register outside the frame"},
      {OP_CALL, 'c', 0, "open top not used"},
      {OP_CALLM, 'o', OP_CALL, "open top not used"},
      {OP_CALLM, 'a', 200, "open top below the list"},
      {OP_CLOSURE, 'd', 0, "no such function"},
      {OP_CLOSURE, 'd', 99, "no such function"},
      {OP_RETURNC, 'o', OP_RETURNM, "closes in a function without references, or does not in one with"},
      {OP_CLOSE, 'b', 1, "unused operand is not 0"},
      {OP_TEST_F, 'a', 250, "register outside the frame"},
      {OP_NEWTABLE, 'a', 250, "register outside the frame"},
  };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    const Fault *fault = &faults[i];
    Word *word = find(0, fault->op), saved[2] = {word[0], word[1]};
    plant(fault, word);
    ck_assert_msg(!verifies(), "%s %c accepted", vm_opcode_info[fault->op].name, fault->field);
    ck_assert_msg(strcmp(report.problem, fault->problem) == 0, "%s %c: %s", vm_opcode_info[fault->op].name, fault->field, report.problem);
    word[0] = saved[0];
    word[1] = saved[1];
  }
  ck_assert(verifies());
}
END_TEST

START_TEST(jumps_must_reach_instructions) {
  Word *jump = find(0, OP_JMP), saved = *jump;
  static const int32_t distances[] = {-100000, 100000, 0x7fffff, -0x800000};
  for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
    *jump = word_jump(OP_JMP, distances[i]);
    ck_assert_msg(!verifies(), "%d", distances[i]);
    *jump = saved;
  }
  /* Back, where nothing would ever look at the budget. */
  *jump = word_jump(OP_JMP, -1);
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "jump back without a look at the budget");
  /* Into the middle of an instruction: the word behind a NEWTABLE. */
  int32_t middle = (int32_t)(find(0, OP_NEWTABLE) + 1 - (jump + 1));
  *jump = word_jump(OP_LOOP, middle);
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "jump to no instruction");
}
END_TEST

START_TEST(nothing_may_jump_between_an_open_top_and_its_use) {
  Word *use = find(0, OP_CALLM), *jump = find(0, OP_JMP), saved = *jump;
  *jump = word_jump(OP_LOOP, (int32_t)(use - (jump + 1)));
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "jump to an open top");
  *jump = saved;
  ck_assert(verifies());
}
END_TEST

START_TEST(the_code_must_not_fall_off_its_end) {
  Word *last = &code(0)[proto(0)->code_words - 1];
  *last = word_abc(OP_MOVE, 0, 0, 0);
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "the end falls through");
  *last = word_abc(OP_NEWTABLE, 0, 0, 0);
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "instruction cut off");
}
END_TEST

START_TEST(a_test_must_be_followed_by_a_jump) {
  Word *test = find(0, OP_NLT_KR);
  test[1] = word_abc(OP_MOVE, 0, 0, 0);
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "test without its jump");
}
END_TEST

START_TEST(the_block_must_hold_all_that_it_names) {
  Module whole = *module;
  Proto first = *proto(0);
  module->size -= 4;
  ck_assert(!verifies());
  *module = whole;
  module->protos = whole.size;
  ck_assert(!verifies());
  *module = whole;
  module->proto_count = 0;
  ck_assert(!verifies());
  module->proto_count = UINT32_MAX;
  ck_assert(!verifies());
  *module = whole;
  module->chunk_name.length = UINT32_MAX;
  ck_assert(!verifies());
  *module = whole;
  module->constant_total++;
  ck_assert(!verifies());
  *module = whole;
  uint32_t *const fields[] = {&proto(0)->code,          &proto(0)->code_words, &proto(0)->lines,      &proto(0)->constants,
                              &proto(0)->constant_count, &proto(0)->captures,   &proto(0)->upvalue_names, &proto(0)->locals,
                              &proto(0)->local_count};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (fields[i] == &proto(0)->captures || fields[i] == &proto(0)->upvalue_names) continue; /* none: checked below */
    *fields[i] = UINT32_MAX - 7;
    ck_assert_msg(!verifies(), "field %zu", i);
    *proto(0) = first;
  }
  ck_assert(verifies());
}
END_TEST

START_TEST(captures_must_name_what_exists) {
  uint32_t child = 0;
  while (proto(child)->upvalue_count == 0) child++;
  Capture *capture = (Capture *)(uintptr_t)module_at(module, proto(child)->captures), saved = *capture;
  static const Capture wrong[] = {{CAPTURE_VALUE, 250}, {CAPTURE_REFERENCE, 250}, {CAPTURE_UPVALUE, 60}, {CAPTURE_SELF, 250}, {4, 0}, {255, 0}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    *capture = wrong[i];
    ck_assert_msg(!verifies(), "capture %zu", i);
  }
  /* By value where code reads by reference, or the other way. */
  *capture = (Capture){saved.kind == CAPTURE_REFERENCE ? CAPTURE_VALUE : CAPTURE_REFERENCE, saved.index};
  ck_assert(!verifies());
  ck_assert_str_eq(report.problem, "upvalue captured the other way");
  *capture = saved;
  proto(child)->captures = module->size;
  ck_assert(!verifies());
}
END_TEST

START_TEST(flags_and_sizes_must_agree_with_the_code) {
  Proto first = *proto(0);
  proto(0)->flags &= (uint8_t)~PROTO_HAS_REFERENCE;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(0)->flags &= (uint8_t)~PROTO_VARARG;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(0)->flags |= 8;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(0)->stack_size = 1;
  ck_assert(!verifies());
  proto(0)->stack_size = 251;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(0)->stack_size--;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(0)->upvalue_count = 1;
  ck_assert(!verifies());
  *proto(0) = first;
  proto(1)->parent = 1;
  ck_assert(!verifies());
}
END_TEST

START_TEST(constants_must_lie_in_the_module) {
  Constant *k = (Constant *)(uintptr_t)constants_of(module, 0);
  while (k->kind != CONSTANT_STRING) k++;
  Constant saved = *k;
  k->as.string.offset = module->size;
  ck_assert(!verifies());
  *k = saved;
  k->as.string.length = module->size;
  ck_assert(!verifies());
  *k = saved;
  k->kind = 7;
  ck_assert(!verifies());
}
END_TEST

START_TEST(random_damage_never_makes_the_verifier_read_outside) {
  /* The sanitizers of the dev preset are the judge. */
  uint64_t seed = 88172645463325252u;
  size_t words = module->size / 4, refused = 0;
  uint32_t *raw = (uint32_t *)module;
  uint32_t size = module->size;
  for (int round = 0; round < 20000; round++) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    size_t at = seed % words;
    uint32_t saved = raw[at];
    raw[at] ^= (uint32_t)(seed >> 32) >> (seed >> 16) % 32;
    if (module->size <= size) refused += !verifies();
    raw[at] = saved;
  }
  ck_assert_uint_gt(refused, 5000);
  ck_assert(verifies());
}
END_TEST

START_TEST(verifying_gives_its_scratch_back) {
  size_t used = scratch.used;
  ck_assert(verifies());
  ck_assert_uint_eq(scratch.used, used);
  scratch.size = scratch.used;
  ck_assert(!verifies());
  ck_assert(report.memory);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("verifier");
  TCase *c = tcase_create("verifier");
  tcase_add_checked_fixture(c, compile_everything, free_everything);
  tcase_set_timeout(c, 60);
  tcase_add_test(c, what_the_compiler_makes_verifies);
  tcase_add_test(c, a_planted_fault_is_found);
  tcase_add_test(c, jumps_must_reach_instructions);
  tcase_add_test(c, nothing_may_jump_between_an_open_top_and_its_use);
  tcase_add_test(c, the_code_must_not_fall_off_its_end);
  tcase_add_test(c, a_test_must_be_followed_by_a_jump);
  tcase_add_test(c, the_block_must_hold_all_that_it_names);
  tcase_add_test(c, captures_must_name_what_exists);
  tcase_add_test(c, flags_and_sizes_must_agree_with_the_code);
  tcase_add_test(c, constants_must_lie_in_the_module);
  tcase_add_test(c, random_damage_never_makes_the_verifier_read_outside);
  tcase_add_test(c, verifying_gives_its_scratch_back);
  suite_add_tcase(suite, c);
  return suite;
}

CHECK_MAIN(make_suite)
