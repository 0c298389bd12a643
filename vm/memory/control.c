/* SPDX-License-Identifier: BSD-2-Clause */
/* control - see control.h. */
#include "vm/memory/control.h"

#include <string.h>

#include "vm/config.h"

static unsigned class_of(size_t size) {
  unsigned shift = CONTROL_MIN_SHIFT;
  while (((size_t)1 << shift) < size) shift++;
  return shift - CONTROL_MIN_SHIFT;
}

size_t vm_control_slot(size_t size) { return (size_t)1 << (class_of(size) + CONTROL_MIN_SHIFT); }

void *vm_control_carve(Control *control, size_t size) {
  size_t rounded = (size + 63) & ~(size_t)63;
  if (rounded < size || rounded > control->size - control->top) return NULL;
  void *block = control->base + control->top;
  control->top += rounded;
  control->floor = control->top;
  control->touched = control->top;
  return block;
}

void *vm_control_take(Control *control, size_t size) {
  if (size > control->size) return NULL;
  unsigned index = class_of(size);
  size_t slot = (size_t)1 << (index + CONTROL_MIN_SHIFT);
  if (index >= CONTROL_CLASSES) return NULL;
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
  control->used -= (size_t)1 << (index + CONTROL_MIN_SHIFT);
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
