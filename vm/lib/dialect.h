/* SPDX-License-Identifier: BSD-2-Clause */
/* dialect - what a script finds different when the server is Valkey.
 *
 * The table `redis` has a second name, `server`, and some more constants; there is
 * os.clock; errors speak of server.call; numbers that are passed to commands are written
 * with the fewest digits.  All of it is Valkey 9.1's; a VM without a Valkey version is Redis
 * 7.0.15.  Layer: vm/lib.
 */
#ifndef VM_LIB_DIALECT_H
#define VM_LIB_DIALECT_H

#include "vm/lib/native.h"
#include "vm/values/number.h"

static inline bool dialect_is_valkey(const VM *vm) { return vm->valkey_version != 0; }

/* Appends an error text to the open buffer, in the server's words. */
void vm_dialect_put(VM *vm, const char *text) MAY_RAISE(memory);

/* Writes a number as an argument of a command; returns its length. */
size_t vm_dialect_write(const VM *vm, double n, char text[NUMBER_TEXT_MAX]);

/* The constants beside REDIS_VERSION, by number: NULL past the last. */
const char *vm_dialect_constant(const VM *vm, size_t i);

/* Adds constants to the redis table. */
void vm_dialect_fill(VM *vm, Table *library) MAY_RAISE(memory);

/* Adds `server` and `os` to the globals. */
void vm_dialect_open(VM *vm, Table *globals) MAY_RAISE(memory);

#endif
