/* SPDX-License-Identifier: BSD-2-Clause */
/* buffer - the byte stack that natives build strings in; see vm/lib/native.h. */
#include "vm/lib/native.h"
#include "vm/run/error.h"

enum { FIRST_ROOM = 1024 };

/* Before anything is put there is no buffer: an empty text stands for it. */
static char *at(VM *vm, size_t mark) {
  static const char nothing[1] = "";
  return vm->run.buffer != NULL ? vm->run.buffer + mark : (char *)(uintptr_t)nothing;
}

size_t vm_buffer_open(VM *vm) { return vm->run.buffer_top; }

static void grow(VM *vm, size_t size) {
  uint64_t needed = vm->run.buffer_top + (uint64_t)size;
  uint64_t room = vm->run.buffer_room ? vm->run.buffer_room * 2 : FIRST_ROOM;
  while (room < needed) room *= 2;
  vm_heap_reserve(vm, room);
  char *larger = vm_control_take(&vm->heap.control, room);
  if (larger == NULL) vm_error_memory(vm);
  if (vm->run.buffer_room != 0) {
    memcpy(larger, vm->run.buffer, vm->run.buffer_top);
    vm_control_give(&vm->heap.control, vm->run.buffer, vm->run.buffer_room);
  }
  vm->run.buffer = larger;
  vm->run.buffer_room = room;
}

char *vm_buffer_space(VM *vm, size_t size) {
  if (UNLIKELY(size > vm->run.buffer_room - vm->run.buffer_top || vm->run.buffer == NULL)) grow(vm, size);
  char *space = vm->run.buffer + vm->run.buffer_top;
  vm->run.buffer_top += size;
  return space;
}

void vm_buffer_put(VM *vm, const void *bytes, size_t size) { memcpy(vm_buffer_space(vm, size), bytes, size); }
void vm_buffer_put_byte(VM *vm, char byte) { *vm_buffer_space(vm, 1) = byte; }
char *vm_buffer_data(VM *vm, size_t mark) { return at(vm, mark); }
size_t vm_buffer_size(VM *vm, size_t mark) { return vm->run.buffer_top - mark; }
void vm_buffer_cut(VM *vm, size_t mark, size_t size) { vm->run.buffer_top = mark + size; }
void vm_buffer_close(VM *vm, size_t mark) { vm->run.buffer_top = mark; }

String *vm_buffer_string(VM *vm, size_t mark) {
  String *s = vm_string_new(vm, at(vm, mark), vm->run.buffer_top - mark);
  vm->run.buffer_top = mark;
  return s;
}
