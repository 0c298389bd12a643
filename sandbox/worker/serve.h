/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.h - a worker's life behind the seal: runs scripts until the pipe closes.
 *
 * Everything here and below it uses memory that was mapped before the seal and
 * the calls of ipc/io.h: no malloc, no stdio, no errno.
 *
 * Layer: sandbox/worker, on top of ipc and the door of vm.
 */
#ifndef SANDBOX_WORKER_SERVE_H
#define SANDBOX_WORKER_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/worker/layout.h"
#include "sandbox/zygote_abi.h"

/* Bytes of the `state` region, and of one element of `items`. */
size_t worker_serve_state_bytes(void);
size_t worker_serve_item_bytes(void);

/* Builds the machine's base image, before any fork. */
bool worker_serve_prepare(const Layout *layout, const ZygoteConfig *config);

/* Says HELLO and serves. */
void worker_serve_run(const Layout *layout, uint64_t seal) __attribute__((noreturn));

#endif
