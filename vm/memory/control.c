/* SPDX-License-Identifier: BSD-2-Clause */
/* control - see control.h. */
#include "vm/memory/control.h"

#include <string.h>

#include "vm/config.h"

/* Four classes to a doubling, from CONTROL_QUARTERS_FROM on; below, powers of two. */
static unsigned class_of(size_t size) {
  if (size <= CONTROL_LEAST) return 0;
  unsigned shift = 63u - (unsigned)__builtin_clzll(size - 1); /* 2^shift < size <= 2^(shift + 1) */
  unsigned base = (shift - CONTROL_MIN_SHIFT) * 4;
  if (shift < CONTROL_QUARTERS_SHIFT) return base + 4;
  return base + 1 + (unsigned)((size - 1) >> (shift - 2) & 3);
}

static size_t slot_of(unsigned class) {
  size_t whole = (size_t)CONTROL_LEAST << (class / 4);
  return whole + whole / 4 * (class % 4);
}

size_t vm_control_slot(size_t size) { return slot_of(class_of(size)); }

void *vm_control_carve(Control *control, size_t size) {
  size_t rounded = (size + 63) & ~(size_t)63;
  if (rounded < size || rounded > control->size - control->top) return NULL;
  void *block = control->base + control->top;
  control->top += rounded;
  control->floor = control->top;
  control->touched = control->top;
  return block;
}

void *vm_control_carve_far(Control *control, size_t size) {
  size_t rounded = (size + 63) & ~(size_t)63;
  size_t room = (control->size - control->top) & ~(size_t)63;
  if (rounded < size || rounded > room) return NULL;
  control->size = (control->size - rounded) & ~(size_t)63;
  return control->base + control->size;
}

void *vm_control_take(Control *control, size_t size) {
  if (size > control->size) return NULL;
  unsigned index = class_of(size);
  if (index >= CONTROL_CLASSES) return NULL;
  size_t slot = slot_of(index);
  void *block = control->free_lists[index];
  if (block != NULL) {
    memcpy(&control->free_lists[index], block, sizeof(void *));
  } else {
    if (slot > control->size - control->top) return NULL;
    block = control->base + control->top;
    control->top += slot;
    if (control->top > control->touched) control->touched = control->top;
  }
  control->used += slot;
  return block;
}

void vm_control_give(Control *control, void *block, size_t size) {
  if (block == NULL || (char *)block < control->base + control->floor) return; /* the base's stays */
  unsigned index = class_of(size);
  memcpy(block, &control->free_lists[index], sizeof(void *));
  control->free_lists[index] = block;
  control->used -= slot_of(index);
}

void vm_control_lend(Control *control, size_t size) { control->used += vm_control_slot(size); }

void vm_control_return(Control *control, size_t size) { control->used -= vm_control_slot(size); }

void vm_control_rollback(Control *control) {
  memset(control->base + control->floor, 0, control->touched - control->floor);
  control->top = control->floor;
  control->touched = control->floor;
  control->used = 0;
  memset(control->free_lists, 0, sizeof control->free_lists);
}
