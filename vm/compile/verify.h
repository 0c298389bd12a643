/* SPDX-License-Identifier: BSD-2-Clause */
/* verify - proves that a module cannot make the machine leave its bounds.
 *
 * The machine trusts every instruction, so every module is verified, our own
 * compiler's too.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_VERIFY_H
#define VM_COMPILE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/compile/module.h"
#include "vm/memory/scratch.h"

typedef struct {
  const char *problem;
  uint32_t proto;
  uint32_t pc; /* word; meaningful when the problem is in the code */
  bool memory; /* the scratch was too small to verify */
} VerifyReport;

/* Checks offsets, counts and every instruction of a module whose `size` bytes are
 * readable.  Works in `scratch` and gives the room back; what does not fit is a
 * problem too.  `ret_report` is written on failure. */
bool vm_verify_module(const Module *module, Scratch *scratch, VerifyReport *ret_report);

#endif
