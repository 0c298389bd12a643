/* SPDX-License-Identifier: BSD-2-Clause */
/* exec - the loop that executes instructions. */
#ifndef VM_RUN_EXEC_H
#define VM_RUN_EXEC_H

#include "vm/run/state.h"

/* Executes from the top frame until run.exit is set.  The top frame is Lua. */
void vm_exec_loop(VM *vm);

#endif
