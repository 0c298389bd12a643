/* SPDX-License-Identifier: BSD-2-Clause */
/* call - see call.h. */
#include "sandbox/supervisor/call.h"

#include <stdlib.h>
#include <string.h>

#include "policy/error_line.h"
#include "sandbox/supervisor/cancel.h"
#include "sandbox/supervisor/value.h"

/* --- Asking --- */

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
  while (codec_next(&cursor, &item))
    run->argv[count++] = (FsbBytes){(const char *)item.data, item.size};
  *ret_count = count;
  return true;
}

static unsigned call_flags(const Run *run) {
  uint32_t asked = run->session.message.call.flags;
  unsigned flags = 0;
  if ((asked & CALL_PCALL) != 0) flags |= FSB_CALL_PCALL;
  if ((asked & CALL_ACL_CHECK) != 0) flags |= FSB_CALL_ACL_CHECK;
  if ((supervisor_prepare_flags(run) & RUN_READ_ONLY) != 0) flags |= FSB_CALL_READ_ONLY;
  return flags;
}

FsbReply supervisor_call_ask(Run *run, Moment moment) {
  static const char no_store[] = "this run has no data store";
  static const char no_memory[] = "out of memory";
  const FsbHost *host = run->request->host;
  FsbReply reply = {.kind = FSB_REPLY_UNAVAILABLE, .bytes = {no_store, sizeof no_store - 1}};
  FsbCall call = {.argv = NULL,
                  .resp = (int)run->session.message.call.resp,
                  .flags = call_flags(run),
                  .replicate = run->session.message.call.replicate,
                  .deadline = supervisor_session_call_deadline(&run->session),
                  .max_bytes = run->limits.reply_bytes,
                  .cancel_fd = supervisor_cancel_fd(run->request->cancel),
                  .now = moment.now};
  if (host == NULL || host->call == NULL) return reply;
  if (!gather_argv(run, &call.argc)) {
    reply.bytes = (FsbBytes){no_memory, sizeof no_memory - 1};
    return reply;
  }
  call.argv = run->argv;
  host->call(host->context, &call, &reply);
  return reply;
}

/* --- Answers that no worker waits for --- */

/* Makes the script's error of a line of the data store; NULL when memory is out. */
static char *copy_error(ByteView line, size_t *ret_size) {
  ErrorLine split = policy_error_line_split(line.size == 0 ? "" : (const char *)line.data, line.size);
  char *text = malloc(split.code_bytes + 1 + split.message_bytes);
  if (text == NULL) return NULL;
  memcpy(text, split.code, split.code_bytes);
  text[split.code_bytes] = ' ';
  memcpy(text + split.code_bytes + 1, split.message, split.message_bytes);
  *ret_size = split.code_bytes + 1 + split.message_bytes;
  return text;
}

static Status put_value(const Run *run, const FsbReply *answer, ByteWriter *writer) {
  ByteView reply = ipc_bytes_view(answer->bytes.data, answer->bytes.size);
  uint32_t depth = (uint32_t)run->limits.reply_depth;
  if (answer->kind == FSB_REPLY_DATA) return supervisor_value_put(writer, reply, depth, run->pool->scratch);
  supervisor_value_put_error(writer, reply); /* refused, and the call was redis.pcall's */
  return ST_OK;
}

/* Keeps what the script returns; the host's bytes are gone with its next call. */
static void keep_value(Run *run, const FsbReply *answer, uint64_t now) {
  Session *session = &run->session;
  uint64_t room = supervisor_value_room(ipc_bytes_view(answer->bytes.data, answer->bytes.size));
  free(run->value);
  run->value = malloc(room);
  if (run->value == NULL) {
    supervisor_session_give_up(session, CODE_INTERNAL, ipc_bytes_text("out of memory"), now);
    return;
  }
  ByteWriter writer = ipc_bytes_writer(run->value, room);
  Status status = put_value(run, answer, &writer);
  ByteView none = {NULL, 0};
  if (status == ST_OK) session->value = ipc_bytes_written(&writer);
  else if (status == ST_TOO_LARGE) supervisor_session_give_up(session, CODE_LIMIT_REPLY_DEPTH, none, now);
  else supervisor_session_give_up(session, CODE_UNAVAILABLE, ipc_bytes_text("a reply that is not RESP2"), now);
}

static void fail(Run *run, ByteView line, uint64_t now) {
  static const char no_memory[] = "ERR out of memory";
  size_t size = sizeof no_memory - 1;
  run->failure = copy_error(line, &size);
  const char *text = run->failure == NULL ? no_memory : run->failure;
  if (size > run->limits.reply_bytes) size = run->limits.reply_bytes; /* where a worker cuts its errors */
  supervisor_session_fail(&run->session, ipc_bytes_view(text, size), now);
}

/* --- The tape --- */

static void take_note(Run *run, Status status, uint64_t now) {
  Session *session = &run->session;
  if (status == ST_OK) return;
  session->may_guess = false;
  if (status == ST_NO_MEMORY) supervisor_session_give_up(session, CODE_INTERNAL, ipc_bytes_text("out of memory"), now);
}

static void note_guessed(Run *run, const FsbReply *answer, Moment moment) {
  Session *session = &run->session;
  const ByteList *argv = &session->message.call.argv;
  ReplyKind kind = answer->kind == FSB_REPLY_DATA ? REPLY_DATA : REPLY_REFUSED;
  ByteView bytes = ipc_bytes_view(answer->bytes.data, answer->bytes.size);
  bool is_right = supervisor_session_guessed(session, answer, moment);
  if (session->stop != CODE_OK) return;
  run->result->usage.guesses++;
  take_note(run, is_right ? supervisor_tape_add(&run->tape, argv, kind, bytes) : supervisor_tape_end(&run->tape, argv, kind, bytes),
            moment.now);
}

void supervisor_call_answered(Run *run, const FsbReply *answer, Moment moment) {
  Session *session = &run->session;
  supervisor_session_answer(session, answer, moment);
  const ReplyMessage *reply = &session->reply;
  bool is_answer = reply->kind == REPLY_DATA || reply->kind == REPLY_REFUSED;
  if (!session->may_guess || !is_answer) return;
  ByteView bytes = reply->kind == REPLY_DATA ? reply->data : reply->text;
  take_note(run, supervisor_tape_add(&run->tape, &session->message.call.argv, (ReplyKind)reply->kind, bytes), moment.now);
}

void supervisor_call_posted(Run *run, const FsbReply *answer, Moment moment) {
  ByteView line;
  if (run->session.message.call.guess.size != 0) {
    note_guessed(run, answer, moment);
    return;
  }
  supervisor_tape_post(&run->tape);
  if (supervisor_session_posted(&run->session, answer, moment, &line)) fail(run, line, moment.now);
  else if (supervisor_session_wants_value(&run->session))
    keep_value(run, answer, moment.now);
}
