/* SPDX-License-Identifier: BSD-2-Clause */
/* disasm - the listing in our own instructions; see the header. */
#include "vm/inspect/disasm.h"

#include "vm/compile/opcode.h"
#include "vm/inspect/listing.h"

typedef struct {
  Listing l;
  const Module *module;
  const Proto *proto;
  const Word *code;
} Disasm;

static void write_operand(Disasm *d, unsigned kind, uint32_t operand) {
  static const char *const prefixes[] = {
      [OPERAND_W] = " R", [OPERAND_R] = " R", [OPERAND_B] = " R", [OPERAND_K] = " K",
      [OPERAND_U] = " U", [OPERAND_I] = " ",  [OPERAND_P] = " P",
  };
  if (kind == OPERAND_N) return;
  vm_listing_text(&d->l, prefixes[kind]);
  vm_listing_number(&d->l, operand);
}

static void write_operands(Disasm *d, Word w, const OpcodeInfo *info) {
  if (info->format == FORMAT_J) return;
  write_operand(d, info->a, word_a(w));
  if (info->format == FORMAT_ABC) {
    write_operand(d, info->b, word_b(w));
    write_operand(d, info->c, word_c(w));
  } else if (word_op(w) != OP_FORLOOP) {
    write_operand(d, info->b, word_d(w));
  }
}

static void write_constant(Disasm *d, uint32_t number) {
  vm_listing_text(&d->l, " ; ");
  vm_listing_constant(&d->l, d->module, d->proto, number);
}

static void write_target(Disasm *d, int64_t target) {
  vm_listing_text(&d->l, " ; to ");
  vm_listing_number(&d->l, target);
}

static void write_constants(Disasm *d, Word w, const OpcodeInfo *info) {
  if (info->b == OPERAND_K) write_constant(d, info->format == FORMAT_AD ? word_d(w) : word_b(w));
  if (info->c == OPERAND_K) write_constant(d, word_c(w));
}

static void write_comment(Disasm *d, uint32_t pc) {
  Word w = d->code[pc];
  switch (word_op(w)) {
    case OP_JMP:
    case OP_LOOP: write_target(d, (int64_t)pc + 1 + word_j(w)); break;
    case OP_FORLOOP: write_target(d, (int64_t)pc + 1 + word_sd(w)); break;
    case OP_FORLOOPX:
    case OP_FORPREP: write_target(d, (int64_t)pc + 2 + (int32_t)d->code[pc + 1]); break;
    case OP_LOADKX:
    case OP_GETGLOBALX:
    case OP_SETGLOBALX: write_constant(d, d->code[pc + 1]); break;
    case OP_SETLIST:
    case OP_SETLISTM:
    case OP_ARITH_KK:
    case OP_CLOSUREX:
      vm_listing_text(&d->l, " ; word ");
      vm_listing_number(&d->l, d->code[pc + 1]);
      break;
    default: break;
  }
  write_constants(d, w, &vm_opcode_info[word_op(w)]);
}

static void write_instruction(Disasm *d, uint32_t pc) {
  const uint32_t *lines = module_at(d->module, d->proto->lines);
  const OpcodeInfo *info = &vm_opcode_info[word_op(d->code[pc])];
  vm_listing_text(&d->l, "  ");
  vm_listing_number(&d->l, pc);
  vm_listing_text(&d->l, "\t[");
  vm_listing_number(&d->l, lines[pc]);
  vm_listing_text(&d->l, "]\t");
  vm_listing_padded(&d->l, info->name, 12);
  write_operands(d, d->code[pc], info);
  write_comment(d, pc);
  vm_listing_text(&d->l, "\n");
}

static void write_count(Disasm *d, uint32_t count, const char *what) {
  vm_listing_text(&d->l, ", ");
  vm_listing_number(&d->l, count);
  vm_listing_text(&d->l, what);
}

static void write_heading(Disasm *d, uint32_t index) {
  const Proto *p = d->proto;
  vm_listing_text(&d->l, "function ");
  vm_listing_number(&d->l, index);
  vm_listing_text(&d->l, ", lines ");
  vm_listing_number(&d->l, p->line_defined);
  vm_listing_text(&d->l, "-");
  vm_listing_number(&d->l, p->last_line_defined);
  write_count(d, p->parameter_count, p->flags & PROTO_VARARG ? "+ parameters" : " parameters");
  write_count(d, p->stack_size, " registers");
  write_count(d, p->upvalue_count, " upvalues");
  write_count(d, p->constant_count, " constants");
  write_count(d, p->code_words, " words");
  if (p->flags & PROTO_NEEDS_ARG) vm_listing_text(&d->l, ", needs arg");
  if (p->flags & PROTO_HAS_REFERENCE) vm_listing_text(&d->l, ", has references");
  vm_listing_text(&d->l, "\n");
}

static void write_captures(Disasm *d) {
  static const char *const kinds[] = {"value R", "reference R", "upvalue U", "self R"};
  const Capture *c = module_at(d->module, d->proto->captures);
  const Name *names = module_at(d->module, d->proto->upvalue_names);
  for (uint32_t i = 0; i < d->proto->upvalue_count; i++) {
    vm_listing_text(&d->l, "  U");
    vm_listing_number(&d->l, i);
    vm_listing_text(&d->l, " ");
    vm_listing_bytes(&d->l, module_at(d->module, names[i].offset), names[i].length);
    vm_listing_text(&d->l, " = ");
    vm_listing_text(&d->l, kinds[c[i].kind]);
    vm_listing_number(&d->l, c[i].index);
    vm_listing_text(&d->l, "\n");
  }
}

void vm_disasm_write(const Module *module, DisasmSink sink, void *context) {
  Disasm d = {.l = {.sink = sink, .context = context}, .module = module};
  for (uint32_t i = 0; i < module->proto_count; i++) {
    d.proto = module_proto(module, i);
    d.code = module_at(module, d.proto->code);
    write_heading(&d, i);
    write_captures(&d);
    for (uint32_t pc = 0; pc < d.proto->code_words;
         pc += 1u + vm_opcode_info[word_op(d.code[pc])].extra)
      write_instruction(&d, pc);
  }
  vm_listing_flush(&d.l);
}
