/* SPDX-License-Identifier: BSD-2-Clause */
/* disk - see disk.h. */
#include "vm/full/disk.h"

#include "vm/full/message.h"

static bool is_node(Value v) { return value_is_userdata(v) && value_userdata(v)->array_size == NODE_SLOTS; }

static Table *names(VM *vm) { return value_table(vm_profile_kept(vm, "_DISK")); }

void vm_disk_bind(VM *vm, Value *name, Value *node) { vm_table_set(vm, names(vm), *name, *node); }

/* A node with the content in *content. */
static Value new_node(VM *vm, const Value *content) {
  Value node = vm_userdata_new(vm, NODE_SLOTS);
  userdata_slots(node)[NODE_CONTENT] = *content;
  return node;
}

void vm_disk_create(VM *vm, Frame *frame, int at) {
  Value *slots = native_slots(frame);
  slots[at + 1] = value_of_string(vm_string_new(vm, "", 0));
  slots[at + 1] = new_node(vm, &slots[at + 1]);
  vm_disk_bind(vm, &slots[at], &slots[at + 1]);
}

static DiskAnswer ask(VM *vm, Frame *frame, const String *name) {
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, name->bytes, name->length);
  vm_message_send(vm, frame, VM_HOST_READ, 0, mark, DISK_STEP);
  return DISK_ASKS;
}

/* Takes the host's answer: bytes, an errno, or the table of a refusal. */
static DiskAnswer take_answer(VM *vm, Frame *frame, int at) {
  Value *slots = native_slots(frame);
  if (!value_is_string(slots[0])) {
    frame->state[2] = value_is_number(slots[0]) ? (uint64_t)value_number(slots[0]) : DISK_REFUSED;
    return DISK_ABSENT;
  }
  vm_charge(vm, COST_STRING_BYTES, value_string(slots[0])->length);
  slots[at + 1] = new_node(vm, &slots[0]);
  vm_disk_bind(vm, &slots[at], &slots[at + 1]);
  return DISK_PRESENT;
}

DiskAnswer vm_disk_look(VM *vm, Frame *frame, int at) {
  Value *slots = native_slots(frame);
  if (frame->step == DISK_STEP) return take_answer(vm, frame, at);
  Value known = vm_table_get(names(vm), slots[at]);
  if (known == VALUE_NIL) return ask(vm, frame, value_string(slots[at]));
  slots[at + 1] = known;
  frame->state[2] = DISK_NO_ENTRY;
  return is_node(known) ? DISK_PRESENT : DISK_ABSENT;
}

const char *vm_disk_reason(uint64_t error) {
  switch (error) {
    case DISK_NO_ENTRY: return "No such file or directory";
    case DISK_BAD_DESCRIPTOR: return "Bad file descriptor";
    case DISK_REFUSED: return "Permission denied";
    case 21: return "Is a directory";
    case DISK_INVALID: return "Invalid argument";
    default: return "Input/output error";
  }
}

int vm_disk_fail(VM *vm, Frame *frame, const String *name, uint64_t error) {
  size_t mark = vm_buffer_open(vm);
  if (name != NULL) {
    vm_buffer_put(vm, name->bytes, strlen(name->bytes));
    vm_buffer_put(vm, ": ", 2);
  }
  const char *reason = vm_disk_reason(error);
  vm_buffer_put(vm, reason, strlen(reason));
  Value *slots = native_slots(frame);
  slots[0] = value_of_string(vm_buffer_string(vm, mark));
  slots[-1] = VALUE_NIL;
  slots[1] = value_of_int((int64_t)error);
  return 3;
}
