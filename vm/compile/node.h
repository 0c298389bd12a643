/* SPDX-License-Identifier: BSD-2-Clause */
/* node - what the parser tells the code generator, in evaluation order.
 *
 * There is no tree: each node (nodes.def) is generated as soon as it is known, and
 * operands come before the node that uses them, so that nothing recurses however
 * long a chain of operators is.  Names are resolved: a node names a register, an
 * upvalue or a global.  What only later source tells of a variable (whether a
 * closure takes it, whether it is assigned again) stands in its record, and is asked
 * for when it can no longer change.
 */
#ifndef VM_COMPILE_NODE_H
#define VM_COMPILE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/compile/atom.h"
#include "vm/compile/module.h"
#include "vm/compile/opcode.h"

typedef enum {
#define NODE(name, small, count, value, meaning) NODE_##name,
#include "vm/compile/nodes.def"
#undef NODE
  NODE_COUNT_
} NodeKind;

typedef struct {
  uint8_t small;
  uint16_t count;
  union {
    uint32_t line;
    double number;
    Atom *atom;
    struct Variable *variable;
    struct Function *function;
  };
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

struct Function {
  Function *outer;
  Function *next; /* in order of appearance */
  Variable *first_variable, *last_variable;
  Upvalue *first_upvalue, *last_upvalue;
  Variable *self;    /* of `local function f`: f */
  Word *words;       /* written so far in the module, and */
  Capture *captures; /* to be filled in when the source ends */
  uint32_t index; /* in the module */
  uint32_t child_count;
  uint32_t variable_count;
  Proto proto;       /* filled in step by step */
};

#endif
