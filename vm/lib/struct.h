/* SPDX-License-Identifier: BSD-2-Clause */
/* struct - formats of the struct library: a reader that gives one option at a time.
 *
 *   > <    big, little endian (little until said)      ![n]  alignment up to n (8)
 *   b B h H l L T i[n] I[n]   integers, small letters signed      f d   floats
 *   cn     n bytes (1); c0: what another length says   s  bytes up to a NUL
 *   x      a byte of padding                           blank: nothing
 *
 * Sizes are those of x86-64 Linux, whatever the machine.  A format ends at a NUL.
 * Layer: vm/lib.
 */
#ifndef VM_LIB_STRUCT_H
#define VM_LIB_STRUCT_H

#include "vm/lib/meter.h"
#include "vm/lib/native.h"

enum {
  STRUCT_INT_MAX = 32, /* bytes of an integer */
  STRUCT_ALIGN_MAX = 8 /* what `!` alone means */
};

typedef enum {
  STRUCT_CONTROL, /* no data: endianness, alignment, blanks, and what is no option */
  STRUCT_SIGNED,
  STRUCT_UNSIGNED,
  STRUCT_FLOAT,
  STRUCT_DOUBLE,
  STRUCT_CHARS,
  STRUCT_STRING,
  STRUCT_PADDING
} StructKind;

typedef struct {
  VM *vm;
  const char *at;     /* the rest of the format, ends with a NUL */
  Meter meter;
  uint32_t prepaid;   /* options that need no charge any more */
  bool big_endian;
  uint32_t alignment;
  /* The option at hand. */
  char letter;
  StructKind kind;
  uint64_t size;      /* bytes, 0 where the data says */
  uint32_t padding;   /* bytes that go before it */
} StructFormat;

/* Begins in place: copying what was just written in parts would wait for it. */
void vm_struct_start(VM *vm, const String *text, StructFormat *format) MAY_RAISE(script);

/* Reads the next option, which will stand behind `position` bytes; false at the end. */
bool vm_struct_next(StructFormat *format, uint64_t position) MAY_RAISE(script);

/* Obeys a control option; raises when it is none. */
void vm_struct_control(StructFormat *format) MAY_RAISE(script);

#endif
