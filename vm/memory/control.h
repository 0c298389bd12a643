/* SPDX-License-Identifier: BSD-2-Clause */
/* control - memory outside the cage: code, frames, records, buffers.
 *
 * Slots are powers of two from 64 bytes up, above 4 KiB also quarters between them, taken
 * from a free list per size or bumped.
 * Their sum counts against the run's memory limit.  What the machine needs for itself
 * is carved at opening (vm_control_carve, vm_control_carve_far) and never given back.  Everything above
 * `floor` is dropped, and zeroed, at rollback.  Layer: vm/memory.
 */
#ifndef VM_MEMORY_CONTROL_H
#define VM_MEMORY_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  CONTROL_MIN_SHIFT = 6,
  CONTROL_LEAST = 1 << CONTROL_MIN_SHIFT,
  CONTROL_QUARTERS_SHIFT = 12, /* above 4 KiB, slots come in quarters of powers of two */
  CONTROL_CLASSES = 26 * 4
};

typedef struct {
  char *base;
  size_t size;     /* without what was carved from the far end */
  size_t floor;    /* bytes that belong to the machine and the base */
  size_t top;      /* bump position */
  size_t touched;  /* highest position ever written above floor since rollback */
  uint64_t used;   /* bytes of slots in use above the carved part */
  void *free_lists[CONTROL_CLASSES];
} Control;

/* Gives `size` bytes, cleared, 64-byte aligned, for the machine's life; NULL when full. */
void *vm_control_carve(Control *control, size_t size);

/* The same from the region's other end, for what is large and of which most runs touch nothing: what
 * they do touch then stands close together. */
void *vm_control_carve_far(Control *control, size_t size);

/* Gives a slot of at least `size` bytes, not cleared; NULL when the region is full. */
void *vm_control_take(Control *control, size_t size);
/* Takes a slot back; what lies below the floor stays where it is. */
void vm_control_give(Control *control, void *block, size_t size);

/* Counts a block of `size` bytes that lies elsewhere as if it were taken; the caller knows that
 * there would be room for it. */
void vm_control_lend(Control *control, size_t size);
void vm_control_return(Control *control, size_t size);

/* Bytes that a slot for `size` bytes takes. */
size_t vm_control_slot(size_t size);

/* Drops and zeroes everything above floor. */
void vm_control_rollback(Control *control);

#endif
