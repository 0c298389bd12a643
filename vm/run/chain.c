/* SPDX-License-Identifier: BSD-2-Clause */
/* chain - see chain.h. */
#include "vm/run/chain.h"

#include "vm/compile/opcode.h"

enum { FORM_RR, FORM_RK, FORM_KR, FORMS }; /* in the order of the rows of opcodes.def */

static bool computes(Opcode op) { return op >= OP_ADD_RR && op <= OP_MOD_KR; }

static bool compares(Opcode op) { return op >= OP_LT_RR && op <= OP_NLE_KR; }

/* The chained opcode of `w` when one of its operands is register `made`, else its own. */
static uint32_t chained_opcode(Word w, uint32_t made) {
  Opcode op = word_op(w);
  bool left = word_b(w) == made, right = word_c(w) == made;
  uint32_t chained = op | WORD_CHAINED;
  if (op == OP_RETURN1) return word_a(w) == made ? chained : op;
  if (op == OP_GETINDEX_R) return right ? chained : op;
  if (computes(op)) {
    uint32_t operation = (uint32_t)(op - OP_ADD_RR) / FORMS, form = (uint32_t)(op - OP_ADD_RR) % FORMS;
    if (form == FORM_RK) return left ? chained : op;
    if (right) return chained;
    return form == FORM_RR && left ? WORD_LEFT + operation : op;
  }
  if (compares(op)) return ((op - OP_LT_RR) % FORMS == FORM_KR ? right : left) ? chained : op;
  return op;
}

/* Whether the handlers of an opcode hand its result on. */
static bool hands_on(Opcode op) { return computes(op) || op == OP_GETINDEX_R || op == OP_GETFIELD; }

/* What is computed just before the end of a numeric for goes to the loop's first instruction,
 * which FORPREP stands before: no other instruction falls through to it. */
static void chain_loop(Word *code, uint32_t pc, uint32_t made) {
  Word loop = code[pc];
  Word *first = &code[(int64_t)pc + 1 + word_sd(loop)];
  if (first < code + 2 || word_op(first[-2]) != OP_FORPREP) return;
  if (made >= word_a(loop) && made <= word_a(loop) + 3) return; /* FORLOOP sets it itself */
  uint32_t opcode = *first & 0xff, chained = chained_opcode(*first, made);
  if (opcode != word_op(*first) || chained == opcode) return;
  *first = (*first & ~(Word)0xff) | chained;
  code[pc] = loop | WORD_CHAINED;
}

static void chain_code(Word *code, uint32_t words) {
  uint32_t size;
  for (uint32_t pc = 0; pc < words; pc += size) {
    Opcode op = word_op(code[pc]);
    size = 1u + vm_opcode_info[op].extra;
    if (!hands_on(op) || pc + size >= words) continue;
    Word next = code[pc + size];
    if (word_op(next) == OP_FORLOOP) {
      chain_loop(code, pc + size, word_a(code[pc]));
      continue;
    }
    code[pc + size] = (next & ~(Word)0xff) | chained_opcode(next, word_a(code[pc]));
  }
}

void vm_chain_module(Module *module) {
  for (uint32_t p = 0; p < module->proto_count; p++) {
    const Proto *proto = module_proto(module, p);
    chain_code((Word *)(void *)((char *)module + proto->code), proto->code_words);
  }
}
