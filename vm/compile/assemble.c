/* SPDX-License-Identifier: BSD-2-Clause */
/* assemble - see the header.
 *
 * The block: Module, then per function as it ends its words, lines, Constants,
 * LocalInfos, upvalue Names, Captures and the strings that no function before had;
 * then Protos and the chunk's name.  What only the end of the source tells, which
 * variables are shared, is written into captures and code then.
 */
#include "vm/compile/assemble.h"

#include "vm/compile/lower.h"

/* --- Strings --- */

static bool place_name(Output *output, const char *bytes, size_t length, Name *ret_name) {
  *ret_name = (Name){(uint32_t)output->size, (uint32_t)length};
  char *place = vm_output_take(output, (uint64_t)length + 1); /* its end is cleared, so a NUL follows */
  if (place) memcpy(place, bytes, length);
  return place != NULL;
}

static bool place_atom(Output *output, Atom *atom) {
  Name name;
  if (atom->module_offset) return true;
  if (!place_name(output, atom->bytes, atom->length, &name)) return false;
  atom->module_offset = name.offset;
  atom->order_hash = vm_atom_order_hash(atom->bytes, atom->length);
  return true;
}

static Name name_of(const Atom *atom) { return (Name){atom->module_offset, atom->length}; }

/* The strings of the function that are not in the module yet.  An upvalue's name is that of a
 * variable of a function that has not ended. */
static bool place_strings(Generator *g, const Function *f) {
  Output *output = &g->output;
  for (uint32_t i = g->frame->slot_base; i < g->slot_count; i++) {
    const Slot *slot = slot_at(g, i);
    if (slot->kind == CONSTANT_STRING && !place_atom(output, slot->atom)) return false;
  }
  for (const Variable *v = f->first_variable; v; v = v->next) {
    if (!place_atom(output, v->name)) return false;
  }
  for (const Upvalue *u = f->first_upvalue; u; u = u->next) {
    if (!place_atom(output, u->variable->name)) return false;
  }
  return true;
}

/* --- One function --- */

static Constant constant_of(const Slot *slot) {
  Constant constant = {.kind = slot->kind};
  if (slot->kind == CONSTANT_NUMBER) constant.as.number = slot->number;
  if (slot->kind != CONSTANT_STRING) return constant;
  constant.order_hash = slot->atom->order_hash;
  constant.as.string.offset = slot->atom->module_offset;
  constant.as.string.length = slot->atom->length;
  return constant;
}

typedef struct {
  Constant *constants;
  LocalInfo *locals;
  Name *names;
} Tables;

static void *take_table(Generator *g, uint32_t *ret_offset, uint64_t size) {
  *ret_offset = (uint32_t)g->output.size;
  return vm_output_take(&g->output, size);
}

static bool take_tables(Generator *g, Function *f, Tables *ret_tables) {
  Proto *p = &f->proto;
  p->constant_count = g->slot_count - g->frame->slot_base;
  p->local_count = f->variable_count;
  ret_tables->constants = take_table(g, &p->constants, p->constant_count * sizeof(Constant));
  ret_tables->locals = take_table(g, &p->locals, p->local_count * sizeof(LocalInfo));
  ret_tables->names = take_table(g, &p->upvalue_names, p->upvalue_count * sizeof(Name));
  f->captures = take_table(g, &p->captures, p->upvalue_count * sizeof(Capture));
  return ret_tables->constants && ret_tables->locals && ret_tables->names && f->captures;
}

/* Variables that no closure has are done with. */
static void free_variables(Generator *g, Function *f) {
  for (Variable *v = f->first_variable, *next; v; v = next) {
    next = v->next;
    if (v->captured) continue;
    v->next = g->free_variables;
    g->free_variables = v;
  }
  f->first_variable = f->last_variable = NULL;
}

bool vm_assemble_function(Generator *g) {
  Function *f = g->frame->function;
  Tables tables;
  bool ok = vm_output_open(&g->output) && vm_lower_function(g) && take_tables(g, f, &tables) &&
            place_strings(g, f);
  if (!ok) return false;
  for (uint32_t i = 0; i < f->proto.constant_count; i++)
    tables.constants[i] = constant_of(slot_at(g, g->frame->slot_base + i));
  for (const Variable *v = f->first_variable; v; v = v->next)
    *tables.locals++ = (LocalInfo){name_of(v->name), v->start_pc, v->end_pc};
  for (const Upvalue *u = f->first_upvalue; u; u = u->next) *tables.names++ = name_of(u->variable->name);
  free_variables(g, f);
  return true;
}

/* --- The module --- */

static Capture capture_of(const Function *f, const Upvalue *u) {
  const Variable *v = u->variable;
  if (v->function != f->outer) return (Capture){CAPTURE_UPVALUE, u->outer_index};
  if (variable_is_shared(v)) return (Capture){CAPTURE_REFERENCE, v->reg};
  return (Capture){f->self == v ? CAPTURE_SELF : CAPTURE_VALUE, v->reg};
}

/* Reads of upvalues that turned out to be shared go through their boxes. */
static void mark_shared_reads(const Function *f, uint64_t shared) {
  for (uint32_t pc = 0; pc < f->proto.code_words; pc += 1u + vm_opcode_info[word_op(f->words[pc])].extra) {
    Word w = f->words[pc];
    if (word_op(w) == OP_GETUPV && (shared >> word_b(w) & 1))
      f->words[pc] = word_abc(OP_GETUPR, word_a(w), word_b(w), word_c(w));
  }
}

static void settle_upvalues(const Function *f) {
  uint64_t shared = 0;
  Capture *capture = f->captures;
  for (const Upvalue *u = f->first_upvalue; u; u = u->next) {
    *capture++ = capture_of(f, u);
    if (variable_is_shared(u->variable)) shared |= UINT64_C(1) << u->index;
  }
  if (shared != 0) mark_shared_reads(f, shared);
}

Module *vm_assemble_module(Generator *g, const Function *first, uint32_t function_count,
                           const char *chunk_name, size_t chunk_name_size) {
  Module head = {.proto_count = function_count};
  Output *output = &g->output;
  if (!vm_output_open(output)) return NULL;
  Proto *protos = take_table(g, &head.protos, function_count * sizeof *protos);
  if (!protos || !place_name(output, chunk_name, chunk_name_size, &head.chunk_name)) return NULL;
  for (const Function *f = first; f; f = f->next) {
    settle_upvalues(f);
    protos[f->index] = f->proto;
    protos[f->index].parent = f->outer ? f->outer->index : 0;
    head.constant_total += f->proto.constant_count;
  }
  head.size = (uint32_t)output->size;
  Module *module = vm_output_join(output);
  *module = head;
  return module;
}
