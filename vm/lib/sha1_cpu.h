/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1_cpu - SHA-1 by the instructions that some x86-64 processors have for it.
 *
 * The processor is asked once, when the machine is opened: asking can be slow under
 * virtualisation, and a sealed worker shall depend on nothing it finds out later.
 * Elsewhere it never has them.  Layer: vm/lib.
 */
#ifndef VM_LIB_SHA1_CPU_H
#define VM_LIB_SHA1_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Asks the processor. */
bool vm_sha1_cpu_has(void);

/* Adds `count` blocks of 64 bytes to a digest; only where vm_sha1_cpu_has. */
void vm_sha1_cpu_add(uint32_t words[5], const unsigned char *blocks, size_t count);

#endif
