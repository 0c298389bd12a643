/* SPDX-License-Identifier: BSD-2-Clause */
/* disasm - a module as text, for people and for comparing compilers. */
#ifndef VM_INSPECT_DISASM_H
#define VM_INSPECT_DISASM_H

#include <stddef.h>

#include "vm/compile/module.h"

/* Receives the text piece by piece. */
typedef void (*DisasmSink)(void *context, const char *text, size_t size);

/* Writes every function: word, line, instruction, operands, and in a comment what
 * constants and jumps stand for. */
void vm_disasm_write(const Module *module, DisasmSink sink, void *context);

/* Writes the instructions of the reference compiler that ours stand for, in the
 * columns of `luac -l -l`.  The first column and the operand of a jump are words of
 * our code.  Instructions that we leave out (CLOSE without references) are missing;
 * the LOADNIL that clears a function's first locals, which the reference's frames do
 * not need, is one more. */
void vm_disasm_write_reference(const Module *module, DisasmSink sink, void *context);

#endif
