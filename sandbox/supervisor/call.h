/* SPDX-License-Identifier: BSD-2-Clause */
/* call - what scripts ask of the host, and what becomes of an answer that no worker waits for.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_CALL_H
#define SANDBOX_SUPERVISOR_CALL_H

#include "sandbox/supervisor/run.h"

/* Has the host carry out the call that the session holds; the answer's bytes are the host's until its next. */
FsbReply supervisor_call_ask(Run *run, Moment moment);

/* Takes the answer to a call that the worker waits for. */
void supervisor_call_answered(Run *run, const FsbReply *answer, Moment moment);

/* Takes the answer to a posted call: an error ends the run, what the script returns is kept, and a wrong
 * guess stops the worker. */
void supervisor_call_posted(Run *run, const FsbReply *answer, Moment moment);

#endif
