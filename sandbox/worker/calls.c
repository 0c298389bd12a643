/* SPDX-License-Identifier: BSD-2-Clause */
/* calls - host calls of a run: asked, posted, guessed, or played again.  Each function that serves
 * one returns whether the run goes on. */
#include <string.h>

#include "ipc/io.h"
#include "ipc/tape.h"
#include "sandbox/worker/serving.h"
#include "sandbox/zygote_abi.h"

/* Posted calls are kept back for a quantum, or up to so many bytes. */
#define MOST_WAITING ((size_t)16 << 10)

#define LOG_TEXT_MAX 60000 /* a LOG frame ends at 65536 */

static uint32_t flags_of(const VmHostCall *call, MessageType type) {
  bool is_value = type == MESSAGE_POST && call->is_last;
  return (call->protected_call ? CALL_PCALL : 0) | (call->acl_check ? CALL_ACL_CHECK : 0) | (is_value ? CALL_VALUE : 0);
}

/* A run that ends at a posted call has drawn no more numbers than until there. */
static uint64_t chance_of(const Serve *s) {
  uint64_t state = vm_host_random_state(s->vm);
  return state == s->run.random_state ? 0 : state + 1;
}

/* Encodes a call behind the frames that wait, and sends or keeps it with them. */
static Status put_call(Serve *s, MessageType type, const VmHostCall *call, int64_t line, ByteView guess) {
  CallMessage rest = {.resp = call->resp,
                      .flags = flags_of(call, type),
                      .replicate = call->replicate,
                      .line = line,
                      .guess = guess,
                      .chance = type == MESSAGE_POST ? chance_of(s) : 0};
  ByteWriter body = ipc_sealed_body(&s->channel);
  for (uint32_t i = 0; i < call->argc; i++) ipc_message_put_arg(&body, from_vm(call->argv[i]));
  Status status = ipc_message_end_call(&body, type, &rest);
  worker_serve_note_out(s, body.used);
  if (status != ST_OK) return status;
  return type == MESSAGE_POST ? ipc_sealed_queue(&s->channel, type, &body) : ipc_sealed_flush(&s->channel, type, &body);
}

/* Sends a call; false when it is too large, and with it the run over. */
static bool send_call(Serve *s, MessageType type, const VmHostCall *call, int64_t line, ByteView guess) {
  Status status = put_call(s, type, call, line, guess);
  while (status == ST_NO_ROOM && ipc_sealed_make_room(&s->channel) == ST_OK) status = put_call(s, type, call, line, guess);
  s->calls++;
  if (status == ST_NO_ROOM) worker_serve_send_limit(s, wire_limit(LIMIT_ID_arg_bytes));
  else worker_serve_must(status);
  return status == ST_OK;
}

/* Whether the call stands in the run's chunk, and its line; places in other chunks, which the script made
 * itself, the supervisor could not name. */
static bool find_line(const Serve *s, int64_t *ret_line) {
  VmBytes source;
  vm_host_place(s->vm, &source, ret_line);
  return source.size == strlen(s->chunk_name) && memcmp(source.data, s->chunk_name, source.size) == 0;
}

static bool may_post(const Serve *s, const VmHostCall *call) {
  bool is_value = call->is_last && (s->run.flags & RUN_LIBRARY) == 0;
  return (call->may_post || is_value) && (s->run.flags & RUN_MAY_POST) != 0;
}

/* Notes an answer, so that it may be guessed the next time. */
static void note_answer(Serve *s, ByteView answer) { worker_guess_note(&s->guesses, vm_host_site(s->vm), answer); }

static void give_answer(Serve *s, uint32_t kind, ByteView answer) {
  if (kind == REPLY_REFUSED) vm_host_fail(s->vm, to_vm(answer));
  else if (!vm_host_reply(s->vm, to_vm(answer))) ipc_io_exit(WORKER_EXIT_BAD_FRAME);
}

/* Counts what the supervisor puts on its tape. */
static void count_taped(Serve *s, ByteView answer) {
  if (s->may_guess) s->may_guess = ipc_tape_count(&s->taped, answer.size);
}

static bool take_reply(Serve *s, const ReplyMessage *reply) {
  ByteView answer = reply->kind == REPLY_DATA ? reply->data : reply->text;
  switch ((ReplyKind)reply->kind) {
    case REPLY_DATA:
    case REPLY_REFUSED:
      count_taped(s, answer);
      note_answer(s, answer);
      give_answer(s, reply->kind, answer);
      return true;
    case REPLY_LIMIT: worker_serve_send_limit(s, reply->limit); return false;
    case REPLY_STOPPED: worker_serve_send_limit(s, 0); return false;
  }
  ipc_io_exit(WORKER_EXIT_BAD_FRAME);
}

static void push_when_many(Serve *s) {
  if (ipc_sealed_waiting(&s->channel) >= MOST_WAITING) worker_serve_push(s);
}

static bool post(Serve *s, const VmHostCall *call, int64_t line) {
  if (!send_call(s, MESSAGE_POST, call, line, ipc_bytes_view(NULL, 0))) return false;
  if (call->is_last) {
    worker_serve_send_answered(s);
    return false;
  }
  vm_host_posted(s->vm);
  push_when_many(s);
  return true;
}

/* Goes on with a guess; who carries the call out compares. */
static bool bet(Serve *s, const VmHostCall *call, int64_t line, ByteView guess) {
  if (!send_call(s, MESSAGE_POST, call, line, guess)) return false;
  s->is_to_follow = true;
  count_taped(s, guess);
  note_answer(s, guess); /* if it is wrong, the end of the tape tells */
  give_answer(s, REPLY_DATA, guess);
  push_when_many(s);
  return true;
}

static bool ask(Serve *s, const VmHostCall *call) {
  ReplyMessage reply;
  if (!send_call(s, MESSAGE_CALL, call, 0, ipc_bytes_view(NULL, 0))) return false;
  worker_serve_receive(s, MESSAGE_REPLY, &reply);
  return take_reply(s, &reply);
}

static uint64_t digest_of(const VmHostCall *call) {
  uint64_t digest = 0;
  for (uint32_t i = 0; i < call->argc; i++) digest = ipc_tape_digest(digest, from_vm(call->argv[i]));
  return digest;
}

/* Answers a call that was carried out when the run was played before.  One that is not the same would be
 * a fault of the machine: a run is a function of what it is given. */
static void play_again(Serve *s, const VmHostCall *call, bool is_post) {
  TapeEntry entry;
  s->calls++;
  if (is_post) {
    s->posts++;
    vm_host_posted(s->vm);
    return;
  }
  bool is_there = ipc_tape_next(&s->run.tape, &entry) == ST_OK;
  if (!is_there || entry.posts != s->posts || entry.call != digest_of(call)) ipc_io_exit(WORKER_EXIT_STRAYED);
  s->posts = 0;
  if (s->run.tape.size == 0) note_answer(s, entry.bytes); /* the others were noted when the run was played before */
  give_answer(s, entry.kind, entry.bytes);
}

/* What the call is likely to be answered; empty: it is waited for. */
static ByteView find_guess(const Serve *s, const VmHostCall *call) {
  if (!s->may_guess || call->acl_check) return ipc_bytes_view(NULL, 0);
  return worker_guess_find(&s->guesses, vm_host_site(s->vm));
}

static bool serve_redis(Serve *s, const VmHostCall *call) {
  int64_t line = 0;
  bool is_post = may_post(s, call);
  ByteView guess = is_post ? ipc_bytes_view(NULL, 0) : find_guess(s, call);
  bool is_awaited = (!is_post && guess.size == 0) || !find_line(s, &line);
  if (s->run.tape.size != 0) {
    play_again(s, call, is_post && !is_awaited);
    return true;
  }
  if (is_awaited) return ask(s, call);
  return is_post ? post(s, call, line) : bet(s, call, line, guess);
}

static bool serve_log(Serve *s, const VmHostCall *call) {
  uint32_t level = (uint32_t)call->level;
  if (call->argc == 0) return true;
  if (call->argv[0].size > s->run.log_bytes - s->log_bytes) {
    worker_serve_send_limit(s, wire_limit(LIMIT_ID_log_bytes));
    return false;
  }
  s->log_bytes += call->argv[0].size;
  if (s->run.tape.size != 0) return true; /* it was told when the run was played before */
  const LogMessage message = {.level = level, .text = cut(from_vm(call->argv[0]), LOG_TEXT_MAX)};
  worker_serve_say(s, MESSAGE_LOG, &message, message.text.size);
  return true;
}

bool worker_calls_serve(Serve *s) {
  static const char missing[] = "ERR not available in a sandbox";
  const VmHostCall *call = vm_host_call(s->vm);
  if (call->kind == VM_HOST_REDIS) return serve_redis(s, call);
  if (call->kind == VM_HOST_LOG) return serve_log(s, call);
  /* Only the developers' profile asks for more. */
  vm_host_fail(s->vm, (VmBytes){missing, sizeof missing - 1});
  return true;
}
