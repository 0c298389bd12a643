/* SPDX-License-Identifier: BSD-2-Clause */
/* test_chain - which instructions take an operand from the one before, and what they still say. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"
#include "vm/compile/verify.h"
#include "vm/run/chain.h"

/* The opcode that the instruction behind the first `first` of the main function gets, and what it reads as. */
static uint32_t behind(const char *source, Opcode first, Opcode *ret_plain) {
  Module *module = (Module *)(uintptr_t)compile_text(source);
  ck_assert_msg(module != NULL, "%s", error.text);
  vm_chain_module(module);
  const Word *code = code_of(module, 0);
  for (uint32_t pc = 0; pc < module_proto(module, 0)->code_words; pc += 1u + vm_opcode_info[word_op(code[pc])].extra) {
    if (word_op(code[pc]) != first) continue;
    Word next = code[pc + 1 + vm_opcode_info[first].extra];
    *ret_plain = word_op(next);
    return next & 0xff;
  }
  ck_abort_msg("no %s in %s", vm_opcode_info[first].name, source);
  return 0;
}

START_TEST(an_operand_that_was_just_computed_is_taken_from_there) {
  static const struct {
    const char *source;
    Opcode first, second;
    uint32_t code;
  } rows[] = {
      {"local a, b, c = ... return (a + b) * c", OP_ADD_RR, OP_MUL_RR, WORD_LEFT + 2},
      {"local a, b, c = ... return c - a / b", OP_DIV_RR, OP_SUB_RR, WORD_CHAINED | OP_SUB_RR},
      {"local a = ... return a * 3 % 7", OP_MUL_RK, OP_MOD_RK, WORD_CHAINED | OP_MOD_RK},
      {"local a = ... return 7 / (3 - a)", OP_SUB_KR, OP_DIV_KR, WORD_CHAINED | OP_DIV_KR},
      {"local a, b = ... a = a + b return a", OP_ADD_RR, OP_RETURN1, WORD_CHAINED | OP_RETURN1},
      {"local a, b = ... return (b[a + 1])", OP_ADD_RK, OP_GETINDEX_R, WORD_CHAINED | OP_GETINDEX_R},
      {"local a, b = ... if not (a + 1 < b) then return 1 end", OP_ADD_RK, OP_LT_RR, WORD_CHAINED | OP_LT_RR},
      {"local a, b = ... if a + 1 < b then return 1 end", OP_ADD_RK, OP_NLT_RR, WORD_CHAINED | OP_NLT_RR},
      {"local a, b = ... return b[a] * 2", OP_GETINDEX_R, OP_MUL_RK, WORD_CHAINED | OP_MUL_RK},
      {"local a, b = ... if a < b.x then return 1 end", OP_GETFIELD, OP_NLT_RR, OP_NLT_RR},
      {"local a, b = ... return a - b.x", OP_GETFIELD, OP_SUB_RR, WORD_CHAINED | OP_SUB_RR},
      {"local s = 0 for i = 1, 3 do s = s + i end", OP_ADD_RR, OP_FORLOOP, WORD_CHAINED | OP_FORLOOP},
      {"local s = 0 for i = 1, 3 do local t = i - s s = t * 2 end", OP_MUL_RK, OP_FORLOOP, WORD_CHAINED | OP_FORLOOP},
      {"local a, b = ... if 2 <= a % b then return 1 end", OP_MOD_RR, OP_NLE_KR, WORD_CHAINED | OP_NLE_KR},
  };
  open_large_scratch();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Opcode plain;
    uint32_t code = behind(rows[i].source, rows[i].first, &plain);
    ck_assert_msg(code == rows[i].code, "%s: %#x, wanted %#x", rows[i].source, code, rows[i].code);
    ck_assert_msg(plain == rows[i].second, "%s: reads as %d", rows[i].source, plain);
  }
  close_scratch();
}
END_TEST

START_TEST(any_other_instruction_keeps_its_opcode) {
  static const struct {
    const char *source;
    Opcode first;
  } rows[] = {
      {"local a, b, c = ... local x = a + b return a * c", OP_ADD_RR},
      {"local a, b = ... b = b + 1 return a", OP_ADD_RK},
      {"for i = 1, 3 do i = i + 1 end", OP_ADD_RK},
      {"local s, t = 0, 1 for i = 1, 3 do t = t + i s = s - i end", OP_SUB_RR},
      {"local s = 0 for i = 1, 3 do if i > 2 then s = s + 1 end end", OP_ADD_RK},
      {"local a, b = ... b = b ^ 2 return b", OP_POW_RK},
      {"local a, b = ... a = a + 1 b = a", OP_ADD_RK},
  };
  open_large_scratch();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Opcode plain;
    uint32_t code = behind(rows[i].source, rows[i].first, &plain);
    ck_assert_msg(code == (uint32_t)plain, "%s: %#x", rows[i].source, code);
  }
  close_scratch();
}
END_TEST

START_TEST(code_from_outside_may_not_be_chained) {
  open_large_scratch();
  Module *module = (Module *)(uintptr_t)compile_text("local a, b, c = ... return (a + b) * c");
  VerifyReport report = {0};
  ck_assert(vm_verify_module(module, &scratch, &report));
  vm_chain_module(module);
  ck_assert(!vm_verify_module(module, &scratch, &report));
  close_scratch();
}
END_TEST

SUITE("chain", an_operand_that_was_just_computed_is_taken_from_there, any_other_instruction_keeps_its_opcode,
      code_from_outside_may_not_be_chained)
