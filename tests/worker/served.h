/* SPDX-License-Identifier: BSD-2-Clause */
/* served - the real worker, spoken to frame by frame, without the supervisor.
 * The including file defines _GNU_SOURCE first. */
#ifndef TESTS_WORKER_SERVED_H
#define TESTS_WORKER_SERVED_H

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "harness.h"
#include "ipc/channel.h"
#include "ipc/stop.h"
#include "ipc/token.h"
#include "policy/limits.h"

#define WORKER FERROUS_TEST_BIN_DIR "/ferrous-sandbox-worker"

static const HarnessOptions served_plain = {.program = WORKER, .memory = 16 << 20};

/* A worker and the frames to it. */
typedef struct {
  Harness zygote;
  HarnessWorker worker;
  Channel channel;
  Frame last;
  HelloMessage hello;
  StopPage *stop;
} Served;

static inline uint64_t soon(void) { return ipc_channel_now() + UINT64_C(60000000000); }

static inline void receive(Served *s, MessageType type, void *ret_message) {
  Status status = ipc_channel_receive(&s->channel, soon(), &s->last);
  ck_assert_msg(status == ST_OK, "%s", policy_status_text(status));
  ck_assert_msg(s->last.type == type, "%s instead of %s", ipc_message_name(s->last.type), ipc_message_name(type));
  ck_assert_int_eq(ipc_message_decode(type, s->last.body, ret_message), ST_OK);
}

static inline void start(Served *s) {
  signal(SIGPIPE, SIG_IGN);
  harness_start(&s->zygote, &served_plain);
  ck_assert_msg(s->zygote.report.accepted == 1, "%s", s->zygote.report.detail);
  s->worker = harness_spawn(&s->zygote);
  s->stop = mmap(NULL, sizeof *s->stop, PROT_READ | PROT_WRITE, MAP_SHARED, s->worker.stop, 0);
  ck_assert(s->stop != MAP_FAILED);
  ck_assert_int_eq(ipc_channel_open(&s->channel, s->worker.reply, s->worker.request), ST_OK);
  s->worker.reply = s->worker.request = -1;
  receive(s, MESSAGE_HELLO, &s->hello);
}

static inline ZygoteExited stop(Served *s) {
  ipc_channel_close(&s->channel);
  ZygoteExited end = harness_wait(&s->zygote, &s->worker);
  munmap(s->stop, sizeof *s->stop);
  ck_assert_int_eq(harness_stop(&s->zygote), 0);
  return end;
}

static inline RunMessage request_for(const char *source) {
  return (RunMessage){.source = ipc_bytes_text(source),
                      .chunk_name = ipc_bytes_text("@user_script"),
                      .instructions = 100000000,
                      .memory_bytes = 8 << 20,
                      .log_bytes = 4096,
                      .reply_bytes = 1 << 20,
                      .reply_depth = 128,
                      .resp = 2,
                      .random_state = 1};
}

static inline void run(Served *s, const RunMessage *request) {
  Status status = ipc_channel_send(&s->channel, MESSAGE_RUN, request, soon());
  ck_assert_msg(status == ST_OK, "%s", policy_status_text(status));
}

/* Renders the result of a run as RESP. */
static inline const char *result_of(Served *s) {
  static char text[4096];
  static NestingRoom room;
  ResultMessage result;
  receive(s, MESSAGE_RESULT, &result);
  ck_assert_int_eq(ipc_token_check(result.tokens, 128, &room), ST_OK);
  ByteWriter w = ipc_bytes_writer((uint8_t *)text, sizeof text - 1);
  ck_assert_int_eq(ipc_token_render(result.tokens, 2, &w), ST_OK);
  ck_assert(ipc_bytes_fits(&w));
  text[w.used] = '\0';
  return text;
}

static inline void expect(Served *s, const char *source, const char *resp) {
  RunMessage request = request_for(source);
  run(s, &request);
  const char *got = result_of(s);
  ck_assert_msg(strcmp(got, resp) == 0, "%s: %s", source, got);
}

static inline LimitMessage expect_limit(Served *s, const RunMessage *request, LimitId id) {
  LimitMessage limit;
  run(s, request);
  receive(s, MESSAGE_LIMIT, &limit);
  ck_assert_uint_eq(limit.limit, (unsigned)id + 1);
  return limit;
}

static inline void answer(Served *s, const ReplyMessage *reply) {
  ck_assert_int_eq(ipc_channel_send(&s->channel, MESSAGE_REPLY, reply, soon()), ST_OK);
}

#endif
