/* SPDX-License-Identifier: BSD-2-Clause */
/* lower - see the header.
 *
 * Every draft instruction becomes one of ours, chosen by what its operands are.
 * What closures of by-value captures do not need is left out: CLOSE where no local
 * is captured by reference.  A jump counts in words; one forwards is written when
 * its target's place is known.
 */
#include "vm/compile/lower.h"

typedef struct {
  Generator *g;
  Word *words;
  uint32_t *lines; /* one per word */
  uint32_t count;
  uint32_t line; /* of the draft being lowered */
  int at;        /* the draft being lowered */
  bool has_reference;
} Lowering;

static void put(Lowering *l, Word word) {
  l->lines[l->count] = l->line;
  l->words[l->count++] = word;
}

static bool is_constant(int operand) {
  return operand >= DRAFT_CONSTANT;
}
static uint32_t index_of(int operand) {
  return (uint32_t)operand & 255;
}

static const Slot *constant_at(const Lowering *l, int operand) {
  return slot_at(l->g, l->g->frame->slot_base + index_of(operand));
}

static bool is_string(const Lowering *l, int operand) {
  return is_constant(operand) && constant_at(l, operand)->kind == CONSTANT_STRING;
}

/* The small integer that a constant is, 1 to 255, or 0. */
static uint32_t small_integer(const Lowering *l, int operand) {
  if (!is_constant(operand)) return 0;
  const Slot *slot = constant_at(l, operand);
  if (slot->kind != CONSTANT_NUMBER || !(slot->number >= 1 && slot->number <= 255)) return 0;
  uint32_t n = (uint32_t)slot->number;
  return (double)n == slot->number ? n : 0;
}

/* --- Constants and tables --- */

/* An instruction whose D names a constant, or its X form with a word. */
static void put_wide(Lowering *l, Opcode op, Opcode wide, const Draft *d, bool cache) {
  uint32_t number = (uint32_t)d->x;
  if (number > UINT16_MAX) {
    put(l, word_abc(wide, d->a, 0, 0));
    put(l, number);
  } else {
    put(l, word_ad(op, d->a, number));
    if (cache) put(l, 0);
  }
}

static void put_get_table(Lowering *l, const Draft *d) {
  uint32_t n = small_integer(l, d->c);
  if (is_string(l, d->c)) {
    put(l, word_abc(OP_GETFIELD, d->a, d->b, index_of(d->c)));
    put(l, 0);
  } else if (n > 0) {
    put(l, word_abc(OP_GETINDEX_I, d->a, d->b, n));
  } else {
    Opcode op = is_constant(d->c) ? OP_GETINDEX_K : OP_GETINDEX_R;
    put(l, word_abc(op, d->a, d->b, index_of(d->c)));
  }
}

static void put_set_table(Lowering *l, const Draft *d) {
  bool constant = is_constant(d->c);
  uint32_t key = index_of(d->b), value = index_of(d->c);
  if (is_string(l, d->b)) {
    put(l, word_abc(constant ? OP_SETFIELD_K : OP_SETFIELD_R, d->a, key, value));
    put(l, 0);
  } else if (!is_constant(d->b)) {
    put(l, word_abc(constant ? OP_SETINDEX_RK : OP_SETINDEX_RR, d->a, key, value));
  } else if (constant) {
    put(l, word_abc(OP_SETINDEX_KK, d->a, key, value));
  } else if (small_integer(l, d->b) > 0) {
    put(l, word_abc(OP_SETINDEX_IR, d->a, small_integer(l, d->b), value));
  } else {
    put(l, word_abc(OP_SETINDEX_KR, d->a, key, value));
  }
}

static void put_self(Lowering *l, const Draft *d) {
  if (!is_constant(d->c)) {
    put(l, word_abc(OP_SELF_R, d->a, d->b, d->c));
    return;
  }
  put(l, word_abc(OP_SELF, d->a, d->b, index_of(d->c)));
  put(l, 0);
  put(l, UINT32_MAX); /* any string key of the object could be it, until its bit is known */
  put(l, 0);
}

static void put_setlist(Lowering *l, const Draft *d) {
  put(l, d->b == 0 ? word_abc(OP_SETLISTM, d->a, 0, 0) : word_abc(OP_SETLIST, d->a, d->b, 0));
  if (d->c > 0) put(l, d->c); /* else a DRAFT_NUMBER follows */
}

/* --- Arithmetic and tests --- */

typedef struct {
  Opcode rr, rk, kr;
} Forms;

static const Forms arithmetic_forms[] = {
    [DRAFT_ADD] = {OP_ADD_RR, OP_ADD_RK, OP_ADD_KR},
    [DRAFT_SUB] = {OP_SUB_RR, OP_SUB_RK, OP_SUB_KR},
    [DRAFT_MUL] = {OP_MUL_RR, OP_MUL_RK, OP_MUL_KR},
    [DRAFT_DIV] = {OP_DIV_RR, OP_DIV_RK, OP_DIV_KR},
    [DRAFT_MOD] = {OP_MOD_RR, OP_MOD_RK, OP_MOD_KR},
    [DRAFT_POW] = {OP_POW_RR, OP_POW_RK, OP_POW_KR},
};

static const Forms true_forms[] = {
    [DRAFT_EQ] = {OP_EQ_RR, OP_EQ_RK, OP_EQ_RK},
    [DRAFT_LT] = {OP_LT_RR, OP_LT_RK, OP_LT_KR},
    [DRAFT_LE] = {OP_LE_RR, OP_LE_RK, OP_LE_KR},
};

static const Forms false_forms[] = {
    [DRAFT_EQ] = {OP_NE_RR, OP_NE_RK, OP_NE_RK},
    [DRAFT_LT] = {OP_NLT_RR, OP_NLT_RK, OP_NLT_KR},
    [DRAFT_LE] = {OP_NLE_RR, OP_NLE_RK, OP_NLE_KR},
};

static Opcode choose(Forms forms, int b, int c) {
  return is_constant(b) ? forms.kr : is_constant(c) ? forms.rk : forms.rr;
}

static void put_arithmetic(Lowering *l, const Draft *d) {
  if (is_constant(d->b) && is_constant(d->c)) {
    put(l, word_abc(OP_ARITH_KK, d->a, index_of(d->b), index_of(d->c)));
    put(l, (Word)(d->op - DRAFT_ADD));
  } else {
    put(l, word_abc(choose(arithmetic_forms[d->op], d->b, d->c), d->a, index_of(d->b),
                    index_of(d->c)));
  }
}

/* A jump follows, taken when the comparison's outcome is A. */
static void put_comparison(Lowering *l, const Draft *d) {
  int b = d->b, c = d->c;
  if (is_constant(b) && is_constant(c)) {
    uint32_t relation = (uint32_t)(d->op - DRAFT_EQ) * 2 + !d->a;
    put(l, word_abc(OP_CMP_KK, relation, index_of(b), index_of(c)));
    return;
  }
  Opcode op = choose(d->a ? true_forms[d->op] : false_forms[d->op], b, c);
  if (d->op == DRAFT_EQ && is_constant(b)) { /* equality has no KR form */
    int swap = b;
    b = c;
    c = swap;
  }
  put(l, word_abc(op, 0, index_of(b), index_of(c)));
}

/* --- Jumps --- */

static bool is_far(const Lowering *l, const Draft *d) {
  /* Four words an instruction at most. */
  return (l->at - d->x) * 4 > INT16_MAX;
}

static void put_for_loop(Lowering *l, const Draft *d) {
  int32_t target = (int32_t)draft_at(l->g, d->x)->word;
  int32_t here = (int32_t)l->count;
  if (is_far(l, d)) {
    put(l, word_abc(OP_FORLOOPX, d->a, 0, 0));
    put(l, (Word)(target - (here + 2)));
  } else {
    put(l, word_ad(OP_FORLOOP, d->a, (uint32_t)(target - (here + 1))));
  }
}

static void put_jump(Lowering *l, const Draft *d) {
  if (d->x <= l->at) {
    int32_t target = (int32_t)draft_at(l->g, d->x)->word;
    put(l, word_jump(OP_LOOP, target - ((int32_t)l->count + 1)));
  } else {
    put(l, word_jump(OP_JMP, 0)); /* finished by fix_forward_jumps */
  }
}

static void fix_forward_jump(Lowering *l, const Draft *d, int at, uint32_t target) {
  Word *word = &l->words[d->word];
  if (d->op == DRAFT_FORPREP) {
    word[1] = target - (d->word + 2);
  } else if (d->x > at) {
    word[0] = word_jump(OP_JMP, (int32_t)(target - (d->word + 1)));
  }
}

static void fix_forward_jumps(Lowering *l, int count) {
  for (int i = 0; i < count; i++) {
    const Draft *d = draft_at(l->g, i);
    if (d->op != DRAFT_JMP && d->op != DRAFT_FORPREP) continue;
    VM_ASSERT(d->x >= 0 && d->x < count);
    fix_forward_jump(l, d, i, draft_at(l->g, d->x)->word);
  }
}

/* --- Calls and returns --- */

static void put_call(Lowering *l, const Draft *d) {
  if (d->b == 0)
    put(l, word_abc(OP_CALLM, d->a, 0, d->c));
  else
    put(l, word_abc(OP_CALL, d->a, d->b, d->c));
  put(l, 0);
}

static void put_tail_call(Lowering *l, const Draft *d) {
  if (d->b == 0)
    put(l, word_abc(OP_TAILCALLM, d->a, 0, 0));
  else
    put(l, word_abc(OP_TAILCALL, d->a, d->b, 0));
}

static void put_return(Lowering *l, const Draft *d) {
  if (l->has_reference)
    put(l, word_abc(OP_RETURNC, d->a, d->b, 0));
  else if (d->b == 0)
    put(l, word_abc(OP_RETURNM, d->a, 0, 0));
  else if (d->b == 1)
    put(l, word_abc(OP_RETURN0, 0, 0, 0));
  else if (d->b == 2)
    put(l, word_abc(OP_RETURN1, d->a, 0, 0));
  else
    put(l, word_abc(OP_RETURN, d->a, d->b, 0));
}

/* --- The pass --- */

static void put_closure(Lowering *l, const Draft *d) {
  put_wide(l, OP_CLOSURE, OP_CLOSUREX, d, true);
}

static void put_simple(Lowering *l, const Draft *d, Opcode op) {
  put(l, word_abc(op, d->a, d->b, d->c));
}

static void put_draft(Lowering *l, const Draft *d) {
  switch (d->op) {
    case DRAFT_MOVE: put_simple(l, d, OP_MOVE); break;
    case DRAFT_LOADK: put_wide(l, OP_LOADK, OP_LOADKX, d, false); break;
    case DRAFT_LOADBOOL: put_simple(l, d, OP_LOADBOOL); break;
    case DRAFT_LOADNIL: put_simple(l, d, OP_LOADNIL); break;
    case DRAFT_GETUPVAL: put_simple(l, d, OP_GETUPV); break;
    case DRAFT_GETGLOBAL: put_wide(l, OP_GETGLOBAL, OP_GETGLOBALX, d, true); break;
    case DRAFT_GETTABLE: put_get_table(l, d); break;
    case DRAFT_SETGLOBAL: put_wide(l, OP_SETGLOBAL, OP_SETGLOBALX, d, true); break;
    case DRAFT_SETUPVAL: put_simple(l, d, OP_SETUPR); break;
    case DRAFT_SETTABLE: put_set_table(l, d); break;
    case DRAFT_NEWTABLE: put_simple(l, d, OP_NEWTABLE), put(l, 0); break;
    case DRAFT_SELF: put_self(l, d); break;
    case DRAFT_ADD:
    case DRAFT_SUB:
    case DRAFT_MUL:
    case DRAFT_DIV:
    case DRAFT_MOD:
    case DRAFT_POW: put_arithmetic(l, d); break;
    case DRAFT_UNM: put_simple(l, d, OP_UNM); break;
    case DRAFT_NOT: put_simple(l, d, OP_NOT); break;
    case DRAFT_LEN: put_simple(l, d, OP_LEN); break;
    case DRAFT_CONCAT: put_simple(l, d, OP_CONCAT); break;
    case DRAFT_JMP: put_jump(l, d); break;
    case DRAFT_EQ:
    case DRAFT_LT:
    case DRAFT_LE: put_comparison(l, d); break;
    case DRAFT_TEST: put(l, word_abc(d->c ? OP_TEST_T : OP_TEST_F, d->a, 0, 0)); break;
    case DRAFT_TESTSET: put(l, word_abc(d->c ? OP_TESTSET_T : OP_TESTSET_F, d->a, d->b, 0)); break;
    case DRAFT_CALL: put_call(l, d); break;
    case DRAFT_TAILCALL: put_tail_call(l, d); break;
    case DRAFT_RETURN: put_return(l, d); break;
    case DRAFT_FORLOOP: put_for_loop(l, d); break;
    case DRAFT_FORPREP: put(l, word_abc(OP_FORPREP, d->a, 0, 0)), put(l, 0); break;
    case DRAFT_TFORLOOP: put_simple(l, d, OP_TFORLOOP), put(l, 0); break;
    case DRAFT_SETLIST: put_setlist(l, d); break;
    case DRAFT_NUMBER: put(l, (Word)d->x); break;
    case DRAFT_CLOSE:
      if (d->shared) put(l, word_abc(OP_CLOSE, d->a, 0, 0)); /* x links CLOSEs */
      break;
    case DRAFT_CLOSURE: put_closure(l, d); break;
    case DRAFT_VARARG: put_simple(l, d, OP_VARARG); break;
    default: break; /* DRAFT_CAPTURE stands in the function's captures */
  }
}

static const uint8_t most_words[DRAFT_COUNT_] = {
#define REFERENCE(name, format, test, words) [DRAFT_##name] = words,
#include "vm/compile/reference.def"
#undef REFERENCE
    [DRAFT_NUMBER] = 1,
};

static size_t most_words_of(const Generator *g, int count) {
  size_t most = 0;
  for (int i = 0; i < count; i++) most += most_words[draft_at(g, i)->op];
  return most;
}

/* Locals that the function declares before its first instruction. */
static void put_initial_nil(Lowering *l) {
  const Frame *frame = l->g->frame;
  l->line = frame->nil_line;
  if (frame->nil_end > 0)
    put(l, word_abc(OP_LOADNIL, (uint32_t)frame->nil_start, (uint32_t)frame->nil_end - 1, 0));
}

static void put_drafts(Lowering *l, int count) {
  for (l->at = 0; l->at < count; l->at++) {
    Draft *d = draft_at(l->g, l->at);
    l->line = d->line;
    d->word = l->count;
    put_draft(l, d);
  }
}

/* Gives back what words and lines did not need of their two blocks. */
static void shrink_blocks(Lowering *l, size_t most) {
  size_t size = ((size_t)l->count * sizeof(Word) + 7) & ~(size_t)7;
  uint32_t *lines = (uint32_t *)(void *)((char *)l->words + size);
  memmove(lines, l->lines, l->count * sizeof *lines);
  if (l->count % 2 != 0) l->words[l->count] = lines[l->count] = 0;
  vm_output_give(&l->g->output, 2 * (most - size));
}

static bool lower_code(Generator *g, Function *function) {
  Lowering l = {.g = g, .has_reference = g->frame->has_reference};
  size_t most = ((1 + most_words_of(g, g->frame->pc)) * sizeof(Word) + 7) & ~(size_t)7;
  Proto *proto = &function->proto;
  proto->code = (uint32_t)g->output.size;
  l.words = vm_output_take(&g->output, most);
  l.lines = vm_output_take(&g->output, most);
  if (!l.words || !l.lines) return false;
  put_initial_nil(&l);
  put_drafts(&l, g->frame->pc);
  fix_forward_jumps(&l, g->frame->pc);
  shrink_blocks(&l, most);
  function->words = l.words;
  proto->code_words = l.count;
  proto->lines = proto->code + (uint32_t)((l.count * sizeof(Word) + 7) & ~(size_t)7);
  return true;
}

static uint32_t word_of(const Generator *g, uint32_t pc, uint32_t word_count) {
  return pc < (uint32_t)g->frame->pc ? draft_at(g, pc)->word : word_count;
}

bool vm_lower_function(Generator *g) {
  Frame *frame = g->frame;
  Function *function = frame->function;
  if (!lower_code(g, function)) return false;
  function->proto.stack_size = (uint8_t)frame->stack_size;
  if (frame->has_reference) function->proto.flags |= PROTO_HAS_REFERENCE;
  for (Variable *v = function->first_variable; v; v = v->next) {
    v->start_pc = word_of(g, v->start_pc, function->proto.code_words);
    v->end_pc = word_of(g, v->end_pc, function->proto.code_words);
  }
  return true;
}
