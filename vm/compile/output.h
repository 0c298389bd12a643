/* SPDX-License-Identifier: BSD-2-Clause */
/* output - the module while it grows.
 *
 * Each function is written in its final form when it ends.  The scratch holds the
 * pieces as segments between the compiler's records; an offset counts from the
 * module's start as if they stood together, and when all is written, they are moved
 * together.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_OUTPUT_H
#define VM_COMPILE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/compile/module.h"
#include "vm/memory/scratch.h"

/* Stands before a segment's bytes. */
typedef struct {
  uint64_t next; /* in the scratch; 0 for none */
  uint64_t size; /* bytes */
} Segment;

typedef struct {
  Scratch *scratch;
  size_t first, last; /* segments, in the scratch */
  uint64_t size;      /* bytes written so far: the next offset */
} Output;

/* Starts with the Module itself, cleared.  False when the scratch is full. */
bool vm_output_init(Output *output, Scratch *scratch);

/* Begins a part; what is taken up to the next vm_output_open stands together, as long as
 * nothing else is taken from the scratch. */
bool vm_output_open(Output *output);

/* Takes `size` bytes, rounded up to 8, of which the last 8 are cleared; NULL when there is
 * no room.  The offset is output->size before. */
void *vm_output_take(Output *output, uint64_t size);

/* Gives the newest `size` bytes back, a multiple of 8. */
void vm_output_give(Output *output, size_t size);

/* Moves the segments together and returns the module.  All else in the scratch is lost. */
Module *vm_output_join(Output *output);

#endif
