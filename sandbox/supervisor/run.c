/* SPDX-License-Identifier: BSD-2-Clause */
/* run - fsb_run(): the blocking driver of a session.
 *
 * Checks the request, gets a worker, then moves frames between the worker's
 * channel, the session and the host until the session knows the outcome.  All
 * judgement is in session.c; here are the waits.  A wait begins with a short
 * spin on the pipe, then polls the pipe and the cancel descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/deadline.h"
#include "policy/costs.h"
#include "sandbox/supervisor/cancel.h"
#include "sandbox/supervisor/pool.h"
#include "sandbox/supervisor/result.h"
#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/shebang.h"

/* How often a host that wants its turn gets it, unless it says otherwise. */
#define IDLE_INTERVAL UINT64_C(5000000)
#define CHUNK_NAME "@user_script"
/* Redis's cap on the elements of a command. */
#define MAX_PARAMETERS MESSAGE_MAX_PARAMETERS

typedef struct {
  FsbPool *pool;
  const FsbRequest *request; /* points to `own` */
  FsbRequest own;            /* a caller built against an older header has a shorter one */
  FsbResult *result;
  Limits limits;
  Shebang shebang;
  ByteView *views; /* heap: keys, then args */
  FsbBytes *argv;  /* heap: of the call at hand */
  size_t argv_room;
  PoolSlot *slot;
  Session session;
  uint64_t began;
  uint64_t timeout_at;
  FsbStart start;
  bool heard;    /* a frame of this run came */
  WorkerEnd end; /* of a worker that is gone */
} Run;

/* --- Before the run --- */

static uint64_t sum_bytes(const FsbBytes *items, size_t count) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < count; i++) bytes += items[i].size;
  return bytes;
}

/* Ends a run that never began. */
static bool refuse(Run *run, Code code, const char *detail) {
  Outcome outcome = {.code = code, .text = ipc_bytes_text(detail)};
  const LimitRow *row = policy_limits_by_code(code);
  if (row != NULL) outcome.limit = policy_limits_get(&run->limits, row);
  if (code == CODE_TIMEOUT) outcome.limit = run->request->timeout;
  supervisor_result_set(run->result, &outcome);
  return false;
}

static bool check_limits(Run *run) {
  char detail[LIMITS_ERROR_BYTES];
  run->limits =
      run->request->limits == NULL ? policy_limits_defaults() : run->request->limits->values;
  policy_limits_clamp(&run->limits, &run->pool->bound);
  return policy_limits_check(&run->limits, detail) == ST_OK || refuse(run, CODE_USAGE, detail);
}

static bool check_sizes(Run *run) {
  const FsbRequest *request = run->request;
  uint64_t bytes =
      sum_bytes(request->keys, request->key_count) + sum_bytes(request->args, request->arg_count);
  run->result->usage.arg_bytes = bytes;
  if (request->source.size > run->limits.script_bytes)
    return refuse(run, CODE_LIMIT_SCRIPT_BYTES, "");
  if (bytes > run->limits.arg_bytes) return refuse(run, CODE_LIMIT_ARG_BYTES, "");
  if (request->key_count > MAX_PARAMETERS || request->arg_count > MAX_PARAMETERS)
    return refuse(run, CODE_USAGE, "more than 1048576 keys or arguments");
  return true;
}

static bool check_shebang(Run *run) {
  char text[SHEBANG_ERROR_BYTES + 4] = "ERR ";
  ByteView source = ipc_bytes_view(run->request->source.data, run->request->source.size);
  if (supervisor_shebang_split(source, &run->shebang, text + 4)) return true;
  return refuse(run, CODE_SCRIPT_ERROR, text);
}

static bool view_parameters(Run *run) {
  const FsbRequest *request = run->request;
  size_t count = request->key_count + request->arg_count;
  run->views = calloc(count == 0 ? 1 : count, sizeof *run->views);
  if (run->views == NULL) return refuse(run, CODE_INTERNAL, "out of memory");
  for (size_t i = 0; i < count; i++) {
    const FsbBytes *item =
        i < request->key_count ? &request->keys[i] : &request->args[i - request->key_count];
    run->views[i] = ipc_bytes_view(item->data, item->size);
  }
  return true;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static bool find_worker(Run *run) {
  FsbError error;
  run->slot = supervisor_pool_slot(run->pool, run->request->principal);
  if (run->slot == NULL) return refuse(run, CODE_INTERNAL, "out of memory");
  uint64_t deadline = earlier(ipc_deadline_now() + POOL_START_PATIENCE, run->timeout_at);
  if (!supervisor_pool_staff(run->pool, run->slot, deadline, &run->start, &error)) {
    bool is_late = ipc_deadline_is_over(run->timeout_at);
    return is_late ? refuse(run, CODE_TIMEOUT, "") : refuse(run, (Code)error.code, error.text);
  }
  run->result->usage.spawn_ns = ipc_deadline_now() - run->began;
  run->result->usage.start_kind = run->start;
  return true;
}

/* --- Talking to the worker --- */

static Moment moment_of(const Run *run) {
  return supervisor_worker_moment(&run->slot->worker);
}

/* The time alone: while the worker waits, its processor time is not looked at, and
 * reading that clock is a system call. */
static Moment time_of_call(void) {
  return (Moment){.now = ipc_deadline_now(), .cpu = METER_NO_CPU};
}

static unsigned run_flags(const Run *run) {
  unsigned flags = 0;
  if (run->request->read_only || (run->shebang.flags & SCRIPT_NO_WRITES) != 0)
    flags |= RUN_READ_ONLY;
  if (run->request->compile_only) flags |= RUN_COMPILE_ONLY;
  return flags;
}

static uint64_t random_state(const Run *run) {
  uint64_t state =
      run->request->random_state != NULL ? *run->request->random_state : run->slot->random_state;
  return state & MESSAGE_RANDOM_STATE_MAX;
}

static RunMessage make_run(const Run *run) {
  const FsbRequest *request = run->request;
  const Limits *limits = &run->limits;
  return (RunMessage){
      .source = run->shebang.body,
      .chunk_name = ipc_bytes_text(CHUNK_NAME),
      .keys = {.count = (uint32_t)request->key_count, .items = run->views},
      .args = {.count = (uint32_t)request->arg_count, .items = run->views + request->key_count},
      .instructions = limits->instructions,
      .memory_bytes = limits->memory,
      .log_bytes = limits->log_bytes,
      .reply_bytes = limits->reply_bytes,
      .reply_depth = (uint32_t)limits->reply_depth,
      .resp = request->resp == 3 ? 3 : 2,
      .random_state = random_state(run),
      .flags = run_flags(run),
      .log_level = 0,
      .spin_rounds = run->slot->worker.channel.spin_rounds};
}

/* Kills the worker and lets the session explain what is not explained yet. */
static void kill_worker(Run *run) {
  run->end = supervisor_worker_kill(&run->slot->worker);
  supervisor_session_died(&run->session, run->end.how, run->end.status);
}

/* The channel failed.  A closed pipe is a death; everything else is a breach. */
static void lose_worker(Run *run, Status status) {
  bool is_death = status == ST_CLOSED || status == ST_TRUNCATED || status == ST_IO;
  if (!is_death && status != ST_TIMED_OUT) supervisor_session_broke(&run->session, status);
  if (status == ST_TIMED_OUT) (void)supervisor_session_tick(&run->session, moment_of(run), false);
  kill_worker(run);
}

static bool send(Run *run, MessageType type, const void *message) {
  Moment moment = moment_of(run);
  uint64_t deadline = supervisor_session_deadline(&run->session, moment);
  /* Before, not after: the worker may be done before write() returns. */
  supervisor_session_sent(&run->session, moment);
  Status status = ipc_channel_send(&run->slot->worker.channel, type, message, deadline);
  if (status == ST_OK) return true;
  lose_worker(run, status);
  return false;
}

/* Waits until the pipe has bytes, the caller gives up, or the deadline comes.
 * Returns whether anything but the time moved. */
static bool wait_readable(const Run *run, uint64_t deadline) {
  struct pollfd fds[2] = {{.fd = run->slot->worker.channel.read_fd, .events = POLLIN},
                          {.fd = supervisor_cancel_fd(run->request->cancel), .events = POLLIN}};
  uint64_t now = ipc_deadline_now();
  uint64_t left = deadline > now ? deadline - now : 0;
  struct timespec wait = {.tv_sec = (time_t)(left / UINT64_C(1000000000)),
                          .tv_nsec = (long)(left % UINT64_C(1000000000))};
  return ppoll(fds, run->session.stop == CODE_OK ? 2 : 1, &wait, NULL) != 0;
}

/* Waits as long, but gives the host its turn in between. */
static void wait_idling(const Run *run, uint64_t deadline) {
  const FsbHost *host = run->request->host;
  if (host == NULL || host->idle == NULL) {
    (void)wait_readable(run, deadline);
    return;
  }
  uint64_t interval = host->idle_interval == 0 ? IDLE_INTERVAL : host->idle_interval;
  uint64_t until = earlier(deadline, ipc_deadline_now() + interval);
  if (!wait_readable(run, until)) host->idle(host->context);
}

/* Receives a frame; ST_TIMED_OUT at the deadline or when the caller gave up. */
static Status receive(Run *run, Frame *ret_frame) {
  Channel *channel = &run->slot->worker.channel;
  for (uint32_t round = 0;; round++) {
    Status status = ipc_channel_try_receive(channel, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    if (round < channel->spin_rounds) {
      sched_yield();
      continue;
    }
    uint64_t deadline = supervisor_session_deadline(&run->session, moment_of(run));
    if (ipc_deadline_is_over(deadline)) return ST_TIMED_OUT;
    if (run->session.stop == CODE_OK && supervisor_cancel_is_requested(run->request->cancel))
      return ST_TIMED_OUT;
    wait_idling(run, deadline);
  }
}

/* --- The host's side --- */

static bool gather_argv(Run *run, size_t *ret_count) {
  const ByteList *list = &run->session.message.call.argv;
  ByteListCursor cursor = ipc_codec_walk(list);
  ByteView item;
  size_t count = 0;
  if (list->count > run->argv_room) {
    FsbBytes *larger = realloc(run->argv, list->count * sizeof *larger);
    if (larger == NULL) return false;
    run->argv = larger;
    run->argv_room = list->count;
  }
  while (ipc_codec_next(&cursor, &item))
    run->argv[count++] = (FsbBytes){(const char *)item.data, item.size};
  *ret_count = count;
  return true;
}

static unsigned call_flags(const Run *run) {
  uint32_t asked = run->session.message.call.flags;
  unsigned flags = 0;
  if ((asked & CALL_PCALL) != 0) flags |= FSB_CALL_PCALL;
  if ((asked & CALL_ACL_CHECK) != 0) flags |= FSB_CALL_ACL_CHECK;
  if ((run_flags(run) & RUN_READ_ONLY) != 0) flags |= FSB_CALL_READ_ONLY;
  return flags;
}

static FsbReply ask_host(Run *run) {
  static const char no_store[] = "this run has no data store";
  static const char no_memory[] = "out of memory";
  const FsbHost *host = run->request->host;
  FsbReply reply = {.kind = FSB_REPLY_UNAVAILABLE, .bytes = {no_store, sizeof no_store - 1}};
  FsbCall call = {.argv = NULL,
                  .resp = (int)run->session.message.call.resp,
                  .flags = call_flags(run),
                  .replicate = run->session.message.call.replicate,
                  .deadline = supervisor_session_call_deadline(&run->session, time_of_call()),
                  .max_bytes = run->limits.reply_bytes,
                  .cancel_fd = supervisor_cancel_fd(run->request->cancel)};
  if (host == NULL || host->call == NULL) return reply;
  if (!gather_argv(run, &call.argc)) {
    reply.bytes = (FsbBytes){no_memory, sizeof no_memory - 1};
    return reply;
  }
  call.argv = run->argv;
  host->call(host->context, &call, &reply);
  return reply;
}

static void show_log(const Run *run) {
  const FsbHost *host = run->request->host;
  const LogMessage *log = &run->session.message.log;
  if (host == NULL || host->log == NULL) return;
  host->log(host->context, (int)log->level,
            (FsbBytes){(const char *)log->text.data, log->text.size});
}

static void end_host(const Run *run) {
  const FsbHost *host = run->request->host;
  if (host != NULL && host->end != NULL) host->end(host->context);
}

/* --- The loop --- */

static void request_stop(Run *run) {
  uint32_t limit = run->session.stop_limit;
  ipc_stop_request(run->slot->worker.stop, limit == 0 ? STOP_KILLED : STOP_LIMIT, limit);
}

/* Carries out a step; false when the run is over. */
static bool carry_out(Run *run, SessionStep step) {
  switch (step) {
    case STEP_WAIT: return true;
    case STEP_LOG: show_log(run); return true;
    case STEP_CALL: {
      FsbReply answer = ask_host(run);
      supervisor_session_answer(&run->session, &answer, time_of_call());
      return send(run, MESSAGE_REPLY, &run->session.reply);
    }
    case STEP_REPLY: return send(run, MESSAGE_REPLY, &run->session.reply);
    case STEP_STOP: request_stop(run); return true;
    case STEP_OVER: return false;
    case STEP_KILL: kill_worker(run); return false;
  }
  return false;
}

static bool look_at_clock(Run *run) {
  bool is_cancelled = supervisor_cancel_is_requested(run->request->cancel);
  return carry_out(run, supervisor_session_tick(&run->session, moment_of(run), is_cancelled));
}

/* A worker that never stops talking must not keep us from the clock. */
static bool take_frame(Run *run, const Frame *frame) {
  SessionStep step = supervisor_session_frame(&run->session, frame, moment_of(run));
  run->heard = true;
  if (!carry_out(run, step)) return false;
  return step != STEP_LOG && step != STEP_STOP ? true : look_at_clock(run);
}

static void drive(Run *run) {
  RunMessage message = make_run(run);
  Frame frame;
  if (!send(run, MESSAGE_RUN, &message)) return;
  for (bool goes_on = true; goes_on;) {
    Status status = receive(run, &frame);
    if (status == ST_OK) {
      goes_on = take_frame(run, &frame);
    } else if (status == ST_TIMED_OUT) {
      goes_on = look_at_clock(run);
    } else {
      lose_worker(run, status);
      goes_on = false;
    }
  }
}

/* --- After the run --- */

static void account(Run *run) {
  FsbUsage *usage = &run->result->usage;
  const Meter *meter = &run->session.meter;
  const Usage *claim = &run->session.claim;
  uint64_t now = ipc_deadline_now();
  usage->is_claim_missing = !run->session.has_claim;
  usage->instructions = claim->instructions;
  usage->compile_units = claim->compile_units;
  usage->cost_model = COST_MODEL;
  usage->memory_peak_bytes = claim->memory_peak_bytes;
  usage->random_state = run->session.has_claim ? claim->random_state : random_state(run);
  usage->cpu_ns = meter->cpu;
  usage->wait_cpu_ns = meter->wait_cpu;
  usage->host_time_ns = meter->host_time;
  usage->hold_ns = meter->has_called ? now - meter->first_call : 0;
  usage->calls = meter->calls;
  usage->call_bytes = meter->call_bytes;
  usage->reply_bytes = meter->reply_bytes;
  usage->log_bytes = meter->log_bytes;
  usage->result_bytes = run->session.outcome.tokens.size;
  usage->wrote = run->session.outcome.wrote;
}

/* A worker that ended in good order after its last run may not have been noticed
 * yet; as it never took this one up, another can. */
static bool was_retired(const Run *run) {
  return run->start != FSB_START_COLD && !run->heard && run->end.how == CLD_EXITED &&
         run->end.status == WORKER_EXIT_DONE && run->session.outcome.code == CODE_WORKER_CRASHED;
}

static void play(Run *run) {
  supervisor_session_start(&run->session, &run->limits, moment_of(run), run->pool->scratch);
  if (run->request->timeout != 0)
    supervisor_meter_patience(&run->session.meter, run->request->timeout, run->timeout_at);
  ipc_stop_clear(run->slot->worker.stop);
  drive(run);
}

static void perform(Run *run) {
  if (!check_limits(run) || !check_sizes(run) || !check_shebang(run)) return;
  if (!view_parameters(run) || !find_worker(run)) return;
  play(run);
  if (was_retired(run)) {
    if (!find_worker(run)) return;
    play(run);
  }
  end_host(run);
  account(run);
  supervisor_result_set(run->result, &run->session.outcome);
  if (run->session.has_claim) run->slot->random_state = run->session.claim.random_state;
  if (!supervisor_worker_is_there(&run->slot->worker)) return;
  ipc_channel_trim(&run->slot->worker.channel);
  if (run->pool->fresh_worker) (void)supervisor_worker_kill(&run->slot->worker);
}

FsbResult *fsb_run(FsbPool *pool, const FsbRequest *request) {
  Run *run = calloc(1, sizeof *run);
  FsbResult *result =
      supervisor_result_new(ipc_bytes_view(request->source.data, request->source.size));
  if (run == NULL || supervisor_result_is_constant(result)) {
    free(run);
    return result;
  }
  run->pool = pool;
  memcpy(&run->own, request, request->size < sizeof run->own ? request->size : sizeof run->own);
  run->request = &run->own;
  run->result = result;
  run->began = ipc_deadline_now();
  run->timeout_at = request->timeout == 0 ? METER_NEVER : run->began + request->timeout;
  perform(run);
  result->usage.wall_ns = ipc_deadline_now() - run->began;
  free(run->views);
  free(run->argv);
  free(run);
  return result;
}
