/* SPDX-License-Identifier: BSD-2-Clause */
/* statement - see the header.  As in expression.c, the order of nodes and tokens
 * is the reference's. */
#include "vm/compile/statement.h"

#include "vm/compile/expression.h"
#include "vm/compile/scope.h"

static void add(Parser *parser, NodeKind kind) {
  parser_add(parser, kind, 0, 0);
}

static bool ends_block(int kind) {
  return kind == TOKEN_END || kind == TOKEN_EOF || kind == TOKEN_ELSE || kind == TOKEN_ELSEIF ||
         kind == TOKEN_UNTIL;
}

static void parse_block(Parser *parser) {
  Block block;
  vm_scope_open_block(parser, &block, false);
  vm_statement_parse_chunk(parser);
  vm_scope_close_block(parser);
}

static void parse_condition(Parser *parser) {
  vm_expression_parse(parser);
  add(parser, NODE_CONDITION);
}

/* --- if, while, repeat --- */

static void parse_branch(Parser *parser) {
  parser_next(parser);
  parse_condition(parser);
  vm_parser_expect(parser, TOKEN_THEN);
  parse_block(parser);
}

static void parse_if(Parser *parser, int line) {
  add(parser, NODE_IF);
  parse_branch(parser);
  while (parser_kind(parser) == TOKEN_ELSEIF) {
    add(parser, NODE_ELSE);
    parse_branch(parser);
  }
  bool otherwise = parser_kind(parser) == TOKEN_ELSE;
  if (otherwise) {
    add(parser, NODE_ELSE);
    parser_next(parser);
    parse_block(parser);
  }
  parser_add(parser, NODE_IF_END, otherwise, 0);
  vm_parser_expect_match(parser, TOKEN_END, TOKEN_IF, line);
}

static void parse_while(Parser *parser, int line) {
  Block loop;
  parser_next(parser);
  add(parser, NODE_WHILE);
  parse_condition(parser);
  vm_scope_open_block(parser, &loop, true);
  vm_parser_expect(parser, TOKEN_DO);
  parse_block(parser);
  add(parser, NODE_WHILE_BACK);
  vm_parser_expect_match(parser, TOKEN_END, TOKEN_WHILE, line);
  vm_scope_close_block(parser);
  add(parser, NODE_WHILE_END);
}

/* When a closure took a local of the body, a false condition must close before it
 * goes back; otherwise it goes back at once. */
static void parse_repeat(Parser *parser, int line) {
  Block loop, body;
  add(parser, NODE_REPEAT);
  vm_scope_open_block(parser, &loop, true);
  vm_scope_open_block(parser, &body, false);
  parser_next(parser);
  vm_statement_parse_chunk(parser);
  vm_parser_expect_match(parser, TOKEN_UNTIL, TOKEN_REPEAT, line);
  parse_condition(parser);
  if (body.captured) {
    vm_scope_break(parser);
    add(parser, NODE_REPEAT_EXIT);
    vm_scope_close_block(parser);
    add(parser, NODE_REPEAT_AGAIN);
  } else {
    vm_scope_close_block(parser);
    add(parser, NODE_REPEAT_BACK);
  }
  vm_scope_close_block(parser);
}

/* --- for --- */

static void parse_for_value(Parser *parser) {
  vm_expression_parse(parser);
  add(parser, NODE_IN_LIST);
}

static void parse_for_body(Parser *parser, int line, int count, bool numeric) {
  Block body;
  vm_scope_activate(parser, 3);
  vm_parser_expect(parser, TOKEN_DO);
  parser_add(parser, NODE_FOR, numeric, 0);
  vm_scope_open_block(parser, &body, false);
  vm_scope_activate(parser, count);
  parser_add(parser, NODE_RESERVE, 0, (unsigned)count);
  parse_block(parser);
  vm_scope_close_block(parser);
  Node end = {.small = numeric, .count = (uint16_t)count, .line = (uint32_t)line};
  parser_add_node(parser, NODE_FOR_END, end);
}

static void parse_numeric_for(Parser *parser, Atom *name, int line) {
  vm_scope_declare_hidden(parser, "(for index)");
  vm_scope_declare_hidden(parser, "(for limit)");
  vm_scope_declare_hidden(parser, "(for step)");
  vm_scope_declare(parser, name);
  vm_parser_expect(parser, '=');
  parse_for_value(parser);
  vm_parser_expect(parser, ',');
  parse_for_value(parser);
  if (parser_skip(parser, ',')) {
    parse_for_value(parser);
  } else {
    add(parser, NODE_FOR_STEP);
  }
  parse_for_body(parser, line, 1, true);
}

static void parse_generic_for(Parser *parser, Atom *name) {
  int count = 1;
  vm_scope_declare_hidden(parser, "(for generator)");
  vm_scope_declare_hidden(parser, "(for state)");
  vm_scope_declare_hidden(parser, "(for control)");
  vm_scope_declare(parser, name);
  while (parser_skip(parser, ',')) {
    Atom *next = vm_parser_take_name(parser);
    vm_scope_declare(parser, next);
    count++;
  }
  vm_parser_expect(parser, TOKEN_IN);
  int line = parser->lexer.line;
  Expression last;
  unsigned values = vm_expression_parse_list(parser, &last);
  parser_add(parser, NODE_ITERATOR, 0, values);
  parse_for_body(parser, line, count, false);
}

static void parse_for(Parser *parser, int line) {
  Block loop;
  vm_scope_open_block(parser, &loop, true);
  parser_next(parser);
  Atom *name = vm_parser_take_name(parser);
  switch (parser_kind(parser)) {
    case '=': parse_numeric_for(parser, name, line); break;
    case ',':
    case TOKEN_IN: parse_generic_for(parser, name); break;
    default: vm_lexer_raise_near(&parser->lexer, "'=' or 'in' expected");
  }
  vm_parser_expect_match(parser, TOKEN_END, TOKEN_FOR, line);
  vm_scope_close_block(parser);
}

/* --- function, local --- */

static void mark_assigned(Expression target) {
  if (target.variable) target.variable->assigned = true;
}

static void parse_function(Parser *parser, int line) {
  bool method = false;
  parser_next(parser);
  Expression target = vm_expression_parse_name(parser);
  while (parser_kind(parser) == '.') {
    vm_expression_parse_field(parser);
    target = (Expression){EXPRESSION_INDEXED, NULL};
  }
  if (parser_kind(parser) == ':') {
    method = true;
    vm_expression_parse_field(parser);
    target = (Expression){EXPRESSION_INDEXED, NULL};
  }
  mark_assigned(target);
  vm_expression_parse_body(parser, method, line, NULL);
  parser_add_node(parser, NODE_DEFINE, (Node){.line = (uint32_t)line});
}

static void parse_local_function(Parser *parser) {
  Atom *name = vm_parser_take_name(parser);
  Variable *v = vm_scope_declare(parser, name);
  if (!v) return;
  parser_add(parser, NODE_RESERVE, 0, 1);
  vm_scope_activate(parser, 1);
  vm_expression_parse_body(parser, false, parser->lexer.line, v);
  parser_add_node(parser, NODE_LOCAL_FUNCTION, (Node){.variable = v});
}

static void parse_local(Parser *parser) {
  int wanted = 0;
  unsigned values = 0;
  do {
    Atom *name = vm_parser_take_name(parser);
    vm_scope_declare(parser, name);
    wanted++;
  } while (parser_skip(parser, ','));
  if (parser_skip(parser, '=')) {
    Expression last;
    values = vm_expression_parse_list(parser, &last);
  }
  parser_add(parser, NODE_LOCALS, (unsigned)wanted, values);
  vm_scope_activate(parser, wanted);
}

/* --- return, calls, assignments --- */

static void parse_return(Parser *parser) {
  unsigned values = 0;
  parser_next(parser);
  if (!ends_block(parser_kind(parser)) && parser_kind(parser) != ';') {
    Expression last;
    values = vm_expression_parse_list(parser, &last);
  }
  parser_add(parser, NODE_RETURN, 0, values);
}

static void check_target(Parser *parser, Expression target) {
  if (!expression_is_target(target)) vm_lexer_raise_near(&parser->lexer, "syntax error");
  mark_assigned(target);
}

/* The targets after the first; returns how many there are in all. */
static unsigned parse_more_targets(Parser *parser) {
  unsigned targets = 1;
  while (parser_skip(parser, ',')) {
    Expression target = vm_expression_parse_primary(parser);
    if (target.kind == EXPRESSION_LOCAL) parser_add(parser, NODE_SHADOWS, 0, targets);
    int most = LIMIT_C_LEVELS - (int)parser->levels;
    if ((int)targets > most)
      vm_scope_raise_limit(parser, parser->scope->function, most, "variables in assignment");
    check_target(parser, target);
    targets++;
    if (parser->lexer.fault.raised) break;
  }
  return targets;
}

static void parse_assignment(Parser *parser, Expression first) {
  check_target(parser, first);
  unsigned targets = parse_more_targets(parser);
  vm_parser_expect(parser, '=');
  Expression last;
  unsigned values = vm_expression_parse_list(parser, &last);
  parser_add(parser, NODE_ASSIGN, targets, values);
}

static void parse_call_or_assignment(Parser *parser) {
  Expression e = vm_expression_parse_primary(parser);
  if (e.kind == EXPRESSION_CALL) {
    add(parser, NODE_CALL_STATEMENT);
  } else {
    parse_assignment(parser, e);
  }
}

/* --- The statement --- */

/* Parses one statement; returns whether it must be the last of its block. */
static bool parse_statement(Parser *parser) {
  int line = parser->lexer.line;
  switch (parser_kind(parser)) {
    case TOKEN_IF: parse_if(parser, line); return false;
    case TOKEN_WHILE: parse_while(parser, line); return false;
    case TOKEN_DO:
      parser_next(parser);
      parse_block(parser);
      vm_parser_expect_match(parser, TOKEN_END, TOKEN_DO, line);
      return false;
    case TOKEN_FOR: parse_for(parser, line); return false;
    case TOKEN_REPEAT: parse_repeat(parser, line); return false;
    case TOKEN_FUNCTION: parse_function(parser, line); return false;
    case TOKEN_LOCAL:
      parser_next(parser);
      if (parser_skip(parser, TOKEN_FUNCTION))
        parse_local_function(parser);
      else
        parse_local(parser);
      return false;
    case TOKEN_RETURN: parse_return(parser); return true;
    case TOKEN_BREAK:
      parser_next(parser);
      vm_scope_break(parser);
      return true;
    default: parse_call_or_assignment(parser); return false;
  }
}

void vm_statement_parse_chunk(Parser *parser) {
  bool last = false;
  vm_parser_enter(parser);
  while (!last && !ends_block(parser_kind(parser))) {
    last = parse_statement(parser);
    parser_skip(parser, ';');
    add(parser, NODE_STATEMENT);
  }
  parser_leave(parser);
}
