/* SPDX-License-Identifier: BSD-2-Clause */
/* traps - the signals by which a check of ours ends a process.
 *
 * A stale handle (value.h) and everything else (__builtin_trap: asserts, the stack canary)
 * end in two signals, so that the supervisor can tell them apart.  The compiler's trap is an
 * undefined instruction on x86-64 and a breakpoint on aarch64; the other takes the other.
 *
 * Layer: policy.
 */
#ifndef POLICY_TRAPS_H
#define POLICY_TRAPS_H

#include <signal.h>

#if defined(__aarch64__)
#define TRAP_CHECK SIGTRAP
#define TRAP_STALE SIGILL
#else
#define TRAP_CHECK SIGILL
#define TRAP_STALE SIGTRAP
#endif

#endif
