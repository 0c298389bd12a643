/* SPDX-License-Identifier: BSD-2-Clause */
/* board - what the main thread pins up for others to read, and what they ask of it.
 *
 * Settings, steps of the seal and workers, as they were at the last cron of the
 * server; and the wish that workers be replaced, granted at the next.
 *
 * Threads: module_board_post() belongs to the main thread, the rest to any.
 */
#ifndef TOOLS_MODULE_BOARD_H
#define TOOLS_MODULE_BOARD_H

#include "policy/limits.h"
#include "policy/spread.h"
#include "sandbox/ferrous_sandbox.h"

#define BOARD_WORKERS 80
#define BOARD_STEPS 32

typedef struct {
  uint64_t started_ms; /* CLOCK_REALTIME */
  uint64_t mode, kills_writers, server_version;
  uint64_t scripts, script_bytes, libraries, libraries_left, functions, observed;
  uint64_t workers; /* of which the details are known */
  uint64_t ledger_counted, ledger_lost, ledger_folded; /* runs, of the journal */
  uint64_t ledger_passed_ms, ledger_failed; /* of its drain, as it says */
  uint64_t has_drain, ledger_unexported, ledger_bytes, ledger_commit_ns;
  uint64_t ledger_commits[SPREAD_BUCKETS];
  uint64_t exits[FSB_EXITS]; /* workers that ended, by cause */
  uint64_t lag_ns, most_lag_ns; /* how late the last cron was, and the latest of all */
  uint64_t limits[LIMIT_COUNT_];
} Board;

typedef struct {
  uint64_t pid;    /* as its zygote numbers it */
  uint64_t serial; /* of its zygote */
  uint64_t zygote; /* process id */
  uint64_t libraries;
  uint64_t is_spare;
  char principal[64]; /* tenant or user; cut */
} BoardWorker;

typedef struct {
  const char *name, *state, *lack; /* constants of the library */
  uint64_t in_force, is_floor;
} BoardStep;

/* Pins up what is so now. */
void module_board_post(void);

/* Says when the server's cron comes, to see how late it is. */
void module_board_tick(unsigned hz);

bool module_board_read(Board *ret_board);
bool module_board_worker(size_t i, BoardWorker *ret_worker);
bool module_board_step(size_t i, BoardStep *ret_step);

/* The name of the i-th of Board.exits. */
const char *module_board_exit_name(size_t i);

/* Asks for new workers; and, on the main thread, whether that was asked for. */
void module_board_ask_recycle(void);
bool module_board_take_recycle(void);

#endif
