/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote - the supervisor's side of the process that forks workers.
 *
 * Speaks the packets of sandbox/zygote_abi.h.  Every request has a deadline.
 * The zygote is semi-trusted: what it sends is checked for form and for being an
 * answer to what was asked, and a zygote that says anything else is ended.  One that
 * is late is waited for: with it go the workers of all.
 * Reports of dead workers arrive between answers; they are kept until asked for.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_ZYGOTE_H
#define SANDBOX_SUPERVISOR_ZYGOTE_H

#include <stdbool.h>

#include "policy/limits.h"
#include "sandbox/supervisor/spawn.h"
#include "sandbox/zygote_abi.h"

/* Deaths remembered that nobody asked about yet. */
#define ZYGOTE_MEMORY 256

/* Workers asked for and not taken yet, at most. */
#define ZYGOTE_BIRTHS 16

typedef struct {
  uint32_t serial;
  int32_t pid;
  int fds[SPAWNED_FD_COUNT_]; /* owned by the caller */
} ZygoteWorker;

typedef struct {
  uint32_t request; /* 0: none */
  bool is_answered;
  Status status;       /* then: ST_OK, or why there is none */
  ZygoteWorker worker; /* then, with ST_OK */
} ZygoteBirth;

typedef struct {
  Spawned process;
  int socket; /* -1: there is none */
  ZygoteReport report;
  uint32_t requests; /* workers asked for */
  uint32_t owed;     /* answers that are to come */
  ZygoteBirth births[ZYGOTE_BIRTHS];
  uint64_t heard_at; /* when the last came, or the first of those owed was asked for */
  ZygoteExited exits[ZYGOTE_MEMORY];
  size_t exit_count;
} Zygote;

/* What its workers shall be. */
typedef struct {
  const Limits *limits;    /* the largest that any run will have */
  uint64_t require, avoid; /* sets of steps of the seal */
  uint32_t valkey_version; /* 0x00MMmmpp: scripts find Valkey's dialect; 0: Redis's */
} ZygoteOrder;

/* Starts a zygote from the program `exec_fd`.  On failure writes a line
 * for a person into `ret_detail`. */
__attribute__((warn_unused_result)) Status supervisor_zygote_start(
    Zygote *zygote, int exec_fd, const ZygoteOrder *order, uint64_t deadline,
    char ret_detail[ZYGOTE_DETAIL_BYTES]);

/* Asks for a worker, which maps the stop page of `stop_fd`, and with SPAWN_WITH_RINGS in
 * `flags` the rings behind it; waits until `deadline` for the request to be taken, not for the worker. */
__attribute__((warn_unused_result)) Status supervisor_zygote_order(Zygote *zygote, int stop_fd,
                                                                   uint32_t flags, uint64_t deadline,
                                                                   uint32_t *ret_request);

/* Waits for the worker that was asked for.  ST_TIMED_OUT, with the zygote still up: it may come yet. */
__attribute__((warn_unused_result)) Status supervisor_zygote_collect(Zygote *zygote, uint32_t request,
                                                                     uint64_t deadline,
                                                                     ZygoteWorker *ret_worker);

/* Nobody waits for it any more: it is let go when it comes. */
void supervisor_zygote_cancel(Zygote *zygote, uint32_t request);

/* Takes what it has to tell.  Never waits. */
void supervisor_zygote_listen(Zygote *zygote);

/* Listens, and says whether every request was answered.  Ends one that has owed an answer for too long. */
bool supervisor_zygote_keeps_up(Zygote *zygote);

/* Waits for the report of a worker's death; with a deadline of 0 looks among those that were taken. */
__attribute__((warn_unused_result)) Status supervisor_zygote_await(Zygote *zygote, uint32_t serial,
                                                                   uint64_t deadline,
                                                                   ZygoteExited *ret_exited);

/* Tells it to fork no more and to end after its last worker.  It goes on reaping. */
void supervisor_zygote_retire(Zygote *zygote);

/* Ends the zygote and with it all its workers. */
void supervisor_zygote_stop(Zygote *zygote);

/* In a child of the host: as supervisor_spawn_forget(). */
void supervisor_zygote_forget(Zygote *zygote);

/* Says whether there is a zygote to talk to. */
static inline bool supervisor_zygote_is_up(const Zygote *zygote) {
  return zygote->socket >= 0;
}

#endif
