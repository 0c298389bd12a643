/* SPDX-License-Identifier: BSD-2-Clause */
/* draft - a function's code before it is lowered to words, and its jumps.
 *
 * Jumps whose target is not known yet form lists threaded through the jumps
 * themselves.  A list is kept with both ends, so that joining costs the same at
 * any length.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_DRAFT_H
#define VM_COMPILE_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define REFERENCE(name, format, test, words) DRAFT_##name,
#include "vm/compile/reference.def"
#undef REFERENCE
  DRAFT_CAPTURE, /* what the reference writes after CLOSURE for an upvalue */
  DRAFT_NUMBER,  /* the batch number after a SETLIST whose C is 0 */
  DRAFT_COUNT_
} DraftOp;

enum {
  DRAFT_CONSTANT = 256, /* added to an operand B or C that names a constant */
  DRAFT_NO_REGISTER = 255,
  DRAFT_MOST_JUMP = 131071
};

typedef struct {
  uint8_t op; /* DraftOp */
  uint8_t a;
  bool shared; /* of CLOSE: a variable captured by reference is meant */
  union {
    struct {
      uint16_t b, c;
    };
    int32_t x; /* Bx; of a jump: its target, or the next jump of its list */
  };
  union {
    uint32_t line;
    uint32_t word; /* once lowered: where its words begin */
  };
} Draft;

typedef struct {
  int head, tail; /* -1 for an empty list */
} JumpList;

#define NO_JUMPS ((JumpList){-1, -1})

static inline bool jump_list_is_empty(JumpList list) { return list.head < 0; }

#endif
