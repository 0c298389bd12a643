/* SPDX-License-Identifier: BSD-2-Clause */
/* expression - see the header.
 *
 * Chains of operators and suffixes are loops, so recursion comes only with what
 * brackets, right operands and functions nest; vm_parser_enter counts that.  The
 * points at which nodes are written matter: a limit that code generation hits is
 * reported near the token that was current there.
 */
#include "vm/compile/expression.h"

#include "vm/compile/scope.h"
#include "vm/compile/statement.h"

static const Expression other = {EXPRESSION_OTHER, NULL};

static void add(Parser *parser, NodeKind kind) {
  parser_add(parser, kind, 0, 0);
}

static void add_atom(Parser *parser, NodeKind kind, Atom *atom) {
  if (atom) parser_add_node(parser, kind, (Node){.atom = atom});
}

/* --- Function bodies --- */

static void parse_parameters(Parser *parser) {
  Function *function = parser->scope->function;
  bool more = parser_kind(parser) != ')';
  while (more) {
    if (parser_kind(parser) == TOKEN_NAME) {
      Atom *name = vm_parser_take_name(parser);
      vm_scope_declare(parser, name);
    } else if (parser_skip(parser, TOKEN_DOTS)) {
      /* Lua 5.1's old form: the rest is also the table `arg`. */
      vm_scope_declare_hidden(parser, "arg");
      function->proto.flags = PROTO_VARARG | PROTO_NEEDS_ARG;
    } else {
      vm_lexer_raise_near(&parser->lexer, "<name> or '...' expected");
    }
    more = !function->proto.flags && parser_skip(parser, ',');
  }
  vm_scope_activate_parameters(parser);
  function->proto.parameter_count = (uint8_t)(parser->scope->active - (function->proto.flags ? 1 : 0));
}

void vm_expression_parse_body(Parser *parser, bool self, int line, Variable *self_variable) {
  Scope scope;
  if (!vm_scope_open(parser, &scope, line)) return;
  scope.function->self = self_variable;
  vm_parser_expect(parser, '(');
  if (self) {
    vm_scope_declare_hidden(parser, "self");
    vm_scope_activate(parser, 1);
  }
  parse_parameters(parser);
  vm_parser_expect(parser, ')');
  vm_statement_parse_chunk(parser);
  scope.function->proto.last_line_defined = (uint32_t)parser->lexer.line;
  vm_parser_expect_match(parser, TOKEN_END, TOKEN_FUNCTION, line);
  vm_scope_close(parser);
}

/* --- Table constructors --- */

static void parse_bracket_index(Parser *parser) {
  parser_next(parser);
  vm_expression_parse(parser);
  add(parser, NODE_IN_VALUE);
  vm_parser_expect(parser, ']');
}

static void parse_entry(Parser *parser) {
  if (parser_kind(parser) == TOKEN_NAME) {
    add_atom(parser, NODE_STRING, vm_parser_take_name(parser));
  } else {
    parse_bracket_index(parser);
  }
  vm_parser_expect(parser, '=');
  add(parser, NODE_KEY);
  vm_expression_parse(parser);
  add(parser, NODE_ENTRY);
}

/* Parses one field; returns whether it is an item of the list. */
static bool parse_table_field(Parser *parser) {
  bool entry = parser_kind(parser) == '[';
  if (parser_kind(parser) == TOKEN_NAME) entry = vm_lexer_look_ahead(&parser->lexer) == '=';
  if (entry) {
    parse_entry(parser);
  } else {
    vm_expression_parse(parser);
  }
  return !entry;
}

static void parse_table(Parser *parser) {
  int line = parser->lexer.line;
  bool item = false;
  add(parser, NODE_TABLE);
  vm_parser_expect(parser, '{');
  do {
    if (parser_kind(parser) == '}') break;
    if (item) add(parser, NODE_ITEM);
    item = parse_table_field(parser);
  } while (parser_skip(parser, ',') || parser_skip(parser, ';'));
  vm_parser_expect_match(parser, '}', '{', line);
  parser_add(parser, NODE_TABLE_END, item, 0);
}

/* --- Suffixes --- */

void vm_expression_parse_field(Parser *parser) {
  add(parser, NODE_IN_ANY);
  parser_next(parser);
  add_atom(parser, NODE_FIELD, vm_parser_take_name(parser));
}

/* Parses "(...)"; returns whether a last argument is still a value. */
static bool parse_argument_list(Parser *parser) {
  int line = parser->lexer.line;
  if (line != parser->lexer.last_line) {
    vm_lexer_raise_near(&parser->lexer, "ambiguous syntax (function call x new statement)");
    return false;
  }
  parser_next(parser);
  bool some = parser_kind(parser) != ')';
  if (some) {
    Expression last;
    vm_expression_parse_list(parser, &last);
    if (expression_is_open(last)) add(parser, NODE_ALL);
  }
  vm_parser_expect_match(parser, ')', '(', line);
  return some;
}

static void parse_arguments(Parser *parser) {
  int line = parser->lexer.line;
  bool some = true;
  switch (parser_kind(parser)) {
    case '(': some = parse_argument_list(parser); break;
    case '{': parse_table(parser); break;
    case TOKEN_STRING:
      add_atom(parser, NODE_STRING, parser->lexer.token.atom);
      parser_next(parser);
      break;
    default: vm_lexer_raise_near(&parser->lexer, "function arguments expected"); return;
  }
  parser_add_node(parser, NODE_CALL, (Node){.small = some, .line = (uint32_t)line});
}

static void parse_method(Parser *parser) {
  parser_next(parser);
  add_atom(parser, NODE_METHOD, vm_parser_take_name(parser));
  parse_arguments(parser);
}

Expression vm_expression_parse_name(Parser *parser) {
  Atom *name = vm_parser_take_name(parser);
  if (!name) return other;
  Variable *v = vm_scope_add_name(parser, name);
  if (!v) return (Expression){EXPRESSION_GLOBAL, NULL};
  bool own = v->function == parser->scope->function;
  return (Expression){own ? EXPRESSION_LOCAL : EXPRESSION_UPVALUE, v};
}

static Expression parse_prefix(Parser *parser) {
  if (parser_kind(parser) == TOKEN_NAME) return vm_expression_parse_name(parser);
  if (parser_kind(parser) == '(') {
    int line = parser->lexer.line;
    parser_next(parser);
    vm_expression_parse(parser);
    vm_parser_expect_match(parser, ')', '(', line);
    add(parser, NODE_ONE);
  } else {
    vm_lexer_raise_near(&parser->lexer, "unexpected symbol");
  }
  return other;
}

Expression vm_expression_parse_primary(Parser *parser) {
  Expression e = parse_prefix(parser);
  for (;;) {
    switch (parser_kind(parser)) {
      case '.':
        vm_expression_parse_field(parser);
        e = (Expression){EXPRESSION_INDEXED, NULL};
        break;
      case '[':
        add(parser, NODE_IN_ANY);
        parse_bracket_index(parser);
        add(parser, NODE_INDEX);
        e = (Expression){EXPRESSION_INDEXED, NULL};
        break;
      case ':':
        parse_method(parser);
        e = (Expression){EXPRESSION_CALL, NULL};
        break;
      case '(':
      case TOKEN_STRING:
      case '{':
        add(parser, NODE_IN_NEXT);
        parse_arguments(parser);
        e = (Expression){EXPRESSION_CALL, NULL};
        break;
      default: return e;
    }
  }
}

/* --- Operators --- */

typedef struct {
  uint8_t left, right; /* binding strength on either side */
} Priority;

enum { UNARY_PRIORITY = 8 };

static const Priority priorities[] = {
    [OPERATOR_ADD] = {6, 6},    [OPERATOR_SUB] = {6, 6}, [OPERATOR_MUL] = {7, 7},
    [OPERATOR_DIV] = {7, 7},    [OPERATOR_MOD] = {7, 7}, [OPERATOR_POW] = {10, 9},
    [OPERATOR_CONCAT] = {5, 4}, [OPERATOR_NE] = {3, 3},  [OPERATOR_EQ] = {3, 3},
    [OPERATOR_LT] = {3, 3},     [OPERATOR_LE] = {3, 3},  [OPERATOR_GT] = {3, 3},
    [OPERATOR_GE] = {3, 3},     [OPERATOR_AND] = {2, 2}, [OPERATOR_OR] = {1, 1},
};

static Operator unary_operator(int kind) {
  switch (kind) {
    case TOKEN_NOT: return OPERATOR_NOT;
    case '-': return OPERATOR_MINUS;
    case '#': return OPERATOR_LENGTH;
    default: return OPERATOR_NONE;
  }
}

static Operator binary_operator(int kind) {
  switch (kind) {
    case '+': return OPERATOR_ADD;
    case '-': return OPERATOR_SUB;
    case '*': return OPERATOR_MUL;
    case '/': return OPERATOR_DIV;
    case '%': return OPERATOR_MOD;
    case '^': return OPERATOR_POW;
    case TOKEN_CONCAT: return OPERATOR_CONCAT;
    case TOKEN_NE: return OPERATOR_NE;
    case TOKEN_EQ: return OPERATOR_EQ;
    case '<': return OPERATOR_LT;
    case TOKEN_LE: return OPERATOR_LE;
    case '>': return OPERATOR_GT;
    case TOKEN_GE: return OPERATOR_GE;
    case TOKEN_AND: return OPERATOR_AND;
    case TOKEN_OR: return OPERATOR_OR;
    default: return OPERATOR_NONE;
  }
}

static Expression parse_vararg(Parser *parser) {
  Function *function = parser->scope->function;
  if (!(function->proto.flags & PROTO_VARARG)) {
    vm_lexer_raise_near(&parser->lexer, "cannot use '...' outside a vararg function");
    return other;
  }
  function->proto.flags &= (uint8_t)~PROTO_NEEDS_ARG;
  add(parser, NODE_VARARG);
  return (Expression){EXPRESSION_VARARG, NULL};
}

static Expression parse_simple(Parser *parser) {
  Expression e = other;
  switch (parser_kind(parser)) {
    case TOKEN_NUMBER:
      parser_add_node(parser, NODE_NUMBER, (Node){.number = parser->lexer.token.number});
      break;
    case TOKEN_STRING: add_atom(parser, NODE_STRING, parser->lexer.token.atom); break;
    case TOKEN_NIL: add(parser, NODE_NIL); break;
    case TOKEN_TRUE: add(parser, NODE_TRUE); break;
    case TOKEN_FALSE: add(parser, NODE_FALSE); break;
    case TOKEN_DOTS: e = parse_vararg(parser); break;
    case '{': parse_table(parser); return other;
    case TOKEN_FUNCTION:
      parser_next(parser);
      vm_expression_parse_body(parser, false, parser->lexer.line, NULL);
      return other;
    default: return vm_expression_parse_primary(parser);
  }
  parser_next(parser);
  return e;
}

/* Parses operands and operators that bind tighter than `limit`; leaves the first
 * operator that does not in `ret_operator`. */
static Expression parse_operators(Parser *parser, unsigned limit, Operator *ret_operator) {
  Expression e;
  vm_parser_enter(parser);
  Operator unary = unary_operator(parser_kind(parser));
  if (unary != OPERATOR_NONE) {
    Operator ignored;
    parser_next(parser);
    parse_operators(parser, UNARY_PRIORITY, &ignored);
    parser_add(parser, NODE_UNARY, unary, 0);
    e = other;
  } else {
    e = parse_simple(parser);
  }
  Operator operator= binary_operator(parser_kind(parser));
  while (operator!= OPERATOR_NONE && priorities[operator].left> limit) {
    Operator following;
    parser_next(parser);
    parser_add(parser, NODE_LEFT, operator, 0);
    parse_operators(parser, priorities[operator].right, &following);
    parser_add(parser, NODE_BINARY, operator, 0);
    operator= following;
    e = other;
  }
  parser_leave(parser);
  *ret_operator = operator;
  return e;
}

Expression vm_expression_parse(Parser *parser) {
  Operator ignored;
  return parse_operators(parser, 0, &ignored);
}

unsigned vm_expression_parse_list(Parser *parser, Expression *ret_last) {
  unsigned count = 1;
  *ret_last = vm_expression_parse(parser);
  while (parser_skip(parser, ',')) {
    add(parser, NODE_IN_LIST);
    *ret_last = vm_expression_parse(parser);
    if (count < UINT16_MAX) count++;
  }
  return count;
}
