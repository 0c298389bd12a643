/* SPDX-License-Identifier: BSD-2-Clause */
/* scope - see the header.
 *
 * A name's atom points at the innermost active variable of that name, and a
 * variable at the one it shadows, so a look-up costs the same at any depth.
 *
 * A variable that a closure captures and that is assigned only by its declaration
 * never changes while a closure can exist: it is captured by copying.  Both facts
 * are known when its block ends.
 */
#include "vm/compile/scope.h"

#include <string.h>

#include "vm/compile/message.h"

enum {
  MOST_DECLARATIONS = 32767, /* of one function, in all its blocks */
  MOST_CHILDREN = 262143     /* functions inside one function */
};

void vm_scope_raise_limit(Parser *parser, const Function *function, int limit, const char *what) {
  char text[128];
  size_t n = 0;
  if (function->proto.line_defined == 0) {
    n = message_put(text, 0, "main function");
  } else {
    n = message_put(text, 0, "function at line ");
    n = message_put_number(text, n, function->proto.line_defined);
  }
  n = message_put(text, n, " has more than ");
  n = message_put_number(text, n, (uint32_t)limit);
  n = message_put(text, n, " ");
  message_put(text, n, what);
  vm_lexer_raise(&parser->lexer, text);
}

/* --- Functions and blocks --- */

bool vm_scope_open(Parser *parser, Scope *scope, int line) {
  Function *function = region_take(&parser->region, sizeof *function);
  if (!function) {
    vm_lexer_raise_memory(&parser->lexer);
    return false;
  }
  *function = (Function){.index = parser->function_count++, .proto.line_defined = (uint32_t)line};
  *scope = (Scope){.outer = parser->scope, .function = function};
  if (scope->outer) function->outer = scope->outer->function;
  if (parser->last_function)
    parser->last_function->next = function;
  else
    parser->first_function = function;
  parser->last_function = function;
  parser->scope = scope;
  parser_add_node(parser, NODE_FUNCTION, (Node){.function = function});
  return true;
}

/* Ends the life of all variables above the `keep` oldest. */
static void deactivate(Scope *scope, int keep) {
  while (scope->active > keep) {
    Variable *v = scope->top;
    v->name->binding = v->shadowed;
    scope->top = v->below;
    scope->active--;
  }
}

void vm_scope_close(Parser *parser) {
  Scope *scope = parser->scope;
  deactivate(scope, 0);
  parser->scope = scope->outer;
  Function *outer = scope->function->outer;
  if (outer && ++outer->child_count > MOST_CHILDREN)
    vm_lexer_raise_plain(&parser->lexer, "constant table overflow");
  parser_add(parser, NODE_FUNCTION_END, 0, 0);
}

void vm_scope_open_block(Parser *parser, Block *block, bool loop) {
  Scope *scope = parser->scope;
  *block = (Block){.outer = scope->block, .active = scope->active, .loop = loop};
  scope->block = block;
  parser_add(parser, NODE_BLOCK, loop, 0);
}

void vm_scope_close_block(Parser *parser) {
  Scope *scope = parser->scope;
  Block *block = scope->block;
  deactivate(scope, block->active);
  scope->block = block->outer;
  parser_add(parser, NODE_BLOCK_END, block->captured, 0);
}

void vm_scope_break(Parser *parser) {
  bool captured = false;
  const Block *block = parser->scope->block;
  while (block && !block->loop) {
    captured |= block->captured;
    block = block->outer;
  }
  if (!block) {
    vm_lexer_raise_near(&parser->lexer, "no loop to break");
    return;
  }
  parser_add(parser, NODE_BREAK, captured, 0);
}

/* --- Variables --- */

static void append_variable(Scope *scope, Variable *v) {
  Function *function = scope->function;
  if (function->last_variable)
    function->last_variable->next = v;
  else
    function->first_variable = v;
  function->last_variable = v;
  function->variable_count++;
  if (scope->pending_count++ == 0) scope->pending = v;
}

Variable *vm_scope_declare(Parser *parser, Atom *name) {
  Scope *scope = parser->scope;
  if (!name || parser->lexer.fault.raised) return NULL;
  if (scope->active + scope->pending_count + 1 > LIMIT_LOCALS) {
    vm_scope_raise_limit(parser, scope->function, LIMIT_LOCALS, "local variables");
    return NULL;
  }
  if (scope->function->variable_count >= MOST_DECLARATIONS) {
    vm_lexer_raise_plain(&parser->lexer, "too many local variables");
    return NULL;
  }
  Variable *v = parser->generator.free_variables;
  if (v) parser->generator.free_variables = v->next;
  else v = region_take(&parser->region, sizeof *v);
  if (!v) {
    vm_lexer_raise_memory(&parser->lexer);
    return NULL;
  }
  *v = (Variable){.name = name, .function = scope->function};
  append_variable(scope, v);
  return v;
}

Variable *vm_scope_declare_hidden(Parser *parser, const char *name) {
  Atom *atom = vm_atom_intern(&parser->lexer.atoms, name, strlen(name));
  if (!atom) vm_lexer_raise_memory(&parser->lexer);
  return vm_scope_declare(parser, atom);
}

static Variable *bind_pending(Parser *parser, int count) {
  Scope *scope = parser->scope;
  Variable *first = scope->pending;
  VM_ASSERT(count <= scope->pending_count);
  for (int i = 0; i < count; i++) {
    Variable *v = scope->pending;
    v->reg = (uint8_t)scope->active++;
    v->below = scope->top;
    v->shadowed = v->name->binding;
    v->name->binding = v;
    scope->top = v;
    scope->pending = v->next;
  }
  scope->pending_count -= count;
  return first;
}

void vm_scope_activate(Parser *parser, int count) {
  if (parser->lexer.fault.raised) return;
  Variable *first = bind_pending(parser, count);
  parser_add_node(parser, NODE_ACTIVATE, (Node){.count = (uint16_t)count, .variable = first});
}

void vm_scope_activate_parameters(Parser *parser) {
  if (parser->lexer.fault.raised) return;
  int count = parser->scope->pending_count;
  Variable *first = bind_pending(parser, count);
  parser_add_node(parser, NODE_PARAMETERS, (Node){.count = (uint16_t)count, .variable = first});
}

/* --- Names --- */

static Upvalue *find_upvalue(const Function *function, const Variable *v) {
  Upvalue *u = function->first_upvalue;
  while (u && u->variable != v) u = u->next;
  return u;
}

static Upvalue *append_upvalue(Parser *parser, Function *function, Variable *v) {
  if (function->proto.upvalue_count >= LIMIT_UPVALUES) {
    vm_scope_raise_limit(parser, function, LIMIT_UPVALUES, "upvalues");
    return NULL;
  }
  Upvalue *u = region_take(&parser->region, sizeof *u);
  if (!u) {
    vm_lexer_raise_memory(&parser->lexer);
    return NULL;
  }
  *u = (Upvalue){.variable = v, .index = function->proto.upvalue_count++};
  if (function->last_upvalue)
    function->last_upvalue->next = u;
  else
    function->first_upvalue = u;
  function->last_upvalue = u;
  return u;
}

/* Marks the block that declared `v`: leaving it must close. */
static void mark_captured(const Scope *scope, Variable *v) {
  if (v->captured) return;
  v->captured = true;
  while (scope->function != v->function) scope = scope->outer;
  Block *block = scope->block;
  while (block && block->active > v->reg) block = block->outer;
  if (block) block->captured = true;
}

/* The upvalue of `function` that is `v`, made if need be; functions between it and
 * the owner first.  Recursion is as deep as functions nest. */
static Upvalue *capture(Parser *parser, Function *function, Variable *v) {
  Upvalue *u = find_upvalue(function, v);
  if (u) return u;
  Upvalue *outer = NULL;
  if (function->outer != v->function) {
    outer = capture(parser, function->outer, v);
    if (!outer) return NULL;
  }
  u = append_upvalue(parser, function, v);
  if (u && outer) u->outer_index = outer->index;
  return u;
}

Variable *vm_scope_add_name(Parser *parser, Atom *name) {
  Variable *v = name->binding;
  if (!v) {
    parser_add_node(parser, NODE_GLOBAL, (Node){.atom = name});
    return NULL;
  }
  Function *function = parser->scope->function;
  if (v->function == function) {
    parser_add(parser, NODE_LOCAL, v->reg, 0);
    return v;
  }
  mark_captured(parser->scope, v);
  const Upvalue *u = capture(parser, function, v);
  if (u) parser_add(parser, NODE_UPVALUE, u->index, 0);
  return v;
}
