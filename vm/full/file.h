/* SPDX-License-Identifier: BSD-2-Clause */
/* file - open files of the virtual folder, and the three standard ones.
 *
 * An open file is a userdata: its node, a position, and what was written but has not
 * reached the node yet.  Layer: vm/full.
 */
#ifndef VM_FULL_FILE_H
#define VM_FULL_FILE_H

#include "vm/full/disk.h"

enum {
  FILE_NODE = USERDATA_ENVIRONMENT + 1, /* nil: closed */
  FILE_POSITION, /* bytes; what is pending counts as written */
  FILE_FLAGS,
  FILE_PENDING,  /* table of strings, in order */
  FILE_PENDING_COUNT,
  FILE_PENDING_BYTES,
  FILE_ROOM,     /* bytes that may be pending; 0: every write goes through */
  FILE_SLOTS
};

enum {
  FILE_READS = 1,
  FILE_WRITES = 2,
  FILE_APPENDS = 4,
  FILE_INPUT = 8,    /* standard input: the host is asked for all of it at the first read */
  FILE_OUTPUT = 16,  /* standard output */
  FILE_ERRORS = 32,  /* standard error */
  FILE_STANDARD = FILE_INPUT | FILE_OUTPUT | FILE_ERRORS,
  FILE_CREATES = 64, /* opening makes it when it is missing */
  FILE_EMPTIES = 128 /* opening empties it */
};

static inline bool file_is(Value v) {
  return value_is_userdata(v) && value_userdata(v)->array_size == FILE_SLOTS;
}
static inline uint32_t file_flags(Value file) { return (uint32_t)value_number(userdata_slots(file)[FILE_FLAGS]); }
static inline bool file_is_open(Value file) { return userdata_slots(file)[FILE_NODE] != VALUE_NIL; }
static inline double file_position(Value file) { return value_number(userdata_slots(file)[FILE_POSITION]); }
static inline String *file_content(Value file) { return disk_content(userdata_slots(file)[FILE_NODE]); }

/* Opens the file whose name is in slots[at]; flags in frame->state[0].  The file goes to
 * slots[at + 1].  Answers as vm_disk_look. */
DiskAnswer vm_file_open(VM *vm, Frame *frame, int at) MAY_RAISE(memory);
/* The flags of a mode such as "r+b"; 0 when it is none. */
uint32_t vm_file_mode(const char *mode);

/* An open file of the node in *node. */
Value vm_file_new(VM *vm, const Value *node, uint32_t flags) MAY_RAISE(memory);

/* Appends bytes to what is pending.  The file must be reachable, as below. */
void vm_file_write(VM *vm, Value file, Value text) MAY_RAISE(memory);
/* Moves what is pending into the node. */
void vm_file_flush(VM *vm, Value file) MAY_RAISE(memory);
void vm_file_close(VM *vm, Value file) MAY_RAISE(memory);

/* Argument `number` as a file, with the reference's errors; open in the second form. */
Value vm_file_check(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
Value vm_file_check_open(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
/* The default input or output ("_INPUT", "_OUTPUT"), which must be open. */
Value vm_file_default(VM *vm, const char *which) MAY_RAISE(script);

#endif
