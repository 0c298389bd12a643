/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sealed - the worker's end, in conversation with the supervisor's. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <pthread.h>

#include "ipc/io.h"
#include "tests/ipc/pair.h"
#include "tests/check_main.h"

#define BIG (3u << 20) /* well above a pipe's capacity */

/* --- A worker that answers: per run one log, calls that return their argument,
 *     a result that repeats the script --- */

static Status answer_run(SealedChannel *channel, const Frame *frame, uint8_t *copy) {
  RunMessage run;
  Status status = ipc_message_decode(MESSAGE_RUN, frame->body, &run);
  if (status != ST_OK) return status;
  /* The next receive overwrites the views. */
  memcpy(copy, run.source.data, run.source.size);
  ByteView source = ipc_bytes_view(copy, run.source.size);
  LogMessage log = {.level = 2, .text = ipc_bytes_text("hello")};
  status = ipc_sealed_send(channel, MESSAGE_LOG, &log);
  for (int i = 0; i < 3 && status == ST_OK; i++) {
    ByteWriter body = ipc_sealed_body(channel);
    ipc_message_put_arg(&body, ipc_bytes_text("ECHO"));
    ipc_message_put_arg(&body, source);
    CallMessage rest = {.resp = 2};
    status = ipc_message_end_call(&body, MESSAGE_CALL, &rest);
    if (status == ST_OK) status = ipc_sealed_flush(channel, MESSAGE_CALL, &body);
    Frame reply;
    if (status == ST_OK) status = ipc_sealed_receive(channel, &reply);
    if (status == ST_OK && reply.type != MESSAGE_REPLY) status = ST_PROTOCOL;
  }
  ResultMessage result = {.tokens = source};
  return status == ST_OK ? ipc_sealed_send(channel, MESSAGE_RESULT, &result) : status;
}

static Status serve(SealedChannel *channel) {
  HelloMessage hello = {.protocol = FRAME_VERSION,
                        .build_id = ipc_bytes_text("test"),
                        .arena_bytes = 1,
                        .frame_bytes = BIG * 2};
  Status status = ipc_sealed_send(channel, MESSAGE_HELLO, &hello);
  uint8_t *copy = malloc(BIG);
  while (status == ST_OK) {
    Frame frame;
    status = ipc_sealed_receive(channel, &frame);
    if (status == ST_OK) status = answer_run(channel, &frame, copy);
  }
  free(copy);
  return status;
}

static void *serve_thread(void *pair) {
  return (void *)(uintptr_t)serve(&((Pair *)pair)->worker);
}

static Frame receive(Channel *channel, MessageType type) {
  Frame frame;
  ck_assert_int_eq(ipc_channel_receive(channel, pair_in(20000), &frame), ST_OK);
  ck_assert_int_eq(frame.type, type);
  return frame;
}

static void check_run(Channel *channel, ByteView source) {
  RunMessage run = pair_run(source);
  ck_assert_int_eq(ipc_channel_send(channel, MESSAGE_RUN, &run, pair_in(20000)), ST_OK);
  receive(channel, MESSAGE_LOG);
  for (int i = 0; i < 3; i++) {
    Frame frame = receive(channel, MESSAGE_CALL);
    CallMessage call;
    ck_assert_int_eq(ipc_message_decode(frame.type, frame.body, &call), ST_OK);
    ck_assert_uint_eq(call.argv.count, 2);
    ByteListCursor cursor = ipc_codec_walk(&call.argv);
    ByteView element;
    ck_assert(ipc_codec_next(&cursor, &element) && ipc_codec_next(&cursor, &element));
    ck_assert(ipc_bytes_is_equal(element, source));
    ReplyMessage reply = {.kind = REPLY_DATA, .data = source};
    ck_assert_int_eq(ipc_channel_send(channel, MESSAGE_REPLY, &reply, pair_in(20000)), ST_OK);
  }
  Frame frame = receive(channel, MESSAGE_RESULT);
  ResultMessage result;
  ck_assert_int_eq(ipc_message_decode(frame.type, frame.body, &result), ST_OK);
  ck_assert(ipc_bytes_is_equal(result.tokens, source));
}

static void converse(bool worker_blocks, uint32_t spin_rounds) {
  Pair pair;
  pthread_t thread;
  uint8_t *source = malloc(BIG);
  memset(source, 's', BIG);
  pair_open(&pair, BIG * 2, worker_blocks);
  pair.worker.spin_rounds = pair.supervisor.spin_rounds = spin_rounds;
  ck_assert_int_eq(pthread_create(&thread, NULL, serve_thread, &pair), 0);
  receive(&pair.supervisor, MESSAGE_HELLO);
  for (uint32_t size = 1; size <= BIG; size *= 7) {
    check_run(&pair.supervisor, ipc_bytes_view(source, size));
  }
  check_run(&pair.supervisor, ipc_bytes_view(source, BIG));
  ipc_channel_trim(&pair.supervisor);
  check_run(&pair.supervisor, ipc_bytes_view(source, 1));
  ipc_channel_close(&pair.supervisor);
  void *ended;
  pthread_join(thread, &ended);
  ck_assert_int_eq((Status)(uintptr_t)ended, ST_CLOSED);
  pair_close(&pair);
  free(source);
}

START_TEST(a_conversation_over_blocking_pipes_with_frames_above_the_pipe_size) {
  converse(true, 0);
}
END_TEST

START_TEST(a_conversation_over_non_blocking_pipes) {
  converse(false, 0);
}
END_TEST

START_TEST(a_conversation_with_spinning) {
  converse(false, 100);
}
END_TEST

START_TEST(a_message_that_does_not_fit_is_not_sent_and_another_may_be) {
  Pair pair;
  pair_open(&pair, 128, false);
  pair_start_run(&pair);
  static const uint8_t text[200];
  ErrorMessage error = {.text = ipc_bytes_view(text, sizeof text)};
  ck_assert_int_eq(ipc_sealed_send(&pair.worker, MESSAGE_ERROR, &error), ST_NO_ROOM);
  error.text.size = 20;
  ck_assert_int_eq(ipc_sealed_send(&pair.worker, MESSAGE_ERROR, &error), ST_OK);
  Frame frame = receive(&pair.supervisor, MESSAGE_ERROR);
  ck_assert_int_eq(ipc_message_decode(frame.type, frame.body, &error), ST_OK);
  ck_assert_uint_eq(error.text.size, 20);
  pair_close(&pair);
}
END_TEST

START_TEST(a_run_larger_than_the_buffer_is_no_room_not_an_overrun) {
  Pair pair;
  pair_open(&pair, 128, false);
  pair.supervisor.protocol.state = pair.worker.protocol.state = WIRE_IDLE;
  static const uint8_t text[200];
  RunMessage run = pair_run(ipc_bytes_view(text, sizeof text));
  ck_assert_int_eq(ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(1000)), ST_OK);
  Frame frame;
  ck_assert_int_eq(ipc_sealed_receive(&pair.worker, &frame), ST_NO_ROOM);
  pair_close(&pair);
}
END_TEST

START_TEST(a_supervisor_that_dies_at_any_byte_is_noticed) {
  uint8_t bytes[256];
  RunMessage run = pair_run(ipc_bytes_text("return 1"));
  ByteWriter body = ipc_bytes_writer(bytes + FRAME_HEADER_BYTES, sizeof bytes - FRAME_HEADER_BYTES);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_RUN, &run, &body), ST_OK);
  FrameHeader header = {(uint32_t)body.used, FRAME_VERSION, MESSAGE_RUN, 1, 0};
  ipc_frame_store(bytes, &header);
  size_t whole = FRAME_HEADER_BYTES + body.used;
  for (size_t cut = 0; cut <= whole; cut++) {
    Pair pair;
    Frame frame;
    pair_open(&pair, 512, cut % 2 == 0);
    pair.worker.protocol.state = WIRE_IDLE;
    ck_assert_int_eq(write(pair.supervisor.write_fd, bytes, cut), (ssize_t)cut);
    ipc_channel_close(&pair.supervisor);
    Status expected = cut == whole ? ST_OK : cut == 0 ? ST_CLOSED : ST_TRUNCATED;
    ck_assert_int_eq(ipc_sealed_receive(&pair.worker, &frame), expected);
    pair_close(&pair);
  }
}
END_TEST

START_TEST(writing_to_a_supervisor_that_is_gone_fails) {
  Pair pair;
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  ipc_channel_close(&pair.supervisor);
  LogMessage log = {.text = ipc_bytes_text("x")};
  ck_assert_int_eq(ipc_sealed_send(&pair.worker, MESSAGE_LOG, &log), ST_CLOSED);
  pair_close(&pair);
}
END_TEST

START_TEST(the_raw_calls_return_the_negative_error_number) {
  uint8_t byte;
  ck_assert_int_eq(ipc_io_read(-1, &byte, 1), -EBADF);
  ck_assert_int_eq(ipc_io_write(-1, &byte, 1), -EBADF);
  ck_assert_int_eq(ipc_io_yield(), 0);
}
END_TEST

SUITE("ipc sealed", a_conversation_over_blocking_pipes_with_frames_above_the_pipe_size,
      a_conversation_over_non_blocking_pipes, a_conversation_with_spinning,
      a_message_that_does_not_fit_is_not_sent_and_another_may_be,
      a_run_larger_than_the_buffer_is_no_room_not_an_overrun,
      a_supervisor_that_dies_at_any_byte_is_noticed, writing_to_a_supervisor_that_is_gone_fails,
      the_raw_calls_return_the_negative_error_number)
