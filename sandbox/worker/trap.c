/* SPDX-License-Identifier: BSD-2-Clause */
/* trap.c - how the worker's own checks end it.
 *
 * libc's versions print, raise and abort, which after the seal would look like
 * a forbidden system call: a policy violation that nobody committed.  These
 * stop at the compiler's trap, which the supervisor sees as TRAP_CHECK: a crash
 * of ours.  They take libc's place because they are linked before it.
 */
#include <assert.h>
#include <stddef.h>

#define TRAP __attribute__((noreturn, used))

TRAP void __stack_chk_fail(void);
TRAP void __chk_fail(void);
TRAP void __fortify_fail(const char *message);

void __stack_chk_fail(void) { __builtin_trap(); }

void __chk_fail(void) { __builtin_trap(); }

void __fortify_fail(const char *message) {
  (void)message;
  __builtin_trap();
}

TRAP void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function) {
  (void)assertion;
  (void)file;
  (void)line;
  (void)function;
  __builtin_trap();
}
