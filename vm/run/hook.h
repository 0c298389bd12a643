/* SPDX-License-Identifier: BSD-2-Clause */
/* hook - debug.sethook's lines and counts, for the full profile.
 *
 * A hook works on the second dispatch table: a run without one pays nothing.  Only
 * sethook (vm/full/) ever sets one.  There is one hook at a time, of one coroutine; calls
 * and returns are no events. */
#ifndef VM_RUN_HOOK_H
#define VM_RUN_HOOK_H

#include "vm/run/state.h"

/* Sets the hook of a coroutine; mask 0 takes it away.  The loop is left and entered anew. */
void vm_hook_set(VM *vm, uint32_t coroutine, Value function, uint32_t mask, uint32_t count);

/* Looks at the instruction at the top frame's pc before it is executed.  True: a call of
 * the hook has been pushed, and the instruction comes here once more after it. */
bool vm_hook_step(VM *vm) MAY_RAISE(script);

/* The hook's function has returned, or was unwound. */
void vm_hook_returned(VM *vm);

#endif
