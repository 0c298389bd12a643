/* SPDX-License-Identifier: BSD-2-Clause */
/* opcode - the rows of opcodes.def as data. */
#include "vm/compile/opcode.h"

const OpcodeInfo vm_opcode_info[OP_COUNT_] = {
#define FORMAT(f) FORMAT_##f
#define N OPERAND_N
#define W OPERAND_W
#define R OPERAND_R
#define B OPERAND_B
#define K OPERAND_K
#define U OPERAND_U
#define I OPERAND_I
#define P OPERAND_P
#define FAULTS OPCODE_FAULTS
#define TEST OPCODE_TEST
#define ENDS OPCODE_ENDS
#define TOP OPCODE_TOP
#define USES_TOP OPCODE_USES_TOP
#define OPCODE(name, format, a, b, c, extra, flags, meaning) \
  {#name, FORMAT(format), a, b, c, extra, flags, meaning},
#include "vm/opcodes.def"
#undef OPCODE
};
