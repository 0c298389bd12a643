/* SPDX-License-Identifier: BSD-2-Clause */
/* math - the fields of the math library that are no functions. */
#ifndef VM_LIB_MATH_H
#define VM_LIB_MATH_H

#include "vm/objects/table.h"

/* Adds pi, huge and mod, which is fmod's old name, in the reference's order.  The
 * functions must be there. */
void vm_math_open(VM *vm, Table *library) MAY_RAISE(memory);

#endif
