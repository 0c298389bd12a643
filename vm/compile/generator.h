/* SPDX-License-Identifier: BSD-2-Clause */
/* generator - what the parts of code generation share.
 *
 * Nodes are generated as the parser finds them.  Values not used yet are terms on a
 * stack; functions, blocks and statements in progress are records in lists.  All
 * functions in progress share one stack of drafts and one of constants, because an
 * inner function is finished before the outer goes on.  Drafts grow downwards from
 * the scratch's end and constants in chunks, so they are never copied, however long a
 * function is.
 *
 * Before each node there is room for what one node can add, so nothing below it
 * can fail for lack of memory.  A limit of the language sets `refusal` and goes on;
 * the parser raises it behind the node.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_GENERATOR_H
#define VM_COMPILE_GENERATOR_H

#include "vm/compile/draft.h"
#include "vm/compile/module.h"
#include "vm/compile/node.h"
#include "vm/compile/output.h"
#include "vm/compile/region.h"
#include "vm/config.h"

/* A value in the making.  The kinds' order matters: see term.c. */
typedef enum {
  TERM_VOID,
  TERM_NIL,
  TERM_TRUE,
  TERM_FALSE,
  TERM_CONSTANT, /* info: its number */
  TERM_NUMBER,   /* number; not among the constants yet */
  TERM_LOCAL,    /* info: register of a variable */
  TERM_UPVALUE,  /* info: its index */
  TERM_GLOBAL,   /* info: constant with its name */
  TERM_INDEXED,  /* info: register of the table; aux: key, register or constant */
  TERM_JUMP,     /* info, aux: ends of the list of a comparison's jump */
  TERM_PENDING,  /* info: instruction whose target register is open */
  TERM_REGISTER, /* info: its register */
  TERM_CALL,     /* info: its instruction */
  TERM_VARARG    /* info: its instruction */
} TermKind;

typedef struct {
  uint8_t kind; /* TermKind */
  int info;
  union {
    int aux;
    double number;
  };
  JumpList if_true, if_false; /* jumps taken when the value is decided */
} Term;

typedef struct {
  uint32_t kind;     /* ConstantKind */
  uint32_t previous; /* what the atom's slot or the number's bucket was before */
  union {
    Atom *atom;
    double number;
  };
} Slot;

enum { SLOT_CHUNK = 128 }; /* slots allocated together */

/* A block in progress. */
typedef struct CodeBlock {
  struct CodeBlock *outer;
  int active;
  bool loop;
  JumpList breaks;
  int closes; /* newest CLOSE before a break that may concern its variables, or -1 */
} CodeBlock;

/* A statement or table constructor in progress. */
typedef struct Construct {
  struct Construct *outer;
  int label;       /* where a loop goes back to; the instruction of for and tables */
  int base;        /* register of a table or of a for's first control variable */
  JumpList exit;   /* taken when the condition is false */
  JumpList escape; /* from the ends of branches */
  int items, entries, waiting; /* of a table; waiting: in registers, not stored */
} Construct;

/* A function in progress. */
typedef struct Frame {
  struct Frame *outer;
  Function *function;
  CodeBlock *block;
  Variable *top; /* newest active variable */
  uint32_t draft_base, slot_base;
  int pc;
  int last_target; /* newest place that a jump comes to */
  JumpList here;   /* jumps that come to the next instruction */
  int free;        /* first free register */
  int active;      /* active variables */
  int stack_size;
  int special[3];  /* constants nil, false, true; -1 when there is none */
  bool has_reference;
  int nil_start, nil_end; /* registers that must be nil at the start; nil_end 0 for none */
  uint32_t nil_line;
} Frame;

/* A limit of the language that was hit. */
typedef struct {
  const char *message; /* NULL for none */
  bool plain;          /* raised without a position */
} Refusal;

typedef struct {
  Scratch *scratch;
  Region *region;
  Output output;
  Frame *frame;
  Draft *drafts;  /* the first of all; the others lie below it */
  Draft *code;    /* the first of the current function */
  Draft *draft_lowest; /* of those that were written: they grow downwards */
  uint32_t draft_capacity;
  size_t scratch_size; /* before drafts took the end of the scratch */
  Slot **slot_chunks;
  uint32_t slot_count, slot_capacity;
  uint32_t chunk_room; /* in slot_chunks */
  Term *terms;
  uint32_t term_count, term_capacity;
  uint32_t *number_buckets; /* the newest slot of a number with such a hash, plus 1 */
  uint32_t number_mask, number_count;
  Construct *construct, *free_constructs;
  CodeBlock *free_blocks;
  Frame *free_frames;
  Variable *free_variables; /* of finished functions */
  uint32_t line; /* of the node in work */
  bool memory;   /* the scratch is full */
  Refusal refusal;
} Generator;

static inline bool generator_failed(const Generator *g) { return g->memory || g->refusal.message; }

void vm_generator_init(Generator *g, Region *region);

/* Ends generation, whatever became of it. */
void vm_generator_finish(Generator *g);

/* Generates a node of the source line `line`. */
void vm_generator_take(Generator *g, NodeKind kind, Node node, int line);

/* --- draft.c: instructions and jumps --- */

static inline Slot *slot_at(const Generator *g, uint32_t number) {
  return &g->slot_chunks[number / SLOT_CHUNK][number % SLOT_CHUNK];
}

static inline Draft *draft_at(const Generator *g, int pc) { return g->code - pc; }

/* Appends an instruction and returns its place. */
int vm_draft_add(Generator *g, Draft draft);
int vm_draft_add_abc(Generator *g, DraftOp op, int a, int b, int c);
int vm_draft_add_abx(Generator *g, DraftOp op, int a, int x);

/* Marks the next instruction as the target of a jump and returns its place. */
int vm_draft_label(Generator *g);
JumpList vm_draft_jump(Generator *g);
/* A test and its jump. */
JumpList vm_draft_jump_if(Generator *g, DraftOp op, int a, int b, int c);
void vm_draft_join(Generator *g, JumpList *list, JumpList more);
void vm_draft_patch(Generator *g, JumpList list, int target);
void vm_draft_patch_here(Generator *g, JumpList list);
/* Sends jumps that carry a value to `value_target`, storing it in `reg`, the
 * others to `other_target`. */
void vm_draft_patch_values(Generator *g, JumpList list, int value_target, int reg,
                           int other_target);
/* Whether some jump of the list carries no value. */
bool vm_draft_needs_value(const Generator *g, JumpList list);
void vm_draft_drop_values(Generator *g, JumpList list);
/* The test before the jump, or the jump itself. */
Draft *vm_draft_control(const Generator *g, int jump);
void vm_draft_refuse(Generator *g, const char *message, bool plain);
/* Makes room for `more` drafts; the first call takes the end of the scratch. */
bool vm_draft_reserve_more(Generator *g, uint32_t more);

static inline bool draft_reserve(Generator *g, uint32_t more) {
  uint32_t used = g->frame ? g->frame->draft_base + (uint32_t)g->frame->pc : 0;
  return LIKELY(g->draft_capacity - used >= more) || vm_draft_reserve_more(g, more);
}
/* Gives the end of the scratch back. */
void vm_draft_release(Generator *g);

/* --- constant.c --- */

int vm_constant_string(Generator *g, Atom *atom);
int vm_constant_number(Generator *g, double number);
int vm_constant_special(Generator *g, ConstantKind kind);
/* Forgets the constants of the current function, which is finished. */
void vm_constant_close(Generator *g);
bool vm_constant_reserve_more(Generator *g);

enum { CONSTANT_RESERVE = 8 }; /* more than one node adds */

static inline bool constant_reserve(Generator *g) {
  return LIKELY(g->slot_capacity - g->slot_count >= CONSTANT_RESERVE) || vm_constant_reserve_more(g);
}

/* --- term.c: where values are put --- */

void vm_term_take_registers(Generator *g, int count);
void vm_term_check_stack(Generator *g, int count);
void vm_term_free(Generator *g, const Term *t);
void vm_term_discharge(Generator *g, Term *t);
void vm_term_in_next(Generator *g, Term *t);
int vm_term_in_any(Generator *g, Term *t);
void vm_term_in_register(Generator *g, Term *t, int reg);
void vm_term_in_value(Generator *g, Term *t);
/* Register or constant, the latter with DRAFT_CONSTANT added. */
int vm_term_operand(Generator *g, Term *t);
void vm_term_one(Generator *g, Term *t);
void vm_term_results(Generator *g, Term *t, int count); /* -1 for all */
void vm_term_store(Generator *g, const Term *target, Term *value);
void vm_term_index(Generator *g, Term *table, Term *key);
void vm_term_method(Generator *g, Term *object, Term *key);
void vm_term_go_if_true(Generator *g, Term *t);
void vm_term_go_if_false(Generator *g, Term *t);
void vm_term_nil(Generator *g, int from, int count);

static inline Term term_make(TermKind kind, int info) {
  return (Term){.kind = (uint8_t)kind, .info = info, .if_true = NO_JUMPS, .if_false = NO_JUMPS};
}
static inline bool term_has_jumps(const Term *t) { return t->if_true.head != t->if_false.head; }
static inline bool term_is_open(const Term *t) {
  return t->kind == TERM_CALL || t->kind == TERM_VARARG;
}

/* --- operator.c --- */

void vm_operator_unary(Generator *g, Operator operator, Term *t);
void vm_operator_left(Generator *g, Operator operator, Term *t);
void vm_operator_binary(Generator *g, Operator operator, Term *left, Term *right);

#endif
