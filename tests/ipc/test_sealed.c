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
    ByteWriter body;
    do {
      body = ipc_sealed_body(channel);
      ipc_message_put_arg(&body, ipc_bytes_text("ECHO"));
      ipc_message_put_arg(&body, source);
      CallMessage rest = {.resp = 2};
      status = ipc_message_end_call(&body, MESSAGE_CALL, &rest);
    } while (status == ST_NO_ROOM && ipc_sealed_make_room(channel) == ST_OK);
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
    ipc_sealed_narrow(channel);
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

/* With `small` other than 0 the worker begins with so much memory, and has the large one for the rest. */
static void converse_within(bool worker_blocks, uint32_t spin_rounds, size_t small) {
  Pair pair;
  pthread_t thread;
  uint8_t *source = malloc(BIG), *large = malloc(BIG * 4);
  memset(source, 's', BIG);
  pair_open(&pair, small != 0 ? small : BIG * 2, worker_blocks);
  if (small != 0)
    ipc_sealed_use_large(&pair.worker, (SealedMemory){large, BIG * 2}, (SealedMemory){large + BIG * 2, BIG * 2});
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
  ck_assert(!ipc_sealed_is_wide_in(&pair.worker) && !ipc_sealed_is_wide_out(&pair.worker));
  pair_close(&pair);
  free(source);
  free(large);
}

static void converse(bool worker_blocks, uint32_t spin_rounds) { converse_within(worker_blocks, spin_rounds, 0); }

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

START_TEST(a_conversation_that_outgrows_the_small_memory_and_goes_back_to_it) {
  converse_within(true, 0, 128);
  converse_within(false, 0, 1000);
}
END_TEST

/* The first post waits in the small memory when the second needs the large one. */
START_TEST(frames_that_wait_move_to_the_large_memory_and_keep_their_order) {
  Pair pair;
  static uint8_t text[200], large[2048];
  pair_open(&pair, 128, false);
  pair_start_run(&pair);
  ipc_sealed_use_large(&pair.worker, (SealedMemory){large, 1024}, (SealedMemory){large + 1024, 1024});
  for (size_t size = 20; size <= 200; size += 180) {
    memset(text, (int)size, sizeof text);
    ByteWriter body;
    do {
      CallMessage rest = {.resp = 2};
      body = ipc_sealed_body(&pair.worker);
      ipc_message_put_arg(&body, ipc_bytes_view(text, size));
      if (ipc_message_end_call(&body, MESSAGE_POST, &rest) == ST_OK) break;
    } while (ipc_sealed_make_room(&pair.worker) == ST_OK);
    ck_assert_int_eq(ipc_sealed_queue(&pair.worker, MESSAGE_POST, &body), ST_OK);
  }
  ck_assert(ipc_sealed_is_wide_out(&pair.worker));
  ipc_sealed_narrow(&pair.worker); /* not while frames wait in it */
  ck_assert(ipc_sealed_is_wide_out(&pair.worker));
  ck_assert_int_eq(ipc_sealed_push(&pair.worker), ST_OK);
  for (size_t size = 20; size <= 200; size += 180) {
    CallMessage call;
    ByteView element;
    Frame frame = receive(&pair.supervisor, MESSAGE_POST);
    ck_assert_int_eq(ipc_message_decode(frame.type, frame.body, &call), ST_OK);
    ByteListCursor cursor = ipc_codec_walk(&call.argv);
    ck_assert(ipc_codec_next(&cursor, &element) && element.size == size && element.data[size - 1] == size);
  }
  pair_close(&pair);
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
      a_conversation_that_outgrows_the_small_memory_and_goes_back_to_it,
      frames_that_wait_move_to_the_large_memory_and_keep_their_order,
      a_message_that_does_not_fit_is_not_sent_and_another_may_be,
      a_run_larger_than_the_buffer_is_no_room_not_an_overrun,
      a_supervisor_that_dies_at_any_byte_is_noticed, writing_to_a_supervisor_that_is_gone_fails,
      the_raw_calls_return_the_negative_error_number)
