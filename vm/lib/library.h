/* SPDX-License-Identifier: BSD-2-Clause */
/* library - function libraries: their environment, and what they register.
 *
 * A library is code that runs once, in an environment where little more than
 * redis.register_function exists.  The functions that it registers are called later, with
 * the environment of a script without KEYS and ARGV.  Both environments are one globals
 * table, empty and read-only, whose metatable's __index decides: as in Redis.
 *
 * RunState.registering is the library being loaded: a table of entries in order, each
 * also under its name in lower case; an entry is {name, description or false, flags,
 * callback}.  RunState.libraries holds the committed ones by number.  Layer: vm/lib.
 */
#ifndef VM_LIB_LIBRARY_H
#define VM_LIB_LIBRARY_H

#include "vm/run/state.h"

/* Makes the environment when it is not there, and turns it to loading. */
void vm_library_open(VM *vm) MAY_RAISE(memory);

/* Turns the environment back; what was registered becomes library `number`. */
void vm_library_close(VM *vm, uint64_t number) MAY_RAISE(memory);

/* The i-th function of the library being loaded; false past the end. */
bool vm_library_entry(const VM *vm, size_t i, VmFunction *ret_function);

/* The callback of a function by its name, upper and lower case alike; nil: there is none. */
Value vm_library_find(VM *vm, uint64_t number, VmBytes name) MAY_RAISE(memory);

#endif
