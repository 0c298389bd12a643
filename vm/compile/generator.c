/* SPDX-License-Identifier: BSD-2-Clause */
/* generator - the nodes, one handler each.
 *
 * Handlers use and leave terms on the stack as nodes.def says.  They do at each
 * node what the reference does at the same point of the source.
 */
#include "vm/compile/generator.h"

#include "vm/compile/assemble.h"

enum {
  DRAFT_ROOM = 512, /* more than one node adds: 2 for each of 200 targets, 61 for a closure */
  BATCH = 50        /* items of a list stored at once */
};

/* --- Records in progress --- */

static Term *push(Generator *g, Term t) {
  g->terms[g->term_count] = t;
  return &g->terms[g->term_count++];
}

static Term *top(Generator *g) {
  VM_ASSERT(g->term_count > 0);
  return &g->terms[g->term_count - 1];
}

static Term *pop(Generator *g) {
  VM_ASSERT(g->term_count > 0);
  return &g->terms[--g->term_count];
}

static bool reserve_term(Generator *g) {
  if (LIKELY(g->term_count < g->term_capacity)) return true;
  uint32_t capacity = g->term_capacity + g->term_capacity / 2 + 32;
  Term *larger = region_grow(g->region, g->terms, g->term_capacity * sizeof *larger,
                             (size_t)capacity * sizeof *larger);
  if (!larger) return false;
  g->terms = larger;
  g->term_capacity = capacity;
  return true;
}

static void open_construct(Generator *g) {
  Construct *c = g->free_constructs;
  if (c) g->free_constructs = c->outer;
  else c = region_take(g->region, sizeof *c);
  if (!c) {
    g->memory = true;
    return;
  }
  *c = (Construct){.outer = g->construct, .exit = NO_JUMPS, .escape = NO_JUMPS};
  g->construct = c;
}

static Construct close_construct(Generator *g) {
  Construct *c = g->construct;
  g->construct = c->outer;
  c->outer = g->free_constructs;
  g->free_constructs = c;
  return *c;
}

static void open_block(Generator *g, bool loop) {
  CodeBlock *b = g->free_blocks;
  if (b) g->free_blocks = b->outer;
  else b = region_take(g->region, sizeof *b);
  if (!b) {
    g->memory = true;
    return;
  }
  *b = (CodeBlock){
      .outer = g->frame->block, .active = g->frame->active, .loop = loop, .breaks = NO_JUMPS, .closes = -1};
  g->frame->block = b;
}

static CodeBlock close_block(Generator *g) {
  CodeBlock *b = g->frame->block, closed = *b;
  g->frame->block = b->outer;
  b->outer = g->free_blocks;
  g->free_blocks = b;
  return closed;
}

static void open_frame(Generator *g, Function *function) {
  Frame *f = g->free_frames, *outer = g->frame;
  if (f) g->free_frames = f->outer;
  else f = region_take(g->region, sizeof *f);
  if (!f) {
    g->memory = true;
    return;
  }
  *f = (Frame){.outer = outer, .function = function, .last_target = -1, .here = NO_JUMPS,
               .stack_size = 2, .special = {-1, -1, -1}, .slot_base = g->slot_count};
  if (outer) f->draft_base = outer->draft_base + (uint32_t)outer->pc;
  g->frame = f;
  g->code = g->drafts - f->draft_base;
}

static void close_frame(Generator *g) {
  Frame *f = g->frame;
  vm_constant_close(g);
  g->frame = f->outer;
  if (g->frame) g->code = g->drafts - g->frame->draft_base;
  f->outer = g->free_frames;
  g->free_frames = f;
}

/* --- Variables --- */

static void activate(Generator *g, Variable *v, int count) {
  Frame *frame = g->frame;
  for (int i = 0; i < count; i++, v = v->next) {
    v->start_pc = (uint32_t)frame->pc;
    frame->top = v;
    frame->active++;
  }
}

/* Ends the life of all variables above the `keep` oldest: nothing more will be learnt about
 * them.  Returns whether one is shared. */
static bool deactivate(Generator *g, int keep) {
  Frame *frame = g->frame;
  bool shared = false;
  while (frame->active > keep) {
    frame->top->end_pc = (uint32_t)frame->pc;
    shared |= variable_is_shared(frame->top);
    frame->top = frame->top->below;
    frame->active--;
  }
  frame->has_reference |= shared;
  return shared;
}

/* Says of the CLOSEs before breaks out of a block that ends whether they close one of its
 * variables; outer blocks that the breaks leave may have others. */
static void settle_closes(Generator *g, CodeBlock *b) {
  int last = -1;
  for (int pc = b->closes; pc >= 0; pc = draft_at(g, pc)->x) {
    Draft *d = draft_at(g, pc);
    for (const Variable *v = g->frame->top; v && v->reg >= b->active; v = v->below) {
      if (variable_is_shared(v) && v->start_pc <= (uint32_t)pc) d->shared = true;
    }
    last = pc;
  }
  if (last < 0 || !b->outer || b->outer->loop) return;
  draft_at(g, last)->x = b->outer->closes;
  b->outer->closes = b->closes;
}

/* Gives a list of `values` the length `wanted`; the last value is a term. */
static void adjust_values(Generator *g, int wanted, int values) {
  int missing = wanted - values;
  Term *last = values > 0 ? pop(g) : NULL;
  if (last && term_is_open(last)) {
    missing = missing + 1 > 0 ? missing + 1 : 0;
    vm_term_results(g, last, missing);
    if (missing > 1) vm_term_take_registers(g, missing - 1);
    return;
  }
  if (last) vm_term_in_next(g, last);
  if (missing > 0) {
    int reg = g->frame->free;
    vm_term_take_registers(g, missing);
    vm_term_nil(g, reg, missing);
  }
}

/* --- Values --- */

static void do_NIL(Generator *g, Node n) { (void)n, push(g, term_make(TERM_NIL, 0)); }
static void do_FALSE(Generator *g, Node n) { (void)n, push(g, term_make(TERM_FALSE, 0)); }
static void do_TRUE(Generator *g, Node n) { (void)n, push(g, term_make(TERM_TRUE, 0)); }

static void do_VARARG(Generator *g, Node n) {
  (void)n;
  push(g, term_make(TERM_VARARG, vm_draft_add_abc(g, DRAFT_VARARG, 0, 1, 0)));
}

static void do_NUMBER(Generator *g, Node n) {
  push(g, term_make(TERM_NUMBER, 0))->number = n.number;
}

static void do_STRING(Generator *g, Node n) {
  push(g, term_make(TERM_CONSTANT, vm_constant_string(g, n.atom)));
}

static void do_LOCAL(Generator *g, Node n) { push(g, term_make(TERM_LOCAL, n.small)); }

static void do_UPVALUE(Generator *g, Node n) { push(g, term_make(TERM_UPVALUE, n.small)); }

static void do_GLOBAL(Generator *g, Node n) {
  push(g, term_make(TERM_GLOBAL, vm_constant_string(g, n.atom)));
}

static void do_IN_ANY(Generator *g, Node n) { (void)n, vm_term_in_any(g, top(g)); }
static void do_IN_NEXT(Generator *g, Node n) { (void)n, vm_term_in_next(g, top(g)); }
static void do_IN_VALUE(Generator *g, Node n) { (void)n, vm_term_in_value(g, top(g)); }
static void do_IN_LIST(Generator *g, Node n) { (void)n, vm_term_in_next(g, pop(g)); }
static void do_ONE(Generator *g, Node n) { (void)n, vm_term_discharge(g, top(g)); }
static void do_ALL(Generator *g, Node n) { (void)n, vm_term_results(g, top(g), -1); }

/* --- Operations --- */

static void do_INDEX(Generator *g, Node n) {
  (void)n;
  Term *key = pop(g);
  vm_term_index(g, top(g), key);
}

static void do_FIELD(Generator *g, Node n) {
  Term key = term_make(TERM_CONSTANT, vm_constant_string(g, n.atom));
  vm_term_index(g, top(g), &key);
}

static void do_METHOD(Generator *g, Node n) {
  Term key = term_make(TERM_CONSTANT, vm_constant_string(g, n.atom));
  vm_term_method(g, top(g), &key);
}

static void do_CALL(Generator *g, Node n) {
  Term *last = n.small ? pop(g) : NULL;
  Term *function = top(g);
  int base = function->info, arguments = -1;
  if (!last || !term_is_open(last)) {
    if (last) vm_term_in_next(g, last);
    arguments = g->frame->free - (base + 1);
  }
  int place = vm_draft_add_abc(g, DRAFT_CALL, base, arguments + 1, 2);
  *function = term_make(TERM_CALL, place);
  draft_at(g, place)->line = n.line;
  g->frame->free = base + 1; /* one result in place of function and arguments */
}

static void do_UNARY(Generator *g, Node n) { vm_operator_unary(g, (Operator)n.small, top(g)); }
static void do_LEFT(Generator *g, Node n) { vm_operator_left(g, (Operator)n.small, top(g)); }

static void do_BINARY(Generator *g, Node n) {
  Term *right = pop(g);
  vm_operator_binary(g, (Operator)n.small, top(g), right);
}

/* --- Table constructors --- */

static void do_TABLE(Generator *g, Node n) {
  (void)n;
  open_construct(g);
  if (g->memory) return;
  g->construct->label = vm_draft_add_abc(g, DRAFT_NEWTABLE, 0, 0, 0);
  Term *t = push(g, term_make(TERM_PENDING, g->construct->label));
  vm_term_in_next(g, t);
  g->construct->base = t->info;
}

/* Stores the waiting items; `count` of them, or -1 for all up to the open top. */
static void add_setlist(Generator *g, const Construct *c, int count) {
  int batch = (c->items - 1) / BATCH + 1;
  int b = count < 0 ? 0 : count;
  if (batch <= 511) {
    vm_draft_add_abc(g, DRAFT_SETLIST, c->base, b, batch);
  } else {
    vm_draft_add_abc(g, DRAFT_SETLIST, c->base, b, 0);
    vm_draft_add_abx(g, DRAFT_NUMBER, 0, batch);
  }
  g->frame->free = c->base + 1;
}

static void do_ITEM(Generator *g, Node n) {
  (void)n;
  Construct *c = g->construct;
  vm_term_in_next(g, pop(g));
  c->items++;
  if (++c->waiting < BATCH) return;
  add_setlist(g, c, BATCH);
  c->waiting = 0;
}

static void do_KEY(Generator *g, Node n) {
  (void)n;
  Term *key = top(g);
  key->info = vm_term_operand(g, key); /* kept for do_ENTRY */
}

static void do_ENTRY(Generator *g, Node n) {
  (void)n;
  Construct *c = g->construct;
  Term *value = pop(g), *key = pop(g);
  int b = key->info;
  int operand = vm_term_operand(g, value);
  vm_draft_add_abc(g, DRAFT_SETTABLE, c->base, b, operand);
  c->entries++;
  g->frame->free = c->base + 1 + c->waiting;
}

static void finish_list(Generator *g, Construct *c, bool item) {
  if (item) {
    Term *last = pop(g);
    c->items++;
    c->waiting++;
    if (term_is_open(last)) {
      vm_term_results(g, last, -1);
      add_setlist(g, c, -1);
      c->items--; /* nobody knows how many it gives */
      return;
    }
    vm_term_in_next(g, last);
  }
  if (c->waiting > 0) add_setlist(g, c, c->waiting);
}

/* Sizes in the reference's "floating byte": eeeeexxx is (8 + xxx) * 2^(eeeee - 1). */
static int floating_byte(uint32_t size) {
  int exponent = 0;
  while (size >= 16) {
    size = (size + 1) >> 1;
    exponent++;
  }
  return size < 8 ? (int)size : ((exponent + 1) << 3) | ((int)size - 8);
}

static void do_TABLE_END(Generator *g, Node n) {
  finish_list(g, g->construct, n.small);
  Construct c = close_construct(g);
  draft_at(g, c.label)->b = (uint16_t)floating_byte((uint32_t)c.items);
  draft_at(g, c.label)->c = (uint16_t)floating_byte((uint32_t)c.entries);
}

/* --- Functions --- */

static void do_FUNCTION(Generator *g, Node n) { open_frame(g, n.function); }

static void do_PARAMETERS(Generator *g, Node n) {
  activate(g, n.variable, n.count);
  vm_term_take_registers(g, g->frame->active);
}

static void add_return(Generator *g, int first, int count) {
  vm_draft_add_abc(g, DRAFT_RETURN, first, count + 1, 0);
}

static void add_closure(Generator *g, const Function *function) {
  int place = vm_draft_add_abx(g, DRAFT_CLOSURE, 0, (int)function->index);
  for (const Upvalue *u = function->first_upvalue; u; u = u->next)
    vm_draft_add_abc(g, DRAFT_CAPTURE, 0, u->variable->reg, 0);
  push(g, term_make(TERM_PENDING, place));
}

static void do_FUNCTION_END(Generator *g, Node n) {
  (void)n;
  Function *function = g->frame->function;
  deactivate(g, 0);
  add_return(g, 0, 0);
  if (g->refusal.message) return;
  if (!vm_assemble_function(g)) {
    g->memory = true;
    return;
  }
  close_frame(g);
  if (g->frame) add_closure(g, function);
}

/* --- Blocks and locals --- */

static void do_BLOCK(Generator *g, Node n) { open_block(g, n.small); }

static void do_BLOCK_END(Generator *g, Node n) {
  settle_closes(g, g->frame->block);
  CodeBlock closed = close_block(g);
  Draft close = {.op = DRAFT_CLOSE, .a = (uint8_t)closed.active};
  close.shared = deactivate(g, closed.active);
  if (n.small) vm_draft_add(g, close);
  g->frame->free = g->frame->active;
  vm_draft_patch_here(g, closed.breaks);
}

static void do_BREAK(Generator *g, Node n) {
  CodeBlock *inner = g->frame->block, *b = inner;
  while (!b->loop) b = b->outer;
  if (n.small) {
    int place = vm_draft_add(g, (Draft){.op = DRAFT_CLOSE, .a = (uint8_t)b->active, .x = inner->closes});
    if (inner != b) inner->closes = place; /* what closures take is known when blocks end */
  }
  vm_draft_join(g, &b->breaks, vm_draft_jump(g));
}

static void do_STATEMENT(Generator *g, Node n) { (void)n, g->frame->free = g->frame->active; }
static void do_LOCALS(Generator *g, Node n) { adjust_values(g, n.small, n.count); }

static void do_ITERATOR(Generator *g, Node n) {
  adjust_values(g, 3, n.count);
  vm_term_check_stack(g, 3); /* the call of the iterator */
}

static void do_ACTIVATE(Generator *g, Node n) { activate(g, n.variable, n.count); }
static void do_RESERVE(Generator *g, Node n) { vm_term_take_registers(g, n.count); }

static void do_LOCAL_FUNCTION(Generator *g, Node n) {
  Variable *v = n.variable;
  Term target = term_make(TERM_LOCAL, v->reg);
  vm_term_store(g, &target, pop(g));
  v->start_pc = (uint32_t)g->frame->pc; /* debug information sees it from here on */
}

/* --- Statements --- */

static void do_CALL_STATEMENT(Generator *g, Node n) {
  (void)n;
  draft_at(g, pop(g)->info)->c = 1;
}

/* A local assigned after targets that index with it: they use a copy. */
static void do_SHADOWS(Generator *g, Node n) {
  int local = top(g)->info, copy = g->frame->free;
  bool conflict = false;
  for (uint32_t i = 1; i <= n.count; i++) {
    Term *target = &g->terms[g->term_count - 1 - i];
    if (target->kind != TERM_INDEXED) continue;
    if (target->info == local) conflict = true, target->info = copy;
    if (target->aux == local) conflict = true, target->aux = copy;
  }
  if (!conflict) return;
  vm_draft_add_abc(g, DRAFT_MOVE, copy, local, 0);
  vm_term_take_registers(g, 1);
}

static void do_ASSIGN(Generator *g, Node n) {
  int targets = n.small, values = n.count;
  if (values == targets) {
    Term *value = pop(g);
    vm_term_one(g, value);
    Term *target = pop(g);
    vm_term_store(g, target, value);
    targets--;
  } else {
    adjust_values(g, targets, values);
    if (values > targets) g->frame->free -= values - targets;
  }
  while (targets-- > 0) {
    Term value = term_make(TERM_REGISTER, g->frame->free - 1);
    vm_term_store(g, pop(g), &value);
  }
}

static void do_DEFINE(Generator *g, Node n) {
  Term *function = pop(g);
  Term *target = pop(g);
  vm_term_store(g, target, function);
  draft_at(g, g->frame->pc - 1)->line = n.line;
}

static void do_RETURN(Generator *g, Node n) {
  int first = 0, values = n.count;
  if (values > 0) {
    first = g->frame->active;
    Term *last = pop(g);
    if (term_is_open(last)) {
      vm_term_results(g, last, -1);
      if (last->kind == TERM_CALL && values == 1) draft_at(g, last->info)->op = DRAFT_TAILCALL;
      values = -1;
    } else if (values == 1) {
      first = vm_term_in_any(g, last);
    } else {
      vm_term_in_next(g, last);
    }
  }
  add_return(g, first, values);
}

static void do_CONDITION(Generator *g, Node n) {
  (void)n;
  Term *t = pop(g);
  if (t->kind == TERM_NIL) t->kind = TERM_FALSE;
  vm_term_go_if_true(g, t);
  g->construct->exit = t->if_false;
}

static void do_IF(Generator *g, Node n) { (void)n, open_construct(g); }

static void do_ELSE(Generator *g, Node n) {
  (void)n;
  Construct *c = g->construct;
  vm_draft_join(g, &c->escape, vm_draft_jump(g));
  vm_draft_patch_here(g, c->exit);
}

static void do_IF_END(Generator *g, Node n) {
  Construct c = close_construct(g);
  if (!n.small) vm_draft_join(g, &c.escape, c.exit);
  vm_draft_patch_here(g, c.escape);
}

static void open_loop(Generator *g) {
  int label = vm_draft_label(g);
  open_construct(g);
  if (!g->memory) g->construct->label = label;
}

static void do_WHILE(Generator *g, Node n) { (void)n, open_loop(g); }

static void do_WHILE_BACK(Generator *g, Node n) {
  (void)n;
  vm_draft_patch(g, vm_draft_jump(g), g->construct->label);
}

static void do_WHILE_END(Generator *g, Node n) {
  (void)n;
  Construct c = close_construct(g);
  vm_draft_patch_here(g, c.exit);
}

static void do_REPEAT(Generator *g, Node n) { (void)n, open_loop(g); }
static void do_REPEAT_EXIT(Generator *g, Node n) {
  (void)n, vm_draft_patch_here(g, g->construct->exit);
}

static void do_REPEAT_AGAIN(Generator *g, Node n) {
  (void)n;
  Construct c = close_construct(g);
  vm_draft_patch(g, vm_draft_jump(g), c.label);
}

static void do_REPEAT_BACK(Generator *g, Node n) {
  (void)n;
  Construct c = close_construct(g);
  vm_draft_patch(g, c.exit, c.label);
}

static void do_FOR_STEP(Generator *g, Node n) {
  (void)n;
  vm_draft_add_abx(g, DRAFT_LOADK, g->frame->free, vm_constant_number(g, 1));
  vm_term_take_registers(g, 1);
}

static void do_FOR(Generator *g, Node n) {
  open_construct(g);
  if (g->memory) return;
  Construct *c = g->construct;
  c->base = g->frame->active - 3;
  if (n.small) {
    c->label = vm_draft_add_abx(g, DRAFT_FORPREP, c->base, -1);
    c->exit = (JumpList){c->label, c->label};
  } else {
    c->exit = vm_draft_jump(g);
    c->label = c->exit.head;
  }
}

static void do_FOR_END(Generator *g, Node n) {
  Construct c = close_construct(g);
  vm_draft_patch_here(g, c.exit);
  JumpList back;
  if (n.small) {
    int loop = vm_draft_add_abx(g, DRAFT_FORLOOP, c.base, -1);
    draft_at(g, loop)->line = n.line;
    back = (JumpList){loop, loop};
  } else {
    int loop = vm_draft_add_abc(g, DRAFT_TFORLOOP, c.base, 0, n.count);
    draft_at(g, loop)->line = n.line;
    back = vm_draft_jump(g);
  }
  vm_draft_patch(g, back, c.label + 1);
}

/* --- The pass --- */

typedef void (*Handler)(Generator *g, Node n);

static const Handler handlers[NODE_COUNT_] = {
#define NODE(name, small, count, value, meaning) [NODE_##name] = do_##name,
#include "vm/compile/nodes.def"
#undef NODE
};

static bool reserve(Generator *g) {
  return constant_reserve(g) && reserve_term(g) && draft_reserve(g, DRAFT_ROOM);
}

static __attribute__((noinline)) void take_reserving(Generator *g, NodeKind kind, Node node) {
  if (UNLIKELY(!reserve(g))) g->memory = true;
  else handlers[kind](g, node);
}

/* Room is mostly there. */
void vm_generator_take(Generator *g, NodeKind kind, Node node, int line) {
  g->line = (uint32_t)line;
  uint32_t drafts = g->frame ? g->frame->draft_base + (uint32_t)g->frame->pc : 0;
  if (LIKELY(g->slot_capacity - g->slot_count >= CONSTANT_RESERVE && g->term_count < g->term_capacity &&
             g->draft_capacity - drafts >= DRAFT_ROOM)) {
    handlers[kind](g, node);
  } else {
    take_reserving(g, kind, node);
  }
}

void vm_generator_init(Generator *g, Region *region) {
  *g = (Generator){.scratch = region->scratch, .region = region, .line = 1};
  g->memory = !vm_output_init(&g->output, g->scratch);
}

void vm_generator_finish(Generator *g) { vm_draft_release(g); }
