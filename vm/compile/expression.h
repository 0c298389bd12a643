/* SPDX-License-Identifier: BSD-2-Clause */
/* expression - parses expressions. */
#ifndef VM_COMPILE_EXPRESSION_H
#define VM_COMPILE_EXPRESSION_H

#include "vm/compile/parser.h"

/* What the parser must know of an expression it has written. */
typedef enum {
  EXPRESSION_OTHER,
  EXPRESSION_CALL,
  EXPRESSION_VARARG,
  EXPRESSION_GLOBAL,
  EXPRESSION_LOCAL,   /* `variable` says which */
  EXPRESSION_UPVALUE, /* the same */
  EXPRESSION_INDEXED
} ExpressionKind;

typedef struct {
  ExpressionKind kind;
  Variable *variable;
} Expression;

/* It may give any number of values. */
static inline bool expression_is_open(Expression e) {
  return e.kind == EXPRESSION_CALL || e.kind == EXPRESSION_VARARG;
}

static inline bool expression_is_target(Expression e) { return e.kind >= EXPRESSION_GLOBAL; }

Expression vm_expression_parse(Parser *parser);

/* A call, variable or parenthesised expression with its suffixes. */
Expression vm_expression_parse_primary(Parser *parser);

/* At least one expression; all but the last go into registers.  Returns how many. */
unsigned vm_expression_parse_list(Parser *parser, Expression *ret_last);

/* A name as a value or target. */
Expression vm_expression_parse_name(Parser *parser);

/* ".name": indexes the value before. */
void vm_expression_parse_field(Parser *parser);

/* A function from its parameters to `end`; with `self`, it has a hidden parameter. */
void vm_expression_parse_body(Parser *parser, bool self, int line, Variable *self_variable);

#endif
