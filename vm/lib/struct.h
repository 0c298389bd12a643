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

/* What a letter says by itself.  A size of 0 stands for a number behind it or for what the data say;
 * letters that are controls or mean nothing are STRUCT_CONTROL. */
typedef struct {
  uint8_t kind; /* a StructKind */
  uint8_t size;
} StructLetter;
extern const StructLetter vm_struct_letters[UINT8_MAX + 1];

/* Begins in place: copying what was just written in parts would wait for it. */
void vm_struct_start(VM *vm, const String *text, StructFormat *format) MAY_RAISE(script);

/* Reads the next option, which will stand behind `position` bytes; false at the end. */
bool vm_struct_next(StructFormat *format, uint64_t position) MAY_RAISE(script);

/* Obeys a control option; raises when it is none. */
void vm_struct_control(StructFormat *format) MAY_RAISE(script);

/* --- The usual: numbers of up to eight bytes that are not aligned, in either order.  They are read by
 *     a cursor that never leaves the processor's registers; whatever else comes is for vm_struct_next. --- */

enum {
  STRUCT_NEAR = 8,    /* bytes of such a number at most */
  STRUCT_INT_SIZE = 4 /* of `i` and `I` alone */
};

typedef struct {
  const char *at;
  uint32_t left;       /* options that may be read: paid for, and nothing is aligned */
  bool big_endian;
  StructKind kind;     /* of the option at hand */
  uint32_t size;       /* its bytes */
  uint32_t characters; /* its letter, and perhaps a digit */
} StructCursor;

static inline StructCursor struct_cursor(const StructFormat *f) {
  return (StructCursor){.at = f->at, .left = f->alignment == 1 ? f->prepaid : 0, .big_endian = f->big_endian};
}

/* The format goes on where the cursor is. */
static inline void struct_go_on(StructFormat *f, const StructCursor *c) {
  if (f->alignment == 1) f->prepaid = c->left;
  f->at = c->at;
  f->big_endian = c->big_endian;
}

/* `i` or `I`: a digit may say how many bytes. */
static inline bool struct_peek_integer(StructCursor *c) {
  uint32_t digit = (uint32_t)c->at[1] - '0';
  c->size = digit <= 9 ? digit : STRUCT_INT_SIZE;
  c->characters = digit <= 9 ? 2 : 1;
  return c->size - 1 < STRUCT_NEAR && (digit > 9 || (uint32_t)c->at[2] - '0' > 9);
}

/* Looks at the option at hand; false when it is none of the usual. */
static inline bool struct_peek(StructCursor *c) {
  /* Most formats have one of these, and have it once. */
  while (c->left > 0 && (*c->at & ~('<' ^ '>')) == ('<' & '>')) {
    c->big_endian = *c->at++ == '>';
    c->left--;
  }
  if (UNLIKELY(c->left == 0)) return false;
  const StructLetter letter = vm_struct_letters[(uint8_t)*c->at];
  c->kind = (StructKind)letter.kind;
  c->size = letter.size;
  c->characters = 1;
  if (LIKELY(letter.size != 0)) return letter.kind != STRUCT_PADDING;
  return (letter.kind == STRUCT_SIGNED || letter.kind == STRUCT_UNSIGNED) && struct_peek_integer(c);
}

/* Goes behind it. */
static inline void struct_take(StructCursor *c) {
  c->at += c->characters;
  c->left--;
}

#endif
