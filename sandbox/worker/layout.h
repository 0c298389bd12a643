/* SPDX-License-Identifier: BSD-2-Clause */
/* layout.h - where a worker's memory lies, and the proof that nothing is near the arena.
 *
 * A handle is a 32-bit address.  With an index added it can reach no further
 * than 128 GiB above the low 4 GiB, so a corrupt handle stays harmless as long
 * as nothing but the arena is mapped there: the guard is absence.  The zygote
 * maps everything once, before any fork; the arena's place is drawn at random.
 *
 * A page table serves 2 MiB, and every worker pays for each in which it or the zygote
 * has a page.  So what every run touches lies in one window of that size: the upper end of
 * the stack, the loop's state, small buffers, and the beginning of control.  What does not fit into a
 * small buffer goes through a large one elsewhere, which most workers never touch.
 *
 * Layer: sandbox/worker, before the seal.  Uses mmap and reads /proc/self/maps.
 */
#ifndef SANDBOX_WORKER_LAYOUT_H
#define SANDBOX_WORKER_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "policy/status.h"

/* No mapping but the arena may begin below this. */
#define LAYOUT_CLEAR_BELOW (UINT64_C(132) << 30)

/* The arena stays out of what ASan and Valgrind use, and below the last page
 * that a signed 32-bit number can name. */
#define LAYOUT_LOW_BEGIN UINT64_C(0x00100000)
#define LAYOUT_LOW_END UINT64_C(0x38000000)
#define LAYOUT_HIGH_BEGIN UINT64_C(0x60000000)
#define LAYOUT_HIGH_END UINT64_C(0x7fff0000)

/* What one page table serves. */
#define LAYOUT_WINDOW (UINT64_C(2) << 20)

/* Of a worker's stack, which cannot grow after the seal. */
#define LAYOUT_STACK (UINT64_C(1) << 20)

#define LAYOUT_CLOCK_MAX 4 /* vdso and the pages around it */

typedef struct {
  uint8_t *data;
  size_t size;
} Region;

typedef struct {
  uint64_t memory;       /* largest memory limit; the arena is 1.25 times that */
  uint64_t script_bytes;
  uint64_t arg_bytes;
  uint64_t reply_bytes;
  uint64_t item_bytes;   /* of one element of the items region */
} LayoutSizes;

typedef struct {
  Region arena;
  Region stack;     /* of the worker; its upper end lies in the window */
  Region control;   /* of the machine; begins in the window */
  Region state;     /* of the sealed loop */
  Region stop;      /* one page, read-only; workers map the stop page over it */
  Region in;        /* frame being received */
  Region out;       /* frame being made */
  Region tokens;    /* long result being made */
  Region items;     /* views of KEYS or ARGV that are many */
  Region small_in;  /* in the window: the same, as long as it fits */
  Region small_out;
  Region rings;     /* workers map the rings over it; size 0: there are none */
  Region ring_frame; /* frame that came by ring */
} Layout;

/* What /proc/self/maps said. */
typedef struct {
  Region clock[LAYOUT_CLOCK_MAX]; /* vdso, vvar */
  unsigned clock_count;
  Region stack;                   /* that the kernel made */
  uint64_t mapped;                /* bytes of address space in use */
  uint64_t intruder;              /* first address of a mapping too near the arena, or 0 */
} LayoutScan;

/* Bytes of the arena for a memory limit. */
uint64_t worker_layout_arena_bytes(uint64_t memory);

/* Maps all regions.  `control_bytes` and `state_bytes` are the machine's and
 * the loop's needs.  ST_NO_MEMORY or ST_RANGE. */
Status worker_layout_map(const LayoutSizes *sizes, size_t control_bytes, size_t state_bytes,
                         Layout *ret_layout) __attribute__((nonnull, warn_unused_result));

/* Reads the maps through `proc_fd`, an open /proc.  ST_IO when it cannot. */
Status worker_layout_scan(int proc_fd, const Layout *layout, LayoutScan *ret_scan)
    __attribute__((nonnull, warn_unused_result));

#endif
