/* SPDX-License-Identifier: BSD-2-Clause */
/* lower - a finished draft to the words of vm/opcodes.def. */
#ifndef VM_COMPILE_LOWER_H
#define VM_COMPILE_LOWER_H

#include "vm/compile/generator.h"
#include "vm/compile/opcode.h"

struct Compiled {
  Word *words;
  uint32_t *lines; /* one per word */
  Slot *constants;
  uint32_t word_count, constant_count;
  uint8_t stack_size;
};

/* Lowers the current function into its Function.compiled and gives its variables
 * their ranges in words.  Returns false when the scratch is full. */
bool vm_lower_function(Generator *g);

#endif
