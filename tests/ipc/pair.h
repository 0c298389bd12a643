/* SPDX-License-Identifier: BSD-2-Clause */
/* pair - two pipes with a supervisor's end and a worker's end on them.
 * The including file defines _GNU_SOURCE first, for pipe2. */
#ifndef TESTS_IPC_PAIR_H
#define TESTS_IPC_PAIR_H

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "ipc/sealed.h"

typedef struct {
  Channel supervisor;
  SealedChannel worker; /* its descriptors belong to the test */
  uint8_t *memory;
} Pair;

static inline void pair_open(Pair *pair, size_t worker_bytes, bool worker_blocks) {
  int down[2], up[2]; /* to the worker, from the worker */
  signal(SIGPIPE, SIG_IGN);
  ck_assert_int_eq(pipe2(down, worker_blocks ? 0 : O_NONBLOCK), 0);
  ck_assert_int_eq(pipe2(up, worker_blocks ? 0 : O_NONBLOCK), 0);
  pair->memory = malloc(worker_bytes * 2);
  ck_assert_ptr_nonnull(pair->memory);
  ipc_sealed_init(&pair->worker, pair->memory, worker_bytes, pair->memory + worker_bytes,
                  worker_bytes);
  pair->worker.read_fd = down[0];
  pair->worker.write_fd = up[1];
  ck_assert_int_eq(ipc_channel_open(&pair->supervisor, up[0], down[1]), ST_OK);
}

static inline void pair_close_worker(Pair *pair) {
  if (pair->worker.read_fd >= 0) close(pair->worker.read_fd);
  if (pair->worker.write_fd >= 0) close(pair->worker.write_fd);
  pair->worker.read_fd = pair->worker.write_fd = -1;
}

static inline void pair_close(Pair *pair) {
  pair_close_worker(pair);
  ipc_channel_close(&pair->supervisor);
  free(pair->memory);
}

/* Skips the greeting: both ends in the middle of run 1. */
static inline void pair_start_run(Pair *pair) {
  Protocol *ends[] = {&pair->supervisor.protocol, &pair->worker.protocol};
  for (int i = 0; i < 2; i++) {
    ends[i]->state = WIRE_RUNNING;
    ends[i]->generation = 1;
    ends[i]->sent = 0;
    ends[i]->received = 0;
  }
}

/* A moment `ms` milliseconds from now. */
static inline uint64_t pair_in(uint64_t ms) {
  return ipc_channel_now() + ms * 1000000;
}

static inline RunMessage pair_run(ByteView source) {
  RunMessage run = {.source = source,
                    .chunk_name = ipc_bytes_text("@user_script"),
                    .instructions = 1000,
                    .memory_bytes = 1 << 20,
                    .reply_bytes = 1 << 20,
                    .reply_depth = 128,
                    .resp = 2};
  return run;
}

#endif
