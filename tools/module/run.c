/* SPDX-License-Identifier: BSD-2-Clause */
/* run - driving fsb_run() inside a command of the server.
 *
 * While the worker computes, the server must go on: the library gives the host
 * its turn, and RM_Yield serves other clients once busy-reply-threshold has
 * passed.  What is reached from there (SCRIPT KILL, INFO) only reads and sets
 * flags; everything that could start a run or free what one uses is refused by the
 * server as BUSY.
 */
#include "tools/module/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/module/account.h"
#include "tools/module/admit.h"
#include "tools/module/caller.h"
#include "tools/module/clock.h"
#include "tools/module/command.h"
#include "tools/module/engine_abi.h"
#include "tools/module/event.h"
#include "tools/module/host.h"
#include "tools/module/live.h"
#include "tools/module/observe.h"
#include "tools/module/precede.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"
#include "tools/module/tally.h"

/* How often the server gets its turn. */
#define TICK UINT64_C(5000000)

struct Run {
  RedisCtx *ctx;
  RunOrder *order;
  Caller caller;
  Admission admission;
  Host host;
  FsbHost callbacks;
  FsbBytes *words; /* heap */
  FsbCancel *cancel;
  LiveRun shown;   /* as others see it, and as it is counted */
  TenantPolicy *policy; /* in force when it began: its rules stay */
  JournalTicket ticket;
  bool may_yield;
  bool is_killed;
  bool by_admin; /* by SANDBOX KILL or through the control socket */
  uint64_t began;
  uint64_t ticked;
};

static const char busy_eval[] =
    "Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
static const char busy_function[] =
    "Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";

/* --- Giving the server its turn --- */

/* Valkey serves others when it is asked how things stand, and says whether to go on. */
static void ask_server(Run *run) {
  if (run->is_killed || rm.GetFunctionExecutionState(run->order->server_run) == ENGINE_EXECUTING)
    return;
  run->is_killed = true;
  module_state.counters.kills++;
  if (run->cancel != NULL) fsb_cancel_request(run->cancel);
}

static void serve_others(void *context) {
  Run *run = context;
  if (run->order->server_run != NULL)
    ask_server(run);
  else if (run->may_yield)
    rm.Yield(run->ctx, REDIS_YIELD_CLIENTS, run->order->is_eval ? busy_eval : busy_function);
  run->ticked = module_clock_now();
}

/* A script that calls all the time never lets the library idle. */
static void tick(void *context, uint64_t now) {
  Run *run = context;
  if (now > run->ticked && now - run->ticked >= TICK) serve_others(run);
}

static void serve_others_of_host(void *context) {
  Host *host = context;
  serve_others(host->context);
}

/* --- Before --- */

static const char *refusal(const RunOrder *order, int context) {
  if ((order->flags & FSB_SCRIPT_HAS_SHEBANG) == 0) return NULL;
  if ((order->flags & FSB_SCRIPT_NO_CLUSTER) != 0 && (context & REDIS_CTX_CLUSTER) != 0)
    return "ERR Can not run script on cluster, 'no-cluster' flag is set.";
  if ((order->flags & FSB_SCRIPT_NO_WRITES) != 0) return NULL;
  if ((context & REDIS_CTX_READONLY) != 0 && (context & REDIS_CTX_REPLICATED) == 0)
    return "READONLY You can't write against a read only replica.";
  if (order->is_read_only)
    return "ERR Can not execute a script with write flag using *_ro command.";
  return NULL;
}

/* A script without flags may be queued on a replica without its master, but not run. */
static bool refuse_stale(RedisCtx *ctx, const RunOrder *order, int context) {
  static const char text[] =
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
  if ((order->flags & FSB_SCRIPT_HAS_SHEBANG) != 0 || order->server_run != NULL) return false;
  if ((context & REDIS_CTX_SLAVE) == 0 || (context & REDIS_CTX_STALE) == 0) return false;
  bool is_stale = module_precede_is_stale(ctx, COMMAND_KNOWN);
  if (is_stale) (void)rm.ReplyWithError(ctx, text);
  return is_stale;
}

/* One at a time: a second can only come from a client that abuses sandbox.run
 * while the server serves others. */
static bool may_start(RedisCtx *ctx, const RunOrder *order, int context) {
  const char *text = refusal(order, context);
  if (module_state.run != NULL) text = "BUSY Redis is busy running a script.";
  if (module_state.pool == NULL) text = "SANDBOX no worker pool is open";
  if (text != NULL) (void)rm.ReplyWithError(ctx, text);
  return text == NULL;
}

static bool gather(Run *run, RedisString **words, size_t count) {
  run->words = malloc((count == 0 ? 1 : count) * sizeof *run->words);
  if (run->words == NULL) return false;
  for (size_t i = 0; i < count; i++)
    run->words[i].data = rm.StringPtrLen(words[i], &run->words[i].size);
  return true;
}

/* Whose run it is, and of what. */
static void identify(Run *run) {
  LiveRun *shown = &run->shown;
  const RunOrder *order = run->order;
  const Tenant *tenant = run->caller.tenant == NULL ? module_tenant_default() : run->caller.tenant;
  FsbBytes user = {"", 0};
  if (run->caller.name != NULL) user.data = rm.StringPtrLen(run->caller.name, &user.size);
  module_live_name(shown->tenant, sizeof shown->tenant, (FsbBytes){tenant->name, strlen(tenant->name)});
  module_live_name(shown->user, sizeof shown->user, user);
  if (order->is_eval && order->sha1 != NULL)
    memcpy(shown->script, order->sha1, FSB_SHA1_BYTES);
  else if (order->is_eval)
    fsb_script_sha1(order->source, shown->script);
  else
    module_live_name(shown->script, sizeof shown->script, order->function);
}

/* What others see of the run. */
static void show(Run *run, int context) {
  LiveRun *shown = &run->shown;
  identify(run);
  shown->began = run->began;
  shown->client = rm.GetClientId(run->ctx);
  shown->flags = (run->order->is_eval ? 0u : LIVE_FUNCTION) |
                 ((context & REDIS_CTX_MULTI) != 0 ? LIVE_IN_MULTI : 0u) |
                 (run->host.is_read_only ? LIVE_READ_ONLY : 0u);
  run->cancel = module_live_begin(shown);
  run->ticket = module_account_begin(shown, run->order->is_eval ? KIND_SCRIPT : KIND_FUNCTION);
}

static void begin(Run *run, int context) {
  const unsigned flags = run->order->flags;
  bool has_flags = (flags & FSB_SCRIPT_HAS_SHEBANG) != 0;
  /* A transaction must not be interrupted: the server would not survive a yield. */
  run->may_yield = run->order->server_run != NULL ||
                   (context & (REDIS_CTX_MULTI | REDIS_CTX_DENY_BLOCKING)) == 0;
  run->began = run->ticked = run->admission.began;
  run->host = (Host){
      .ctx = run->ctx,
      .caller = &run->caller,
      .fence = {.tenant = run->caller.tenant, .keys = run->words, .key_count = run->order->key_count},
      .is_read_only = run->order->is_read_only || (flags & FSB_SCRIPT_NO_WRITES) != 0,
      .may_exceed = (flags & FSB_SCRIPT_ALLOW_OOM) != 0,
      .may_cross_slots = !has_flags || (context & REDIS_CTX_CLUSTER) == 0 ||
                         (flags & FSB_SCRIPT_ALLOW_CROSS_SLOT) != 0,
      .is_engine = run->order->server_run != NULL,
      .may_be_stale = (context & REDIS_CTX_SLAVE) != 0 && (context & REDIS_CTX_STALE) != 0,
      .tick = tick,
      .context = run};
  module_host_begin(&run->host, &run->callbacks);
  run->callbacks.idle = serve_others_of_host;
  run->callbacks.idle_interval = TICK;
  show(run, context);
  module_state.run = run;
}

/* --- After --- */

static void reply_killed_by_valkey(const Run *run, const FsbResult *result) {
  char text[512];
  FsbBytes chunk = fsb_result_chunk(result);
  (void)snprintf(text, sizeof text,
                 "ERR Script killed by user with %s KILL. script: on @%.*s:%" PRId64 ".",
                 run->order->is_eval ? "SCRIPT" : "FUNCTION", (int)chunk.size, chunk.data,
                 fsb_result_line(result));
  (void)rm.ReplyWithError(run->ctx, text);
}

static void reply_killed(const Run *run, const FsbResult *result) {
  char text[512];
  if (run->order->server_run != NULL) {
    reply_killed_by_valkey(run, result);
    return;
  }
  FsbBytes chunk = fsb_result_chunk(result);
  FsbBytes name = run->order->function;
  if (run->order->is_eval) name = (FsbBytes){fsb_result_sha1(result), FSB_SHA1_BYTES - 1};
  (void)snprintf(text, sizeof text,
                 "ERR Script killed by user with SCRIPT KILL... script: %.*s, on @%.*s:%" PRId64 ".%s",
                 (int)(name.size < 128 ? name.size : 128), name.data, (int)chunk.size, chunk.data, fsb_result_line(result),
                 run->host.has_written ? " (wrote=1)" : "");
  (void)rm.ReplyWithError(run->ctx, text);
}

static bool is_crash(Code code) {
  return code == CODE_WORKER_CRASHED || code == CODE_STALE_HANDLE ||
         code == CODE_POLICY_VIOLATION || code == CODE_PROTOCOL_VIOLATION;
}

static EventKind kind_of(Code code) {
  if (code == CODE_KILLED) return EVENT_KILL;
  if (policy_codes_is_limit(code)) return EVENT_LIMIT;
  if (code == CODE_POLICY_VIOLATION || code == CODE_PROTOCOL_VIOLATION) return EVENT_VIOLATION;
  if (is_crash(code)) return EVENT_CRASH;
  return code == CODE_INTERNAL || code == CODE_SEAL_REFUSED ? EVENT_INTERNAL : EVENT_COUNT_;
}

static void report(const Run *run, Code code, const FsbResult *result) {
  char text[160];
  FsbBytes error = fsb_result_error(result);
  EventFacts facts = {.kind = kind_of(code),
                      .tenant = run->shown.tenant,
                      .user = run->shown.user,
                      .script = run->shown.script,
                      .text = text};
  if (facts.kind == EVENT_COUNT_) return;
  module_live_name(text, sizeof text, error);
  if (code == CODE_KILLED) facts.text = run->by_admin ? "by an administrator" : "by SCRIPT KILL";
  module_event_add(&facts);
}

static void count(const FsbResult *result) {
  Counters *counters = &module_state.counters;
  const FsbUsage *usage = fsb_result_usage(result);
  Code code = (Code)fsb_result_code(result);
  counters->runs++;
  if (code != CODE_OK) counters->errors++;
  if (policy_codes_is_limit(code)) counters->limits++;
  if (is_crash(code)) counters->crashes++;
  if (usage->start_kind == FSB_START_COLD) counters->cold_starts++;
  counters->calls += usage->calls;
  counters->guesses += usage->guesses;
  counters->replays += usage->replays;
  counters->instructions += usage->instructions;
  counters->cpu_ns += usage->cpu_ns;
  counters->host_time_ns += usage->host_time_ns;
}

/* Counts the run, for INFO and for who looks on. */
static void tell(const Run *run, const FsbResult *result, Times when) {
  Code code = (Code)fsb_result_code(result);
  if (run->is_killed && code == CODE_CANCELLED) code = CODE_KILLED;
  count(result);
  module_account_end(run->ticket, run->caller.tenant, code, result, when);
  module_tally_run(run->shown.tenant, run->shown.script, code, fsb_result_usage(result), run->host.reads,
                   run->host.writes);
  report(run, code, result);
}

/* The host's end comes before the reply: it gives the client its database back. */
static void finish(Run *run, FsbResult *result) {
  module_state.run = NULL;
  run->by_admin = module_live_end();
  if (run->by_admin) module_tally_kill();
  run->is_killed |= run->by_admin;
  module_host_end(&run->host);
  module_observe_run(run->ctx, run->caller.tenant, result);
  if (run->is_killed && fsb_result_code(result) == CODE_CANCELLED)
    reply_killed(run, result);
  else
    (void)module_reply_result(run->ctx, result,
                              (FsbBytes){run->host.counted, run->host.counted_size});
  /* A long reply takes the server's time, too. */
  Times when = module_clock_times();
  tell(run, result, when);
  module_admit_settle(run->ctx, &run->admission, &run->caller, result, when);
  module_caller_drop(run->ctx, &run->caller);
  policy_tenants_unref(run->policy);
  free(run->words);
}

/* --- The run --- */

static FsbRequest request_of(const Run *run, size_t count) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = run->caller.principal;
  request.source = run->order->source;
  request.library = run->order->library;
  request.function = run->order->function;
  request.keys = run->words;
  request.key_count = run->order->key_count;
  request.args = run->words + run->order->key_count;
  request.arg_count = count - run->order->key_count;
  request.limits = module_observe_limits(run->caller.tenant, run->may_yield);
  request.host = &run->callbacks;
  request.cancel = run->cancel;
  if (run->order->is_eval && run->shown.script[0] != '\0') request.sha1 = run->shown.script;
  request.read_only = run->order->is_read_only;
  request.await_calls = module_state.awaits_calls;
  /* A policy promises the others how long they wait; Redis promises nothing. */
  if (module_tenant_has_policy() && run->caller.name != NULL) request.held_since = run->admission.began;
  return request;
}

/* The policy is asked before anything is done for the run. */
static bool is_admitted(Run *run) {
  char text[ADMIT_TEXT_BYTES];
  RunOrder *order = run->order;
  FsbBytes source = order->library == NULL ? order->source : fsb_library_code(order->library);
  module_caller_find(run->ctx, &run->caller);
  order->tenant = run->caller.tenant;
  if (module_admit_script(&run->caller, source, order->sha1, order->is_kept, text) &&
      module_admit_run(run->ctx, &run->caller, &run->admission, text))
    return true;
  (void)rm.ReplyWithError(run->ctx, text);
  module_caller_drop(run->ctx, &run->caller);
  return false;
}

FsbResult *module_run_script(RedisCtx *ctx, RunOrder *order, RedisString **words,
                             size_t count) {
  Run run = {.ctx = ctx, .order = order};
  int context = rm.GetContextFlags(ctx);
  if (!may_start(ctx, order, context) || refuse_stale(ctx, order, context)) return NULL;
  if (!gather(&run, words, count)) {
    (void)rm.ReplyWithError(ctx, "INTERNAL out of memory");
    return NULL;
  }
  if (!is_admitted(&run)) {
    free(run.words);
    return NULL;
  }
  run.policy = policy_tenants_ref(module_tenant_policy());
  begin(&run, context);
  FsbRequest request = request_of(&run, count);
  FsbResult *result = fsb_run(module_state.pool, &request);
  finish(&run, result);
  return result;
}

FsbResult *module_run_compile(RedisCtx *ctx, FsbBytes source) {
  RunOrder order = {.source = source, .is_eval = true, .is_kept = true};
  Run run = {.ctx = ctx, .order = &order};
  if (!may_start(ctx, &order, rm.GetContextFlags(ctx))) return NULL;
  if (!is_admitted(&run)) return NULL;
  FsbRequest request = request_of(&run, 0);
  request.host = NULL;
  request.compile_only = true;
  identify(&run);
  run.ticket = module_account_begin(&run.shown, KIND_COMPILE);
  FsbResult *result = fsb_run(module_state.pool, &request);
  Times when = module_clock_times();
  module_account_end(run.ticket, run.caller.tenant, (Code)fsb_result_code(result), result, when);
  module_admit_settle(ctx, &run.admission, &run.caller, result, when);
  module_caller_drop(ctx, &run.caller);
  if (fsb_result_code(result) == CODE_OK) return result;
  (void)module_reply_error(ctx, fsb_result_error(result));
  fsb_result_free(result);
  return NULL;
}

bool module_run_has_compiled(const FsbResult *result) {
  int code = fsb_result_code(result);
  return code == CODE_OK || code == CODE_SCRIPT_ERROR || code == CODE_CANCELLED ||
         (policy_codes_is_limit((Code)code) && code != CODE_LIMIT_SCRIPT_BYTES &&
          code != CODE_LIMIT_ARG_BYTES);
}

/* --- While it runs --- */

bool module_run_may_tell(RedisCtx *ctx) {
  char text[128];
  const Run *run = module_state.run;
  if (run == NULL || !run->order->is_eval) return true;
  (void)snprintf(text, sizeof text, "BUSY %s", busy_eval);
  (void)rm.ReplyWithError(ctx, text);
  return false;
}

void module_run_tell(RedisCtx *ctx) {
  const Run *run = module_state.run;
  if (run == NULL) {
    (void)rm.ReplyWithNull(ctx);
    return;
  }
  (void)rm.ReplyWithMap(ctx, 3);
  (void)module_reply_text(ctx, "name");
  (void)rm.ReplyWithStringBuffer(ctx, run->order->function.data, run->order->function.size);
  (void)module_reply_text(ctx, "command");
  (void)rm.ReplyWithArray(ctx, run->order->argc);
  for (int i = 0; i < run->order->argc; i++) {
    size_t size;
    const char *word = rm.StringPtrLen(run->order->argv[i], &size);
    (void)rm.ReplyWithStringBuffer(ctx, word, size);
  }
  (void)module_reply_text(ctx, "duration_ms");
  (void)rm.ReplyWithLongLong(ctx, (long long)((module_clock_now() - run->began) / 1000000));
}

/* What another tenant runs is its own affair, and the administrators'. */
static bool may_kill(RedisCtx *ctx, const Run *run) {
  Caller caller;
  module_caller_find(ctx, &caller);
  bool is_own = caller.name == NULL || caller.tenant == run->caller.tenant;
  module_caller_drop(ctx, &caller);
  return is_own || module_caller_is_administrator(ctx);
}

int module_run_kill(RedisCtx *ctx, bool is_eval) {
  static const char unkillable[] =
      "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "
      "either wait the script termination or kill the server in a hard way using the SHUTDOWN "
      "NOSAVE command.";
  char text[128];
  Run *run = module_state.run;
  if (run == NULL) return rm.ReplyWithError(ctx, "NOTBUSY No scripts in execution right now.");
  if (!may_kill(ctx, run))
    return rm.ReplyWithError(ctx, "NOPERM the script that runs is another tenant's");
  if (run->host.has_written && !module_state.kills_writers)
    return rm.ReplyWithError(ctx, unkillable);
  if (run->order->is_eval != is_eval) {
    (void)snprintf(text, sizeof text, "BUSY %s", is_eval ? busy_function : busy_eval);
    return rm.ReplyWithError(ctx, text);
  }
  run->is_killed = true;
  module_state.counters.kills++;
  if (run->cancel != NULL) fsb_cancel_request(run->cancel);
  return rm.ReplyWithSimpleString(ctx, "OK");
}
