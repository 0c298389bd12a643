/* SPDX-License-Identifier: BSD-2-Clause */
/* parser - see the header. */
#include "vm/compile/parser.h"

#include "vm/compile/message.h"
#include "vm/compile/scope.h"
#include "vm/compile/statement.h"

void vm_parser_enter(Parser *parser) {
  if (++parser->levels > LIMIT_C_LEVELS)
    vm_lexer_raise(&parser->lexer, "chunk has too many syntax levels");
}

void vm_parser_fail(Parser *parser) {
  const Refusal *refusal = &parser->generator.refusal;
  if (parser->generator.memory) {
    vm_lexer_raise_memory(&parser->lexer);
  } else if (refusal->plain) {
    vm_lexer_raise_plain(&parser->lexer, refusal->message);
  } else {
    vm_lexer_raise_near(&parser->lexer, refusal->message);
  }
}

static size_t put_quoted(char *text, size_t at, int kind) {
  at = message_put(text, at, "'");
  at += vm_lexer_spell(kind, text + at);
  return message_put(text, at, "'");
}

static void raise_expected(Parser *parser, int kind) {
  char text[64];
  size_t n = put_quoted(text, 0, kind);
  message_put(text, n, " expected");
  vm_lexer_raise_near(&parser->lexer, text);
}

bool vm_parser_check(Parser *parser, int kind) {
  if (LIKELY(parser_kind(parser) == kind)) return true;
  raise_expected(parser, kind);
  return false;
}

void vm_parser_expect(Parser *parser, int kind) {
  if (vm_parser_check(parser, kind)) parser_next(parser);
}

void vm_parser_expect_match(Parser *parser, int kind, int opened, int line) {
  if (parser_skip(parser, kind)) return;
  if (line == parser->lexer.line) {
    raise_expected(parser, kind);
    return;
  }
  char text[128];
  size_t n = put_quoted(text, 0, kind);
  n = message_put(text, n, " expected (to close ");
  n = put_quoted(text, n, opened);
  n = message_put(text, n, " at line ");
  n = message_put_number(text, n, (uint32_t)line);
  message_put(text, n, ")");
  vm_lexer_raise_near(&parser->lexer, text);
}

Atom *vm_parser_take_name(Parser *parser) {
  if (!vm_parser_check(parser, TOKEN_NAME)) return NULL;
  Atom *name = parser->lexer.token.atom;
  parser_next(parser);
  return name;
}

void vm_parser_run(Parser *parser) {
  Scope main_scope;
  if (!vm_scope_open(parser, &main_scope, 0)) return;
  main_scope.function->proto.flags = PROTO_VARARG;
  parser_next(parser);
  vm_statement_parse_chunk(parser);
  vm_parser_check(parser, TOKEN_EOF);
  vm_scope_close(parser);
}
