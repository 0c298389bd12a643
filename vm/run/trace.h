/* SPDX-License-Identifier: BSD-2-Clause */
/* trace - tells the trace hook what is about to be executed, and on what kinds of values.
 *
 * Only the second dispatch table comes here: a run that is not traced pays nothing.
 * Layer: vm/run.
 */
#ifndef VM_RUN_TRACE_H
#define VM_RUN_TRACE_H

#include "vm/run/state.h"

/* Reports the instruction at word `pc` of the top frame to the hook of vm_set_trace. */
void vm_trace_report(VM *vm, const Word *pc);

#endif
