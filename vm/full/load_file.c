/* SPDX-License-Identifier: BSD-2-Clause */
/* load_file - loadfile and dofile: sources from the virtual folder or standard input. */
#include "vm/full/load_file.h"

#include "vm/full/message.h"
#include "vm/lib/builtins.h"
#include "vm/lib/load.h"
#include "vm/run/error.h"

enum { STEP_CALLED = 2 };

/* A first line that starts with '#' is skipped; its end stays, for the count of lines. */
static VmBytes source_of(const String *content) {
  VmBytes source = {content->bytes, content->length};
  if (source.size == 0 || source.data[0] != '#') return source;
  const char *end = memchr(source.data, '\n', source.size);
  if (end == NULL) return (VmBytes){source.data + source.size, 0};
  return (VmBytes){end, source.size - (size_t)(end - source.data)};
}

bool vm_load_file_compile(VM *vm, Value *slots, int at) {
  size_t mark = vm_buffer_open(vm);
  const String *name = value_string(slots[at]);
  if (name->bytes[0] != '=') vm_buffer_put_byte(vm, '@');
  vm_buffer_put(vm, name->bytes, name->length);
  const String *chunk = vm_buffer_string(vm, mark);
  slots[at + 3] = value_of_string(chunk);
  VmBytes source = source_of(disk_content(slots[at + 1]));
  bool ok = vm_load_compile(vm, slots + at + 5, source.data, source.size, chunk->bytes, chunk->length) == 1;
  slots[at + 2] = slots[ok ? at + 4 : at + 5];
  return ok;
}

static void put_refusal(VM *vm, Frame *frame, int at) {
  Value *slots = native_slots(frame);
  const char *name = value_string(slots[at])->bytes;
  const char *const parts[] = {"cannot open ", name + (name[0] == '='), ": ", vm_disk_reason(frame->state[2])};
  size_t mark = vm_buffer_open(vm);
  for (int i = 0; i < 4; i++) vm_buffer_put(vm, parts[i], strlen(parts[i]));
  slots[at + 2] = value_of_string(vm_buffer_string(vm, mark));
}

/* All of standard input, asked of the host. */
static int look_at_input(VM *vm, Frame *frame, int at) {
  size_t mark = vm_buffer_open(vm);
  if (frame->step == DISK_STEP) return vm_disk_look(vm, frame, at);
  vm_buffer_put_byte(vm, '-');
  vm_message_send(vm, frame, VM_HOST_READ, 0, mark, DISK_STEP);
  return DISK_ASKS;
}

/* Loads what argument 1 names.  The function or the message goes to slots[at + 2]. */
static DiskAnswer load_named(VM *vm, Frame *frame, int at) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    String *name = vm_native_opt_string(vm, slots, frame->count, 1, NULL);
    frame->state[0] = name == NULL;
    if (name == NULL) name = vm_string_from(vm, "=stdin");
    slots[at] = value_of_string(name);
  }
  DiskAnswer answer = frame->state[0] ? (DiskAnswer)look_at_input(vm, frame, at) : vm_disk_look(vm, frame, at);
  if (answer == DISK_ASKS) return answer;
  if (answer == DISK_ABSENT) put_refusal(vm, frame, at);
  else if (!vm_load_file_compile(vm, slots, at)) answer = DISK_ABSENT;
  return answer;
}

int vm_load_loadfile(VM *vm, Frame *frame) {
  int at = frame->count + 3;
  DiskAnswer answer = load_named(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  Value *slots = native_slots(frame);
  if (answer == DISK_PRESENT) return native_return(slots, slots[at + 2]);
  slots[-1] = VALUE_NIL;
  slots[0] = slots[at + 2];
  return 2;
}

int vm_load_dofile(VM *vm, Frame *frame) {
  int at = frame->count + 3;
  if (frame->step == STEP_CALLED) {
    Value *slots = native_slots(frame);
    memmove(slots - 1, slots + at + 2, (size_t)frame->returned * sizeof(Value));
    return frame->returned;
  }
  DiskAnswer answer = load_named(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  if (answer == DISK_ABSENT) vm_error_raise(vm, native_slots(frame)[at + 2]);
  return vm_native_call(vm, frame, at + 2, 0, NATIVE_MULTI, STEP_CALLED);
}
