/* SPDX-License-Identifier: BSD-2-Clause */
/* io - the system calls a sealed worker may make, made without libc.
 *
 * Raw stubs: no errno (a thread-local the seal's memory layout should not
 * depend on), no cancellation points, no signal-safe wrappers, and nothing but
 * the five calls of the worker's allow-list can be reached from here.
 * Each returns the kernel's value: the result, or minus the error number.
 *
 * Layer: ipc.  x86-64 and aarch64.
 */
#ifndef IPC_IO_H
#define IPC_IO_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long ipc_io_syscall(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static inline long ipc_io_syscall(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
#else
#error "ipc/io.h: no system call stub for this processor"
#endif

static inline long ipc_io_read(int fd, void *to, size_t size) {
  return ipc_io_syscall(SYS_read, fd, (long)to, (long)size, 0, 0);
}

static inline long ipc_io_write(int fd, const void *from, size_t size) {
  return ipc_io_syscall(SYS_write, fd, (long)from, (long)size, 0, 0);
}

static inline long ipc_io_yield(void) {
  return ipc_io_syscall(SYS_sched_yield, 0, 0, 0, 0, 0);
}

/* Waits without end until `fd` is ready for `events`; the filter pins nfds to 1
 * and the two pointers to NULL. */
static inline long ipc_io_wait(int fd, short events) {
  struct pollfd entry = {fd, events, 0};
  return ipc_io_syscall(SYS_ppoll, (long)&entry, 1, 0, 0, 0);
}

__attribute__((noreturn)) static inline void ipc_io_exit(int code) {
  for (;;) ipc_io_syscall(SYS_exit_group, code, 0, 0, 0, 0);
}

#endif
