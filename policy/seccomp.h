/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.h - the worker's system call filter, made from syscalls.def.
 *
 * The supervisor (or a test) compiles the table to a BPF program with
 * libseccomp; the worker gets the finished program and loads it raw, so that
 * libseccomp is not linked into what tenants may take over.  The program checks
 * the architecture first, then the number, then both halves of each argument;
 * whatever is not listed ends in KILL_PROCESS.
 *
 * bpf_sim.h runs such a program in user space: the tests prove the program
 * against the table for every number, not a sample.
 *
 * Layer: policy.  System calls: pipe, read, write, close (libseccomp exports to
 * a descriptor only).
 */
#ifndef POLICY_SECCOMP_H
#define POLICY_SECCOMP_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/status.h"

#define POLICY_FILTER_MAX 256

/* The architecture this program was compiled for. */
#if defined(__x86_64__)
#define POLICY_NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define POLICY_NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "policy/seccomp.h: unknown processor"
#endif

typedef struct {
  uint32_t count;
  struct sock_filter code[POLICY_FILTER_MAX];
} PolicyFilter;

typedef enum {
  PHASE_SEALED,
  PHASE_COUNT_
} SyscallPhase;

/* One row of syscalls.def. */
typedef struct {
  SyscallPhase phase;
  const char *name;
  int arg; /* -1: whatever the arguments */
  uint64_t mask;
  uint64_t value;
  const char *why;
} SyscallRow;

/* Returns the i-th row, or NULL past the end. */
const SyscallRow *policy_seccomp_row(size_t i);

/* Compiles the table for `arch` (AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64).
 * ST_UNSUPPORTED for another architecture, ST_NO_ROOM when the program is
 * longer than POLICY_FILTER_MAX, ST_SYSTEM or ST_NO_MEMORY from below. */
Status policy_seccomp_build(uint32_t arch, PolicyFilter *ret_filter)
    __attribute__((nonnull, warn_unused_result));

/* Number of the system call `name` on `arch`, or -1. */
int policy_seccomp_number(uint32_t arch, const char *name) __attribute__((nonnull));

#endif
