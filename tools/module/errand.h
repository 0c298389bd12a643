/* SPDX-License-Identifier: BSD-2-Clause */
/* errand - a command that the control thread wants done by the main thread.
 *
 * There is one at a time.  Who asked may withdraw it as long as the main thread has not
 * begun, so that a refusal for want of time means that nothing was done.  Neither thread
 * waits for the other: the main thread looks once per cron, when nothing runs, and wakes
 * the control thread when it has finished.
 */
#ifndef TOOLS_MODULE_ERRAND_H
#define TOOLS_MODULE_ERRAND_H

#include "tools/module/query.h"

/* --- The control thread's side --- */

/* Leaves a command with its words, which are copied; false: another is under way, or they
 * are too long. */
bool module_errand_post(const QueryRow *row, const FsbBytes *words, size_t count);

/* Takes the command back; false: it was begun. */
bool module_errand_withdraw(void);

/* Takes the line of JSON that answers it, to be given up with module_answer_fini(); false:
 * not done yet. */
bool module_errand_take(Answer *ret_line);

/* --- The main thread's side --- */

/* Does what was left, if anything; nothing may run.  Returns whether something was done. */
bool module_errand_do(void);

#endif
