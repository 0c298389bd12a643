/* SPDX-License-Identifier: BSD-2-Clause */
/* number - text to double and back, as Lua 5.1 does it in the C locale.
 *
 * No stdio and no locale: results equal snprintf("%.14g") and strtod bit for bit.
 * Layer: vm/values.
 */
#ifndef VM_VALUES_NUMBER_H
#define VM_VALUES_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_TEXT_MAX = 32 }; /* bytes that vm_number_write needs at most */

/* Writes `n` as "%.14g" does (with "inf", "-inf", "nan", "-nan") and a NUL.
 * Returns the length without the NUL. */
size_t vm_number_write(double n, char text[NUMBER_TEXT_MAX]);

/* Writes `n` as "%.17g" does; same contract. */
size_t vm_number_write_exact(double n, char text[NUMBER_TEXT_MAX]);

/* Writes `n` as Valkey passes numbers to commands: whole numbers up to 2^62 in full, others
 * with the fewest digits that read back as the same number.  Same contract. */
size_t vm_number_write_shortest(double n, char text[NUMBER_TEXT_MAX]);

/* Reads a whole string as lua_tonumber does: white space around, strtod syntax
 * (decimal, "0x" hexadecimal integers and floats, inf, infinity, nan), and PUC's
 * rule for a trailing NUL.  `text[size]` must be readable and NUL.  Returns false
 * when it is no number. */
bool vm_number_read(const char *text, size_t size, double *ret_number);

#endif
