/* SPDX-License-Identifier: BSD-2-Clause */
/* load_file - compiling a file of the virtual folder. */
#ifndef VM_FULL_LOAD_FILE_H
#define VM_FULL_LOAD_FILE_H

#include "vm/full/disk.h"

/* Compiles the node in slots[at + 1] under the name in slots[at].  The function, or the
 * message when it returns false, goes to slots[at + 2]; the three behind are used. */
bool vm_load_file_compile(VM *vm, Value *slots, int at) MAY_RAISE(memory);

#endif
