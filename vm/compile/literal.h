/* SPDX-License-Identifier: BSD-2-Clause */
/* literal - what the text of a literal stands for. */
#ifndef VM_COMPILE_LITERAL_H
#define VM_COMPILE_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

/* Copies a token, or its beginning, from [text, end) to `result` with delimiters
 * kept and escapes and line ends translated; a name or numeral is copied as it is.
 * That is the reference's token buffer: messages show it, and between the
 * delimiters it is the string.  Writes at most end - text bytes and returns how
 * many. */
size_t vm_literal_show(const char *text, const char *end, char *result);

/* Reads a numeral of plain digits with at most one point, when its value is exact
 * in double arithmetic; returns false for any other, right or wrong. */
bool vm_literal_short_number(const char *text, const char *end, double *ret_number);

#endif
