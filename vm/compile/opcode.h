/* SPDX-License-Identifier: BSD-2-Clause */
/* opcode - numbers, fields and properties of instructions, made from opcodes.def. */
#ifndef VM_COMPILE_OPCODE_H
#define VM_COMPILE_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define OPCODE(name, format, a, b, c, extra, flags, meaning) OP_##name,
#include "vm/opcodes.def"
#undef OPCODE
  OP_COUNT_
} Opcode;

/* An opcode has 8 bits.  A loaded module's may say that an operand is what the instruction before
 * has computed (vm/run/chain.h): by the highest bit, or, for the left operand of an instruction with
 * two registers, by WORD_LEFT and the number of its operation. */
enum { WORD_CHAINED = 0x80, WORD_LEFT = 0xE0 };
_Static_assert(OP_COUNT_ <= (WORD_LEFT & ~WORD_CHAINED), "opcodes and their chained forms differ");

typedef uint32_t Word;

static inline Opcode word_op(Word w) {
  uint32_t op = w & 0x7f, left = WORD_LEFT & 0x7f;
  return (Opcode)(op < left ? op : OP_ADD_RR + (op - left) * 3);
}
/* Whether it is `op`, one that has no chained form: a comparison, where word_op has to compute. */
static inline bool word_is(Word w, Opcode op) { return (w & 0xff) == (Word)op; }
static inline uint32_t word_a(Word w) { return (w >> 8) & 0xff; }
static inline uint32_t word_b(Word w) { return (w >> 16) & 0xff; }
static inline uint32_t word_c(Word w) { return w >> 24; }
static inline uint32_t word_d(Word w) { return w >> 16; }
static inline int32_t word_sd(Word w) { return (int32_t)w >> 16; }
static inline int32_t word_j(Word w) { return (int32_t)w >> 8; }

static inline Word word_abc(Opcode op, uint32_t a, uint32_t b, uint32_t c) {
  return (Word)op | a << 8 | b << 16 | c << 24;
}
static inline Word word_ad(Opcode op, uint32_t a, uint32_t d) {
  return (Word)op | a << 8 | (d & 0xffff) << 16;
}
static inline Word word_jump(Opcode op, int32_t j) {
  return (Word)op | (uint32_t)j << 8;
}

enum { FORMAT_ABC, FORMAT_AD, FORMAT_J };
enum { OPERAND_N, OPERAND_W, OPERAND_R, OPERAND_B, OPERAND_K, OPERAND_U, OPERAND_I, OPERAND_P };
enum { OPCODE_FAULTS = 1, OPCODE_TEST = 2, OPCODE_ENDS = 4, OPCODE_TOP = 8, OPCODE_USES_TOP = 16 };

typedef struct {
  const char *name;
  uint8_t format;
  uint8_t a, b, c; /* OPERAND_ */
  uint8_t extra;   /* words that follow */
  uint8_t flags;   /* OPCODE_ */
  const char *meaning;
} OpcodeInfo;

extern const OpcodeInfo vm_opcode_info[OP_COUNT_];

#endif
