/* SPDX-License-Identifier: BSD-2-Clause */
/* chunk_id - how messages name a chunk: "user_script", "[string \"return 1...\"]". */
#ifndef VM_COMPILE_CHUNK_ID_H
#define VM_COMPILE_CHUNK_ID_H

#include <stddef.h>

enum { CHUNK_ID_SYNTAX = 80 }; /* room in messages of the compiler; LIMIT_CHUNK_ID elsewhere */

/* Writes the readable form of a chunk name ("@file", "=name" or source text) and
 * a NUL into `text`, which has `room` bytes.  Returns the length without the NUL.
 * The name ends at its first NUL, as in the reference. */
size_t vm_chunk_id_write(const char *name, size_t size, char *text, size_t room);

#endif
