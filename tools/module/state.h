/* SPDX-License-Identifier: BSD-2-Clause */
/* state - what the module knows while it is loaded.
 *
 * One struct, because the server's callbacks carry no context of ours.  All of
 * it belongs to the server's main thread; the control thread (control.c) sees none of it
 * but what live, tally, event and board publish.
 */
#ifndef TOOLS_MODULE_STATE_H
#define TOOLS_MODULE_STATE_H

#include <time.h>

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

typedef enum {
  MODE_OFF,     /* the server's own Lua runs everything */
  MODE_OBSERVE, /* sealed, but limits only report */
  MODE_ENFORCE
} Mode;

typedef struct Run Run;

/* Numbers for INFO since the module was loaded. */
typedef struct {
  unsigned long long runs, errors, limits, kills, crashes, observed, calls, cold_starts, guesses, replays;
  unsigned long long instructions, cpu_ns, host_time_ns;
} Counters;

typedef struct {
  RedisCtx *ctx; /* for calls that no client's command makes */
  FsbPool *pool;
  FsbLimits *limits;  /* what a run may use */
  FsbLimits *widest;  /* what the build can carry out, for MODE_OBSERVE */
  RedisFilter *filter;
  Run *run;           /* the run at hand, else NULL */
  Mode mode;
  bool kills_writers; /* SCRIPT KILL ends scripts that wrote, too */
  bool awaits_calls;  /* sandbox.await-calls */
  FsbTransport transport; /* sandbox.transport */
  long long long_share;  /* percent of the main thread for long runs, where there is a policy */
  size_t libraries_left; /* with the server's own Lua, when it was looked last */
  long long pool_memory; /* that workers may occupy */
  long long cache_bytes; /* most that scripts of EVAL may take */
  int server_version; /* 0x00MMmmpp */
  uint32_t valkey_version; /* likewise; 0: the server is Redis, or says nothing of the kind */
  bool is_engine; /* Valkey's scripting engine: no commands and no filter of ours */
  uint64_t acl_revision; /* moves when a user's rules may have changed */
  time_t acl_moved_at;   /* seconds; for a while after, any EXEC may change rules */
  RedisString *control_path; /* of the control socket; empty: none */
  Counters counters;
} ModuleState;

extern ModuleState module_state;

#endif
