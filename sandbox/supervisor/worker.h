/* SPDX-License-Identifier: BSD-2-Clause */
/* worker - one sealed process, from the supervisor's side.
 *
 * A worker is a channel, a stop page, a pidfd and a clock.  It exists from the
 * zygote's SPAWNED, is usable after its HELLO, and ends with a kill: whatever it
 * says after that is discarded with its pipes.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_WORKER_H
#define SANDBOX_SUPERVISOR_WORKER_H

#include <stdbool.h>
#include <time.h>

#include "ipc/channel.h"
#include "ipc/pace.h"
#include "ipc/spin.h"
#include "ipc/stop.h"
#include "sandbox/supervisor/kept.h"
#include "sandbox/supervisor/meter.h"
#include "sandbox/supervisor/zygote.h"

typedef enum {
#define EXIT(NAME, name, meaning) EXIT_##NAME,
#include "sandbox/supervisor/exits.def"
#undef EXIT
  EXIT_COUNT_
} ExitCause;

typedef enum {
  PLACE_ANYWHERE,
  PLACE_HERE,     /* on the caller's processor: the two take turns */
  PLACE_ELSEWHERE /* on any other: they wait for each other awake */
} WorkerPlace;

typedef struct {
  Channel channel;
  SpinGauge spin; /* sets channel.spin_rounds, run by run */
  PaceGauge pace; /* sets channel.is_apart, run by run */
  uint64_t clock_read_at;
  uint64_t heard_at; /* the end of its last run */
  StopPage *stop; /* first page of the shared memory */
  RingPair *rings; /* behind it; NULL: pipes only */
  int pidfd;      /* -1: there is no worker */
  uint32_t ordered; /* the request to its zygote, while there is no worker yet; 0: none was asked for */
  uint64_t ordered_at;
  Zygote *zygote; /* that forked it, and reaps it */
  uint32_t serial;
  int32_t pid;    /* as the zygote numbers it */
  bool is_ready; /* said hello */
  bool is_serving; /* a run has begun and is not over */
  uint64_t *exits; /* the pool's count of each ExitCause; NULL: none is kept */
  WorkerPlace place;
  int place_cpu; /* the caller's processor when the place was set */
  bool may_place; /* as far as is known */
  unsigned strays; /* runs in a row that began while the caller was on another processor than the worker */
  bool has_clock;
  clockid_t clock;
  uint64_t *libraries; /* heap: numbers of the function libraries in its base */
  size_t library_count;
  KeptTexts *kept;
} Worker;

/* How a worker ended. */
typedef struct {
  int how; /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: nobody knows */
  int status;
  uint64_t cpu; /* processor time of all its life; METER_NO_CPU: nobody knows */
} WorkerEnd;

/* What remains of one that was killed, until its zygote has told how it ended. */
typedef struct {
  Zygote *zygote;
  uint32_t serial;
  bool was_serving;
  uint64_t *exits; /* as the worker's */
} WorkerLeft;

/* Asks for a worker and does not wait for it.  `worker` must hold none. */
__attribute__((warn_unused_result)) Status supervisor_worker_order(Worker *worker, Zygote *zygote,
                                                                   bool with_rings, uint64_t deadline);

/* Waits until one that was ordered has been forked.  ST_TIMED_OUT: it is still ordered, and may be
 * waited for again, or be let go; after any other failure there is none. */
__attribute__((warn_unused_result)) Status supervisor_worker_await(Worker *worker, uint64_t deadline);

/* Lets one go that was ordered. */
void supervisor_worker_abandon(Worker *worker);

/* Has a worker forked; does not wait for its seal.  `worker` must hold none. */
__attribute__((warn_unused_result)) Status supervisor_worker_start(Worker *worker, Zygote *zygote,
                                                                   bool with_rings,
                                                                   uint64_t deadline);

/* Waits for the hello and judges it.  On failure the worker is still there, for
 * supervisor_worker_leave(). */
__attribute__((warn_unused_result)) Status supervisor_worker_greet(Worker *worker,
                                                                   uint64_t deadline);

/* Says whether an idle worker still waits quietly for its next run. */
bool supervisor_worker_is_idle(Worker *worker, uint64_t now);

/* Says where the worker may run from now on, seen from the caller.  Does nothing where that is so
 * already; false when it is refused, or when there is no such processor. */
bool supervisor_worker_place(Worker *worker, WorkerPlace place);

/* PLACE_HERE, but a worker that was there stays for a few runs when its caller has moved. */
bool supervisor_worker_follow(Worker *worker);

/* Reads the worker's processor time; METER_NO_CPU: it has none that can be read. */
uint64_t supervisor_worker_cpu(const Worker *worker);

/* Reads the clock and the worker's processor time. */
Moment supervisor_worker_moment(const Worker *worker);

/* Says whether the worker holds a library; notes that it does.  Noting may fail for want
 * of memory: then it is only loaded again. */
bool supervisor_worker_holds(const Worker *worker, uint64_t library);
void supervisor_worker_note(Worker *worker, uint64_t library);

/* Kills the worker, which must be there, and frees everything.  Does not wait for its end. */
WorkerLeft supervisor_worker_leave(Worker *worker);

/* Waits until `deadline` for how one ended, or had ended before it was killed, and counts it; with 0 looks
 * among what its zygote was heard to tell.  False: that is not known yet. */
bool supervisor_worker_hear(const WorkerLeft *left, uint64_t deadline, WorkerEnd *ret_end);

/* Counts one whose end is waited for no longer. */
void supervisor_worker_miss(const WorkerLeft *left);

/* In a child of the host: as supervisor_spawn_forget().  The stop page is not there. */
void supervisor_worker_forget(Worker *worker);

/* The value of a Worker that holds none. */
#define WORKER_NONE ((Worker){.channel = {.read_fd = -1, .write_fd = -1}, .pidfd = -1})

static inline bool supervisor_worker_is_there(const Worker *worker) {
  return worker->pidfd >= 0;
}

static inline bool supervisor_worker_is_ordered(const Worker *worker) {
  return worker->ordered != 0;
}

#endif
