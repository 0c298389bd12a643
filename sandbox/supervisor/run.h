/* SPDX-License-Identifier: BSD-2-Clause */
/* run - one request on its way through the supervisor; shared by prepare.c, run.c and bill.c.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_RUN_H
#define SANDBOX_SUPERVISOR_RUN_H

#include "ipc/deadline.h"
#include "sandbox/supervisor/library.h"
#include "sandbox/supervisor/pool.h"
#include "sandbox/supervisor/result.h"
#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/shebang.h"
#include "sandbox/supervisor/tape.h"

/* What the worker is told to do: run a script, load a library, call a function. */
typedef struct {
  ByteView text;         /* the source without its first line, or the function's name */
  ByteView chunk;        /* its name in Lua, "@user_script" */
  unsigned run_flags;    /* RUN_ bits that say which */
  unsigned script_flags; /* SCRIPT_ bits that it declared */
  uint64_t library;      /* number, or 0 */
  ByteView key;          /* what a script's text may be recalled by; empty: nothing */
} Work;

typedef struct {
  FsbPool *pool;
  const FsbRequest *request; /* points to `own` */
  FsbRequest own;            /* a caller built against an older header has a shorter one */
  FsbResult *result;
  Limits limits;
  Work work;
  ByteView *views; /* heap: keys, then args */
  FsbBytes *argv;  /* heap: of the call at hand */
  size_t argv_room;
  PoolSlot *slot;
  Session session;
  uint64_t began;
  uint64_t just_now; /* a reading of the clock that nothing has taken long since; 0: none */
  Moment moment;   /* when a posted call was done */
  bool has_moment; /* and nothing has happened since */
  uint64_t looked_at; /* when the clock and the cancel descriptor were looked at last */
  uint64_t timeout_at;
  FsbStart start;
  char *failure;   /* heap: the error of a posted call */
  uint8_t *value;  /* heap: tokens of the answer that the script returns */
  Tape tape;       /* while the worker may guess, and when the run is played again */
  bool is_replay;
  bool heard;    /* a frame of this run came */
  uint64_t heard_at; /* when the last one did */
  bool was_dead; /* the worker, before it read anything of the run, as far as can be told */
  uint32_t waits;  /* for the worker after its first call */
  uint32_t misses; /* of these: spun in vain */
} Run;

/* Checks limits and sizes and makes the views of keys and arguments.  On failure the
 * result says why. */
bool supervisor_prepare_check(Run *run);

/* Makes `work` of the request; on failure the result says why. */
bool supervisor_prepare_script(Run *run);
bool supervisor_prepare_function(Run *run);

/* The work of loading a library as `number`. */
Work supervisor_prepare_library(ByteView body, uint64_t number);

/* Finds or starts the principal's worker; on failure the result says why. */
bool supervisor_prepare_worker(Run *run);

/* Notes that the run has waited for a worker until now. */
static inline void supervisor_run_waited(Run *run) {
  run->result->usage.spawn_ns = ipc_deadline_now() - run->began;
  run->just_now = 0;
}

/* The message that starts the work. */
RunMessage supervisor_prepare_message(const Run *run);

/* Where math.random starts. */
uint64_t supervisor_prepare_random_state(const Run *run);

/* RUN_ bits of the work: what it declared, and what the request asks for. */
unsigned supervisor_prepare_flags(const Run *run);

/* Writes the usage of a run that is over into its result. */
void supervisor_bill_write(Run *run);

#endif
