/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_lexer - any bytes to tokens, read plainly and by looking ahead.
 *
 * The lexer ends, inside its text and the promised scratch; both ways give the same
 * tokens on the same lines and the same fault.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/compile/compile.h"
#include "vm/compile/lexer.h"

typedef struct {
  uint64_t hash;
  size_t count;
  int line;
  bool has_fault;
} Reading;

static void note(Reading *r, const Lexer *lexer) {
  uint64_t bits;
  const Token *t = &lexer->token;
  if (t->kind < 0 || t->kind >= TOKEN_COUNT_) __builtin_trap();
  r->hash = r->hash * 31 + (uint64_t)t->kind + (uint64_t)lexer->line * 7;
  if (t->kind == TOKEN_NUMBER) {
    memcpy(&bits, &t->number, sizeof bits);
    r->hash = r->hash * 31 + bits;
  }
  if (t->kind == TOKEN_NAME || t->kind == TOKEN_STRING) {
    for (size_t i = 0; i < t->atom->length; i++) r->hash = r->hash * 31 + (uint8_t)t->atom->bytes[i];
  }
}

/* The first byte of a text that looks ahead decides before which tokens. */
static Reading read_tokens(const char *text, size_t size, unsigned ahead) {
  Scratch scratch = {.size = COMPILE_SCRATCH_CONSTANT + size * COMPILE_SCRATCH_PER_BYTE};
  scratch.base = malloc(scratch.size);
  Lexer lexer;
  memset(&lexer, 0, sizeof lexer);
  Reading r = {.hash = 1};
  Region region = {.scratch = &scratch};
  vm_lexer_init(&lexer, &region, text, size, false);
  lexer.chunk_name = "@fuzz";
  lexer.chunk_name_size = 5;
  char spelled[16];
  do {
    vm_lexer_next(&lexer);
    note(&r, &lexer);
    if (vm_lexer_spell(lexer.token.kind, spelled) > sizeof spelled) __builtin_trap();
    if (++r.count > size + 2) __builtin_trap();
    if (ahead != 0 && r.count % ahead == 0 && lexer.token.kind != TOKEN_EOF) {
      int line = lexer.line, kind = vm_lexer_look_ahead(&lexer);
      if (kind < 0 || kind >= TOKEN_COUNT_ || lexer.line < line) __builtin_trap();
    }
  } while (lexer.token.kind != TOKEN_EOF);
  r.line = lexer.line;
  r.has_fault = lexer.fault.raised;
  if (lexer.fault.memory) __builtin_trap(); /* the promised scratch must do */
  free(scratch.base);
  return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 16384) return 0;
  Reading plain = read_tokens((const char *)data, size, 0), again = read_tokens((const char *)data, size, 0);
  if (plain.hash != again.hash || plain.count != again.count) __builtin_trap();
  Reading ahead = read_tokens((const char *)data, size, size % 5 + 1);
  if (ahead.has_fault != plain.has_fault) __builtin_trap();
  if (!plain.has_fault && (ahead.count != plain.count || ahead.line != plain.line)) __builtin_trap();
  return 0;
}
