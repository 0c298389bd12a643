/* SPDX-License-Identifier: BSD-2-Clause */
/* parser - what the parts of the recursive-descent parser share.
 *
 * expression.c and statement.c follow the grammar, scope.c resolves names; all
 * write the tree through parser_add.  Recursion is bounded by `levels`, which is
 * counted where the reference counts it.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_PARSER_H
#define VM_COMPILE_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/compile/lexer.h"
#include "vm/compile/tree.h"
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

/* Why code generation failed at a node; raised when the second parse gets there. */
typedef struct {
  const char *message;
  bool plain; /* without a position */
} Refusal;

typedef struct {
  Lexer lexer;
  Tree tree;
  Scope *scope;
  Function *first_function, *last_function;
  uint32_t function_count;
  unsigned levels; /* nested C levels, the caller's included */
  Refusal refusal; /* for the node tree.stop_at */
} Parser;

/* Parses the whole source into parser->tree; on return parser->lexer.fault tells. */
void vm_parser_run(Parser *parser);

/* Counts one level of nesting; raises when there are too many. */
void vm_parser_enter(Parser *parser);

/* Makes room for a node; false when none may be added. */
bool vm_parser_make_room(Parser *parser);

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

static inline void parser_put(Parser *parser, NodeKind kind, unsigned small, unsigned count,
                              uint32_t value) {
  if (UNLIKELY(parser->tree.at == parser->tree.limit) && !vm_parser_make_room(parser)) return;
  *parser->tree.at++ = (Node){(uint8_t)kind, (uint8_t)small, (uint16_t)count, value};
}

/* Adds a node to the tree; its line is that of the last token consumed. */
static inline void parser_add(Parser *parser, NodeKind kind, unsigned small, unsigned count,
                              uint32_t value) {
  if (UNLIKELY(parser->lexer.fault.raised)) return;
  if (parser->tree.line != parser->lexer.last_line) {
    parser->tree.line = parser->lexer.last_line;
    parser_put(parser, NODE_LINE, 0, 0, (uint32_t)parser->tree.line);
    if (UNLIKELY(parser->lexer.fault.raised)) return;
  }
  parser_put(parser, kind, small, count, value);
}

static inline Ref parser_ref(const Parser *parser, const void *record) {
  return region_ref(parser->lexer.scratch, record);
}

#endif
