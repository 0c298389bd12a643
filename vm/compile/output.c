/* SPDX-License-Identifier: BSD-2-Clause */
/* output - see the header. */
#include "vm/compile/output.h"

#include <string.h>

static Segment *segment_at(const Output *output, size_t place) {
  return (Segment *)(void *)(output->scratch->base + place);
}

/* Appends an empty segment. */
static bool add_segment(Output *output) {
  size_t place = output->scratch->used;
  Segment *segment = scratch_take(output->scratch, sizeof *segment);
  if (!segment) return false;
  *segment = (Segment){0, 0};
  if (output->size > 0) segment_at(output, output->last)->next = place;
  else output->first = place;
  output->last = place;
  return true;
}

bool vm_output_init(Output *output, Scratch *scratch) {
  *output = (Output){.scratch = scratch};
  if (!add_segment(output)) return false;
  Module *module = vm_output_take(output, sizeof *module);
  if (!module) return false;
  memset(module, 0, sizeof *module);
  return true;
}

bool vm_output_open(Output *output) {
  const Segment *last = segment_at(output, output->last);
  size_t end = output->last + sizeof *last + (size_t)last->size;
  return end == output->scratch->used || add_segment(output);
}

void *vm_output_take(Output *output, uint64_t size) {
  uint64_t rounded = (size + 7) & ~UINT64_C(7);
  if (rounded > UINT32_MAX - output->size) return NULL;
  char *bytes = scratch_take(output->scratch, (size_t)rounded);
  if (!bytes) return NULL;
  if (rounded > 0) memset(bytes + rounded - 8, 0, 8);
  segment_at(output, output->last)->size += rounded;
  output->size += rounded;
  return bytes;
}

void vm_output_give(Output *output, size_t size) {
  segment_at(output, output->last)->size -= size;
  output->size -= size;
  output->scratch->used -= size;
}

/* Segments stand in the order of their offsets, each behind more than its offset says, so moving one
 * reaches none that is still to be moved, nor the head before it. */
Module *vm_output_join(Output *output) {
  char *module = (char *)(segment_at(output, output->first) + 1), *to = module;
  for (size_t place = output->first;;) {
    Segment segment = *segment_at(output, place);
    memmove(to, output->scratch->base + place + sizeof segment, (size_t)segment.size);
    to += segment.size;
    if (segment.next == 0) break;
    place = (size_t)segment.next;
  }
  output->scratch->used = (size_t)(to - output->scratch->base);
  return (Module *)(void *)module;
}
