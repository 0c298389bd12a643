/* SPDX-License-Identifier: BSD-2-Clause */
/* assemble - see the header.
 *
 * The block: Module, Protos, then per function its Constants, LocalInfos, upvalue
 * Names, words, lines and Captures, then all strings.  Sizes are added up first, so
 * that each part is written once, in its place.
 */
#include "vm/compile/assemble.h"

#include "vm/compile/lower.h"

typedef struct {
  char *block;
  uint64_t at; /* bytes laid out so far */
} Layout;

static uint32_t place(Layout *layout, uint64_t size) {
  uint64_t at = layout->at;
  layout->at += (size + 7) & ~UINT64_C(7);
  return (uint32_t)at;
}

/* --- Sizes --- */

static uint64_t rounded(uint64_t size) {
  return (size + 7) & ~UINT64_C(7);
}

/* Bytes of an atom in the module: nothing when it is there already. */
static uint64_t atom_size(Atom *atom) {
  if (atom->module_offset) return 0;
  atom->module_offset = 1; /* counted */
  return rounded((uint64_t)atom->length + 1);
}

static uint64_t strings_size(const Function *f) {
  uint64_t size = 0;
  for (uint32_t i = 0; i < f->compiled->constant_count; i++) {
    const Slot *slot = &f->compiled->constants[i];
    if (slot->kind == CONSTANT_STRING) size += atom_size(slot->atom);
  }
  for (const Variable *v = f->first_variable; v; v = v->next) size += atom_size(v->name);
  return size; /* an upvalue's name is some variable's */
}

static uint64_t tables_size(const Function *f) {
  const Compiled *c = f->compiled;
  return rounded(c->constant_count * sizeof(Constant)) +
         rounded(f->variable_count * sizeof(LocalInfo)) + rounded(f->upvalue_count * sizeof(Name)) +
         2 * rounded(c->word_count * sizeof(Word)) + rounded(f->upvalue_count * sizeof(Capture));
}

static uint64_t module_size(const Parser *parser, size_t chunk_name_size) {
  uint64_t size = rounded(sizeof(Module)) + rounded(parser->function_count * sizeof(Proto));
  for (const Function *f = parser->first_function; f; f = f->next)
    size += tables_size(f) + strings_size(f);
  return size + rounded((uint64_t)chunk_name_size + 1);
}

/* --- Parts --- */

static Name place_name(Layout *layout, const char *bytes, uint32_t length) {
  Name name = {place(layout, (uint64_t)length + 1), length};
  memcpy(layout->block + name.offset, bytes, length);
  return name; /* the block is cleared, so a NUL follows */
}

static Name name_of(Layout *layout, Atom *atom) {
  if (atom->module_offset == 1) {
    atom->module_offset = place_name(layout, atom->bytes, atom->length).offset;
    atom->order_hash = vm_atom_order_hash(atom->bytes, atom->length);
  }
  return (Name){atom->module_offset, atom->length};
}

static void fill_constants(Layout *layout, const Compiled *c, Constant *constants) {
  for (uint32_t i = 0; i < c->constant_count; i++) {
    const Slot *slot = &c->constants[i];
    constants[i].kind = slot->kind;
    if (slot->kind == CONSTANT_NUMBER) constants[i].as.number = slot->number;
    if (slot->kind != CONSTANT_STRING) continue;
    Name name = name_of(layout, slot->atom);
    constants[i].order_hash = slot->atom->order_hash;
    constants[i].as.string.offset = name.offset;
    constants[i].as.string.length = name.length;
  }
}

static void fill_locals(Layout *layout, const Function *f, LocalInfo *locals) {
  for (const Variable *v = f->first_variable; v; v = v->next)
    *locals++ = (LocalInfo){name_of(layout, v->name), v->start_pc, v->end_pc};
}

static Capture capture_of(const Function *f, const Upvalue *u) {
  const Variable *v = u->variable;
  if (v->function != f->outer) return (Capture){CAPTURE_UPVALUE, u->outer_index};
  if (variable_is_shared(v)) return (Capture){CAPTURE_REFERENCE, v->reg};
  return (Capture){f->self == v ? CAPTURE_SELF : CAPTURE_VALUE, v->reg};
}

static void fill_upvalues(Layout *layout, const Function *f, Name *names, Capture *captures) {
  for (const Upvalue *u = f->first_upvalue; u; u = u->next) {
    *names++ = name_of(layout, u->variable->name);
    *captures++ = capture_of(f, u);
  }
}

/* Reads of upvalues that turned out to be shared go through their boxes. */
static void mark_shared_reads(const Function *f, Word *words, uint32_t count) {
  uint64_t shared = 0;
  for (const Upvalue *u = f->first_upvalue; u; u = u->next) {
    if (variable_is_shared(u->variable)) shared |= UINT64_C(1) << u->index;
  }
  if (shared == 0) return;
  for (uint32_t pc = 0; pc < count; pc += 1u + vm_opcode_info[word_op(words[pc])].extra) {
    if (word_op(words[pc]) == OP_GETUPV && (shared >> word_b(words[pc]) & 1))
      words[pc] = word_abc(OP_GETUPR, word_a(words[pc]), word_b(words[pc]), word_c(words[pc]));
  }
}

/* Reserves the function's tables; strings come behind all of them. */
static void place_tables(Layout *layout, const Function *f, Proto *proto) {
  const Compiled *c = f->compiled;
  proto->constants = place(layout, c->constant_count * sizeof(Constant));
  proto->locals = place(layout, f->variable_count * sizeof(LocalInfo));
  proto->upvalue_names = place(layout, f->upvalue_count * sizeof(Name));
  proto->code = place(layout, c->word_count * sizeof(Word));
  proto->lines = place(layout, c->word_count * sizeof(uint32_t));
  proto->captures = place(layout, f->upvalue_count * sizeof(Capture));
}

static void fill_proto(Layout *layout, const Function *f, Proto *proto) {
  const Compiled *c = f->compiled;
  char *block = layout->block;
  proto->code_words = c->word_count;
  proto->constant_count = c->constant_count;
  proto->local_count = f->variable_count;
  proto->line_defined = f->line_defined;
  proto->last_line_defined = f->last_line_defined;
  proto->parent = f->outer ? f->outer->index : 0;
  proto->upvalue_count = f->upvalue_count;
  proto->parameter_count = f->parameter_count;
  proto->stack_size = c->stack_size;
  proto->flags = f->flags;
  memcpy(block + proto->code, c->words, c->word_count * sizeof(Word));
  mark_shared_reads(f, (Word *)(block + proto->code), c->word_count);
  memcpy(block + proto->lines, c->lines, c->word_count * sizeof(uint32_t));
  fill_constants(layout, c, (Constant *)(block + proto->constants));
  fill_locals(layout, f, (LocalInfo *)(block + proto->locals));
  fill_upvalues(layout, f, (Name *)(block + proto->upvalue_names),
                (Capture *)(block + proto->captures));
}

Module *vm_assemble_module(Parser *parser, const char *chunk_name, size_t chunk_name_size) {
  uint64_t size = module_size(parser, chunk_name_size);
  if (size > UINT32_MAX) return NULL;
  Layout layout = {.block = scratch_take(parser->lexer.scratch, size)};
  if (!layout.block) return NULL;
  memset(layout.block, 0, size);
  Module *module = (Module *)layout.block;
  place(&layout, sizeof *module);
  module->size = (uint32_t)size;
  module->proto_count = parser->function_count;
  module->protos = place(&layout, parser->function_count * sizeof(Proto));
  Proto *protos = (Proto *)(layout.block + module->protos);
  for (const Function *f = parser->first_function; f; f = f->next)
    place_tables(&layout, f, &protos[f->index]);
  for (const Function *f = parser->first_function; f; f = f->next) {
    fill_proto(&layout, f, &protos[f->index]);
    module->constant_total += f->compiled->constant_count;
  }
  module->chunk_name = place_name(&layout, chunk_name, (uint32_t)chunk_name_size);
  VM_ASSERT(layout.at == size);
  return module;
}
