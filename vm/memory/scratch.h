/* SPDX-License-Identifier: BSD-2-Clause */
/* scratch - a bump region for short-lived data; nothing is freed one by one. */
#ifndef VM_MEMORY_SCRATCH_H
#define VM_MEMORY_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *base;  /* 16-byte aligned */
  size_t size; /* bytes */
  size_t used; /* bytes; the next block starts here */
  size_t peak; /* the highest `used` seen */
  size_t end_peak; /* the most that was taken from the end */
} Scratch;

/* Takes `size` bytes, 8-byte aligned, not cleared; NULL when they do not fit. */
static inline void *scratch_take(Scratch *scratch, size_t size) {
  size_t rounded = (size + 7) & ~(size_t)7;
  if (rounded < size || rounded > scratch->size - scratch->used) return NULL;
  void *block = scratch->base + scratch->used;
  scratch->used += rounded;
  if (scratch->used > scratch->peak) scratch->peak = scratch->used;
  return block;
}

#endif
