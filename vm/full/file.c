/* SPDX-License-Identifier: BSD-2-Clause */
/* file - see file.h. */
#include "vm/full/file.h"

enum { ROOM_FIRST = 8192, PENDING_MAX = 1 << 20 };

static void set(Value file, int slot, double n) { userdata_slots(file)[slot] = value_of_number(n); }
static double get(Value file, int slot) { return value_number(userdata_slots(file)[slot]); }

Value vm_file_new(VM *vm, const Value *node, uint32_t flags) {
  Value metatable = vm_profile_kept(vm, "FILE*");
  Value file = vm_userdata_new(vm, FILE_SLOTS);
  userdata_slots(file)[FILE_NODE] = *node;
  set(file, FILE_POSITION, 0);
  set(file, FILE_FLAGS, flags);
  set(file, FILE_PENDING_COUNT, 0);
  set(file, FILE_PENDING_BYTES, 0);
  set(file, FILE_ROOM, ROOM_FIRST);
  table_set_metatable(value_userdata(file), value_table(metatable));
  return file;
}

/* --- Opening --- */

uint32_t vm_file_mode(const char *mode) {
  uint32_t flags;
  switch (*mode++) {
    case 'r': flags = FILE_READS; break;
    case 'w': flags = FILE_WRITES | FILE_CREATES | FILE_EMPTIES; break;
    case 'a': flags = FILE_WRITES | FILE_CREATES | FILE_APPENDS; break;
    default: return 0;
  }
  return strchr(mode, '+') != NULL ? flags | FILE_READS | FILE_WRITES : flags;
}

DiskAnswer vm_file_open(VM *vm, Frame *frame, int at) {
  uint32_t flags = (uint32_t)frame->state[0];
  DiskAnswer answer = flags & FILE_EMPTIES ? DISK_ABSENT : vm_disk_look(vm, frame, at);
  if (answer == DISK_ASKS || (answer == DISK_ABSENT && !(flags & FILE_CREATES))) return answer;
  if (answer == DISK_ABSENT) vm_disk_create(vm, frame, at);
  Value *slots = native_slots(frame);
  slots[at + 1] = vm_file_new(vm, &slots[at + 1], flags);
  return DISK_PRESENT;
}

/* --- Writing --- */

static void put_zeros(VM *vm, uint64_t count) {
  vm_charge(vm, COST_STRING_BYTES, count);
  memset(vm_buffer_space(vm, count), 0, count);
}

static void put_pending(VM *vm, Value file) {
  const Table *pending = value_table(userdata_slots(file)[FILE_PENDING]);
  int64_t count = (int64_t)get(file, FILE_PENDING_COUNT);
  for (int64_t i = 1; i <= count; i++) {
    const String *piece = value_string(vm_table_get_integer(pending, i));
    vm_buffer_put(vm, piece->bytes, piece->length);
  }
}

void vm_file_flush(VM *vm, Value file) {
  uint64_t bytes = (uint64_t)get(file, FILE_PENDING_BYTES);
  if (bytes == 0 || !file_is_open(file)) return;
  const String *old = file_content(file);
  uint64_t size = old->length, end = (uint64_t)get(file, FILE_POSITION), start = end - bytes;
  if (file_flags(file) & FILE_APPENDS) start = size, end = size + bytes;
  vm_charge(vm, COST_STRING_BYTES, size + bytes);
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, old->bytes, start < size ? start : size);
  if (start > size) put_zeros(vm, start - size);
  put_pending(vm, file);
  if (end < size) vm_buffer_put(vm, old->bytes + end, size - end);
  Value content = value_of_string(vm_buffer_string(vm, mark));
  userdata_slots(userdata_slots(file)[FILE_NODE])[NODE_CONTENT] = content;
  userdata_slots(file)[FILE_PENDING] = VALUE_NIL;
  set(file, FILE_PENDING_COUNT, 0);
  set(file, FILE_PENDING_BYTES, 0);
  set(file, FILE_POSITION, (double)end);
}

/* Pending bytes may grow with the file, so that writing stays linear. */
static bool is_full(Value file) {
  double bytes = get(file, FILE_PENDING_BYTES), room = get(file, FILE_ROOM);
  if (room == ROOM_FIRST && file_content(file)->length > room) room = file_content(file)->length;
  return bytes > room || bytes >= PENDING_MAX;
}

void vm_file_write(VM *vm, Value file, Value text) {
  uint32_t size = value_string(text)->length;
  if (size == 0) return;
  if (userdata_slots(file)[FILE_PENDING] == VALUE_NIL) {
    Value pending = value_of_table(vm_table_new(vm, 4, 0));
    userdata_slots(file)[FILE_PENDING] = pending;
  }
  double count = get(file, FILE_PENDING_COUNT) + 1;
  vm_table_set_integer(vm, value_table(userdata_slots(file)[FILE_PENDING]), (int64_t)count, text);
  set(file, FILE_PENDING_COUNT, count);
  set(file, FILE_PENDING_BYTES, get(file, FILE_PENDING_BYTES) + size);
  set(file, FILE_POSITION, get(file, FILE_POSITION) + size);
  if (is_full(file)) vm_file_flush(vm, file);
}

void vm_file_close(VM *vm, Value file) {
  vm_file_flush(vm, file);
  userdata_slots(file)[FILE_NODE] = VALUE_NIL;
}

/* --- Arguments --- */

Value vm_file_check(VM *vm, Value *args, int count, int number) {
  Value v = native_arg(args, count, number);
  if (!file_is(v)) vm_native_type_error(vm, args, count, number, "FILE*");
  return v;
}

Value vm_file_check_open(VM *vm, Value *args, int count, int number) {
  Value file = vm_file_check(vm, args, count, number);
  if (!file_is_open(file)) vm_native_error(vm, "attempt to use a closed file");
  return file;
}

Value vm_file_default(VM *vm, const char *which) {
  Value file = vm_profile_kept(vm, which);
  if (!file_is(file) || !file_is_open(file)) {
    vm_native_error(vm, "standard %s file is closed", which[1] == 'I' ? "input" : "output");
  }
  return file;
}
