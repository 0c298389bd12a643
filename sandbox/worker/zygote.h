/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote.h - the process that all workers are forked from.
 *
 * It knows nothing of scripts: what a worker does once it is sealed is in a
 * WorkerProgram, so that tests can put a hostile program behind the real seal.
 *
 * Layer: sandbox/worker.
 */
#ifndef SANDBOX_WORKER_ZYGOTE_H
#define SANDBOX_WORKER_ZYGOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/worker/layout.h"
#include "sandbox/zygote_abi.h"

typedef struct {
  size_t state_bytes; /* of the `state` region */
  size_t item_bytes;  /* of one element of the `items` region */
  /* Bytes of control memory for an arena. */
  size_t (*control_bytes)(size_t arena_bytes);
  /* Builds what all workers share; false: the zygote refuses to start. */
  bool (*prepare)(const Layout *layout, const ZygoteConfig *config);
  /* The worker's life, sealed: descriptors 0 and 1, and the memory of `layout`. */
  void (*serve)(const Layout *layout, uint64_t seal) __attribute__((noreturn));
} WorkerProgram;

/* Runs the zygote on ZYGOTE_CONTROL_FD to its end; returns the exit status. */
int worker_zygote_main(const WorkerProgram *program) __attribute__((nonnull));

#endif
