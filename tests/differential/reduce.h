/* SPDX-License-Identifier: BSD-2-Clause */
/* reduce - makes a program smaller while it still shows its fault. */
#ifndef TESTS_DIFFERENTIAL_REDUCE_H
#define TESTS_DIFFERENTIAL_REDUCE_H

#include <stdbool.h>
#include <stddef.h>

/* Removes runs of lines, then of characters, as long as `still` holds for the rest;
 * `text` is changed in place.  Returns the new size. */
size_t reduce_text(char *text, size_t size, bool (*still)(const char *text, size_t size));

#endif
