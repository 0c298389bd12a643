/* SPDX-License-Identifier: BSD-2-Clause */
/* session - judging frames, answers, the clock and deaths. */
#define _GNU_SOURCE
#include "sandbox/supervisor/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "policy/traps.h"
#include "sandbox/zygote_abi.h"

static uint32_t limit_number(Code code) {
  const LimitRow *row = policy_limits_by_code(code);
  return row == NULL ? 0 : (uint32_t)row->id + 1;
}

/* --- Endings --- */

static void end(Session *s, Code code, ByteView text) {
  if (s->state == SESSION_OVER) return;
  s->state = SESSION_OVER;
  s->outcome.code = code;
  s->outcome.text = text;
  s->outcome.limit = supervisor_meter_limit(&s->meter, code);
  s->outcome.wrote = s->wrote;
}

/* Ends a run whose place is known or missed: limits, kills, stale handles. */
static void end_at(Session *s, Code code, ByteView text, ByteView source, int64_t line) {
  end(s, code, text);
  s->outcome.has_place = true;
  s->outcome.source = source.size == 0 ? s->chunk : source;
  s->outcome.line = line;
}

/* Ends a run as it was decided; a posted call that failed stands where it was made. */
static void end_decided(Session *s, ByteView source, int64_t line) {
  if (s->stop != CODE_SCRIPT_ERROR) {
    end_at(s, s->stop, s->stop_text, source, line);
    return;
  }
  end(s, CODE_SCRIPT_ERROR, s->stop_text);
  s->outcome.source = s->chunk;
  s->outcome.line = s->stop_line;
}

static SessionStep violate(Session *s, const char *what) {
  end(s, CODE_PROTOCOL_VIOLATION, ipc_bytes_text(what));
  return STEP_KILL;
}

static uint64_t grace(const Meter *meter) {
  uint64_t tenth = meter->limits.hold / 10;
  if (meter->held_since == 0 || tenth > SESSION_GRACE) return SESSION_GRACE;
  return tenth < SESSION_GRACE_LEAST ? SESSION_GRACE_LEAST : tenth;
}

/* Decides that the run shall end as `code` and how long that may take. */
static void decide(Session *s, Code code, ByteView text, uint64_t now) {
  s->stop = code;
  s->stop_text = text;
  s->kill_at = now + grace(&s->meter);
  s->stop_limit = limit_number(code);
}

/* --- Start --- */

void supervisor_session_start(Session *session, const Limits *limits, Moment moment,
                              NestingRoom *scratch) {
  *session = (Session){.state = SESSION_RUNNING, .scratch = scratch, .stop = CODE_OK,
                       .chunk = ipc_bytes_text("@user_script")};
  supervisor_meter_start(&session->meter, limits, moment);
}

void supervisor_session_sent(Session *session, Moment moment) {
  session->state = SESSION_RUNNING;
  supervisor_meter_give(&session->meter, moment);
}

/* --- Calls --- */

/* The run ends at the post that was taken last, as if the worker had waited: what it says or draws after it
 * is nobody's. */
static void end_here(Session *s) {
  uint64_t chance = s->message.call.chance;
  if (s->is_past) return;
  s->is_past = true;
  if (chance != 0) s->random_state = chance - 1;
}

/* The answer that ends a run. */
static SessionStep reply_with_end(Session *s, Code code, ByteView text, uint64_t now) {
  if (s->stop == CODE_OK) decide(s, code, text, now);
  s->stop_is_soft = false;
  s->reply = (ReplyMessage){.kind = s->stop_limit == 0 ? REPLY_STOPPED : REPLY_LIMIT,
                            .limit = s->stop_limit};
  return STEP_REPLY;
}

/* The limit that a call of `bytes` exceeds, or how the run ends anyway; CODE_OK: none. */
static Code judge_call(const Session *s, uint64_t bytes, Moment moment) {
  if (s->stop != CODE_OK) return s->stop;
  Code code = supervisor_meter_exceeded(&s->meter, moment);
  if (code != CODE_OK) return code;
  if (s->meter.calls >= s->meter.limits.calls) return CODE_LIMIT_CALLS;
  return bytes > s->meter.limits.arg_bytes ? CODE_LIMIT_ARG_BYTES : CODE_OK;
}

/* Whether the run will be played again, so that what the worker says does not count. */
static bool is_void(const Session *s) { return s->is_stale && s->stop == CODE_OK; }

static SessionStep take_call(Session *s, Moment moment) {
  uint64_t bytes = s->message.call.argv.bytes;
  ByteView none = {NULL, 0};
  supervisor_meter_take(&s->meter, moment);
  if (is_void(s)) {
    s->reply = (ReplyMessage){.kind = REPLY_STOPPED};
    return STEP_REPLY;
  }
  Code code = judge_call(s, bytes, moment);
  if (code != CODE_OK) return reply_with_end(s, code, none, moment.now);
  s->state = SESSION_CALLING;
  supervisor_meter_call(&s->meter, moment.now, bytes);
  return STEP_CALL;
}

static bool asks_for_value(const Session *s) { return (s->message.call.flags & CALL_VALUE) != 0; }

/* The worker has nothing left to do: while the host is at work, it does not have the floor. */
static void take_last_post(Session *s, Moment moment) {
  s->has_asked = true;
  s->call_line = s->message.call.line;
  supervisor_meter_take(&s->meter, moment);
}

/* A run that is to end makes no more calls: what was posted since is dropped, and a value
 * that follows is not the script's. */
static SessionStep take_post(Session *s, Moment moment) {
  uint64_t bytes = s->message.call.argv.bytes;
  ByteView none = {NULL, 0};
  const CallMessage *post = &s->message.call;
  bool is_guess = post->guess.size != 0;
  if ((post->flags & CALL_ACL_CHECK) != 0) return violate(s, "a question that nobody waits for");
  if (asks_for_value(s) && post->resp != 2) return violate(s, "a value in another protocol than RESP2");
  if (is_guess && (!s->may_guess || asks_for_value(s))) return violate(s, "a guess that is none of its business");
  if (is_void(s)) return STEP_WAIT;
  Code code = judge_call(s, bytes, moment);
  if (asks_for_value(s)) take_last_post(s, moment);
  if (code != CODE_OK) {
    if (is_guess) s->call_line = post->line;
    if (s->stop == CODE_OK) decide(s, code, none, moment.now);
    s->stop_is_soft = false;
    end_here(s);
    return STEP_STOP;
  }
  supervisor_meter_call(&s->meter, moment.now, bytes);
  return STEP_POST;
}

void supervisor_session_give_up(Session *session, Code code, ByteView text, uint64_t now) {
  session->call_line = 0; /* the call went well: a result has no place */
  decide(session, code, text, now);
}

/* The outcome to which a host's answer leads, CODE_OK when the script goes on. */
static Code judge_answer(const Session *s, const FsbReply *answer, Moment moment) {
  Code exceeded = supervisor_meter_exceeded(&s->meter, moment);
  switch (answer->kind) {
    case FSB_REPLY_DATA:
    case FSB_REPLY_REFUSED:
      if (exceeded != CODE_OK) return exceeded;
      return answer->bytes.size > s->meter.limits.reply_bytes ? CODE_LIMIT_REPLY_BYTES : CODE_OK;
    case FSB_REPLY_TOO_LONG: return CODE_LIMIT_REPLY_BYTES;
    case FSB_REPLY_TIMED_OUT: return exceeded != CODE_OK ? exceeded : CODE_LIMIT_HOST_TIME;
    case FSB_REPLY_CANCELLED: return CODE_CANCELLED;
    case FSB_REPLY_UNAVAILABLE: return CODE_UNAVAILABLE;
  }
  return CODE_INTERNAL;
}

/* An unavailable store's text is copied: the host's memory is not ours to keep. */
static ByteView keep_text(Session *s, FsbBytes text) {
  size_t size = text.size < sizeof s->detail ? text.size : sizeof s->detail;
  if (size != 0) memcpy(s->detail, text.data, size);
  return ipc_bytes_view(s->detail, size);
}

/* Accounts for an answer.  Returns the outcome to which it leads, CODE_OK when the script goes on. */
static Code take_answer(Session *s, const FsbReply *answer, Moment moment) {
  supervisor_meter_answer(&s->meter, moment.now, answer->bytes.size, answer->setup_ns);
  if (s->has_asked) supervisor_meter_give(&s->meter, moment);
  if (answer->wrote) s->wrote = true;
  return judge_answer(s, answer, moment);
}

void supervisor_session_answer(Session *session, const FsbReply *answer, Moment moment) {
  ByteView bytes = ipc_bytes_view(answer->bytes.data, answer->bytes.size);
  Code code = take_answer(session, answer, moment);
  if (code != CODE_OK) {
    ByteView text =
        code == CODE_UNAVAILABLE ? keep_text(session, answer->bytes) : ipc_bytes_view(NULL, 0);
    (void)reply_with_end(session, code, text, moment.now);
    return;
  }
  session->reply = (ReplyMessage){.kind = REPLY_DATA, .data = bytes};
  if (answer->kind == FSB_REPLY_REFUSED)
    session->reply = (ReplyMessage){.kind = REPLY_REFUSED, .text = bytes};
}

static bool is_error_reply(const FsbReply *answer) {
  if (answer->kind == FSB_REPLY_REFUSED) return true;
  return answer->bytes.size != 0 && answer->bytes.data[0] == '-';
}

static void decide_answered(Session *s, Code code, const FsbReply *answer, uint64_t now) {
  ByteView none = {NULL, 0};
  end_here(s);
  decide(s, code, code == CODE_UNAVAILABLE ? keep_text(s, answer->bytes) : none, now);
}

bool supervisor_session_guessed(Session *session, const FsbReply *answer, Moment moment) {
  Code code = take_answer(session, answer, moment);
  if (code != CODE_OK) {
    session->call_line = session->message.call.line;
    decide_answered(session, code, answer, moment.now);
    return false;
  }
  ByteView bytes = ipc_bytes_view(answer->bytes.data, answer->bytes.size);
  session->is_stale = answer->kind != FSB_REPLY_DATA || !ipc_bytes_is_equal(bytes, session->message.call.guess);
  return !session->is_stale;
}

void supervisor_session_restart(Session *session) {
  ByteView none = {NULL, 0};
  session->state = SESSION_RUNNING;
  session->is_stale = session->plays_again = session->may_guess = session->has_claim = session->has_asked = false;
  session->recall = session->value = none;
  session->claim = (Usage){0};
  session->call_line = 0;
  session->meter.assumed = 0; /* the clock may move yet */
}

bool supervisor_session_posted(Session *session, const FsbReply *answer, Moment moment,
                               ByteView *ret_error) {
  Code code = take_answer(session, answer, moment);
  if (code != CODE_OK) {
    decide_answered(session, code, answer, moment.now);
    return false;
  }
  size_t mark = answer->kind == FSB_REPLY_DATA;
  if (!is_error_reply(answer) || (session->message.call.flags & CALL_PCALL) != 0) return false;
  *ret_error = ipc_bytes_view(answer->bytes.data + mark, answer->bytes.size - mark);
  return true;
}

void supervisor_session_fail(Session *session, ByteView text, uint64_t now) {
  session->stop_line = session->message.call.line;
  end_here(session);
  decide(session, CODE_SCRIPT_ERROR, text, now);
}

/* --- Frames --- */

static SessionStep take_log(Session *s, Moment moment) {
  ByteView none = {NULL, 0};
  if (s->is_stale || s->is_past) return STEP_WAIT;
  s->meter.log_bytes += s->message.log.text.size;
  if (s->meter.log_bytes <= s->meter.limits.log_bytes) return STEP_LOG;
  /* An honest worker counts by the same limit and would have ended. */
  if (s->stop == CODE_OK) decide(s, CODE_LIMIT_LOG_BYTES, none, moment.now);
  return STEP_STOP;
}

static void take_claim(Session *s, const Usage *usage) {
  s->claim = *usage;
  s->has_claim = true;
}

/* A run that was already decided ends so, whatever the worker says; only a value
 * or error that crossed a mere request to stop still counts. */
static bool is_decided(const Session *s) {
  return s->stop != CODE_OK && !s->stop_is_soft;
}

static SessionStep take_result(Session *s) {
  ByteView tokens = s->message.result.tokens;
  uint32_t depth = (uint32_t)s->meter.limits.reply_depth;
  if (tokens.size == 0) tokens = s->value;
  if (ipc_token_check(tokens, depth, s->scratch) != ST_OK)
    return violate(s, "a malformed result");
  if (tokens.size > s->meter.limits.reply_bytes) {
    end_at(s, CODE_LIMIT_REPLY_BYTES, ipc_bytes_view(NULL, 0), ipc_bytes_view(NULL, 0), 0);
    return STEP_OVER;
  }
  end(s, CODE_OK, ipc_bytes_view(NULL, 0));
  s->outcome.tokens = tokens;
  return STEP_OVER;
}

static SessionStep take_error(Session *s) {
  const ErrorMessage *error = &s->message.error;
  end(s, CODE_SCRIPT_ERROR, error->text);
  s->outcome.source = error->source;
  s->outcome.line = error->line;
  return STEP_OVER;
}

/* The line that a message begins with, as in "user_script:12: ..."; 0: none. */
static int64_t line_in(const Session *s, ByteView text) {
  const size_t size = s->chunk.size - 1; /* without '@' */
  int64_t line = 0;
  if (text.size <= size || memcmp(text.data, s->chunk.data + 1, size) != 0) return 0;
  if (text.data[size] != ':') return 0;
  for (size_t i = size + 1;
       i < text.size && text.data[i] >= '0' && text.data[i] <= '9' && line < INT32_MAX / 10; i++)
    line = line * 10 + (text.data[i] - '0');
  return line;
}

static SessionStep take_compile_error(Session *s) {
  const CompileErrorMessage *error = &s->message.compile_error;
  end(s, CODE_COMPILE_ERROR, error->text);
  s->outcome.source = s->chunk;
  s->outcome.line = error->line != 0 ? error->line : line_in(s, error->text);
  return STEP_OVER;
}

/* The limits that a worker may find exceeded on its own. */
static Code claimed_limit(uint32_t number) {
  const LimitRow *row = number == 0 ? NULL : policy_limits_row(number - 1);
  if (row == NULL) return CODE_OK;
  switch (row->code) {
    case CODE_LIMIT_ARG_BYTES:
    case CODE_LIMIT_CALLS:
    case CODE_LIMIT_REPLY_BYTES:
    case CODE_LIMIT_REPLY_DEPTH:
    case CODE_LIMIT_BASE_BYTES:
    case CODE_LIMIT_LOG_BYTES: return row->code;
    default: return row->enforced_by == BY_SUPERVISOR ? CODE_OK : row->code;
  }
}

static SessionStep take_limit(Session *s) {
  const LimitMessage *limit = &s->message.limit;
  if (s->stop == CODE_OK) s->stop = claimed_limit(limit->limit);
  if (s->stop == CODE_OK) return violate(s, "an ending that nobody asked for");
  if (s->call_line != 0) end_decided(s, ipc_bytes_view(NULL, 0), s->call_line);
  else end_decided(s, limit->source, limit->line);
  s->outcome.report = limit->report;
  return STEP_OVER;
}

/* Nothing was run: it is told anew, unless it is to end already. */
static SessionStep take_unknown(Session *s, Moment moment) {
  ByteView none = {NULL, 0};
  bool was_asked = s->recall.size != 0 && ipc_bytes_is_equal(s->recall, s->message.unknown.key);
  if (!was_asked) return violate(s, "a text that nobody asked for");
  s->recall = none;
  supervisor_meter_take(&s->meter, moment);
  if (s->stop == CODE_OK) return STEP_RESEND;
  end_decided(s, none, 0);
  return STEP_OVER;
}

static const Usage *usage_of(const AnyMessage *message, MessageType type) {
  switch (type) {
    case MESSAGE_RESULT: return &message->result.usage;
    case MESSAGE_ERROR: return &message->error.usage;
    case MESSAGE_COMPILE_ERROR: return &message->compile_error.usage;
    case MESSAGE_LIMIT: return &message->limit.usage;
    default: return NULL;
  }
}

static SessionStep take_ending(Session *s, MessageType type, Moment moment) {
  ByteView none = {NULL, 0};
  supervisor_meter_take(&s->meter, moment);
  supervisor_meter_answered(&s->meter);
  take_claim(s, usage_of(&s->message, type));
  if (s->is_past) s->claim.random_state = s->random_state;
  if (is_void(s)) {
    s->state = SESSION_OVER;
    s->plays_again = true;
    return STEP_OVER;
  }
  if (type == MESSAGE_LIMIT) return take_limit(s);
  Code exceeded = s->stop == CODE_OK ? supervisor_meter_exceeded(&s->meter, moment) : CODE_OK;
  if (exceeded != CODE_OK) decide(s, exceeded, none, moment.now);
  if (is_decided(s)) {
    end_decided(s, none, s->call_line);
    return STEP_OVER;
  }
  if (type == MESSAGE_RESULT) return take_result(s);
  return type == MESSAGE_ERROR ? take_error(s) : take_compile_error(s);
}

/* Behind a POST with CALL_VALUE comes that this was all. */
static bool may_follow(const Session *s, MessageType type) {
  return !s->has_asked || (type == MESSAGE_RESULT && s->message.result.tokens.size == 0);
}

SessionStep supervisor_session_frame(Session *session, const Frame *frame, Moment moment) {
  if (session->state != SESSION_RUNNING) return violate(session, "a frame out of turn");
  if (ipc_message_decode(frame->type, frame->body, &session->message) != ST_OK)
    return violate(session, "a malformed message");
  if (!may_follow(session, frame->type)) return violate(session, "a word behind the last call");
  if (frame->type == MESSAGE_UNKNOWN) return take_unknown(session, moment);
  session->recall = ipc_bytes_view(NULL, 0);
  switch (frame->type) {
    case MESSAGE_CALL: return take_call(session, moment);
    case MESSAGE_POST: return take_post(session, moment);
    case MESSAGE_LOG: return take_log(session, moment);
    case MESSAGE_RESULT:
    case MESSAGE_ERROR:
    case MESSAGE_COMPILE_ERROR:
    case MESSAGE_LIMIT: return take_ending(session, frame->type, moment);
    default: return violate(session, "a message that has no place in a run");
  }
}

/* --- Time --- */

uint64_t supervisor_session_deadline(const Session *session, Moment moment) {
  if (session->stop != CODE_OK) return session->kill_at;
  return supervisor_meter_deadline(&session->meter, moment);
}

uint64_t supervisor_session_call_deadline(const Session *session) {
  return supervisor_meter_call_deadline(&session->meter);
}

SessionStep supervisor_session_tick(Session *session, Moment moment, bool is_cancelled) {
  ByteView none = {NULL, 0};
  if (session->stop != CODE_OK) {
    if (moment.now < session->kill_at) return STEP_WAIT;
    end_decided(session, none, 0);
    return STEP_KILL;
  }
  Code code = is_cancelled ? CODE_CANCELLED : supervisor_meter_exceeded(&session->meter, moment);
  if (code == CODE_OK) return STEP_WAIT;
  decide(session, code, none, moment.now);
  session->stop_is_soft = is_cancelled && !session->is_stale;
  return STEP_STOP;
}

/* --- The end of the worker --- */

void supervisor_session_broke(Session *session, Status status) {
  (void)snprintf(session->detail, sizeof session->detail, "%s", policy_status_text(status));
  bool is_ours = status == ST_NO_MEMORY || status == ST_NO_ROOM;
  end(session, is_ours ? CODE_INTERNAL : CODE_PROTOCOL_VIOLATION, ipc_bytes_text(session->detail));
}

static void describe_signal(Session *s, int number) {
  const char *name = sigabbrev_np(number);
  (void)snprintf(s->detail, sizeof s->detail, "signal %d%s%s%s", number,
                 name == NULL ? "" : " (SIG", name == NULL ? "" : name, name == NULL ? "" : ")");
  end(s, CODE_WORKER_CRASHED, ipc_bytes_text(s->detail));
}

static void describe_exit(Session *s, int status) {
  static const char *const steps[] = {
#define STEP(name, where, need, what, lack) #name,
#include "sandbox/seal_steps.def"
#undef STEP
  };
  if (status == WORKER_EXIT_STALE) {
    end_at(s, CODE_STALE_HANDLE, ipc_bytes_view(NULL, 0), ipc_bytes_view(NULL, 0), 0);
    return;
  }
  if (status >= WORKER_EXIT_STEP && status < WORKER_EXIT_STEP + SEAL_COUNT_) {
    (void)snprintf(s->detail, sizeof s->detail, "step %s", steps[status - WORKER_EXIT_STEP]);
    end(s, CODE_SEAL_REFUSED, ipc_bytes_text(s->detail));
    return;
  }
  (void)snprintf(s->detail, sizeof s->detail, "exit status %d", status);
  end(s, CODE_WORKER_CRASHED, ipc_bytes_text(s->detail));
}

void supervisor_session_died(Session *session, int how, int status) {
  if (session->stop != CODE_OK) {
    end_decided(session, ipc_bytes_view(NULL, 0), 0);
  } else if (how == 0) {
    end(session, CODE_WORKER_CRASHED, ipc_bytes_text("nobody knows how"));
  } else if (how == CLD_EXITED) {
    describe_exit(session, status);
  } else if (status == SIGSYS) {
    end(session, CODE_POLICY_VIOLATION, ipc_bytes_view(NULL, 0));
  } else if (status == TRAP_STALE) {
    end_at(session, CODE_STALE_HANDLE, ipc_bytes_view(NULL, 0), ipc_bytes_view(NULL, 0), 0);
  } else {
    describe_signal(session, status);
  }
}
