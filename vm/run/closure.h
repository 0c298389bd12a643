/* SPDX-License-Identifier: BSD-2-Clause */
/* closure - making functions: Lua closures with their upvalues, and natives. */
#ifndef VM_RUN_CLOSURE_H
#define VM_RUN_CLOSURE_H

#include "vm/run/state.h"

/* The closure of function `index` of the running function's module, its upvalues
 * captured from the top frame. */
Value vm_closure_make(VM *vm, uint32_t index) MAY_RAISE(memory);

/* The closure of a module's main function. */
Value vm_closure_main(VM *vm, uint32_t module, Value environment) MAY_RAISE(memory);

#endif
