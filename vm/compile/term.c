/* SPDX-License-Identifier: BSD-2-Clause */
/* term - where values are put, and when.
 *
 * The order in which terms reach registers is the reference compiler's: it fixes
 * evaluation order, the names in error messages and the register limit.  A local
 * is read in place, a constant stays one as long as its use allows, a temporary
 * takes the next free register and is freed newest first.
 */
#include "vm/compile/generator.h"

enum { MOST_RK = 255 }; /* the highest constant an operand can name */

/* --- Registers --- */

void vm_term_check_stack(Generator *g, int count) {
  Frame *frame = g->frame;
  int size = frame->free + count;
  if (size <= frame->stack_size) return;
  if (size >= LIMIT_REGISTERS) {
    vm_draft_refuse(g, "function or expression too complex", false);
    return;
  }
  frame->stack_size = size;
}

void vm_term_take_registers(Generator *g, int count) {
  vm_term_check_stack(g, count);
  g->frame->free += count;
}

static void free_register(Generator *g, int reg) {
  Frame *frame = g->frame;
  if (reg >= DRAFT_CONSTANT || reg < frame->active) return;
  frame->free--;
  VM_ASSERT(reg == frame->free || g->refusal.message);
}

void vm_term_free(Generator *g, const Term *t) {
  if (t->kind == TERM_REGISTER) free_register(g, t->info);
}

/* --- Results of calls and "..." --- */

void vm_term_results(Generator *g, Term *t, int count) {
  Draft *d = draft_at(g, t->info);
  if (t->kind == TERM_CALL) {
    d->c = (uint16_t)(count + 1);
  } else if (t->kind == TERM_VARARG) {
    d->b = (uint16_t)(count + 1);
    d->a = (uint8_t)g->frame->free;
    vm_term_take_registers(g, 1);
  }
}

void vm_term_one(Generator *g, Term *t) {
  if (t->kind == TERM_CALL) {
    t->kind = TERM_REGISTER;
    t->info = draft_at(g, t->info)->a;
  } else if (t->kind == TERM_VARARG) {
    draft_at(g, t->info)->b = 2;
    t->kind = TERM_PENDING;
  }
}

/* --- Into registers --- */

/* Turns a variable into an instruction that reads it, or a register. */
void vm_term_discharge(Generator *g, Term *t) {
  switch (t->kind) {
    case TERM_LOCAL: t->kind = TERM_REGISTER; break;
    case TERM_UPVALUE: {
      Draft d = {.op = DRAFT_GETUPVAL};
      d.b = (uint16_t)t->info;
      t->info = vm_draft_add(g, d);
      t->kind = TERM_PENDING;
      break;
    }
    case TERM_GLOBAL:
      t->info = vm_draft_add_abx(g, DRAFT_GETGLOBAL, 0, t->info);
      t->kind = TERM_PENDING;
      break;
    case TERM_INDEXED:
      free_register(g, t->aux);
      free_register(g, t->info);
      t->info = vm_draft_add_abc(g, DRAFT_GETTABLE, 0, t->info, t->aux);
      t->kind = TERM_PENDING;
      break;
    case TERM_CALL:
    case TERM_VARARG: vm_term_one(g, t); break;
    default: break;
  }
}

/* The reference writes nothing for locals that are nil before a function's first
 * instruction, because its frames start out nil.  Ours do not: lower.c clears them. */
static void note_initial_nil(Generator *g, int from, int count) {
  Frame *frame = g->frame;
  if (frame->nil_end == 0) {
    frame->nil_start = from;
    frame->nil_line = g->line;
  }
  if (from + count > frame->nil_end) frame->nil_end = from + count;
}

/* Sets registers to nil; joins a LOADNIL before when no jump comes between. */
void vm_term_nil(Generator *g, int from, int count) {
  const Frame *frame = g->frame;
  if (frame->pc > frame->last_target) {
    if (frame->pc == 0) {
      if (from >= frame->active) {
        note_initial_nil(g, from, count);
        return;
      }
    } else {
      Draft *d = draft_at(g, frame->pc - 1);
      if (d->op == DRAFT_LOADNIL && d->a <= from && from <= d->b + 1) {
        if (from + count - 1 > d->b) d->b = (uint16_t)(from + count - 1);
        return;
      }
    }
  }
  vm_draft_add_abc(g, DRAFT_LOADNIL, from, from + count - 1, 0);
}

/* Writes what puts the value into `reg`, its jumps left alone. */
static void load_register(Generator *g, Term *t, int reg) {
  vm_term_discharge(g, t);
  switch (t->kind) {
    case TERM_NIL: vm_term_nil(g, reg, 1); break;
    case TERM_FALSE:
    case TERM_TRUE: vm_draft_add_abc(g, DRAFT_LOADBOOL, reg, t->kind == TERM_TRUE, 0); break;
    case TERM_CONSTANT: vm_draft_add_abx(g, DRAFT_LOADK, reg, t->info); break;
    case TERM_NUMBER:
      vm_draft_add_abx(g, DRAFT_LOADK, reg, vm_constant_number(g, t->number));
      break;
    case TERM_PENDING: draft_at(g, t->info)->a = (uint8_t)reg; break;
    case TERM_REGISTER:
      if (reg != t->info) vm_draft_add_abc(g, DRAFT_MOVE, reg, t->info, 0);
      break;
    default: return; /* nothing, or a comparison: its jumps decide */
  }
  t->info = reg;
  t->kind = TERM_REGISTER;
}

static void load_any_register(Generator *g, Term *t) {
  if (t->kind == TERM_REGISTER) return;
  vm_term_take_registers(g, 1);
  load_register(g, t, g->frame->free - 1);
}

static int add_boolean(Generator *g, int reg, int value, int skip) {
  vm_draft_label(g);
  return vm_draft_add_abc(g, DRAFT_LOADBOOL, reg, value, skip);
}

/* Brings the value's jumps to one place, with `reg` set whichever way they came. */
static void settle_jumps(Generator *g, Term *t, int reg) {
  int load_false = -1, load_true = -1;
  if (vm_draft_needs_value(g, t->if_true) || vm_draft_needs_value(g, t->if_false)) {
    JumpList over = t->kind == TERM_JUMP ? NO_JUMPS : vm_draft_jump(g);
    load_false = add_boolean(g, reg, 0, 1);
    load_true = add_boolean(g, reg, 1, 0);
    vm_draft_patch_here(g, over);
  }
  int end = vm_draft_label(g);
  vm_draft_patch_values(g, t->if_false, end, reg, load_false);
  vm_draft_patch_values(g, t->if_true, end, reg, load_true);
}

void vm_term_in_register(Generator *g, Term *t, int reg) {
  load_register(g, t, reg);
  if (t->kind == TERM_JUMP) vm_draft_join(g, &t->if_true, (JumpList){t->info, t->aux});
  if (term_has_jumps(t)) settle_jumps(g, t, reg);
  *t = term_make(TERM_REGISTER, reg);
}

void vm_term_in_next(Generator *g, Term *t) {
  vm_term_discharge(g, t);
  vm_term_free(g, t);
  vm_term_take_registers(g, 1);
  vm_term_in_register(g, t, g->frame->free - 1);
}

int vm_term_in_any(Generator *g, Term *t) {
  vm_term_discharge(g, t);
  if (t->kind == TERM_REGISTER) {
    if (!term_has_jumps(t)) return t->info;
    if (t->info >= g->frame->active) { /* not a local: may be overwritten */
      vm_term_in_register(g, t, t->info);
      return t->info;
    }
  }
  vm_term_in_next(g, t);
  return t->info;
}

void vm_term_in_value(Generator *g, Term *t) {
  if (term_has_jumps(t)) {
    vm_term_in_any(g, t);
  } else {
    vm_term_discharge(g, t);
  }
}

/* Makes nil, a boolean or a number a constant; at most MOST_RK + 1 constants. */
static int constant_of(Generator *g, const Term *t) {
  switch (t->kind) {
    case TERM_NIL: return vm_constant_special(g, CONSTANT_NIL);
    case TERM_TRUE: return vm_constant_special(g, CONSTANT_TRUE);
    case TERM_FALSE: return vm_constant_special(g, CONSTANT_FALSE);
    default: return vm_constant_number(g, t->number);
  }
}

int vm_term_operand(Generator *g, Term *t) {
  vm_term_in_value(g, t);
  bool literal = t->kind == TERM_NIL || t->kind == TERM_TRUE || t->kind == TERM_FALSE ||
                 t->kind == TERM_NUMBER;
  if (literal && g->slot_count - g->frame->slot_base <= MOST_RK) {
    t->info = constant_of(g, t);
    t->kind = TERM_CONSTANT;
    return t->info + DRAFT_CONSTANT;
  }
  if (t->kind == TERM_CONSTANT && t->info <= MOST_RK) return t->info + DRAFT_CONSTANT;
  return vm_term_in_any(g, t);
}

/* --- Variables --- */

void vm_term_store(Generator *g, const Term *target, Term *value) {
  switch (target->kind) {
    case TERM_LOCAL:
      vm_term_free(g, value);
      vm_term_in_register(g, value, target->info);
      return;
    case TERM_UPVALUE: {
      int reg = vm_term_in_any(g, value);
      vm_draft_add_abc(g, DRAFT_SETUPVAL, reg, target->info, 0);
      break;
    }
    case TERM_GLOBAL: {
      int reg = vm_term_in_any(g, value);
      vm_draft_add_abx(g, DRAFT_SETGLOBAL, reg, target->info);
      break;
    }
    default: {
      int operand = vm_term_operand(g, value);
      vm_draft_add_abc(g, DRAFT_SETTABLE, target->info, target->aux, operand);
      break;
    }
  }
  vm_term_free(g, value);
}

void vm_term_index(Generator *g, Term *table, Term *key) {
  table->aux = vm_term_operand(g, key);
  table->kind = TERM_INDEXED;
}

void vm_term_method(Generator *g, Term *object, Term *key) {
  vm_term_in_any(g, object);
  vm_term_free(g, object);
  int reg = g->frame->free;
  vm_term_take_registers(g, 2);
  int operand = vm_term_operand(g, key);
  vm_draft_add_abc(g, DRAFT_SELF, reg, object->info, operand);
  vm_term_free(g, key);
  object->info = reg;
  object->kind = TERM_REGISTER;
}

/* --- Conditions --- */

static void invert(Generator *g, const Term *t) {
  Draft *d = vm_draft_control(g, t->info);
  VM_ASSERT(d->op == DRAFT_EQ || d->op == DRAFT_LT || d->op == DRAFT_LE);
  d->a = !d->a;
}

/* Jumps when the value's truth is `wanted`. */
static JumpList jump_on(Generator *g, Term *t, int wanted) {
  if (t->kind == TERM_PENDING) {
    const Draft *d = draft_at(g, t->info);
    if (d->op == DRAFT_NOT) {
      int reg = d->b;
      g->frame->pc--; /* test the operand instead */
      return vm_draft_jump_if(g, DRAFT_TEST, reg, 0, !wanted);
    }
  }
  load_any_register(g, t);
  vm_term_free(g, t);
  return vm_draft_jump_if(g, DRAFT_TESTSET, DRAFT_NO_REGISTER, t->info, wanted);
}

void vm_term_go_if_true(Generator *g, Term *t) {
  JumpList leave = NO_JUMPS;
  vm_term_discharge(g, t);
  switch (t->kind) {
    case TERM_CONSTANT:
    case TERM_NUMBER:
    case TERM_TRUE: break; /* always true */
    case TERM_JUMP:
      invert(g, t);
      leave = (JumpList){t->info, t->aux};
      break;
    default: leave = jump_on(g, t, 0);
  }
  vm_draft_join(g, &t->if_false, leave);
  vm_draft_patch_here(g, t->if_true);
  t->if_true = NO_JUMPS;
}

void vm_term_go_if_false(Generator *g, Term *t) {
  JumpList leave = NO_JUMPS;
  vm_term_discharge(g, t);
  switch (t->kind) {
    case TERM_NIL:
    case TERM_FALSE: break; /* always false */
    case TERM_JUMP: leave = (JumpList){t->info, t->aux}; break;
    default: leave = jump_on(g, t, 1);
  }
  vm_draft_join(g, &t->if_true, leave);
  vm_draft_patch_here(g, t->if_false);
  t->if_false = NO_JUMPS;
}
