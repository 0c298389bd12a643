/* SPDX-License-Identifier: BSD-2-Clause */
/* parser - what the parts of the recursive-descent parser share.
 *
 * expression.c and statement.c follow the grammar, scope.c resolves names; all
 * pass nodes to the generator through parser_add.  Recursion is bounded by `levels`, which is
 * counted where the reference counts it.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_PARSER_H
#define VM_COMPILE_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/compile/generator.h"
#include "vm/compile/lexer.h"
#include "vm/config.h"

/* A block being parsed; on the C stack. */
typedef struct Block {
  struct Block *outer; /* in the same function */
  int active;          /* active variables outside it */
  bool loop;           /* break leaves it */
  bool captured;       /* a closure took one of its variables so far */
} Block;

/* A function being parsed; on the C stack. */
typedef struct Scope {
  struct Scope *outer;
  Function *function;
  Block *block;
  Variable *top;     /* newest active variable */
  Variable *pending; /* first variable declared but not active */
  int active;
  int pending_count;
} Scope;

typedef struct {
  Region region; /* of all records */
  Lexer lexer;
  Generator generator;
  Scope *scope;
  Function *first_function, *last_function;
  uint32_t function_count;
  unsigned levels; /* nested C levels, the caller's included */
} Parser;

/* Parses and generates the whole source; on return parser->lexer.fault tells. */
void vm_parser_run(Parser *parser);

/* Counts one level of nesting; raises when there are too many. */
void vm_parser_enter(Parser *parser);

/* Raises what generation failed with. */
void vm_parser_fail(Parser *parser);

/* The current token must be `kind`; raises if it is not. */
bool vm_parser_check(Parser *parser, int kind);

/* Skips the token `kind`, which must be there. */
void vm_parser_expect(Parser *parser, int kind);

/* Skips the token `kind`, which closes `opened` of the given line. */
void vm_parser_expect_match(Parser *parser, int kind, int opened, int line);

/* Skips a name and returns it; NULL after raising. */
Atom *vm_parser_take_name(Parser *parser);

static inline int parser_kind(const Parser *parser) { return parser->lexer.token.kind; }
static inline void parser_next(Parser *parser) { vm_lexer_next(&parser->lexer); }
static inline void parser_leave(Parser *parser) { parser->levels--; }

static inline bool parser_skip(Parser *parser, int kind) {
  if (parser->lexer.token.kind != kind) return false;
  vm_lexer_next(&parser->lexer);
  return true;
}

/* Generates a node; its line is that of the last token consumed. */
static inline void parser_add_node(Parser *parser, NodeKind kind, Node node) {
  if (UNLIKELY(parser->lexer.fault.raised)) return;
  vm_generator_take(&parser->generator, kind, node, parser->lexer.last_line);
  if (UNLIKELY(generator_failed(&parser->generator))) vm_parser_fail(parser);
}

static inline void parser_add(Parser *parser, NodeKind kind, unsigned small, unsigned count) {
  parser_add_node(parser, kind, (Node){.small = (uint8_t)small, .count = (uint16_t)count});
}

#endif
