/* SPDX-License-Identifier: BSD-2-Clause */
/* text - output: what goes to people, and what must get there whole.
 *
 * Bytes that a tenant controls are escaped before they reach a terminal, except
 * the raw result itself.  Standard output is data: a failure to write it is an
 * error of the tool.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_TEXT_H
#define TOOLS_CTL_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "sandbox/ferrous_sandbox.h"

/* Prints one line "ferrous-sandboxctl: ..." on standard error, escaped. */
void ctl_text_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints bytes with control bytes and invalid UTF-8 as \xNN, backslash as it is. */
void ctl_text_escape(FILE *to, FsbBytes bytes);

/* Prints bytes in double quotes as redis-cli does: \n \r \t \a \b \\ \" and \xNN
 * for everything that is not printable ASCII. */
void ctl_text_quote(FILE *to, FsbBytes bytes);

/* Says whether standard output is there at all; to be asked before anything runs,
 * since a script has effects. */
bool ctl_text_has_output(void);

/* Flushes standard output; false, with a line on standard error, when what was
 * printed did not get out. */
bool ctl_text_finish(void);

/* Makes sure that descriptors 0, 1 and 2 are taken, so that no file opened later
 * becomes standard output. */
void ctl_text_reserve(void);

#endif
