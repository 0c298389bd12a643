/* SPDX-License-Identifier: BSD-2-Clause */
/* region - what the compiler adds to a Scratch: short references, and growing.
 *
 * A Ref names a block of the scratch by its distance from the base in units of 8
 * bytes; 0 names nothing (the compiler keeps its own context at the base).
 */
#ifndef VM_COMPILE_REGION_H
#define VM_COMPILE_REGION_H

#include <stdint.h>
#include <string.h>

#include "vm/memory/scratch.h"

typedef uint32_t Ref;

static inline Ref region_ref(const Scratch *scratch, const void *block) {
  return (Ref)((size_t)((const char *)block - scratch->base) / 8);
}

static inline void *region_at(const Scratch *scratch, Ref ref) {
  return scratch->base + (size_t)ref * 8;
}

/* Enlarges the block from `old_size` to `new_size` bytes: in place when it is the
 * last one, else by copying.  NULL when it does not fit; the old block stays. */
static inline void *region_grow(Scratch *scratch, void *block, size_t old_size, size_t new_size) {
  size_t old_rounded = (old_size + 7) & ~(size_t)7;
  if (block && (char *)block + old_rounded == scratch->base + scratch->used) {
    return scratch_take(scratch, new_size - old_rounded) ? block : NULL;
  }
  void *larger = scratch_take(scratch, new_size);
  if (larger && block) memcpy(larger, block, old_size);
  return larger;
}

#endif
