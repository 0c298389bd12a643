/* SPDX-License-Identifier: BSD-2-Clause */
/* verify - see the header.
 *
 * Three rounds: the block's own structure; per function, where instructions and
 * jump targets are; then every instruction by the kinds of its operands
 * (vm/opcodes.def) and by what its row cannot say.  An open top is left by one
 * instruction and used by the next: nothing may jump between them.
 */
#include "vm/compile/verify.h"

#include <string.h>

#include "vm/compile/opcode.h"
#include "vm/config.h"

typedef struct {
  const Module *module;
  const Proto *proto;
  const Word *code;
  uint64_t *references; /* per function: which upvalues are captured by reference */
  uint8_t *starts;      /* a bit per word: an instruction begins here */
  uint8_t *targets;     /* a bit per word: a jump comes here */
  uint32_t bounds[8];   /* by OPERAND_: the first number that an operand may not be */
  VerifyReport report;
} Verifier;

/* Chained opcodes are no instructions here: only loaded code has them. */
static inline Opcode op_of(Word w) { return (Opcode)(w & 0xff); }

/* Notes the first problem; returns false, as the check that failed does. */
static bool fail(Verifier *v, uint32_t pc, const char *problem) {
  if (v->report.problem) return false;
  v->report.problem = problem;
  v->report.pc = pc;
  return false;
}

static bool check(Verifier *v, bool condition, uint32_t pc, const char *problem) {
  return condition || fail(v, pc, problem);
}

static void set_bit(uint8_t *bits, uint32_t i) {
  bits[i / 8] |= (uint8_t)(1 << i % 8);
}
static bool has_bit(const uint8_t *bits, uint32_t i) {
  return bits[i / 8] >> i % 8 & 1;
}

/* --- The block --- */

static bool fits(const Module *m, uint64_t offset, uint64_t count, uint64_t size,
                 uint64_t alignment) {
  return offset % alignment == 0 && offset >= sizeof(Module) && offset <= m->size &&
         count * size <= m->size - offset;
}

static bool is_text(const Module *m, uint32_t offset, uint32_t length) {
  return fits(m, offset, (uint64_t)length + 1, 1, 1) &&
         *((const char *)m + offset + length) == '\0';
}

static bool check_constants(Verifier *v) {
  const Constant *k = module_at(v->module, v->proto->constants);
  for (uint32_t i = 0; i < v->proto->constant_count; i++) {
    if (k[i].kind > CONSTANT_STRING) return fail(v, 0, "constant of no kind");
    if (k[i].kind == CONSTANT_STRING &&
        !is_text(v->module, k[i].as.string.offset, k[i].as.string.length))
      return fail(v, 0, "string constant outside the module");
  }
  return true;
}

static bool check_names(Verifier *v) {
  const Proto *p = v->proto;
  const LocalInfo *locals = module_at(v->module, p->locals);
  for (uint32_t i = 0; i < p->local_count; i++) {
    if (!is_text(v->module, locals[i].name.offset, locals[i].name.length))
      return fail(v, 0, "local's name outside the module");
    if (locals[i].start_pc > locals[i].end_pc || locals[i].end_pc > p->code_words)
      return fail(v, 0, "local's range outside the code");
  }
  const Name *names = module_at(v->module, p->upvalue_names);
  for (uint32_t i = 0; i < p->upvalue_count; i++) {
    if (!is_text(v->module, names[i].offset, names[i].length))
      return fail(v, 0, "upvalue's name outside the module");
  }
  return true;
}

static bool check_capture(Verifier *v, const Proto *parent, uint32_t parent_index, uint32_t i) {
  const Capture *c = (const Capture *)module_at(v->module, v->proto->captures) + i;
  uint64_t *mask = &v->references[v->report.proto];
  switch (c->kind) {
    case CAPTURE_SELF:
    case CAPTURE_VALUE: return check(v, c->index < parent->stack_size, 0, "capture of no register");
    case CAPTURE_REFERENCE:
      *mask |= UINT64_C(1) << i;
      return check(v, c->index < parent->stack_size && parent->flags & PROTO_HAS_REFERENCE, 0,
                   "capture by reference of no such local");
    case CAPTURE_UPVALUE:
      if (c->index >= parent->upvalue_count) return fail(v, 0, "capture of no upvalue");
      *mask |= (v->references[parent_index] >> c->index & 1) << i;
      return true;
    default: return fail(v, 0, "capture of no kind");
  }
}

static bool check_captures(Verifier *v) {
  const Proto *p = v->proto;
  if (v->report.proto == 0)
    return check(v, p->upvalue_count == 0, 0, "main function with upvalues");
  if (p->parent >= v->report.proto) return fail(v, 0, "parent behind its child");
  const Proto *parent = module_proto(v->module, p->parent);
  for (uint32_t i = 0; i < p->upvalue_count; i++) {
    if (!check_capture(v, parent, p->parent, i)) return false;
  }
  return true;
}

static bool check_proto(Verifier *v) {
  const Module *m = v->module;
  const Proto *p = v->proto;
  unsigned fixed = p->parameter_count + (p->flags & PROTO_NEEDS_ARG ? 1u : 0u);
  if (!check(v, p->stack_size >= 2 && p->stack_size <= LIMIT_REGISTERS && fixed <= p->stack_size, 0,
             "stack size"))
    return false;
  if (!check(v, p->upvalue_count <= LIMIT_UPVALUES, 0, "too many upvalues")) return false;
  if (!check(v, p->flags < 8 && (p->flags & PROTO_VARARG || !(p->flags & PROTO_NEEDS_ARG)), 0,
             "flags"))
    return false;
  bool inside = p->code_words > 0 && fits(m, p->code, p->code_words, 4, 4) &&
                fits(m, p->lines, p->code_words, 4, 4) &&
                fits(m, p->constants, p->constant_count, sizeof(Constant), 8) &&
                fits(m, p->captures, p->upvalue_count, sizeof(Capture), 1) &&
                fits(m, p->upvalue_names, p->upvalue_count, sizeof(Name), 4) &&
                fits(m, p->locals, p->local_count, sizeof(LocalInfo), 4);
  if (!check(v, inside, 0, "part of a function outside the module")) return false;
  return check_constants(v) && check_names(v) && check_captures(v);
}

/* --- Instructions and targets --- */

/* What need not be asked of frequent instructions, because it says nothing of them; all is
 * asked of the others. */
enum { NO_TARGET = 1, NO_USES = 2, NO_SPECIAL = 4, NO_RANGES = 8, NO_NEXT = 16 };
enum { ONLY_OPERANDS = 31, ONLY_SPECIAL = ONLY_OPERANDS & ~NO_SPECIAL };
enum { ONLY_TEST = NO_USES | NO_SPECIAL | NO_RANGES };

static const uint8_t skips[OP_COUNT_] = {
    [OP_MOVE] = ONLY_OPERANDS,        [OP_LOADK] = ONLY_OPERANDS,
    [OP_LOADBOOL] = NO_USES | NO_SPECIAL | NO_RANGES | NO_NEXT,
    [OP_NEWTABLE] = ONLY_OPERANDS,    [OP_GETINDEX_R] = ONLY_OPERANDS,
    [OP_SETINDEX_RR] = ONLY_OPERANDS, [OP_SETINDEX_RK] = ONLY_OPERANDS,
    [OP_ADD_RR ... OP_MOD_KR] = ONLY_OPERANDS,
    [OP_GETGLOBAL] = ONLY_SPECIAL,    [OP_SETGLOBAL] = ONLY_SPECIAL,
    [OP_GETFIELD] = ONLY_SPECIAL,     [OP_SETFIELD_R] = ONLY_SPECIAL,
    [OP_SETFIELD_K] = ONLY_SPECIAL,   [OP_GETUPV] = ONLY_SPECIAL,
    [OP_GETUPR] = ONLY_SPECIAL,       [OP_SETUPR] = ONLY_SPECIAL,
    [OP_GETINDEX_K] = ONLY_SPECIAL,   [OP_GETINDEX_I] = ONLY_SPECIAL,
    [OP_CLOSURE] = ONLY_SPECIAL,      [OP_RETURN0] = ONLY_SPECIAL,
    [OP_RETURN1] = ONLY_SPECIAL,
    [OP_JMP] = NO_USES | NO_SPECIAL | NO_RANGES | NO_NEXT,
    [OP_EQ_RR ... OP_NLE_KR] = ONLY_TEST,
    [OP_TEST_T] = ONLY_TEST,          [OP_TEST_F] = ONLY_TEST,
    [OP_CALL] = NO_TARGET | NO_USES | NO_SPECIAL,
};

static inline bool skips_check(Word w, unsigned check) { return skips[op_of(w)] & check; }

static uint32_t size_of(Word w) {
  return 1u + vm_opcode_info[op_of(w)].extra;
}

static bool mark_starts(Verifier *v) {
  uint32_t pc = 0, last = 0;
  while (pc < v->proto->code_words) {
    if (op_of(v->code[pc]) >= OP_COUNT_) return fail(v, pc, "no such instruction");
    set_bit(v->starts, pc);
    last = pc;
    pc += size_of(v->code[pc]);
  }
  if (pc != v->proto->code_words) return fail(v, last, "instruction cut off");
  return check(v, vm_opcode_info[op_of(v->code[last])].flags & OPCODE_ENDS, last,
               "the end falls through");
}

/* Where an instruction may jump to, or -1. */
static int64_t target_of(const Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  switch (op_of(w)) {
    case OP_JMP:
    case OP_LOOP: return (int64_t)pc + 1 + word_j(w);
    case OP_FORLOOP: return (int64_t)pc + 1 + word_sd(w);
    case OP_FORLOOPX:
    case OP_FORPREP: return (int64_t)pc + 2 + (int32_t)v->code[pc + 1];
    case OP_LOADBOOL: return word_c(w) ? (int64_t)pc + 2 : -1;
    default:
      return vm_opcode_info[op_of(w)].flags & OPCODE_TEST ? (int64_t)pc + size_of(w) + 1 : -1;
  }
}

static bool can_jump(Opcode op) {
  return op == OP_JMP || op == OP_LOOP || op == OP_FORLOOP || op == OP_FORLOOPX || op == OP_FORPREP;
}

static bool mark_targets(Verifier *v) {
  for (uint32_t pc = 0; pc < v->proto->code_words; pc += size_of(v->code[pc])) {
    if (skips_check(v->code[pc], NO_TARGET)) continue;
    int64_t target = target_of(v, pc);
    if (target < 0) {
      if (can_jump(op_of(v->code[pc]))) return fail(v, pc, "jump before the code");
      continue;
    }
    if (target >= v->proto->code_words || !has_bit(v->starts, (uint32_t)target))
      return fail(v, pc, "jump to no instruction");
    /* Only LOOP looks at the budget and the stop word. */
    if (op_of(v->code[pc]) == OP_JMP && target <= pc) return fail(v, pc, "jump back without a look at the budget");
    set_bit(v->targets, (uint32_t)target);
  }
  return true;
}

/* --- Operands --- */

static bool check_register(Verifier *v, uint32_t pc, uint32_t reg) {
  return check(v, reg < v->proto->stack_size, pc, "register outside the frame");
}

static bool check_operand(Verifier *v, uint32_t pc, unsigned kind, uint32_t operand) {
  switch (kind) {
    case OPERAND_N: return check(v, operand == 0, pc, "unused operand is not 0");
    case OPERAND_W:
    case OPERAND_R:
    case OPERAND_B: return check_register(v, pc, operand);
    case OPERAND_K: return check(v, operand < v->proto->constant_count, pc, "no such constant");
    case OPERAND_U: return check(v, operand < v->proto->upvalue_count, pc, "no such upvalue");
    default: return true; /* numbers and functions: see check_special */
  }
}

/* Says which operand is wrong. */
static bool check_each_operand(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  const OpcodeInfo *info = &vm_opcode_info[op_of(w)];
  if (info->format == FORMAT_J) return true;
  if (!check_operand(v, pc, info->a, word_a(w))) return false;
  if (info->format == FORMAT_AD)
    return check_operand(v, pc, info->b, op_of(w) == OP_FORLOOP ? 0 : word_d(w));
  return check_operand(v, pc, info->b, word_b(w)) && check_operand(v, pc, info->c, word_c(w));
}

static void set_bounds(Verifier *v) {
  const Proto *p = v->proto;
  for (int i = 0; i < 8; i++) v->bounds[i] = UINT32_MAX;
  v->bounds[OPERAND_N] = 1;
  v->bounds[OPERAND_W] = v->bounds[OPERAND_R] = v->bounds[OPERAND_B] = p->stack_size;
  v->bounds[OPERAND_K] = p->constant_count;
  v->bounds[OPERAND_U] = p->upvalue_count;
}

static inline bool check_operands(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  const OpcodeInfo *info = &vm_opcode_info[op_of(w)];
  if (LIKELY(info->format == FORMAT_ABC)) {
    bool a = word_a(w) < v->bounds[info->a], b = word_b(w) < v->bounds[info->b];
    if (LIKELY(a & b & (word_c(w) < v->bounds[info->c]))) return true;
  }
  return check_each_operand(v, pc);
}

static bool check_constant(Verifier *v, uint32_t pc, uint32_t number, bool string) {
  if (number >= v->proto->constant_count) return fail(v, pc, "no such constant");
  const Constant *k = (const Constant *)module_at(v->module, v->proto->constants) + number;
  return check(v, (k->kind == CONSTANT_STRING) == string, pc,
               string ? "constant is no string" : "constant is a string");
}

/* The key at an offset is compared as a whole: an offset between two nodes could find halves. */
static bool check_cache(Verifier *v, uint32_t pc) {
  return check(v, v->code[pc + 1] % NODE_BYTES == 0, pc, "cache between nodes");
}

static bool check_function(Verifier *v, uint32_t pc, uint32_t number) {
  if (number == 0 || number >= v->module->proto_count) return fail(v, pc, "no such function");
  return check(v, module_proto(v->module, number)->parent == v->report.proto, pc,
               "function of another function");
}

static bool check_upvalue(Verifier *v, uint32_t pc, uint32_t number, bool reference) {
  bool is = number < 64 && v->references[v->report.proto] >> number & 1;
  return check(v, is == reference, pc, "upvalue captured the other way");
}

static bool check_reference_flag(Verifier *v, uint32_t pc, bool wanted) {
  return check(v, !(v->proto->flags & PROTO_HAS_REFERENCE) == !wanted, pc,
               "closes in a function without references, or does not in one with");
}

static bool check_for(Verifier *v, uint32_t pc) {
  Word w = v->code[pc], loop = v->code[target_of(v, pc)];
  bool paired =
      op_of(w) != OP_FORPREP ||
      ((op_of(loop) == OP_FORLOOP || op_of(loop) == OP_FORLOOPX) && word_a(loop) == word_a(w));
  return check_register(v, pc, word_a(w) + 3) && check(v, paired, pc, "for without its end");
}

/* Registers that an instruction touches beyond its operands. */
static bool check_ranges(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  uint32_t a = word_a(w), b = word_b(w), c = word_c(w);
  switch (op_of(w)) {
    case OP_LOADNIL: return check(v, a <= b, pc, "empty range");
    case OP_CONCAT: return check(v, b < c, pc, "empty range");
    case OP_SELF:
    case OP_SELF_R: return check_register(v, pc, a + 1);
    case OP_SETLIST:
      return check(v, b > 0 && v->code[pc + 1] > 0, pc, "empty batch") &&
             check_register(v, pc, a + b);
    case OP_SETLISTM: return check(v, v->code[pc + 1] > 0, pc, "empty batch");
    case OP_CALL:
      return check(v, b > 0, pc, "no function") && check_register(v, pc, a + b - 1) &&
             (c < 2 || check_register(v, pc, a + c - 2));
    case OP_CALLM: return c < 2 || check_register(v, pc, a + c - 2);
    case OP_TAILCALL: return check(v, b > 0, pc, "no function") && check_register(v, pc, a + b - 1);
    case OP_RETURN:
      return check(v, b > 2, pc, "another form of return fits") && check_register(v, pc, a + b - 2);
    case OP_RETURNC: return b < 2 || check_register(v, pc, a + b - 2);
    case OP_VARARG:
      return check(v, v->proto->flags & PROTO_VARARG, pc, "no variable arguments") &&
             (b < 2 || check_register(v, pc, a + b - 2));
    case OP_TFORLOOP:
      return check(v, c > 0, pc, "no variables") && check_register(v, pc, a + 2 + c) &&
             check_register(v, pc, a + 5);
    case OP_FORPREP:
    case OP_FORLOOP:
    case OP_FORLOOPX: return check_for(v, pc);
    default: return true;
  }
}

/* Constants, functions, numbers and upvalues beyond their kind. */
static bool check_special(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  switch (op_of(w)) {
    case OP_LOADKX:
      return check(v, v->code[pc + 1] < v->proto->constant_count, pc, "no such constant");
    case OP_GETGLOBAL:
    case OP_SETGLOBAL: return check_constant(v, pc, word_d(w), true) && check_cache(v, pc);
    case OP_GETGLOBALX:
    case OP_SETGLOBALX: return check_constant(v, pc, v->code[pc + 1], true);
    case OP_GETFIELD:
    case OP_SELF: return check_constant(v, pc, word_c(w), true) && check_cache(v, pc);
    case OP_SETFIELD_R:
    case OP_SETFIELD_K: return check_constant(v, pc, word_b(w), true) && check_cache(v, pc);
    case OP_GETINDEX_K: return check_constant(v, pc, word_c(w), false);
    case OP_SETINDEX_KR:
    case OP_SETINDEX_KK: return check_constant(v, pc, word_b(w), false);
    case OP_GETINDEX_I: return check(v, word_c(w) > 0, pc, "index 0");
    case OP_SETINDEX_IR: return check(v, word_b(w) > 0, pc, "index 0");
    case OP_ARITH_KK: return check(v, v->code[pc + 1] < 6, pc, "no such operator");
    case OP_CMP_KK: return check(v, word_a(w) < 6, pc, "no such comparison");
    case OP_GETUPV: return check_upvalue(v, pc, word_b(w), false);
    case OP_GETUPR:
    case OP_SETUPR: return check_upvalue(v, pc, word_b(w), true);
    case OP_CLOSURE: return check_function(v, pc, word_d(w));
    case OP_CLOSUREX: return check_function(v, pc, v->code[pc + 1]);
    case OP_CLOSE:
    case OP_RETURNC: return check_reference_flag(v, pc, true);
    case OP_RETURN0:
    case OP_RETURN1:
    case OP_RETURN:
    case OP_RETURNM: return check_reference_flag(v, pc, false);
    default: return true;
  }
}

/* --- What follows what --- */

static bool leaves_top(Word w) {
  switch (op_of(w)) {
    case OP_CALL:
    case OP_CALLM: return word_c(w) == 0;
    case OP_VARARG: return word_b(w) == 0;
    case OP_TAILCALL:
    case OP_TAILCALLM: return true;
    default: return false;
  }
}

static bool uses_top(Word w) {
  return vm_opcode_info[op_of(w)].flags & OPCODE_USES_TOP ||
         (op_of(w) == OP_RETURNC && word_b(w) == 0);
}

static bool is_return(Word w) {
  return op_of(w) == OP_RETURNM || op_of(w) == OP_RETURNC;
}

/* The instruction after one that leaves an open top. */
static bool check_top(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  uint32_t next = pc + size_of(w);
  if (next >= v->proto->code_words || !uses_top(v->code[next]))
    return fail(v, pc, "open top not used");
  if (has_bit(v->targets, next)) return fail(v, next, "jump to an open top");
  bool tail = op_of(w) == OP_TAILCALL || op_of(w) == OP_TAILCALLM;
  if (tail && !is_return(v->code[next])) return fail(v, pc, "tail call without its return");
  uint32_t from = word_a(v->code[next]), start = word_a(w);
  return check(v, is_return(v->code[next]) ? from <= start : from < start, next,
               "open top below the list");
}

static bool check_next(Verifier *v, uint32_t pc) {
  Word w = v->code[pc];
  uint32_t next = pc + size_of(w);
  if (leaves_top(w) && !check_top(v, pc)) return false;
  if (!(vm_opcode_info[op_of(w)].flags & OPCODE_TEST)) return true;
  bool jump = next < v->proto->code_words &&
              (op_of(v->code[next]) == OP_JMP || op_of(v->code[next]) == OP_LOOP);
  return check(v, jump, pc, "test without its jump");
}

/* An instruction that uses an open top must come after one that leaves it. */
static bool check_uses(Verifier *v, uint32_t pc, bool open) {
  return check(v, !uses_top(v->code[pc]) || open, pc, "no open top");
}

static bool check_code(Verifier *v) {
  bool open = false;
  set_bounds(v);
  for (uint32_t pc = 0; pc < v->proto->code_words; pc += size_of(v->code[pc])) {
    Word w = v->code[pc];
    if (!skips_check(w, NO_USES) && !check_uses(v, pc, open)) return false;
    if (!check_operands(v, pc)) return false;
    if (!skips_check(w, NO_SPECIAL) && !check_special(v, pc)) return false;
    if (!skips_check(w, NO_RANGES) && !check_ranges(v, pc)) return false;
    if (!skips_check(w, NO_NEXT) && !check_next(v, pc)) return false;
    open = !skips_check(w, NO_NEXT) && leaves_top(w);
  }
  return true;
}

/* --- The module --- */

static bool verify_proto(Verifier *v, Scratch *scratch, uint32_t index) {
  v->report.proto = index;
  v->proto = module_proto(v->module, index);
  if (!check_proto(v)) return false;
  size_t bytes = (v->proto->code_words + 7) / 8, before = scratch->used;
  v->code = module_at(v->module, v->proto->code);
  v->starts = scratch_take(scratch, 2 * bytes);
  if (!v->starts) {
    v->report.memory = true;
    return fail(v, 0, "no room to verify");
  }
  v->targets = v->starts + bytes;
  memset(v->starts, 0, 2 * bytes);
  bool ok = mark_starts(v) && mark_targets(v) && check_code(v);
  scratch->used = before;
  return ok;
}

static bool verify_protos(Verifier *v, Scratch *scratch) {
  const Module *m = v->module;
  v->references = scratch_take(scratch, m->proto_count * sizeof *v->references);
  if (!v->references) {
    v->report.memory = true;
    return fail(v, 0, "no room to verify");
  }
  memset(v->references, 0, m->proto_count * sizeof *v->references);
  uint64_t constants = 0;
  for (uint32_t i = 0; i < m->proto_count; i++) {
    if (!verify_proto(v, scratch, i)) return false;
    constants += v->proto->constant_count;
  }
  return check(v, constants == m->constant_total, 0, "number of constants");
}

bool vm_verify_module(const Module *module, Scratch *scratch, VerifyReport *ret_report) {
  Verifier v = {.module = module};
  size_t before = scratch->used;
  bool ok = check(&v, module->size >= sizeof *module && module->size % 8 == 0, 0, "size") &&
            check(&v,
                  module->proto_count > 0 &&
                      fits(module, module->protos, module->proto_count, sizeof(Proto), 4),
                  0, "functions outside the module") &&
            check(&v, is_text(module, module->chunk_name.offset, module->chunk_name.length), 0,
                  "name outside the module") &&
            verify_protos(&v, scratch);
  scratch->used = before;
  if (!ok) *ret_report = v.report;
  return ok;
}
