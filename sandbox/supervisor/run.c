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
#include "sandbox/supervisor/call.h"
#include "sandbox/supervisor/cancel.h"
#include "sandbox/supervisor/run.h"

/* How often a host that wants its turn gets it, unless it says otherwise. */
#define IDLE_INTERVAL UINT64_C(5000000)

/* How long a worker may take to die with its zygote. */
#define FRESH UINT64_C(100000000)
/* How long at least its cause may be waited for, however short the limit `hold` is. */
#define LEAST_PATIENCE UINT64_C(50000000)

/* From here on its error lines do not name the script. */
#define VALKEY_9_1 0x090100

/* A reading as young as this does for the start of the next run. */
#define CLOCK_RECENT UINT64_C(100000)

/* How often at most the clock of a worker that never sleeps is read: below METER_TICK. */
#define CLOCK_INTERVAL UINT64_C(2000000)

/* How often a worker that goes on talking is kept from it for a look at the clock. */
#define LOOK_INTERVAL UINT64_C(1000000)

/* --- Talking to the worker --- */

/* The time, and the worker's processor time where the meter wants it. */
static Moment moment_of(const Run *run) {
  uint64_t now = ipc_deadline_now();
  if (supervisor_meter_wants_cpu(&run->session.meter, now))
    return supervisor_worker_moment(&run->slot->worker);
  return (Moment){.now = now, .cpu = METER_NO_CPU};
}

static bool is_clock_read_within(const Run *run, uint64_t now, uint64_t interval) {
  const Worker *worker = &run->slot->worker;
  return worker->has_clock && now - worker->clock_read_at < interval;
}

/* Whether the clock has been read a moment ago.  That of a worker that never sleeps is brought up
 * to date by ticks alone, so that more readings show no more. */
static bool is_clock_known(const Run *run, uint64_t now) {
  return run->slot->worker.channel.is_apart && is_clock_read_within(run, now, CLOCK_INTERVAL);
}

static Moment read_clock(Run *run, uint64_t now) {
  Worker *worker = &run->slot->worker;
  worker->clock_read_at = now;
  return (Moment){.now = now, .cpu = supervisor_worker_cpu(worker)};
}

/* What a worker did since it was read is little where runs follow closely, and arrears has it. */
static Moment moment_at_start(Run *run) {
  uint64_t now = run->just_now != 0 ? run->just_now : ipc_deadline_now();
  run->just_now = 0;
  bool is_known = is_clock_known(run, now) || is_clock_read_within(run, now, CLOCK_RECENT);
  return is_known ? (Moment){now, run->slot->arrears.last} : read_clock(run, now);
}

static Moment moment_at_end(Run *run) {
  uint64_t now = run->just_now = ipc_deadline_now();
  return is_clock_known(run, now) ? (Moment){now, METER_NO_CPU} : read_clock(run, now);
}

/* How long the host may be kept waiting for the cause of a death, which others wait for as well. */
static uint64_t patience_of(const Run *run) {
  uint64_t hold = run->session.meter.limits.hold;
  return hold < LEAST_PATIENCE ? LEAST_PATIENCE : hold < POOL_DEATH_PATIENCE ? hold : POOL_DEATH_PATIENCE;
}

/* Kills the worker and lets the session explain what is not explained yet. */
static void kill_worker(Run *run) {
  Session *session = &run->session;
  PoolSlot *slot = run->slot;
  Leaving *leaving = &run->pool->leaving;
  WorkerEnd end = {.cpu = METER_NO_CPU};
  run->just_now = 0;
  supervisor_meter_take(&session->meter, supervisor_worker_moment(&slot->worker));
  if (supervisor_session_is_decided(session))
    supervisor_leaving_dismiss(leaving, &slot->worker, &slot->arrears);
  else
    end = supervisor_leaving_kill(leaving, &slot->worker, &slot->arrears, patience_of(run));
  supervisor_meter_take(&session->meter, (Moment){ipc_deadline_now(), end.cpu});
  supervisor_session_died(session, end.how, end.status);
}

/* Whether the run began so lately that what ended the zygote may have been before it. */
static bool is_fresh(const Run *run) {
  return ipc_deadline_now() - run->session.meter.started < FRESH;
}

/* The channel failed.  A closed pipe is a death; everything else is a breach. */
static void lose_worker(Run *run, Status status) {
  bool is_death = status == ST_CLOSED || status == ST_TRUNCATED || status == ST_IO;
  const Worker *worker = &run->slot->worker;
  const Zygote *zygote = worker->zygote;
  bool is_unread = ipc_channel_is_unread(&worker->channel);
  if (!is_death && status != ST_TIMED_OUT) supervisor_session_broke(&run->session, status);
  if (status == ST_TIMED_OUT) (void)supervisor_session_tick(&run->session, moment_of(run), false);
  kill_worker(run);
  if (is_death && !run->heard)
    run->was_dead = is_unread || (is_fresh(run) && !supervisor_zygote_is_up(zygote));
}

/* Sends what was made at `moment`. */
static bool send(Run *run, MessageType type, const void *message, Moment moment) {
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

/* Waits as long, but gives the host its turn in between.  A script that takes so long shall not
 * stand in the host's way, wherever the two run. */
static void wait_idling(Run *run, uint64_t deadline) {
  const FsbHost *host = run->request->host;
  if (host == NULL || host->idle == NULL) {
    (void)wait_readable(run, deadline);
    return;
  }
  uint64_t interval = host->idle_interval == 0 ? IDLE_INTERVAL : host->idle_interval;
  uint64_t until = ipc_deadline_now() + interval;
  if (deadline < until) until = deadline;
  if (wait_readable(run, until)) return;
  (void)supervisor_worker_place(&run->slot->worker, PLACE_ANYWHERE);
  host->idle(host->context);
}

/* The first wait of a run is for a worker that was asleep: it says nothing. */
static void note_wait(Run *run, uint32_t round) {
  if (!run->session.meter.has_called) return;
  if (round == 0) run->waits++;
  if (round != 0 && round == run->slot->worker.channel.spin_rounds) run->misses++;
}

/* Receives a frame; ST_TIMED_OUT at the deadline or when the caller gave up. */
static Status receive(Run *run, Frame *ret_frame) {
  Channel *channel = &run->slot->worker.channel;
  for (uint32_t round = 0;; round++) {
    Status status = ipc_channel_try_receive(channel, ret_frame);
    if (status != ST_WOULD_BLOCK) return status;
    run->has_moment = false;
    note_wait(run, round);
    if (round < channel->spin_rounds) {
      if (!ipc_channel_look(channel)) sched_yield();
      continue;
    }
    uint64_t deadline = supervisor_session_deadline(&run->session, moment_of(run));
    if (ipc_deadline_is_over(deadline)) return ST_TIMED_OUT;
    if (run->session.stop == CODE_OK && supervisor_cancel_is_requested(run->request->cancel))
      return ST_TIMED_OUT;
    if (ipc_channel_doze(channel)) wait_idling(run, deadline);
  }
}

/* --- The host's side --- */

static void request_stop(Run *run) {
  uint32_t limit = run->session.stop_limit;
  ipc_stop_request(run->slot->worker.stop, limit == 0 ? STOP_KILLED : STOP_LIMIT, limit);
}

/* Carries out a call that the worker does not wait for. */
static void carry_out_post(Run *run, Moment asked) {
  FsbReply answer = supervisor_call_ask(run, asked);
  Moment moment = moment_of(run);
  supervisor_call_posted(run, &answer, moment);
  if (run->session.stop != CODE_OK || supervisor_session_is_stale(&run->session)) request_stop(run);
  run->moment = moment;
  run->has_moment = true;
}

static void show_log(const Run *run) {
  const FsbHost *host = run->request->host;
  const LogMessage *log = &run->session.message.log;
  if (host == NULL || host->log == NULL) return;
  host->log(host->context, (int)log->level,
            (FsbBytes){(const char *)log->text.data, log->text.size});
}

static void end_host(Run *run) {
  const FsbHost *host = run->request->host;
  if (host == NULL || host->end == NULL) return;
  host->end(host->context);
  run->just_now = 0;
}

/* --- The loop --- */

/* Tells the worker what to run; a text that it shall recall is named only. */
static bool begin(Run *run, Moment moment) {
  RunMessage message = supervisor_prepare_message(run);
  return send(run, MESSAGE_RUN, &message, moment);
}

/* The worker does not keep what it was asked for: it is told anew. */
static bool begin_again(Run *run) {
  supervisor_kept_forget(run->slot->worker.kept, run->work.key);
  return begin(run, moment_of(run));
}

/* Carries out a step that was decided at `moment`; false when the run is over. */
static bool carry_out(Run *run, SessionStep step, Moment moment) {
  switch (step) {
    case STEP_WAIT: return true;
    case STEP_LOG: show_log(run); return true;
    case STEP_CALL: {
      FsbReply answer = supervisor_call_ask(run, moment);
      Moment answered = moment_of(run);
      supervisor_call_answered(run, &answer, answered);
      return send(run, MESSAGE_REPLY, &run->session.reply, answered);
    }
    case STEP_POST: carry_out_post(run, moment); return true;
    case STEP_REPLY: return send(run, MESSAGE_REPLY, &run->session.reply, moment_of(run));
    case STEP_RESEND: return begin_again(run);
    case STEP_STOP: request_stop(run); return true;
    case STEP_OVER: return false;
    case STEP_KILL: kill_worker(run); return false;
  }
  return false;
}

static bool look_at_clock(Run *run) {
  bool is_cancelled = supervisor_cancel_is_requested(run->request->cancel);
  Moment moment = moment_of(run);
  run->looked_at = moment.now;
  return carry_out(run, supervisor_session_tick(&run->session, moment, is_cancelled), moment);
}

/* An ending settles the bill.  A frame that lay behind a post came when that was done. */
static Moment moment_of_frame(Run *run, const Frame *frame) {
  bool is_known = run->has_moment;
  run->has_moment = false;
  bool goes_on = frame->type == MESSAGE_CALL || frame->type == MESSAGE_POST || frame->type == MESSAGE_LOG ||
                 frame->type == MESSAGE_UNKNOWN;
  if (!goes_on) return moment_at_end(run);
  return is_known ? run->moment : moment_of(run);
}

/* A worker that never stops talking must not keep us from the clock, nor from whoever wants
 * to end the run: with every answer it has the floor again, and may use it at once. */
static bool take_frame(Run *run, const Frame *frame) {
  Moment moment = moment_of_frame(run, frame);
  SessionStep step = supervisor_session_frame(&run->session, frame, moment);
  run->heard = true;
  run->heard_at = moment.now;
  if (!carry_out(run, step, moment)) return false;
  return moment.now - run->looked_at >= LOOK_INTERVAL ? look_at_clock(run) : true;
}

static void drive_once(Run *run, Moment moment) {
  Frame frame;
  bool is_kept = run->work.key.size != 0 && supervisor_kept_has(run->slot->worker.kept, run->work.key);
  if (is_kept) run->session.recall = run->work.key;
  if (!begin(run, moment)) return;
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

/* A run that went on with a wrong guess is played again, with what is known by now, and without guesses. */
static void drive(Run *run, Moment moment) {
  drive_once(run, moment);
  if (!supervisor_session_plays_again(&run->session)) return;
  run->is_replay = true;
  run->has_moment = false;
  run->result->usage.replays++;
  supervisor_session_restart(&run->session);
  ipc_stop_clear(run->slot->worker.stop);
  drive_once(run, moment_of(run));
}

/* --- After the run --- */

/* A worker may end between two runs, in good order or with its zygote, without being
 * noticed before the next is sent.  Another can take that one up.  That it was not read
 * the pipe knows, and no worker can feign.  The zygote's death, whose cause is no script,
 * may reach a worker while the kernel hands it the bytes: then soon after is before.  In
 * either case nothing was heard of the run: it had no effect. */
static bool was_dead_before(const Run *run) {
  return run->was_dead && run->session.stop == CODE_OK;
}

/* Whether the run shall be waited for awake, on another processor than its worker's. */
static bool set_pace(Run *run) {
  Worker *worker = &run->slot->worker;
  bool is_apart = ipc_pace_begin(&worker->pace, run->began) && run->pool->transport != FSB_TRANSPORT_PIPE;
  if (is_apart && !supervisor_worker_place(worker, PLACE_ELSEWHERE)) {
    ipc_pace_refused(&worker->pace);
    is_apart = false;
  }
  /* Where it is refused the kernel knows best. */
  if (!is_apart && worker->spin.rounds != 0) (void)supervisor_worker_follow(worker);
  worker->channel.is_apart = is_apart;
  return is_apart;
}

static void drive_awake(Run *run, Moment moment) {
  run->slot->worker.channel.spin_rounds = RING_ROUNDS;
  drive(run, moment);
}

/* Drives a run that shares its processor, and notes whether spinning pays. */
static void drive_near(Run *run, Moment moment) {
  Worker *worker = &run->slot->worker;
  uint32_t rounds = ipc_spin_begin(&worker->spin);
  worker->channel.spin_rounds = rounds;
  run->waits = run->misses = 0;
  drive(run, moment);
  if (rounds == 0) return;
  uint64_t took = run->heard_at > moment.now ? run->heard_at - moment.now : 0;
  ipc_spin_end(&worker->spin, (SpinWaits){run->waits, run->misses, supervisor_meter_idle(&run->session.meter), took});
}

/* A worker keeps what it has compiled. */
static void note_text(Run *run) {
  Worker *worker = &run->slot->worker;
  bool is_compiled = run->session.outcome.code != CODE_COMPILE_ERROR && supervisor_worker_is_there(worker);
  if (is_compiled && run->work.key.size != 0) supervisor_kept_note(&worker->kept, run->work.key);
}

static void play(Run *run) {
  Worker *worker = &run->slot->worker;
  bool is_apart = set_pace(run);
  Moment moment = moment_at_start(run);
  run->was_dead = run->is_replay = false;
  supervisor_tape_free(&run->tape);
  supervisor_session_start(&run->session, &run->limits, moment, run->pool->scratch);
  supervisor_arrears_find(&run->slot->arrears, moment.cpu);
  run->looked_at = moment.now;
  run->session.chunk = run->work.chunk;
  run->session.outcome.is_library = (run->work.run_flags & RUN_LIBRARY) != 0;
  run->session.random_state = supervisor_prepare_random_state(run);
  run->session.may_guess = !run->request->await_calls && !run->request->compile_only && !run->session.outcome.is_library;
  if (run->request->timeout != 0)
    supervisor_meter_patience(&run->session.meter, run->request->timeout, run->timeout_at);
  supervisor_meter_hold(&run->session.meter, run->request->held_since);
  ipc_stop_clear(worker->stop);
  worker->is_serving = true;
  if (is_apart) drive_awake(run, moment);
  else drive_near(run, moment);
  worker->is_serving = false;
  note_text(run);
  if (!run->heard) return;
  worker->heard_at = run->heard_at;
  ipc_pace_end(&worker->pace, run->heard_at);
}

/* --- Libraries --- */

/* Loads the library of a call into the worker, on behalf of nobody's account. */
static void load_there(Run *run, Run *ret_load) {
  const FsbLibrary *library = run->request->library;
  ByteView body = ipc_bytes_view(library->code + library->body_at, library->code_size - library->body_at);
  *ret_load = (Run){.pool = run->pool,
                    .own = FSB_REQUEST_INIT,
                    .limits = library->limits,
                    .work = supervisor_prepare_library(body, library->number),
                    .slot = run->slot,
                    .began = run->began,
                    .timeout_at = run->timeout_at,
                    .start = run->start};
  ret_load->own.held_since = run->request->held_since;
  ret_load->request = &ret_load->own;
  play(ret_load);
  supervisor_arrears_skip(&run->slot->arrears, &ret_load->session.meter);
  free(ret_load->argv);
}

/* Whether another worker may do better: the one at hand was gone, or is full of
 * libraries that may be of no use any more. */
static bool is_worth_another(const Run *load, size_t held) {
  return was_dead_before(load) || (load->session.outcome.code == CODE_LIMIT_BASE_BYTES && held > 0);
}

/* Makes sure that the worker holds the library of a call. */
static bool bring_library(Run *run) {
  Worker *worker = &run->slot->worker;
  uint64_t number = run->work.library;
  if (supervisor_worker_holds(worker, number)) return true;
  Run load;
  size_t held = worker->library_count;
  load_there(run, &load);
  if (is_worth_another(&load, held)) {
    supervisor_leaving_dismiss(&run->pool->leaving, worker, NULL);
    if (!supervisor_prepare_worker(run)) return false;
    load_there(run, &load);
  }
  supervisor_run_waited(run);
  if (load.session.outcome.code == CODE_OK) {
    supervisor_worker_note(worker, number);
    return true;
  }
  supervisor_result_set(run->result, &load.session.outcome);
  return false;
}

/* --- All of it --- */

/* Plays once; false when there was nobody to play with. */
static bool play_once(Run *run) {
  if (!supervisor_prepare_worker(run)) return false;
  if ((run->work.run_flags & RUN_FUNCTION) != 0 && !bring_library(run)) return false;
  play(run);
  return true;
}

/* Plays, and again with another worker when that may do better. */
static bool go(Run *run) {
  if (!play_once(run)) return false;
  size_t held = run->slot->worker.library_count;
  if (!is_worth_another(run, held)) return true;
  supervisor_leaving_dismiss(&run->pool->leaving, &run->slot->worker, NULL);
  run->just_now = 0;
  return play_once(run);
}

static void settle(Run *run) {
  end_host(run);
  supervisor_bill_write(run);
  run->session.outcome.is_unnamed = run->pool->valkey_version >= VALKEY_9_1;
  supervisor_result_set(run->result, &run->session.outcome);
  if (run->session.has_claim) run->slot->random_state = run->session.claim.random_state;
}

/* The session's views borrow from the channel: nothing of it is used after this. */
static void release_worker(Run *run) {
  if (run->slot == NULL || !supervisor_worker_is_there(&run->slot->worker)) return;
  ipc_channel_trim(&run->slot->worker.channel);
  supervisor_pool_weigh(run->pool, run->slot, run->result->usage.memory_peak_bytes);
  if (run->pool->fresh_worker) supervisor_pool_dismiss(run->pool, run->slot);
}

static Run *open(FsbPool *pool, const FsbRequest *request, FsbResult *result) {
  Run *run = supervisor_result_is_constant(result) ? NULL : calloc(1, sizeof *run);
  if (run == NULL) return NULL;
  run->pool = pool;
  memcpy(&run->own, request, request->size < sizeof run->own ? request->size : sizeof run->own);
  run->request = &run->own;
  run->result = result;
  run->began = run->just_now = ipc_deadline_now();
  run->timeout_at = request->timeout == 0 ? METER_NEVER : run->began + request->timeout;
  return run;
}

static void close_run(Run *run) {
  uint64_t now = run->just_now != 0 ? run->just_now : ipc_deadline_now();
  run->result->usage.wall_ns = now - run->began;
  release_worker(run);
  free(run->views);
  free(run->argv);
  free(run->failure);
  free(run->value);
  supervisor_tape_free(&run->tape);
  free(run);
}

static FsbResult *new_result(const FsbRequest *request) {
  bool has_library = request->size > offsetof(FsbRequest, library) && request->library != NULL;
  if (has_library)
    return supervisor_result_new_function(
        ipc_bytes_view(request->function.data, request->function.size));
  ByteView source = ipc_bytes_view(request->source.data, request->source.size);
  bool is_known = request->size > offsetof(FsbRequest, sha1) && request->sha1 != NULL;
  return is_known ? supervisor_result_new_known(source, request->sha1)
                  : supervisor_result_new(source);
}

FsbResult *fsb_run(FsbPool *pool, const FsbRequest *request) {
  FsbResult *result = new_result(request);
  Run *run = open(pool, request, result);
  if (run == NULL) {
    supervisor_result_fail(result, CODE_INTERNAL, "out of memory");
    return result;
  }
  bool is_prepared = supervisor_prepare_check(run) && (run->request->library == NULL
                                                           ? supervisor_prepare_script(run)
                                                           : supervisor_prepare_function(run));
  if (is_prepared && go(run)) settle(run);
  close_run(run);
  return result;
}

/* --- Loading --- */

bool fsb_library_read_name(FsbBytes code, char ret_name[FSB_LIBRARY_NAME_BYTES],
                           FsbError *ret_error) {
  char text[SHEBANG_ERROR_BYTES];
  LibraryHead head;
  bool is_valid = supervisor_shebang_library(ipc_bytes_view(code.data, code.size), &head, text);
  if (is_valid)
    memcpy(ret_name, head.name, sizeof head.name);
  else
    supervisor_pool_explain(ret_error, CODE_SCRIPT_ERROR, "ERR %s", text);
  return is_valid;
}

/* Makes the library of a run that ended well; else the result says why there is none. */
static FsbLibrary *make_library(Run *run, const LibraryHead *head) {
  FsbError error;
  FsbBytes code = run->request->source;
  FsbLibrary *library = supervisor_library_new(code, head->name, code.size - head->body.size,
                                               run->session.outcome.tokens, &error);
  if (library == NULL) {
    supervisor_result_fail(run->result, (Code)error.code, error.text);
    return NULL;
  }
  library->pool = run->pool;
  library->number = run->work.library;
  library->limits = run->limits;
  supervisor_worker_note(&run->slot->worker, library->number);
  return library;
}

static FsbLibrary *load(Run *run) {
  char text[SHEBANG_ERROR_BYTES + 4] = "ERR ";
  LibraryHead head;
  ByteView code = ipc_bytes_view(run->request->source.data, run->request->source.size);
  if (!supervisor_prepare_check(run)) return NULL;
  if (!supervisor_shebang_library(code, &head, text + 4)) {
    supervisor_result_fail(run->result, CODE_SCRIPT_ERROR, text);
    return NULL;
  }
  run->work = supervisor_prepare_library(head.body, ++run->pool->libraries);
  if (!go(run)) return NULL;
  settle(run);
  return run->session.outcome.code == CODE_OK ? make_library(run, &head) : NULL;
}

FsbResult *fsb_library_load(FsbPool *pool, const FsbRequest *request, FsbLibrary **ret_library) {
  FsbResult *result = supervisor_result_new(ipc_bytes_view(request->source.data, request->source.size));
  Run *run = open(pool, request, result);
  *ret_library = NULL;
  if (run == NULL) {
    supervisor_result_fail(result, CODE_INTERNAL, "out of memory");
    return result;
  }
  *ret_library = load(run);
  close_run(run);
  return result;
}
