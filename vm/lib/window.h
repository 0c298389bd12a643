/* SPDX-License-Identifier: BSD-2-Clause */
/* window - appends to the buffer through a piece of it that is claimed ahead.
 *
 * For encoders that write many short texts: the bounds are asked of two pointers, the
 * buffer only once per piece.  Nothing else may use the buffer between start and
 * finish.  Moving the window is a collection point.  Layer: vm/lib.
 */
#ifndef VM_LIB_WINDOW_H
#define VM_LIB_WINDOW_H

#include <string.h>

#include "vm/lib/native.h"

enum { WINDOW_SIZE = 2048 }; /* bytes claimed at a time */

typedef struct {
  VM *vm;
  char *at, *end; /* where the next byte goes, and where it must stop */
  size_t mark;    /* of the buffer */
} Window;

/* Bytes written so far. */
static inline size_t window_used(const Window *w) {
  return vm_buffer_size(w->vm, w->mark) - (size_t)(w->end - w->at);
}

static __attribute__((noinline, unused)) void window_move(Window *w, size_t size) MAY_RAISE(memory) {
  vm_buffer_cut(w->vm, w->mark, window_used(w));
  w->at = vm_buffer_space(w->vm, size + WINDOW_SIZE);
  w->end = w->at + size + WINDOW_SIZE;
}

static inline Window window_start(VM *vm) MAY_RAISE(memory) {
  Window w = {.vm = vm, .mark = vm_buffer_open(vm)};
  w.at = vm_buffer_space(vm, WINDOW_SIZE);
  w.end = w.at + WINDOW_SIZE;
  return w;
}

/* Makes room for `size` bytes at w->at. */
static inline void window_need(Window *w, size_t size) MAY_RAISE(memory) {
  if (UNLIKELY((size_t)(w->end - w->at) < size)) window_move(w, size);
}

static inline void window_put(Window *w, const void *bytes, size_t size) MAY_RAISE(memory) {
  window_need(w, size);
  memcpy(w->at, bytes, size);
  w->at += size;
}

static inline void window_put_byte(Window *w, char byte) MAY_RAISE(memory) {
  window_need(w, 1);
  *w->at++ = byte;
}

/* The string of all that was written; gives the buffer back. */
static inline String *window_finish(Window *w) MAY_RAISE(memory) {
  vm_buffer_cut(w->vm, w->mark, window_used(w));
  return vm_buffer_string(w->vm, w->mark);
}

#endif
