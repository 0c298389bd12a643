/* SPDX-License-Identifier: BSD-2-Clause */
/* relax.h - what a build with AddressSanitizer cannot do without.
 *
 * Such builds are for finding bugs and say so in HELLO.  Their runtime keeps a
 * shadow in the low addresses, and asks for the alternate signal stack before
 * every call that does not return.  Everything else is as in a release.
 *
 * Layer: sandbox/worker.
 */
#ifndef SANDBOX_WORKER_RELAX_H
#define SANDBOX_WORKER_RELAX_H

#if defined(__SANITIZE_ADDRESS__)
#define RELAX_FOR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RELAX_FOR_ASAN 1
#endif
#endif
#ifndef RELAX_FOR_ASAN
#define RELAX_FOR_ASAN 0
#endif

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#define RELAX_INSTRUCTIONS 3

/* Begins a filter with the one call that the runtime makes. */
static inline void worker_relax_filter(struct sock_filter code[RELAX_INSTRUCTIONS]) {
  code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  code[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sigaltstack, 0, 1);
  code[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

#endif
