/* SPDX-License-Identifier: BSD-2-Clause */
/* load - compiling at run time, for load and its kin. */
#ifndef VM_LIB_LOAD_H
#define VM_LIB_LOAD_H

#include "vm/lib/native.h"

/* Compiles; leaves the function in args[-1], or nil and the message in args[-1] and
 * args[0], and returns their number.  Source and name must be reachable and not in the
 * buffer. */
int vm_load_compile(VM *vm, Value *args, const char *source, size_t size, const char *name, size_t name_size)
    MAY_RAISE(memory);

#endif
