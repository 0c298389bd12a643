/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf_sim.h - runs and prints classic BPF programs of seccomp, in user space.
 *
 * With it a filter is a pure function from (architecture, number, arguments) to
 * a verdict, which can be evaluated for every number there is.  It accepts the
 * instructions that the kernel's seccomp accepts and refuses all others, jumps
 * out of the program and reads outside struct seccomp_data included.
 *
 * Layer: policy (no I/O, no allocation).  Threads: pure.
 */
#ifndef POLICY_BPF_SIM_H
#define POLICY_BPF_SIM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/status.h"

/* Runs the program on `data`.  `visited`, unless NULL, gets a 1 for each
 * instruction that was executed: `count` bytes.  ST_INVALID when the program is
 * not one that the kernel would load. */
Status policy_bpf_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data,
                      uint8_t *visited, uint32_t *ret_verdict)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* Writes the program as text, one instruction a line.  Returns the length
 * needed, as snprintf does. */
size_t policy_bpf_print(const struct sock_filter *code, size_t count, char *buffer, size_t capacity)
    __attribute__((nonnull(1)));

#endif
