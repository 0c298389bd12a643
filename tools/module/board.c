/* SPDX-License-Identifier: BSD-2-Clause */
/* board - cells of settings, workers and steps. */
#include "tools/module/board.h"

#include <string.h>

#include "tools/module/account.h"
#include "tools/module/cell.h"
#include "tools/module/clock.h"
#include "tools/module/live.h"
#include "tools/module/caller.h"
#include "tools/module/script.h"
#include "tools/module/state.h"

static struct {
  CellWord settings[CELL_WORDS(Board)];
  CellWord workers[BOARD_WORKERS][CELL_WORDS(BoardWorker)];
  CellWord steps[BOARD_STEPS][CELL_WORDS(BoardStep)];
  CellWord step_count, worker_count;
  CellWord wants_recycle;
  const char *exit_names[FSB_EXITS]; /* constants, set before the first post is over */
  uint64_t started_ms, ticked, lag_ns, most_lag_ns; /* the main thread's own */
} board;

_Static_assert(sizeof(Board) % 8 == 0 && sizeof(BoardWorker) % 8 == 0 && sizeof(BoardStep) % 8 == 0,
               "cells hold words");

/* --- The main thread's side --- */

static uint64_t post_workers(void) {
  FsbWorker worker;
  size_t count = 0;
  for (size_t i = 0; count < BOARD_WORKERS && fsb_pool_worker(module_state.pool, i, &worker); i++) {
    BoardWorker shown = {.pid = (uint64_t)worker.pid,
                         .serial = worker.serial,
                         .zygote = (uint64_t)worker.zygote,
                         .libraries = worker.libraries,
                         .is_spare = worker.is_spare};
    module_caller_show(worker.principal, shown.principal, sizeof shown.principal);
    cell_write(board.workers[count++], &shown, sizeof shown);
  }
  atomic_store_explicit(&board.worker_count, count, memory_order_release);
  return count;
}

static void post_steps(void) {
  FsbStep step;
  size_t i = 0;
  for (; i < BOARD_STEPS && fsb_pool_step(module_state.pool, i, &step); i++) {
    BoardStep shown = {.name = step.name,
                       .state = step.state,
                       .lack = step.lack,
                       .in_force = step.in_force,
                       .is_floor = step.is_floor};
    cell_write(board.steps[i], &shown, sizeof shown);
  }
  atomic_store_explicit(&board.step_count, i, memory_order_release);
}

static void post_ledger(Board *shown) {
  JournalTotals totals;
  JournalDrain drain;
  if (!module_account_totals(&totals, &drain)) return;
  shown->ledger_counted = totals.counted;
  shown->ledger_lost = totals.lost;
  shown->ledger_folded = totals.folded;
  shown->ledger_failed = drain.failed;
  shown->ledger_passed_ms = (uint64_t)drain.passed_at / 1000000;
  shown->has_drain = drain.pid != 0;
  shown->ledger_unexported = module_account_unexported(&totals, &drain);
  shown->ledger_bytes = drain.ledger_bytes;
  shown->ledger_commit_ns = drain.commit_ns;
  memcpy(shown->ledger_commits, drain.commits, sizeof shown->ledger_commits);
}

static void post_exits(Board *shown) {
  FsbExit row;
  for (size_t i = 0; i < FSB_EXITS && fsb_pool_exit(module_state.pool, i, &row); i++) {
    shown->exits[i] = row.count;
    board.exit_names[i] = row.cause;
  }
}

void module_board_post(void) {
  if (board.started_ms == 0) board.started_ms = module_clock_read(CLOCK_REALTIME) / 1000000;
  size_t libraries, functions;
  module_tenant_libraries(&libraries, &functions);
  Board shown = {.started_ms = board.started_ms,
                 .mode = (uint64_t)module_state.mode,
                 .kills_writers = module_state.kills_writers,
                 .server_version = (uint64_t)module_state.server_version,
                 .scripts = module_script_count(),
                 .script_bytes = module_script_bytes(),
                 .libraries = libraries,
                 .libraries_left = module_state.libraries_left,
                 .functions = functions,
                 .observed = module_state.counters.observed,
                 .workers = post_workers(),
                 .lag_ns = board.lag_ns,
                 .most_lag_ns = board.most_lag_ns};
  post_ledger(&shown);
  post_exits(&shown);
  for (size_t i = 0; policy_limits_row(i) != NULL; i++)
    (void)fsb_limits_get(module_state.limits, policy_limits_row(i)->name, &shown.limits[i]);
  post_steps();
  cell_write(board.settings, &shown, sizeof shown);
}

void module_board_tick(unsigned hz) {
  uint64_t now = module_clock_read(CLOCK_MONOTONIC);
  uint64_t due = board.ticked + UINT64_C(1000000000) / (hz == 0 ? 10 : hz);
  if (board.ticked != 0) {
    board.lag_ns = now > due ? now - due : 0;
    if (board.lag_ns > board.most_lag_ns) board.most_lag_ns = board.lag_ns;
  }
  board.ticked = now;
}

bool module_board_take_recycle(void) {
  return atomic_exchange(&board.wants_recycle, 0) != 0;
}

/* --- Any thread's side --- */

bool module_board_read(Board *ret_board) {
  return cell_read(board.settings, ret_board, sizeof *ret_board);
}

bool module_board_worker(size_t i, BoardWorker *ret_worker) {
  if (i >= atomic_load_explicit(&board.worker_count, memory_order_acquire)) return false;
  return cell_read(board.workers[i], ret_worker, sizeof *ret_worker);
}

bool module_board_step(size_t i, BoardStep *ret_step) {
  if (i >= atomic_load_explicit(&board.step_count, memory_order_acquire)) return false;
  return cell_read(board.steps[i], ret_step, sizeof *ret_step);
}

const char *module_board_exit_name(size_t i) {
  return i < FSB_EXITS ? board.exit_names[i] : NULL;
}

void module_board_ask_recycle(void) {
  atomic_store(&board.wants_recycle, 1);
}
