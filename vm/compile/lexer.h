/* SPDX-License-Identifier: BSD-2-Clause */
/* lexer - source text to tokens, exactly as the reference Lua 5.1 reads them.
 *
 * The first error wins and sticks: from then on every token is TOKEN_EOF, so the
 * parser runs out by itself and no jump is needed.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_LEXER_H
#define VM_COMPILE_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/compile/atom.h"
#include "vm/compile/region.h"

enum {
  TOKEN_NONE_ = 256, /* below: a token that is a single byte, by its value */
#define RESERVED(name, text) TOKEN_##name,
#define TOKEN(name, text) TOKEN_##name,
#include "vm/compile/tokens.def"
#undef RESERVED
#undef TOKEN
  TOKEN_COUNT_
};

typedef struct {
  int kind;      /* a byte, or TOKEN_ */
  Atom *atom;    /* of TOKEN_NAME and TOKEN_STRING */
  double number; /* of TOKEN_NUMBER */
} Token;

typedef struct {
  bool raised;
  bool memory;      /* the scratch is full: no text */
  const char *text; /* in the scratch; may hold any byte but NUL */
  size_t size;
  int line;
} Fault;

typedef struct {
  Region *region;
  AtomTable atoms;
  const char *at;    /* next byte; a NUL stands at `end` */
  const char *end;
  const char *token_start; /* where the newest token begins, for messages */
  Token token;       /* the current one */
  Token ahead;       /* valid when has_ahead */
  bool has_ahead;
  int line;          /* of `at` */
  int last_line;     /* of the token consumed last */
  const char *chunk_name;
  size_t chunk_name_size;
  Fault fault;
  char nothing;      /* the source when there is no room for one */
} Lexer;

/* Starts before the first token: call vm_lexer_next once.  A source that is `terminated` has
 * a NUL behind it and is read where it is, else it is copied. */
void vm_lexer_init(Lexer *lexer, Region *region, const char *source, size_t size, bool terminated);

/* Makes the next token the current one. */
void vm_lexer_next(Lexer *lexer);

/* Reads one token beyond the current one and returns its kind. */
int vm_lexer_look_ahead(Lexer *lexer);

/* How messages spell a token kind: a byte, "char(27)", or its text. */
size_t vm_lexer_spell(int kind, char text[16]);

/* Raises "chunk:line: message near 'token'" for the current token. */
void vm_lexer_raise_near(Lexer *lexer, const char *message);

/* Raises "chunk:line: message". */
void vm_lexer_raise(Lexer *lexer, const char *message);

/* Raises a message without a position. */
void vm_lexer_raise_plain(Lexer *lexer, const char *message);

/* Raises exhausted memory. */
void vm_lexer_raise_memory(Lexer *lexer);

#endif
