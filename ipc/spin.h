/* SPDX-License-Identifier: BSD-2-Clause */
/* spin - whether waiting may begin with spinning, and for how long.
 *
 * A wait that goes straight to sleep costs a wake-up across cores, 12 to 50
 * microseconds; read-and-yield for a moment costs 1 to 2.  Spinning pays only
 * when both sides can run at once: with one CPU, or under a CPU quota of less
 * than two, it would burn what the other side needs.
 *
 * Layer: ipc, supervisor side.  Reads files; asked once per worker.
 */
#ifndef IPC_SPIN_H
#define IPC_SPIN_H

#include <stdbool.h>
#include <stdint.h>

/* Rounds of read and sched_yield, about 50 microseconds of them. */
#define SPIN_ROUNDS 200

/* SPIN_ROUNDS, or 0 where spinning does not pay. */
uint32_t ipc_spin_rounds(void);

/* Says whether the text of a cgroup's cpu.max ("QUOTA PERIOD" or "max PERIOD")
 * grants less than two CPUs.  What cannot be understood grants all. */
bool ipc_spin_is_quota_small(const char *cpu_max);

/* Looks at the cpu.max files of a version 2 cgroup `path` ("/a/b") and of all
 * its parents below `root`, for ipc_spin_rounds() and its test. */
bool ipc_spin_is_cgroup_small(const char *root, const char *path);

#endif
