/* SPDX-License-Identifier: BSD-2-Clause */
/* wipe.h - clearing what a run left, where that is not known to the byte.
 *
 * Layer: sandbox/worker, sealed.
 */
#ifndef SANDBOX_WORKER_WIPE_H
#define SANDBOX_WORKER_WIPE_H

/* Clears VM_NATIVE_STACK bytes of stack below the caller, where the machine's library functions
 * had their buffers.  A page that none of them reached is read and not written: it costs no memory. */
void worker_wipe_stack(void);

#endif
