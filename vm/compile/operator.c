/* SPDX-License-Identifier: BSD-2-Clause */
/* operator - code for unary and binary operators, folding of constants included.
 *
 * Folded: arithmetic on numerals whose result is a number that is not NaN; never a
 * division or remainder by zero, `#`, or a comparison.
 */
#include <math.h>

#include "vm/compile/generator.h"

static bool is_numeral(const Term *t) {
  return t->kind == TERM_NUMBER && t->if_true.head < 0 && t->if_false.head < 0;
}

/* Returns NaN for what must not be folded. */
static double fold(DraftOp op, double a, double b) {
  switch (op) {
    case DRAFT_ADD: return a + b;
    case DRAFT_SUB: return a - b;
    case DRAFT_MUL: return a * b;
    case DRAFT_DIV: return b == 0 ? (double)NAN : a / b;
    case DRAFT_MOD: return b == 0 ? (double)NAN : a - floor(a / b) * b;
    case DRAFT_POW: return pow(a, b);
    case DRAFT_UNM: return -a;
    default: return (double)NAN;
  }
}

static bool fold_terms(DraftOp op, Term *left, const Term *right) {
  if (!is_numeral(left) || !is_numeral(right)) return false;
  double result = fold(op, left->number, right->number);
  if (isnan(result)) return false;
  left->number = result;
  return true;
}

static void add_arithmetic(Generator *g, DraftOp op, Term *left, Term *right) {
  if (fold_terms(op, left, right)) return;
  bool unary = op == DRAFT_UNM || op == DRAFT_LEN;
  int c = unary ? 0 : vm_term_operand(g, right);
  int b = vm_term_operand(g, left);
  /* The newer register is freed first. */
  vm_term_free(g, b > c ? left : right);
  vm_term_free(g, b > c ? right : left);
  int place = vm_draft_add_abc(g, op, 0, b, c);
  left->info = place;
  left->kind = TERM_PENDING;
}

static void add_comparison(Generator *g, DraftOp op, int wanted, Term *left, Term *right) {
  int b = vm_term_operand(g, left);
  int c = vm_term_operand(g, right);
  vm_term_free(g, right);
  vm_term_free(g, left);
  if (!wanted && op != DRAFT_EQ) { /* a > b is b < a */
    int swap = b;
    b = c;
    c = swap;
    wanted = 1;
  }
  JumpList jump = vm_draft_jump_if(g, op, wanted, b, c);
  left->kind = TERM_JUMP;
  left->info = jump.head;
  left->aux = jump.tail;
}

static void add_not(Generator *g, Term *t) {
  vm_term_discharge(g, t);
  switch (t->kind) {
    case TERM_NIL:
    case TERM_FALSE: t->kind = TERM_TRUE; break;
    case TERM_CONSTANT:
    case TERM_NUMBER:
    case TERM_TRUE: t->kind = TERM_FALSE; break;
    case TERM_JUMP: {
      Draft *d = vm_draft_control(g, t->info);
      d->a = !d->a;
      break;
    }
    default: {
      if (t->kind != TERM_REGISTER) {
        vm_term_take_registers(g, 1);
        int reg = g->frame->free - 1;
        draft_at(g, t->info)->a = (uint8_t)reg;
        t->kind = TERM_REGISTER;
        t->info = reg;
      }
      vm_term_free(g, t);
      t->info = vm_draft_add_abc(g, DRAFT_NOT, 0, t->info, 0);
      t->kind = TERM_PENDING;
    }
  }
  JumpList swap = t->if_false;
  t->if_false = t->if_true;
  t->if_true = swap;
  vm_draft_drop_values(g, t->if_false);
  vm_draft_drop_values(g, t->if_true);
}

void vm_operator_unary(Generator *g, Operator operator, Term * t) {
  Term none = term_make(TERM_NUMBER, 0);
  none.number = 0;
  switch (operator) {
    case OPERATOR_NOT: add_not(g, t); break;
    case OPERATOR_MINUS:
      if (!is_numeral(t)) vm_term_in_any(g, t);
      add_arithmetic(g, DRAFT_UNM, t, &none);
      break;
    default: vm_term_in_any(g, t); add_arithmetic(g, DRAFT_LEN, t, &none);
  }
}

void vm_operator_left(Generator *g, Operator operator, Term * t) {
  switch (operator) {
    case OPERATOR_AND: vm_term_go_if_true(g, t); break;
    case OPERATOR_OR: vm_term_go_if_false(g, t); break;
    case OPERATOR_CONCAT: vm_term_in_next(g, t); break;
    case OPERATOR_ADD:
    case OPERATOR_SUB:
    case OPERATOR_MUL:
    case OPERATOR_DIV:
    case OPERATOR_MOD:
    case OPERATOR_POW:
      if (!is_numeral(t)) vm_term_operand(g, t);
      break;
    default: vm_term_operand(g, t);
  }
}

/* a .. (b .. c) is one instruction over neighbouring registers. */
static void add_concat(Generator *g, Term *left, Term *right) {
  vm_term_in_value(g, right);
  if (right->kind == TERM_PENDING && draft_at(g, right->info)->op == DRAFT_CONCAT) {
    vm_term_free(g, left);
    draft_at(g, right->info)->b = (uint16_t)left->info;
    left->kind = TERM_PENDING;
    left->info = right->info;
  } else {
    vm_term_in_next(g, right);
    add_arithmetic(g, DRAFT_CONCAT, left, right);
  }
}

static void add_and(Generator *g, Term *left, Term *right) {
  vm_term_discharge(g, right);
  vm_draft_join(g, &right->if_false, left->if_false);
  *left = *right;
}

static void add_or(Generator *g, Term *left, Term *right) {
  vm_term_discharge(g, right);
  vm_draft_join(g, &right->if_true, left->if_true);
  *left = *right;
}

void vm_operator_binary(Generator *g, Operator operator, Term * left, Term *right) {
  switch (operator) {
    case OPERATOR_AND: add_and(g, left, right); break;
    case OPERATOR_OR: add_or(g, left, right); break;
    case OPERATOR_CONCAT: add_concat(g, left, right); break;
    case OPERATOR_ADD: add_arithmetic(g, DRAFT_ADD, left, right); break;
    case OPERATOR_SUB: add_arithmetic(g, DRAFT_SUB, left, right); break;
    case OPERATOR_MUL: add_arithmetic(g, DRAFT_MUL, left, right); break;
    case OPERATOR_DIV: add_arithmetic(g, DRAFT_DIV, left, right); break;
    case OPERATOR_MOD: add_arithmetic(g, DRAFT_MOD, left, right); break;
    case OPERATOR_POW: add_arithmetic(g, DRAFT_POW, left, right); break;
    case OPERATOR_EQ: add_comparison(g, DRAFT_EQ, 1, left, right); break;
    case OPERATOR_NE: add_comparison(g, DRAFT_EQ, 0, left, right); break;
    case OPERATOR_LT: add_comparison(g, DRAFT_LT, 1, left, right); break;
    case OPERATOR_LE: add_comparison(g, DRAFT_LE, 1, left, right); break;
    case OPERATOR_GT: add_comparison(g, DRAFT_LT, 0, left, right); break;
    default: add_comparison(g, DRAFT_LE, 0, left, right); break;
  }
}
