/* SPDX-License-Identifier: BSD-2-Clause */
/* reference - the listing in the reference compiler's instructions.
 *
 * Undoes vm/compile/lower.c: joins the forms of an instruction, writes constants as
 * negative operands, captures as the instructions after CLOSURE.
 */
#include "vm/compile/opcode.h"
#include "vm/inspect/disasm.h"
#include "vm/inspect/listing.h"

typedef struct {
  Listing l;
  const Module *module;
  const Proto *proto;
  const Word *code;
} Reference;

static const Constant *constants_of(const Reference *r) {
  return module_at(r->module, r->proto->constants);
}

static int64_t k(uint32_t number) { return -1 - (int64_t)number; }

/* The constant that a small integer was. */
static int64_t integer(const Reference *r, uint32_t n) {
  const Constant *constants = constants_of(r);
  for (uint32_t i = 0; i < r->proto->constant_count; i++) {
    if (constants[i].kind == CONSTANT_NUMBER && constants[i].as.number == n) return k(i);
  }
  return 0;
}

static void write_start(Reference *r, uint32_t pc, const char *name) {
  const uint32_t *lines = module_at(r->module, r->proto->lines);
  vm_listing_text(&r->l, "\t");
  vm_listing_number(&r->l, pc);
  vm_listing_text(&r->l, "\t[");
  vm_listing_number(&r->l, lines[pc]);
  vm_listing_text(&r->l, "]\t");
  vm_listing_padded(&r->l, name, 9);
  vm_listing_text(&r->l, "\t");
}

/* Writes an instruction with `count` operands. */
static void write(Reference *r, uint32_t pc, const char *name, int count, int64_t a, int64_t b,
                  int64_t c) {
  const int64_t operands[] = {a, b, c};
  write_start(r, pc, name);
  for (int i = 0; i < count; i++) {
    if (i > 0) vm_listing_text(&r->l, " ");
    vm_listing_number(&r->l, operands[i]);
  }
  vm_listing_text(&r->l, "\n");
}

static void write_captures(Reference *r, uint32_t pc, uint32_t function) {
  const Proto *child = module_proto(r->module, function);
  const Capture *c = module_at(r->module, child->captures);
  for (uint32_t i = 0; i < child->upvalue_count; i++)
    write(r, pc, c[i].kind == CAPTURE_UPVALUE ? "GETUPVAL" : "MOVE", 2, 0, c[i].index, 0);
}

/* Number of a function among its parent's. */
static uint32_t rank(const Reference *r, uint32_t function) {
  uint32_t n = 0, parent = module_proto(r->module, function)->parent;
  for (uint32_t i = 1; i < function; i++) n += module_proto(r->module, i)->parent == parent;
  return n;
}

static void write_closure(Reference *r, uint32_t pc, uint32_t function) {
  write(r, pc, "CLOSURE", 2, word_a(r->code[pc]), rank(r, function), 0);
  write_captures(r, pc, function);
}

static void write_setlist(Reference *r, uint32_t pc) {
  uint32_t batch = r->code[pc + 1];
  write_start(r, pc, "SETLIST");
  vm_listing_number(&r->l, word_a(r->code[pc]));
  vm_listing_text(&r->l, " ");
  vm_listing_number(&r->l, word_b(r->code[pc]));
  vm_listing_text(&r->l, " ");
  vm_listing_number(&r->l, batch > 511 ? 0 : batch);
  vm_listing_text(&r->l, "\t; ");
  vm_listing_number(&r->l, batch);
  vm_listing_text(&r->l, "\n");
}

static void write_arithmetic_kk(Reference *r, uint32_t pc) {
  static const char *const names[] = {"ADD", "SUB", "MUL", "DIV", "MOD", "POW"};
  Word w = r->code[pc];
  write(r, pc, names[r->code[pc + 1]], 3, word_a(w), k(word_b(w)), k(word_c(w)));
}

static void write_comparison_kk(Reference *r, uint32_t pc) {
  static const char *const names[] = {"EQ", "LT", "LE"};
  Word w = r->code[pc];
  write(r, pc, names[word_a(w) / 2], 3, !(word_a(w) & 1), k(word_b(w)), k(word_c(w)));
}

/* The forms whose operands follow a pattern. */
#define FORM(op, name, count, a, b, c) \
  case OP_##op: write(r, pc, name, count, a, b, c); return true;
#define ARITHMETIC(name)                      \
  FORM(name##_RR, #name, 3, a, b, c)          \
  FORM(name##_RK, #name, 3, a, b, k(c))       \
  FORM(name##_KR, #name, 3, a, k(b), c)
#define ORDER(name)                           \
  FORM(name##_RR, #name, 3, 1, b, c)          \
  FORM(name##_RK, #name, 3, 1, b, k(c))       \
  FORM(name##_KR, #name, 3, 1, k(b), c)       \
  FORM(N##name##_RR, #name, 3, 0, b, c)       \
  FORM(N##name##_RK, #name, 3, 0, b, k(c))    \
  FORM(N##name##_KR, #name, 3, 0, k(b), c)

static bool write_operator(Reference *r, uint32_t pc) {
  Word w = r->code[pc];
  int64_t a = word_a(w), b = word_b(w);
  uint32_t c = word_c(w);
#define k(x) k((uint32_t)(x))
  switch (word_op(w)) {
    ARITHMETIC(ADD)
    ARITHMETIC(SUB)
    ARITHMETIC(MUL)
    ARITHMETIC(DIV)
    ARITHMETIC(MOD)
    ARITHMETIC(POW)
    ORDER(LT)
    ORDER(LE)
    FORM(UNM, "UNM", 2, a, b, 0)
    FORM(NOT, "NOT", 2, a, b, 0)
    FORM(LEN, "LEN", 2, a, b, 0)
    FORM(CONCAT, "CONCAT", 3, a, b, c)
    FORM(EQ_RR, "EQ", 3, 1, b, c)
    FORM(EQ_RK, "EQ", 3, 1, b, k(c))
    FORM(NE_RR, "EQ", 3, 0, b, c)
    FORM(NE_RK, "EQ", 3, 0, b, k(c))
    FORM(TEST_T, "TEST", 2, a, 1, 0)
    FORM(TEST_F, "TEST", 2, a, 0, 0)
    FORM(TESTSET_T, "TESTSET", 3, a, b, 1)
    FORM(TESTSET_F, "TESTSET", 3, a, b, 0)
    default: return false;
  }
}

static bool write_data(Reference *r, uint32_t pc) {
  Word w = r->code[pc], word = r->code[pc + (pc + 1 < r->proto->code_words)];
  int64_t a = word_a(w), b = word_b(w), d = word_d(w);
  uint32_t c = word_c(w);
  switch (word_op(w)) {
    FORM(MOVE, "MOVE", 2, a, b, 0)
    FORM(LOADK, "LOADK", 2, a, k(d), 0)
    FORM(LOADKX, "LOADK", 2, a, k(word), 0)
    FORM(LOADBOOL, "LOADBOOL", 3, a, b, c)
    FORM(LOADNIL, "LOADNIL", 2, a, b, 0)
    FORM(GETUPV, "GETUPVAL", 2, a, b, 0)
    FORM(GETUPR, "GETUPVAL", 2, a, b, 0)
    FORM(SETUPR, "SETUPVAL", 2, a, b, 0)
    FORM(GETGLOBAL, "GETGLOBAL", 2, a, k(d), 0)
    FORM(GETGLOBALX, "GETGLOBAL", 2, a, k(word), 0)
    FORM(SETGLOBAL, "SETGLOBAL", 2, a, k(d), 0)
    FORM(SETGLOBALX, "SETGLOBAL", 2, a, k(word), 0)
    FORM(GETFIELD, "GETTABLE", 3, a, b, k(c))
    FORM(GETINDEX_R, "GETTABLE", 3, a, b, c)
    FORM(GETINDEX_K, "GETTABLE", 3, a, b, k(c))
    FORM(GETINDEX_I, "GETTABLE", 3, a, b, integer(r, c))
    FORM(SETFIELD_R, "SETTABLE", 3, a, k(b), c)
    FORM(SETFIELD_K, "SETTABLE", 3, a, k(b), k(c))
    FORM(SETINDEX_RR, "SETTABLE", 3, a, b, c)
    FORM(SETINDEX_RK, "SETTABLE", 3, a, b, k(c))
    FORM(SETINDEX_KR, "SETTABLE", 3, a, k(b), c)
    FORM(SETINDEX_KK, "SETTABLE", 3, a, k(b), k(c))
    FORM(SETINDEX_IR, "SETTABLE", 3, a, integer(r, (uint32_t)b), c)
    FORM(NEWTABLE, "NEWTABLE", 3, a, b, c)
    FORM(SELF, "SELF", 3, a, b, k(c))
    FORM(SELF_R, "SELF", 3, a, b, c)
    default: return false;
  }
}

static bool write_flow(Reference *r, uint32_t pc) {
  Word w = r->code[pc], word = r->code[pc + (pc + 1 < r->proto->code_words)];
  int64_t a = word_a(w), b = word_b(w);
  uint32_t c = word_c(w);
  switch (word_op(w)) {
    FORM(JMP, "JMP", 1, pc + 1 + word_j(w), 0, 0)
    FORM(LOOP, "JMP", 1, pc + 1 + word_j(w), 0, 0)
    FORM(FORPREP, "FORPREP", 2, a, (int64_t)pc + 2 + (int32_t)word, 0)
    FORM(FORLOOP, "FORLOOP", 2, a, pc + 1 + word_sd(w), 0)
    FORM(FORLOOPX, "FORLOOP", 2, a, (int64_t)pc + 2 + (int32_t)word, 0)
    FORM(TFORLOOP, "TFORLOOP", 2, a, c, 0)
    FORM(CALL, "CALL", 3, a, b, c)
    FORM(CALLM, "CALL", 3, a, 0, c)
    FORM(TAILCALL, "TAILCALL", 3, a, b, 0)
    FORM(TAILCALLM, "TAILCALL", 3, a, 0, 0)
    FORM(RETURN0, "RETURN", 2, 0, 1, 0)
    FORM(RETURN1, "RETURN", 2, a, 2, 0)
    FORM(RETURN, "RETURN", 2, a, b, 0)
    FORM(RETURNM, "RETURN", 2, a, 0, 0)
    FORM(RETURNC, "RETURN", 2, a, b, 0)
    FORM(CLOSE, "CLOSE", 1, a, 0, 0)
    FORM(VARARG, "VARARG", 2, a, b, 0)
    default: return false;
  }
}
#undef k

static void write_instruction(Reference *r, uint32_t pc) {
  switch (word_op(r->code[pc])) {
    case OP_ARITH_KK: write_arithmetic_kk(r, pc); break;
    case OP_CMP_KK: write_comparison_kk(r, pc); break;
    case OP_SETLIST:
    case OP_SETLISTM: write_setlist(r, pc); break;
    case OP_CLOSURE: write_closure(r, pc, word_d(r->code[pc])); break;
    case OP_CLOSUREX: write_closure(r, pc, r->code[pc + 1]); break;
    default:
      if (!write_operator(r, pc) && !write_data(r, pc)) write_flow(r, pc);
  }
}

static void write_heading(Reference *r, uint32_t index) {
  const Proto *p = r->proto;
  const int64_t numbers[] = {
      p->line_defined, p->last_line_defined, p->parameter_count, (p->flags & PROTO_VARARG) != 0,
      p->stack_size,   p->upvalue_count,     p->local_count,     p->constant_count};
  vm_listing_text(&r->l, index == 0 ? "main" : "function");
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    vm_listing_text(&r->l, " ");
    vm_listing_number(&r->l, numbers[i]);
  }
  vm_listing_text(&r->l, "\n");
}

static void write_name(Reference *r, const char *heading, uint32_t i, Name name) {
  vm_listing_text(&r->l, heading);
  vm_listing_number(&r->l, i);
  vm_listing_text(&r->l, "\t");
  vm_listing_bytes(&r->l, module_at(r->module, name.offset), name.length);
}

static void write_names(Reference *r) {
  const LocalInfo *locals = module_at(r->module, r->proto->locals);
  const Name *names = module_at(r->module, r->proto->upvalue_names);
  for (uint32_t i = 0; i < r->proto->constant_count; i++) {
    vm_listing_text(&r->l, "constant\t");
    vm_listing_number(&r->l, i + 1);
    vm_listing_text(&r->l, "\t");
    vm_listing_constant(&r->l, r->module, r->proto, i);
    vm_listing_text(&r->l, "\n");
  }
  for (uint32_t i = 0; i < r->proto->local_count; i++) {
    write_name(r, "local\t", i, locals[i].name);
    vm_listing_text(&r->l, "\t");
    vm_listing_number(&r->l, locals[i].start_pc);
    vm_listing_text(&r->l, "\t");
    vm_listing_number(&r->l, locals[i].end_pc);
    vm_listing_text(&r->l, "\n");
  }
  for (uint32_t i = 0; i < r->proto->upvalue_count; i++) {
    write_name(r, "upvalue\t", i, names[i]);
    vm_listing_text(&r->l, "\n");
  }
}

void vm_disasm_write_reference(const Module *module, DisasmSink sink, void *context) {
  Reference r = {.l = {.sink = sink, .context = context}, .module = module};
  for (uint32_t i = 0; i < module->proto_count; i++) {
    r.proto = module_proto(module, i);
    r.code = module_at(module, r.proto->code);
    write_heading(&r, i);
    for (uint32_t pc = 0; pc < r.proto->code_words;
         pc += 1u + vm_opcode_info[word_op(r.code[pc])].extra)
      write_instruction(&r, pc);
    write_names(&r);
  }
  vm_listing_flush(&r.l);
}
