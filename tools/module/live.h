/* SPDX-License-Identifier: BSD-2-Clause */
/* live - the run at hand, as seen from other threads, and how they end it.
 *
 * The server's main thread says what it runs; anybody may look, at any time, and
 * ask for the end of the run with a certain number.  Neither side waits for the
 * other.  A request that comes too late must not hit the next run, which uses the
 * same means of cancelling: who ends a run while somebody is about to cancel it
 * leaves that means to the other and takes a new one (live.c).
 *
 * Threads: module_live_read() and module_live_kill() any one thread at a time besides
 * the main thread; the rest belongs to the main thread.
 */
#ifndef TOOLS_MODULE_LIVE_H
#define TOOLS_MODULE_LIVE_H

#include "sandbox/ferrous_sandbox.h"

/* LiveRun.flags. */
enum {
  LIVE_FUNCTION = 1, /* of a library, else a script */
  LIVE_IN_MULTI = 2, /* the server answers nobody until it ends */
  LIVE_READ_ONLY = 4,
  LIVE_WROTE = 8,
  LIVE_IN_CALL = 16, /* the data store works on `command` */
  LIVE_KILLED = 32   /* asked to end */
};

typedef struct {
  uint64_t id;     /* of this process: counts from 1 */
  uint64_t began;  /* CLOCK_MONOTONIC nanoseconds */
  uint64_t client; /* the server's number of it */
  uint64_t flags;  /* LIVE_ bits */
  uint64_t calls;  /* redis.call so far */
  char tenant[64];
  char user[64];
  char script[64];  /* SHA1, or the name of a function; cut */
  char command[32]; /* of the last call; cut */
} LiveRun;

typedef enum {
  LIVE_KILL_DONE,
  LIVE_KILL_GONE, /* no such run, or not any more */
  LIVE_KILL_WROTE /* the data changed: only by force */
} LiveKill;

/* Prepares for runs; false when there are no descriptors left. */
bool module_live_init(void);
void module_live_fini(void);

/* Says that a run begins; `id`, `calls` and `command` are filled in here.  Returns what to
 * cancel it by, NULL when there are no descriptors left. */
FsbCancel *module_live_begin(const LiveRun *run);

/* Says that a call begins, and that it is over. */
void module_live_call(FsbBytes command);
void module_live_return(bool has_written);

/* Says that the run is over; returns whether it was asked to end by module_live_kill(). */
bool module_live_end(void);

/* Reads the run at hand; false: there is none. */
bool module_live_read(LiveRun *ret_run);

/* Asks for the end of a run.  Without `force` one that wrote is left alone. */
LiveKill module_live_kill(uint64_t id, bool force);

/* Returns the number of runs so far, the one at hand included. */
uint64_t module_live_count(void);

/* Copies text into a field of fixed size, terminated and cut. */
void module_live_name(char *field, size_t room, FsbBytes text);

#endif
