/* SPDX-License-Identifier: BSD-2-Clause */
/* region - the compiler's own records, in blocks of a Scratch.
 *
 * Records come from blocks, so that what the scratch holds besides is the module that
 * grows there (vm/compile/output.h), in few pieces.  Nothing is freed one by one.
 */
#ifndef VM_COMPILE_REGION_H
#define VM_COMPILE_REGION_H

#include <stdint.h>
#include <string.h>

#include "vm/config.h"
#include "vm/memory/scratch.h"

enum { REGION_BLOCK = 4096, REGION_LARGE = 1024 }; /* bytes; larger records stand alone */

typedef struct {
  Scratch *scratch;
  char *at, *limit; /* of the newest block */
} Region;

/* Starts a block, or takes a large record from the scratch itself. */
static inline void *region_take_new(Region *region, size_t size) {
  if (size > REGION_LARGE) return scratch_take(region->scratch, size);
  char *block = scratch_take(region->scratch, REGION_BLOCK);
  if (!block) return NULL;
  region->at = block + size;
  region->limit = block + REGION_BLOCK;
  return block;
}

/* Takes `size` bytes, 8-byte aligned, not cleared; NULL when the scratch is full. */
static inline void *region_take(Region *region, size_t size) {
  size_t rounded = (size + 7) & ~(size_t)7;
  if (UNLIKELY(rounded < size || rounded > (size_t)(region->limit - region->at))) {
    return rounded < size ? NULL : region_take_new(region, rounded);
  }
  void *record = region->at;
  region->at += rounded;
  return record;
}

/* A larger copy of a record; NULL when it does not fit. */
static inline void *region_grow(Region *region, const void *old, size_t old_size, size_t new_size) {
  void *larger = region_take(region, new_size);
  if (larger && old) memcpy(larger, old, old_size);
  return larger;
}

#endif
