/* SPDX-License-Identifier: BSD-2-Clause */
/* sha1 - the digest by which Redis names a script.
 *
 * A name, not a protection: nothing is trusted because its digest matches.
 *
 * Layer: sandbox/supervisor.  Pure.
 */
#ifndef SANDBOX_SUPERVISOR_SHA1_H
#define SANDBOX_SUPERVISOR_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_HEX_BYTES 41 /* 40 digits and a NUL */

/* Writes the lower-case hexadecimal SHA1 of `size` bytes. */
void supervisor_sha1_hex(const void *data, size_t size, char ret_hex[SHA1_HEX_BYTES]);

#endif
