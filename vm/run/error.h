/* SPDX-License-Identifier: BSD-2-Clause */
/* error - raising, landing, and how a run ends.
 *
 * There is one setjmp, in vm_error_protect.  A raise leaves the C code that runs and
 * lands there; unwinding then walks frames as data.  A pcall is a frame that catches.
 * Ends by a limit cannot be caught: no frame is asked.  Layer: vm/run.
 */
#ifndef VM_RUN_ERROR_H
#define VM_RUN_ERROR_H

#include "vm/run/state.h"

/* Raises the text that was put into the buffer since `mark`, and charges a long one. */
__attribute__((noreturn)) void vm_error_raise_buffer(VM *vm, size_t mark) MAY_RAISE(script);

/* Raises `error` as it is. */
__attribute__((noreturn)) void vm_error_raise(VM *vm, Value error) MAY_RAISE(script);
/* vm_error_text, in objects/table.h, raises a text with its position. */

/* Ends the run. */
__attribute__((noreturn)) void vm_error_budget(VM *vm);
__attribute__((noreturn)) void vm_error_stopped(VM *vm, uint32_t stop_value);
/* An error inside the handling of errors, too deep to be handled again. */
__attribute__((noreturn)) void vm_error_handler_failed(VM *vm);

/* Runs body(vm); returns when it returns or when the run has left the loop.  Raises
 * inside land and are delivered to the frame that catches, then `body` runs again. */
void vm_error_protect(VM *vm, void (*body)(VM *vm));

/* What the server's handler makes of an error table that it may not write to: the line
 * is one of its own text. */
#define ERROR_HANDLER_REFUSED "err_handler_def:10: Attempt to modify a readonly table"

/* A message handler has returned `error`: unwinds to its xpcall. */
void vm_error_handled(VM *vm, Value error);

#endif
