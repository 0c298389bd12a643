/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1 - SHA-1 of bytes, as lower-case hexadecimal: what redis.sha1hex returns.
 *
 * A pure function; the caller charges for it.  Layer: vm/lib.
 */
#ifndef VM_LIB_SHA1_H
#define VM_LIB_SHA1_H

#include <stdbool.h>
#include <stddef.h>

enum { SHA1_HEX_SIZE = 40 };

/* Writes 40 digits, no NUL.  `by_cpu`: with the processor's instructions (vm/lib/sha1_cpu.h). */
void vm_sha1_hex(const void *bytes, size_t size, bool by_cpu, char hex[SHA1_HEX_SIZE]);

#endif
