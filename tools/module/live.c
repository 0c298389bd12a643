/* SPDX-License-Identifier: BSD-2-Clause */
/* live - one word of state, and two cells behind it.
 *
 * `state` is the number of the run and a phase.  RUNNING becomes IDLE when the run
 * ends.  Who kills first makes it KILLING, which only succeeds for the run that was
 * meant, then requests the cancel, then makes it KILLED.  A run that ends in the
 * phase KILLING does not know whether the request was made yet: it abandons its
 * FsbCancel, and the killer, whose last step then fails, frees it.
 */
#include "tools/module/live.h"

#include <string.h>

#include "tools/module/cell.h"

enum { PHASE_IDLE, PHASE_RUNNING, PHASE_KILLING, PHASE_KILLED };

#define PHASES 4

/* What changes during a run. */
typedef struct {
  uint64_t id, flags, calls;
  char command[32];
} Progress;

static struct {
  CellWord state; /* id * PHASES + phase */
  _Atomic(FsbCancel *) cancel;
  CellWord identity[CELL_WORDS(LiveRun)];
  CellWord progress[CELL_WORDS(Progress)];
  Progress now; /* the main thread's own */
} live;

_Static_assert(sizeof(LiveRun) % 8 == 0 && sizeof(Progress) % 8 == 0, "cells hold words");

void module_live_name(char *field, size_t room, FsbBytes text) {
  size_t size = text.size < room - 1 ? text.size : room - 1;
  memset(field, 0, room);
  if (size != 0) memcpy(field, text.data, size);
}

static FsbCancel *own_cancel(void) {
  FsbCancel *cancel = atomic_load_explicit(&live.cancel, memory_order_relaxed);
  if (cancel != NULL) return cancel;
  cancel = fsb_cancel_new();
  atomic_store_explicit(&live.cancel, cancel, memory_order_relaxed);
  return cancel;
}

bool module_live_init(void) {
  return own_cancel() != NULL;
}

void module_live_fini(void) {
  fsb_cancel_free(atomic_exchange(&live.cancel, NULL));
}

/* --- The main thread's side --- */

static void show_progress(void) {
  cell_write(live.progress, &live.now, sizeof live.now);
}

FsbCancel *module_live_begin(const LiveRun *run) {
  uint64_t id = atomic_load_explicit(&live.state, memory_order_relaxed) / PHASES + 1;
  FsbCancel *cancel = own_cancel();
  LiveRun shown = *run;
  if (cancel != NULL) fsb_cancel_reset(cancel);
  shown.id = id;
  shown.calls = 0;
  cell_write(live.identity, &shown, sizeof shown);
  live.now = (Progress){.id = id, .flags = run->flags};
  show_progress();
  atomic_store_explicit(&live.state, id * PHASES + PHASE_RUNNING, memory_order_release);
  return cancel;
}

void module_live_call(FsbBytes command) {
  live.now.calls++;
  live.now.flags |= LIVE_IN_CALL;
  module_live_name(live.now.command, sizeof live.now.command, command);
  show_progress();
}

void module_live_return(bool has_written) {
  live.now.flags &= ~(uint64_t)LIVE_IN_CALL;
  if (has_written) live.now.flags |= LIVE_WROTE;
  show_progress();
}

bool module_live_end(void) {
  uint64_t id = live.now.id;
  uint64_t last = atomic_exchange_explicit(&live.state, id * PHASES, memory_order_acq_rel);
  if (last % PHASES == PHASE_KILLING)
    atomic_store_explicit(&live.cancel, NULL, memory_order_relaxed);
  return last % PHASES >= PHASE_KILLING;
}

uint64_t module_live_count(void) {
  return atomic_load_explicit(&live.state, memory_order_relaxed) / PHASES;
}

/* --- Any thread's side --- */

bool module_live_read(LiveRun *ret_run) {
  Progress progress;
  uint64_t state = atomic_load_explicit(&live.state, memory_order_acquire);
  if (state % PHASES == PHASE_IDLE) return false;
  if (!cell_read(live.identity, ret_run, sizeof *ret_run)) return false;
  if (!cell_read(live.progress, &progress, sizeof progress)) return false;
  if (ret_run->id != state / PHASES || progress.id != ret_run->id) return false;
  ret_run->flags = progress.flags;
  ret_run->calls = progress.calls;
  memcpy(ret_run->command, progress.command, sizeof ret_run->command);
  if (state % PHASES >= PHASE_KILLING) ret_run->flags |= LIVE_KILLED;
  return true;
}

LiveKill module_live_kill(uint64_t id, bool force) {
  LiveRun run;
  uint64_t state = atomic_load_explicit(&live.state, memory_order_acquire);
  if (state / PHASES != id || state % PHASES == PHASE_IDLE || id == 0) return LIVE_KILL_GONE;
  if (state % PHASES != PHASE_RUNNING) return LIVE_KILL_DONE;
  if (!module_live_read(&run) || run.id != id) return LIVE_KILL_GONE;
  if ((run.flags & LIVE_WROTE) != 0 && !force) return LIVE_KILL_WROTE;
  FsbCancel *cancel = atomic_load_explicit(&live.cancel, memory_order_relaxed);
  if (cancel == NULL) return LIVE_KILL_GONE;
  if (!atomic_compare_exchange_strong(&live.state, &state, id * PHASES + PHASE_KILLING))
    return state / PHASES == id && state % PHASES > PHASE_RUNNING ? LIVE_KILL_DONE : LIVE_KILL_GONE;
  fsb_cancel_request(cancel);
  uint64_t killing = id * PHASES + PHASE_KILLING;
  if (!atomic_compare_exchange_strong(&live.state, &killing, id * PHASES + PHASE_KILLED))
    fsb_cancel_free(cancel); /* the run ended meanwhile and left it to us */
  return LIVE_KILL_DONE;
}
