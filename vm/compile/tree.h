/* SPDX-License-Identifier: BSD-2-Clause */
/* tree - the syntax tree, stored in evaluation order.
 *
 * Nodes are 8 bytes, one behind the other in chunks; operands stand before the
 * node that uses them, so that code generation is one pass without recursion
 * however long a chain of operators is.  Names are resolved: a node names a
 * register, an upvalue or a global.  What the parser learns about a variable or a
 * function after its nodes were written stands in its record.
 */
#ifndef VM_COMPILE_TREE_H
#define VM_COMPILE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/compile/atom.h"
#include "vm/compile/region.h"

typedef enum {
#define NODE(name, small, count, value, meaning) NODE_##name,
#include "vm/compile/nodes.def"
#undef NODE
  NODE_COUNT_
} NodeKind;

typedef struct {
  uint8_t kind; /* NodeKind */
  uint8_t small;
  uint16_t count;
  uint32_t value; /* a number or a Ref */
} Node;

typedef enum {
  OPERATOR_ADD, OPERATOR_SUB, OPERATOR_MUL, OPERATOR_DIV, OPERATOR_MOD, OPERATOR_POW,
  OPERATOR_CONCAT, OPERATOR_NE, OPERATOR_EQ, OPERATOR_LT, OPERATOR_LE, OPERATOR_GT,
  OPERATOR_GE, OPERATOR_AND, OPERATOR_OR,
  OPERATOR_MINUS, OPERATOR_NOT, OPERATOR_LENGTH, /* unary */
  OPERATOR_NONE
} Operator;

typedef struct Function Function;

struct Variable {
  Atom *name;
  Function *function;
  Variable *shadowed; /* what the name meant before */
  Variable *below;    /* active variable in the register below, or NULL */
  Variable *next;     /* of the function, in order of declaration */
  uint32_t start_pc, end_pc; /* words, once the function is generated */
  uint8_t reg;
  bool captured; /* by a closure */
  bool assigned; /* after its declaration */
};

/* Captured by reference: a copy taken by a closure could grow stale. */
static inline bool variable_is_shared(const Variable *v) { return v->captured && v->assigned; }

typedef struct Upvalue {
  struct Upvalue *next;
  Variable *variable;
  uint8_t index;       /* in this function */
  uint8_t outer_index; /* in the enclosing function's upvalues, unless it owns the variable */
} Upvalue;

/* A function after code generation; see vm/compile/lower.h. */
typedef struct Compiled Compiled;

struct Function {
  Function *outer;
  Function *next; /* in order of appearance */
  Variable *first_variable, *last_variable;
  Upvalue *first_upvalue, *last_upvalue;
  Compiled *compiled;
  Variable *self; /* of `local function f`: f */
  uint32_t index; /* in the module */
  uint32_t child_count;
  uint32_t variable_count;
  uint32_t line_defined, last_line_defined;
  uint8_t flags; /* PROTO_ */
  uint8_t parameter_count;
  uint8_t upvalue_count;
};

enum { TREE_CHUNK_NODES = 510 };

typedef struct TreeChunk {
  struct TreeChunk *next;
  uint64_t count; /* nodes in it, valid once it is full or the tree is finished */
  Node nodes[TREE_CHUNK_NODES];
} TreeChunk;

typedef struct {
  Scratch *scratch;
  TreeChunk *first, *last;
  Node *at, *limit; /* in the last chunk */
  uint64_t before;  /* nodes in the chunks before the last */
  uint64_t stop_at; /* the node at which tree_add must fail */
  int line;         /* of the newest node */
} Tree;

/* Makes an empty tree; `stop_at` nodes fit, UINT64_MAX for no bound. */
void vm_tree_init(Tree *tree, Scratch *scratch, uint64_t stop_at);

typedef enum { TREE_READY, TREE_FULL, TREE_STOPPED } TreeRoom;

/* Makes room for a node after `at` met `limit`. */
TreeRoom vm_tree_make_room(Tree *tree);

static inline uint64_t tree_count(const Tree *tree) {
  return tree->last ? tree->before + (uint64_t)(tree->at - tree->last->nodes) : 0;
}

#endif
