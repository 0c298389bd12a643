/* SPDX-License-Identifier: BSD-2-Clause */
/* chain - instructions that take an operand from the instruction before.
 *
 * What an arithmetic instruction computes, or a load from a field or an array finds, goes to its
 * register and, in a register of the processor, to the instruction behind it: reading a slot just
 * written takes longer than most arithmetic.  An instruction whose operand that is gets a chained
 * opcode when its module is loaded.  The end of a numeric for hands on to the loop's beginning
 * what it was handed itself.  Only handlers of the former dispatch to chained handlers, and
 * only when they fall through; whoever
 * comes another way (a jump, a metamethod's result, a trace) finds the plain handler behind
 * the same opcode.  Whatever reads an instruction asks word_op, which names the plain one.
 * Layer: vm/run.
 */
#ifndef VM_RUN_CHAIN_H
#define VM_RUN_CHAIN_H

#include "vm/compile/module.h"

/* Gives chained opcodes to the code of a verified module. */
void vm_chain_module(Module *module);

#endif
