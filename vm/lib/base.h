/* SPDX-License-Identifier: BSD-2-Clause */
/* base - the fields of the global table that are no functions. */
#ifndef VM_LIB_BASE_H
#define VM_LIB_BASE_H

#include "vm/objects/table.h"

/* Adds _VERSION; sets what collectgarbage remembers and what type answers.  The
 * functions up to `type` must be there. */
void vm_base_open(VM *vm, Table *globals) MAY_RAISE(memory);

#endif
