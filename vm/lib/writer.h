/* SPDX-License-Identifier: BSD-2-Clause */
/* writer - builds a string in C: short ones on the C stack, longer ones in the buffer.
 *
 * A leaf native's tool: it must finish before the native returns; an error on the way
 * leaves nothing behind.  Layer: vm/lib.
 */
#ifndef VM_LIB_WRITER_H
#define VM_LIB_WRITER_H

#include <string.h>

#include "vm/lib/native.h"

enum { WRITER_LOCAL = 512 };

typedef struct {
  VM *vm;
  size_t used; /* bytes in `local`, while not spilled */
  size_t mark; /* of the buffer, once spilled */
  bool spilled;
  char local[WRITER_LOCAL];
} Writer;

static inline void writer_start(Writer *w, VM *vm) {
  w->vm = vm;
  w->used = 0;
  w->spilled = false;
}

/* Appends `size` unset bytes and returns where they are, until the next append. */
static inline char *writer_space(Writer *w, size_t size) MAY_RAISE(memory) {
  if (LIKELY(!w->spilled)) {
    if (LIKELY(size <= WRITER_LOCAL - w->used)) {
      char *space = w->local + w->used;
      w->used += size;
      return space;
    }
    w->mark = vm_buffer_open(w->vm);
    w->spilled = true;
    vm_buffer_put(w->vm, w->local, w->used);
  }
  return vm_buffer_space(w->vm, size);
}

/* For whoever writes without asking each time: where the next byte goes on the C stack, how many
 * there are, and how many of them now count. */
static inline char *writer_near(Writer *w) { return w->local + w->used; }
static inline size_t writer_room(const Writer *w) { return w->spilled ? 0 : WRITER_LOCAL - w->used; }
static inline void writer_keep(Writer *w, size_t size) { w->used += size; }

static inline void writer_put(Writer *w, const void *bytes, size_t size) MAY_RAISE(memory) {
  memcpy(writer_space(w, size), bytes, size);
}

static inline void writer_put_byte(Writer *w, char byte) MAY_RAISE(memory) {
  *writer_space(w, 1) = byte;
}

static inline String *writer_string(Writer *w) MAY_RAISE(memory) {
  if (LIKELY(!w->spilled)) return vm_string_new(w->vm, w->local, w->used);
  return vm_buffer_string(w->vm, w->mark);
}

#endif
