/* SPDX-License-Identifier: BSD-2-Clause */
/* query_run - what runs, what happened, who works: status, ps, kill, workers, events, metrics. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/module/board.h"
#include "tools/module/clock.h"
#include "tools/module/event.h"
#include "tools/module/live.h"
#include "tools/module/metrics.h"
#include "tools/module/query.h"
#include "tools/module/tally.h"

#define EVENTS_AT_ONCE 100

static bool read_board(Query *query, Board *board) {
  if (module_board_read(board) && board->started_ms != 0) return true;
  module_query_fail(query, CODE_INTERNAL, "the server has not finished starting");
  return false;
}

/* --- status --- */

static void put_seal(Answer *answer) {
  BoardStep step;
  module_answer_map(answer, "seal");
  for (size_t i = 0; module_board_step(i, &step); i++)
    module_answer_text(answer, step.name, step.state);
  module_answer_end(answer);
}

static void put_totals(Answer *answer, const Board *board) {
  uint64_t runs = 0, errors = 0, limits = 0, crashes = 0;
  const TenantTally *row;
  size_t tenants = 0;
  for (; (row = module_tally_tenant(tenants)) != NULL; tenants++) {
    for (unsigned code = 0; code < CODE_COUNT_; code++) {
      uint64_t count = tally_get(&row->outcomes[code]);
      runs += count;
      errors += code == CODE_OK ? 0 : count;
      limits += policy_codes_is_limit((Code)code) ? count : 0;
    }
    crashes += tally_get(&row->outcomes[CODE_WORKER_CRASHED]);
  }
  module_answer_count(answer, "runs", runs);
  module_answer_count(answer, "errors", errors);
  module_answer_count(answer, "limits_exceeded", limits);
  module_answer_count(answer, "limits_observed", board->observed);
  module_answer_count(answer, "worker_crashes", crashes);
  module_answer_count(answer, "kills", tally_get(&module_tally_totals()->kills));
  module_answer_count(answer, "tenants", tenants > 1 ? tenants - 1 : 0);
}

static void put_server_version(Answer *answer, uint64_t version) {
  char text[32];
  (void)snprintf(text, sizeof text, "%u.%u.%u", (unsigned)(version >> 16 & 255),
                 (unsigned)(version >> 8 & 255), (unsigned)(version & 255));
  module_answer_text(answer, "server_version", text);
}

void module_query_status(Query *query) {
  static const char *const modes[] = {"off", "observe", "enforce"};
  Answer *answer = query->answer;
  Board board;
  LiveRun run;
  if (!read_board(query, &board)) return;
  module_answer_map(answer, NULL);
  module_answer_text(answer, "version", fsb_version());
  module_answer_text(answer, "build", fsb_build_id());
  put_server_version(answer, board.server_version);
  module_answer_text(answer, "mode", board.mode < 3 ? modes[board.mode] : "unknown");
  module_answer_count(answer, "started_ms", board.started_ms);
  module_answer_flag(answer, "kill_after_write", board.kills_writers != 0);
  module_answer_flag(answer, "running", module_live_read(&run));
  module_answer_count(answer, "workers", board.workers);
  put_totals(answer, &board);
  module_answer_count(answer, "cached_scripts", board.scripts);
  module_answer_count(answer, "cached_script_bytes", board.script_bytes);
  module_answer_count(answer, "libraries", board.libraries);
  module_answer_count(answer, "libraries_left", board.libraries_left);
  module_answer_count(answer, "functions", board.functions);
  module_answer_count(answer, "events", module_event_newest());
  module_answer_real(answer, "event_loop_lag_seconds", (double)board.lag_ns / 1e9);
  put_seal(answer);
  module_answer_end(answer);
}

/* --- ps and kill --- */

static void put_run(Answer *answer, const LiveRun *run) {
  uint64_t time = module_clock_now();
  module_answer_map(answer, NULL);
  module_answer_count(answer, "run", run->id);
  module_answer_text(answer, "tenant", run->tenant);
  module_answer_text(answer, "user", run->user);
  module_answer_text(answer, (run->flags & LIVE_FUNCTION) != 0 ? "function" : "sha1", run->script);
  module_answer_real(answer, "elapsed_seconds",
                     time > run->began ? (double)(time - run->began) / 1e9 : 0);
  module_answer_count(answer, "calls", run->calls);
  module_answer_text(answer, "last_command", run->command);
  module_answer_text(answer, "state", (run->flags & LIVE_KILLED) != 0    ? "ending"
                                      : (run->flags & LIVE_IN_CALL) != 0 ? "calling"
                                                                         : "computing");
  module_answer_flag(answer, "wrote", (run->flags & LIVE_WROTE) != 0);
  module_answer_flag(answer, "in_multi", (run->flags & LIVE_IN_MULTI) != 0);
  module_answer_flag(answer, "read_only", (run->flags & LIVE_READ_ONLY) != 0);
  module_answer_count(answer, "client", run->client);
  module_answer_end(answer);
}

void module_query_ps(Query *query) {
  LiveRun run;
  bool is_running = module_live_read(&run);
  module_answer_map(query->answer, NULL);
  module_answer_count(query->answer, "runs", module_live_count());
  module_answer_list(query->answer, "running");
  if (is_running) put_run(query->answer, &run);
  module_answer_end(query->answer);
  module_answer_end(query->answer);
}

void module_query_kill(Query *query) {
  uint64_t id;
  Board board;
  bool force = query->count == 2 && module_query_is(query->words[1], "force");
  if (!module_query_number(query, query->words[0], &id)) return;
  if (query->count == 2 && !force) {
    module_query_fail(query, CODE_USAGE, "kill takes: <run> [force]");
    return;
  }
  if (module_board_read(&board) && board.kills_writers != 0) force = true;
  switch (module_live_kill(id, force)) {
    case LIVE_KILL_GONE:
      module_query_fail(query, CODE_NOT_FOUND, "run %" PRIu64 " does not run now", id);
      return;
    case LIVE_KILL_WROTE:
      module_query_fail(query, CODE_PERMISSION,
                        "run %" PRIu64 " has written already; force ends it all the same", id);
      return;
    case LIVE_KILL_DONE: break;
  }
  module_answer_map(query->answer, NULL);
  module_answer_count(query->answer, "run", id);
  module_answer_text(query->answer, "state", "ending");
  module_answer_end(query->answer);
}

/* --- workers --- */

static void put_worker(Answer *answer, const BoardWorker *worker) {
  module_answer_map(answer, NULL);
  module_answer_count(answer, "pid", worker->pid);
  module_answer_count(answer, "zygote", worker->zygote);
  module_answer_count(answer, "serial", worker->serial);
  module_answer_text(answer, "state", worker->is_spare != 0 ? "spare" : "assigned");
  module_answer_text(answer, "principal", worker->principal);
  module_answer_count(answer, "libraries", worker->libraries);
  module_answer_end(answer);
}

void module_query_workers(Query *query) {
  BoardWorker worker;
  if (query->count == 1 && module_query_is(query->words[0], "recycle")) {
    module_board_ask_recycle();
    module_answer_map(query->answer, NULL);
    module_answer_text(query->answer, "state", "recycling");
    module_answer_end(query->answer);
    return;
  }
  if (query->count == 1 && !module_query_is(query->words[0], "list")) {
    module_query_fail(query, CODE_USAGE, "workers takes: [list|recycle]");
    return;
  }
  module_answer_map(query->answer, NULL);
  module_answer_list(query->answer, "workers");
  for (size_t i = 0; module_board_worker(i, &worker); i++) put_worker(query->answer, &worker);
  module_answer_end(query->answer);
  module_answer_end(query->answer);
}

/* --- events --- */

static void put_event(Answer *answer, const Event *event) {
  module_answer_map(answer, NULL);
  module_answer_count(answer, "number", event->number);
  module_answer_count(answer, "time_ms", event->time_ms);
  module_answer_text(answer, "kind",
                     event->kind < EVENT_COUNT_ ? module_event_name((EventKind)event->kind) : "");
  module_answer_text(answer, "tenant", event->tenant);
  module_answer_text(answer, "user", event->user);
  module_answer_text(answer, "script", event->script);
  module_answer_text(answer, "text", event->text);
  module_answer_count(answer, "omitted", event->omitted);
  module_answer_end(answer);
}

/* Reads "since <number> count <n>" in any order. */
static bool read_range(Query *query, uint64_t *since, uint64_t *count) {
  for (size_t i = 0; i < query->count; i += 2) {
    bool is_since = module_query_is(query->words[i], "since");
    if ((!is_since && !module_query_is(query->words[i], "count")) || i + 1 == query->count) {
      module_query_fail(query, CODE_USAGE, "events takes: [since <number>] [count <n>]");
      return false;
    }
    if (!module_query_number(query, query->words[i + 1], is_since ? since : count)) return false;
  }
  return true;
}

void module_query_events(Query *query) {
  uint64_t newest = module_event_newest(), since = UINT64_MAX, count = EVENTS_AT_ONCE;
  uint64_t lost = 0;
  Event event;
  if (!read_range(query, &since, &count)) return;
  if (count > EVENT_SLOTS) count = EVENT_SLOTS;
  /* Without a number: the last ones.  With one: those that follow it. */
  if (since == UINT64_MAX) since = newest > count ? newest - count : 0;
  uint64_t oldest = newest > EVENT_SLOTS ? newest - EVENT_SLOTS : 0;
  if (since < oldest) lost = oldest - since;
  uint64_t at = since < oldest ? oldest : since;
  module_answer_map(query->answer, NULL);
  module_answer_list(query->answer, "events");
  for (uint64_t left = count; at < newest && left != 0; left--) {
    if (module_event_read(++at, &event))
      put_event(query->answer, &event);
    else
      lost++;
  }
  module_answer_end(query->answer);
  module_answer_count(query->answer, "last", at > newest ? newest : at);
  module_answer_count(query->answer, "newest", newest);
  module_answer_count(query->answer, "lost", lost);
  module_answer_end(query->answer);
}

/* --- metrics --- */

void module_query_metrics(Query *query) {
  Answer text = {.data = NULL};
  bool is_prometheus = query->count == 1 && module_query_is(query->words[0], "prometheus");
  if (query->count == 1 && !is_prometheus && !module_query_is(query->words[0], "openmetrics")) {
    module_query_fail(query, CODE_USAGE, "metrics takes: [openmetrics|prometheus]");
    return;
  }
  module_metrics_write(&text, !is_prometheus);
  if (text.has_failed) query->answer->has_failed = true;
  module_answer_map(query->answer, NULL);
  module_answer_text(query->answer, "format", is_prometheus ? "prometheus" : "openmetrics");
  module_answer_bytes(query->answer, "text", (FsbBytes){text.data, text.size});
  module_answer_end(query->answer);
  module_answer_fini(&text);
}
