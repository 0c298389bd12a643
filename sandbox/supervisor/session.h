/* SPDX-License-Identifier: BSD-2-Clause */
/* session - one run, as a state machine over frames.
 *
 * The session decides; it does no I/O and reads no clock.  A driver (run.c is
 * the blocking one) moves frames and time in and carries out what comes back:
 *
 *   start, then sent() and send RUN            the worker has the floor
 *   frame arrives   -> frame()   -> STEP_WAIT  go on waiting
 *                                   STEP_LOG   show message.log, go on waiting
 *                                   STEP_CALL  ask the host about message.call, then
 *                                              answer(), sent(), send `reply`
 *                                   STEP_REPLY sent(), send `reply`
 *                                   STEP_RESEND sent(), send RUN again, with the text
 *                                   STEP_OVER  the outcome is known, the worker idle
 *                                   STEP_KILL  the outcome is known, the worker must die
 *   time passes, or a cancel -> tick() -> STEP_WAIT, STEP_STOP (write the stop
 *                                   word with stop_limit), STEP_KILL
 *   the worker died -> died()               the outcome is known
 *
 * Everything a frame says is a claim.  Its form and its turn were judged by ipc/
 * before it gets here; the session re-checks what only the supervisor can know:
 * counts, sizes, times, whether an ending was asked for, whether the value is
 * well-formed.  A limit that the supervisor finds exceeded ends the run whatever
 * the worker says afterwards; the worker gets SESSION_GRACE to say where it stood.
 *
 * Layer: sandbox/supervisor.  Pure.
 */
#ifndef SANDBOX_SUPERVISOR_SESSION_H
#define SANDBOX_SUPERVISOR_SESSION_H

#include "ipc/frame.h"
#include "ipc/message.h"
#include "ipc/token.h"
#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/meter.h"
#include "sandbox/supervisor/outcome.h"

/* How long a worker that was asked to stop may take to say where it stood; while the host is held, a
 * tenth of the limit `hold` if that is less, but a time in which a processor can be had. */
#define SESSION_GRACE UINT64_C(20000000)
#define SESSION_GRACE_LEAST UINT64_C(2000000)

typedef enum {
  SESSION_RUNNING, /* the worker has the floor, or is being given it */
  SESSION_CALLING, /* the host is being asked */
  SESSION_OVER
} SessionState;

typedef enum {
  STEP_WAIT,
  STEP_LOG,
  STEP_CALL,
  STEP_POST, /* a call whose answer goes to supervisor_session_posted() */
  STEP_REPLY,
  STEP_RESEND, /* the worker does not keep what it was to recall */
  STEP_STOP,
  STEP_OVER,
  STEP_KILL
} SessionStep;

typedef struct {
  SessionState state;
  Meter meter;
  AnyMessage message;  /* the frame that was last decoded; borrows from it */
  ReplyMessage reply;  /* what to send after STEP_REPLY and answer() */
  uint32_t stop_limit; /* after STEP_STOP: row of limits.def plus one; 0: no limit */
  Outcome outcome;     /* once OVER */
  Usage claim;         /* of the last frame */
  bool has_claim;
  NestingRoom *scratch; /* for checking values; the caller's */
  ByteView recall;  /* key of the text that RUN only named, if it did; the caller sets it */
  ByteView chunk;   /* name of the code that runs, "@user_script" unless the caller sets another */
  bool may_guess;   /* the worker; the caller sets it */
  uint64_t random_state; /* where math.random stood when the run began; the caller sets it */
  ByteView value;   /* tokens of the answer to a POST with CALL_VALUE; the caller sets it, or says why not */
  /* Private. */
  Code stop;          /* how the run shall end, CODE_OK: not decided */
  ByteView stop_text; /* detail of it */
  bool stop_is_soft;  /* a value that crosses the request on its way still counts */
  int64_t stop_line;  /* of CODE_SCRIPT_ERROR: where the call stood */
  bool has_asked;     /* a POST with CALL_VALUE came, behind which nothing runs */
  int64_t call_line;  /* of a POST that the run ends at as if it had been waited for; 0: none */
  uint64_t kill_at;
  bool wrote;
  bool is_stale;    /* what the worker says rests on a wrong guess */
  bool is_past;     /* ... comes behind the call at which the run ends: had it been waited for, nothing had been said */
  bool plays_again; /* it has ended what did */
  char detail[192]; /* memory of texts made here */
} Session;

/* Starts a run of a worker that is idle. */
void supervisor_session_start(Session *session, const Limits *limits, Moment moment,
                              NestingRoom *scratch);

/* RUN or REPLY goes out now. */
void supervisor_session_sent(Session *session, Moment moment);

/* Takes one frame. */
SessionStep supervisor_session_frame(Session *session, const Frame *frame, Moment moment);

/* Takes the host's answer to STEP_CALL and makes `reply`. */
void supervisor_session_answer(Session *session, const FsbReply *answer, Moment moment);

/* Takes the host's answer to STEP_POST.  Returns whether it is an error that ends the run, to be
 * told to supervisor_session_fail(). */
bool supervisor_session_posted(Session *session, const FsbReply *answer, Moment moment,
                               ByteView *ret_error);

/* Takes the host's answer to a STEP_POST that has a guess.  Returns whether the run goes on as the worker
 * thinks; else, unless the run is to end anyway, it is stopped, to be played again. */
bool supervisor_session_guessed(Session *session, const FsbReply *answer, Moment moment);

/* Whether the run was over on a wrong guess: it is to be played again after supervisor_session_restart(). */
static inline bool supervisor_session_plays_again(const Session *session) {
  return session->plays_again;
}

/* Whether the worker shall stop what rests on a wrong guess. */
static inline bool supervisor_session_is_stale(const Session *session) {
  return session->is_stale;
}

/* Starts the run once more, of which all that was used counts. */
void supervisor_session_restart(Session *session);

/* Whether the answer to STEP_POST, unless it ended the run, is the script's value. */
static inline bool supervisor_session_wants_value(const Session *session) {
  return session->stop == CODE_OK && (session->message.call.flags & CALL_VALUE) != 0;
}

/* The answer cannot be made a value, or kept: `code` is CODE_LIMIT_REPLY_DEPTH, CODE_UNAVAILABLE or CODE_INTERNAL. */
void supervisor_session_give_up(Session *session, Code code, ByteView text, uint64_t now);

/* The run ends with this error, as a script's; the text must last as long as the session. */
void supervisor_session_fail(Session *session, ByteView text, uint64_t now);

/* Returns when tick() is due. */
uint64_t supervisor_session_deadline(const Session *session, Moment moment);

/* Returns until when an answer to STEP_CALL or STEP_POST is of use. */
uint64_t supervisor_session_call_deadline(const Session *session);

/* Looks at the clock, and whether the caller gave up. */
SessionStep supervisor_session_tick(Session *session, Moment moment, bool is_cancelled);

/* Says whether the outcome is known, or what it will be when the worker is gone. */
static inline bool supervisor_session_is_decided(const Session *session) {
  return session->state == SESSION_OVER || session->stop != CODE_OK;
}

/* The channel failed: `status` says how.  STEP_OVER is never returned. */
void supervisor_session_broke(Session *session, Status status);

/* The worker is gone: `how` is CLD_EXITED, CLD_KILLED or CLD_DUMPED with its
 * status or signal, or 0 when nobody knows.  An outcome that is known stays. */
void supervisor_session_died(Session *session, int how, int status);

#endif
