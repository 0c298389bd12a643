/* SPDX-License-Identifier: BSD-2-Clause */
/* draft - see the header.
 *
 * A jump to the next instruction is not fixed at once: it waits in frame->here, so
 * that it can join another list when the next instruction is a jump itself.
 */
#include "vm/compile/generator.h"

static const bool is_test[DRAFT_COUNT_] = {
#define REFERENCE(name, format, test, words) [DRAFT_##name] = test,
#include "vm/compile/reference.def"
#undef REFERENCE
};

void vm_draft_refuse(Generator *g, const char *message, bool plain) {
  if (!g->refusal.message) g->refusal = (Refusal){message, plain};
}

/* Takes `size` bytes from the end of the scratch. */
static bool take_end(Scratch *scratch, size_t size) {
  if (size > scratch->size - scratch->used) return false;
  scratch->size -= size;
  return true;
}

bool vm_draft_reserve_more(Generator *g, uint32_t more) {
  if (!g->drafts) {
    g->scratch_size = g->scratch->size;
    if (!take_end(g->scratch, g->scratch->size % 16)) return false;
    g->drafts = g->code = (Draft *)(g->scratch->base + g->scratch->size) - 1;
    g->draft_lowest = g->drafts + 1;
  }
  if (!take_end(g->scratch, more * sizeof(Draft))) return false;
  g->draft_capacity += more;
  return true;
}

void vm_draft_release(Generator *g) {
  Scratch *scratch = g->scratch;
  if (!g->drafts) return;
  scratch->end_peak = g->scratch_size - scratch->size;
  /* The caller wipes up to the peak; what lies behind it is wiped here. */
  memset(g->draft_lowest, 0, (size_t)((char *)(g->drafts + 1) - (char *)g->draft_lowest));
  scratch->size = g->scratch_size;
}

/* --- Lists of jumps --- */

static void set_jump(Generator *g, int jump, int target) {
  int distance = target - (jump + 1);
  if (distance > DRAFT_MOST_JUMP || distance < -DRAFT_MOST_JUMP)
    vm_draft_refuse(g, "control structure too long", false);
  draft_at(g, jump)->x = target;
}

void vm_draft_join(Generator *g, JumpList *list, JumpList more) {
  if (more.head < 0) return;
  if (list->head < 0) {
    *list = more;
    return;
  }
  set_jump(g, list->tail, more.head);
  list->tail = more.tail;
}

Draft *vm_draft_control(const Generator *g, int jump) {
  Draft *d = draft_at(g, jump);
  return jump >= 1 && is_test[d[1].op] ? d + 1 : d;
}

bool vm_draft_needs_value(const Generator *g, JumpList list) {
  for (int jump = list.head; jump >= 0; jump = draft_at(g, jump)->x) {
    if (vm_draft_control(g, jump)->op != DRAFT_TESTSET) return true;
  }
  return false;
}

/* Makes a test that carries a value store it in `reg`; one whose value nobody
 * wants, or has in place, becomes a plain test.  Returns false for other tests. */
static bool set_test_register(Generator *g, int jump, int reg) {
  Draft *d = vm_draft_control(g, jump);
  if (d->op != DRAFT_TESTSET) return false;
  if (reg != DRAFT_NO_REGISTER && reg != d->b) {
    d->a = (uint8_t)reg;
  } else {
    d->op = DRAFT_TEST;
    d->a = (uint8_t)d->b;
    d->b = 0;
  }
  return true;
}

void vm_draft_drop_values(Generator *g, JumpList list) {
  for (int jump = list.head; jump >= 0; jump = draft_at(g, jump)->x)
    set_test_register(g, jump, DRAFT_NO_REGISTER);
}

void vm_draft_patch_values(Generator *g, JumpList list, int value_target, int reg,
                           int other_target) {
  int jump = list.head;
  while (jump >= 0) {
    int next = draft_at(g, jump)->x;
    set_jump(g, jump, set_test_register(g, jump, reg) ? value_target : other_target);
    jump = next;
  }
}

void vm_draft_patch(Generator *g, JumpList list, int target) {
  if (target == g->frame->pc) {
    vm_draft_patch_here(g, list);
  } else {
    vm_draft_patch_values(g, list, target, DRAFT_NO_REGISTER, target);
  }
}

int vm_draft_label(Generator *g) {
  g->frame->last_target = g->frame->pc;
  return g->frame->pc;
}

void vm_draft_patch_here(Generator *g, JumpList list) {
  vm_draft_label(g);
  vm_draft_join(g, &g->frame->here, list);
}

/* --- Instructions --- */

int vm_draft_add(Generator *g, Draft draft) {
  Frame *frame = g->frame;
  if (frame->here.head >= 0) {
    JumpList here = frame->here;
    frame->here = NO_JUMPS;
    vm_draft_patch_values(g, here, frame->pc, DRAFT_NO_REGISTER, frame->pc);
  }
  VM_ASSERT(frame->draft_base + (uint32_t)frame->pc < g->draft_capacity);
  draft.line = g->line;
  Draft *place = draft_at(g, frame->pc);
  if (place < g->draft_lowest) g->draft_lowest = place;
  *place = draft;
  return frame->pc++;
}

int vm_draft_add_abc(Generator *g, DraftOp op, int a, int b, int c) {
  Draft d = {.op = (uint8_t)op, .a = (uint8_t)a};
  d.b = (uint16_t)b;
  d.c = (uint16_t)c;
  return vm_draft_add(g, d);
}

int vm_draft_add_abx(Generator *g, DraftOp op, int a, int x) {
  return vm_draft_add(g, (Draft){.op = (uint8_t)op, .a = (uint8_t)a, .x = x});
}

JumpList vm_draft_jump(Generator *g) {
  /* Jumps that come here go where this one goes. */
  JumpList here = g->frame->here;
  g->frame->here = NO_JUMPS;
  int jump = vm_draft_add_abx(g, DRAFT_JMP, 0, -1);
  JumpList list = {jump, jump};
  vm_draft_join(g, &list, here);
  return list;
}

JumpList vm_draft_jump_if(Generator *g, DraftOp op, int a, int b, int c) {
  vm_draft_add_abc(g, op, a, b, c);
  return vm_draft_jump(g);
}
