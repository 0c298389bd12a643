/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ring - frames through shared memory, between honest ends and against liars. */
#define _GNU_SOURCE /* pipe2 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "tests/check_main.h"
#include "tests/ipc/pair.h"

typedef struct {
  Pair pair;
  RingPair *rings;
  uint8_t frame[RING_BYTES];
} Ringed;

static void open_ringed(Ringed *r, uint32_t spins, bool worker_blocks) {
  memset(r, 0, sizeof *r);
  pair_open(&r->pair, 1 << 20, worker_blocks);
  r->rings = aligned_alloc(64, sizeof *r->rings);
  memset(r->rings, 0, sizeof *r->rings);
  ck_assert_int_eq(ipc_channel_use_ring(&r->pair.supervisor, r->rings), ST_OK);
  ipc_sealed_use_ring(&r->pair.worker, r->rings, r->frame);
  r->pair.supervisor.spin_rounds = r->pair.worker.spin_rounds = spins;
}

static void close_ringed(Ringed *r) {
  pair_close(&r->pair);
  free(r->rings);
}

/* In the middle of run 1, by ring. */
static void start_run(Ringed *r) {
  pair_start_run(&r->pair);
  r->pair.supervisor.is_by_ring = true;
  ipc_sealed_begin(&r->pair.worker, true);
}

/* --- The ring alone --- */

START_TEST(frames_of_every_size_come_out_as_they_went_in) {
  Ring *ring = aligned_alloc(64, sizeof *ring);
  memset(ring, 0, sizeof *ring);
  RingWriter writer = {.ring = ring};
  RingReader reader = {.ring = ring};
  static uint8_t in[RING_BYTES], out[RING_BYTES];
  uint32_t size;
  srand(7);
  for (int i = 0; i < 50000; i++) {
    uint32_t wanted = 1 + (uint32_t)rand() % (RING_BYTES - 24);
    for (uint32_t j = 0; j < wanted; j += 97) in[j] = (uint8_t)rand();
    ck_assert_int_eq(ipc_ring_put(&writer, in, wanted), RING_PUT);
    ck_assert_int_eq(ipc_ring_next(&reader, &size), ST_OK);
    ck_assert_uint_eq(size, wanted);
    ipc_ring_fetch(&reader, out, size);
    ck_assert_mem_eq(in, out, size);
    ck_assert_int_eq(ipc_ring_next(&reader, &size), ST_WOULD_BLOCK);
  }
  /* The next run finds nothing of this one. */
  for (uint32_t i = 0; i < RING_BYTES; i++) ck_assert_uint_eq(ring->data[i], 0);
  free(ring);
}
END_TEST

START_TEST(what_does_not_fit_goes_by_pipe_and_a_full_ring_is_given_up) {
  Ring *ring = aligned_alloc(64, sizeof *ring);
  memset(ring, 0, sizeof *ring);
  RingWriter writer = {.ring = ring};
  RingReader reader = {.ring = ring};
  static uint8_t bytes[2 * RING_BYTES];
  uint32_t size;
  ck_assert_int_eq(ipc_ring_put(&writer, bytes, 2 * RING_BYTES), RING_USE_PIPE);
  ck_assert_int_eq(ipc_ring_put(&writer, bytes, 100), RING_PUT);
  ck_assert(ipc_ring_next(&reader, &size) == ST_OK && size == 0);
  ck_assert(ipc_ring_next(&reader, &size) == ST_OK && size == 0); /* until it is taken */
  ipc_ring_taken_from_pipe(&reader);
  ck_assert(ipc_ring_next(&reader, &size) == ST_OK && size == 100);
  ipc_ring_fetch(&reader, bytes, size);
  int put = 0;
  while (ipc_ring_put(&writer, bytes, 1000) == RING_PUT) put++;
  ck_assert_int_ge(put, 15);
  while (!writer.is_given_up) ck_assert_int_eq(ipc_ring_put(&writer, bytes, 1000), RING_USE_PIPE);
  int by_ring = 0, by_pipe = 0;
  while (!reader.is_given_up) {
    ck_assert_int_eq(ipc_ring_next(&reader, &size), ST_OK);
    if (size != 0) ipc_ring_fetch(&reader, bytes, size), by_ring++;
    else ipc_ring_taken_from_pipe(&reader), by_pipe++;
  }
  ck_assert_int_eq(by_ring, put);
  ck_assert_int_ge(by_pipe, 1);
  ck_assert_int_eq(ipc_ring_put(&writer, bytes, 10), RING_USE_PIPE);
  ipc_ring_renew_writer(&writer);
  ipc_ring_renew_reader(&reader);
  ck_assert_int_eq(ipc_ring_put(&writer, bytes, 10), RING_PUT);
  ck_assert(ipc_ring_next(&reader, &size) == ST_OK && size == 10);
  free(ring);
}
END_TEST

START_TEST(a_reader_that_sleeps_is_woken_by_pipe) {
  Ring *ring = aligned_alloc(64, sizeof *ring);
  memset(ring, 0, sizeof *ring);
  RingWriter writer = {.ring = ring};
  RingReader reader = {.ring = ring};
  uint8_t bytes[64] = {1};
  ck_assert(ipc_ring_doze(&reader));
  ck_assert_int_eq(ipc_ring_put(&writer, bytes, 64), RING_USE_PIPE);
  ck_assert(!ipc_ring_doze(&reader)); /* there is news */
  ck_assert_uint_eq(atomic_load(&ring->sleeps), 0);
  free(ring);
}
END_TEST

/* --- Liars --- */

/* The worker's words in the ring, as raw memory. */
static void lie_in_ring(Ringed *r, uint32_t kind, uint32_t head) {
  Ring *ring = &r->rings->to_supervisor;
  memcpy(ring->data, &kind, sizeof kind);
  atomic_store(&ring->head, head);
}

START_TEST(a_position_or_a_size_that_cannot_be_is_a_violation) {
  static const struct {
    uint32_t kind, head;
  } lies[] = {{100, 4},     {100, RING_BYTES + 8}, {100, UINT32_MAX}, {100, 50},         {0, 64},
              {3, 16},      {RING_BYTES + 1, 64},  {0x80000000, 64},  {0xfffffff4, 64}, {0xffffffff, 64}};
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    Ringed r;
    Frame frame;
    open_ringed(&r, 0, false);
    start_run(&r);
    lie_in_ring(&r, lies[i].kind, lies[i].head);
    Status status = ipc_channel_try_receive(&r.pair.supervisor, &frame);
    ck_assert_msg(ipc_protocol_is_violation(status), "%zu: %s", i, policy_status_text(status));
    close_ringed(&r);
  }
}
END_TEST

START_TEST(a_frame_in_the_ring_is_judged_like_any_other) {
  Ringed r;
  Frame frame;
  uint8_t bytes[FRAME_HEADER_BYTES + 8] = {0};
  const FrameHeader lies[] = {{8, FRAME_VERSION, MESSAGE_RESULT, 9, 0}, {8, FRAME_VERSION, MESSAGE_RESULT, 1, 3},
                              {8, FRAME_VERSION, MESSAGE_RUN, 1, 0},    {4, FRAME_VERSION, MESSAGE_RESULT, 1, 0},
                              {9, FRAME_VERSION, MESSAGE_RESULT, 1, 0}, {8, FRAME_VERSION + 1, MESSAGE_RESULT, 1, 0}};
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    open_ringed(&r, 0, false);
    start_run(&r);
    ipc_frame_store(bytes, &lies[i]);
    ck_assert_int_eq(ipc_ring_put(&r.pair.worker.ring_out, bytes, sizeof bytes), RING_PUT);
    Status status = ipc_channel_try_receive(&r.pair.supervisor, &frame);
    ck_assert_msg(status != ST_OK && status != ST_WOULD_BLOCK, "%zu", i);
    close_ringed(&r);
  }
}
END_TEST

START_TEST(bells_without_end_do_not_keep_the_supervisor_from_the_clock) {
  Ringed r;
  Frame frame;
  open_ringed(&r, 0, false);
  start_run(&r);
  Ring *ring = &r.rings->to_supervisor;
  const uint32_t bell = 0xfffffff3;
  for (uint32_t at = 0; at < RING_BYTES; at += 8) memcpy(ring->data + at, &bell, 4);
  uint32_t rounds = 0;
  for (; rounds < 1000; rounds++) {
    atomic_store(&ring->head, atomic_load(&ring->tail) + RING_BYTES);
    ck_assert_int_eq(ipc_channel_try_receive(&r.pair.supervisor, &frame), ST_WOULD_BLOCK);
  }
  ck_assert_uint_eq(r.pair.supervisor.ring_in.bells, rounds * 64);
  close_ringed(&r);
}
END_TEST

START_TEST(bytes_that_nothing_announced_are_a_violation) {
  Ringed r;
  Frame frame;
  open_ringed(&r, 0, false);
  start_run(&r);
  ck_assert_int_eq(write(r.pair.worker.write_fd, "x", 1), 1);
  ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(2000), &frame), ST_PROTOCOL);
  close_ringed(&r);
}
END_TEST

/* In the middle of a run by pipe, when the one before was by ring. */
static void change_to_pipe(Ringed *r) {
  start_run(r);
  r->pair.supervisor.is_by_ring = false;
  r->pair.supervisor.is_unsettled = true;
  ipc_sealed_begin(&r->pair.worker, false);
}

START_TEST(a_bell_of_the_run_before_is_no_part_of_a_frame) {
  Ringed r;
  Frame frame;
  LogMessage log = {.level = 2, .text = ipc_bytes_text("by pipe")};
  const uint32_t bell = 0xfffffff3;
  open_ringed(&r, 0, false);
  change_to_pipe(&r);
  lie_in_ring(&r, bell, 8);
  ck_assert_int_eq(ipc_channel_try_receive(&r.pair.supervisor, &frame), ST_WOULD_BLOCK);
  ck_assert_int_eq(write(r.pair.worker.write_fd, "", 1), 1);
  ck_assert_int_eq(ipc_channel_try_receive(&r.pair.supervisor, &frame), ST_WOULD_BLOCK);
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(ipc_sealed_send(&r.pair.worker, MESSAGE_LOG, &log), ST_OK);
    ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(2000), &frame), ST_OK);
    ck_assert_int_eq(frame.type, MESSAGE_LOG);
  }
  close_ringed(&r);
}
END_TEST

START_TEST(a_frame_in_the_ring_of_a_run_by_pipe_is_a_violation) {
  Ringed r;
  Frame frame;
  LogMessage log = {.level = 2, .text = ipc_bytes_text("by pipe")};
  open_ringed(&r, 0, false);
  change_to_pipe(&r);
  lie_in_ring(&r, 100, 112);
  ck_assert_int_eq(ipc_sealed_send(&r.pair.worker, MESSAGE_LOG, &log), ST_OK);
  ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(2000), &frame), ST_PROTOCOL);
  close_ringed(&r);
}
END_TEST

START_TEST(a_worker_that_dies_is_noticed_and_what_it_said_before_counts) {
  Ringed r;
  Frame frame;
  LogMessage log = {.level = 2, .text = ipc_bytes_text("last words")};
  open_ringed(&r, 0, false);
  start_run(&r);
  ck_assert_int_eq(ipc_sealed_send(&r.pair.worker, MESSAGE_LOG, &log), ST_OK);
  pair_close_worker(&r.pair);
  ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(2000), &frame), ST_OK);
  ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(2000), &frame), ST_CLOSED);
  close_ringed(&r);
}
END_TEST

START_TEST(silence_ends_at_the_deadline) {
  for (uint32_t spins = 0; spins <= 100; spins += 100) {
    Ringed r;
    Frame frame;
    open_ringed(&r, spins, false);
    start_run(&r);
    uint64_t before = ipc_channel_now();
    ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(30), &frame), ST_TIMED_OUT);
    ck_assert_uint_ge(ipc_channel_now() - before, 30000000);
    close_ringed(&r);
  }
}
END_TEST

START_TEST(a_reader_that_lies_about_its_position_gets_the_pipe) {
  Ringed r;
  uint8_t bytes[32] = {0};
  open_ringed(&r, 0, false);
  atomic_store(&r.rings->to_worker.tail, 12345);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq(ipc_ring_put(&r.pair.supervisor.ring_out, bytes, sizeof bytes), RING_USE_PIPE);
  close_ringed(&r);
}
END_TEST

/* --- Conversations --- */

static void dawdle(unsigned *seed) {
  struct timespec pause = {0, 1000 * (rand_r(seed) % 100)};
  switch (rand_r(seed) % 8) {
    case 0: nanosleep(&pause, NULL); break;
    case 1: sched_yield(); break;
    default: break;
  }
}

/* Sizes around every limit: tiny, what fills the ring, what no ring holds. */
static uint32_t draw_size(unsigned *seed) {
  switch (rand_r(seed) % 6) {
    case 0: return (uint32_t)rand_r(seed) % (40 << 10);
    case 1: return 12000 + (uint32_t)rand_r(seed) % 5000;
    default: return (uint32_t)rand_r(seed) % 300;
  }
}

static Status talk(SealedChannel *channel, unsigned *seed, uint8_t *text) {
  Status status = ST_OK;
  for (int i = rand_r(seed) % 30; i > 0 && status == ST_OK; i--) {
    LogMessage log = {.level = (uint32_t)(i & 3), .text = ipc_bytes_view(text, draw_size(seed))};
    status = ipc_sealed_send(channel, MESSAGE_LOG, &log);
    dawdle(seed);
  }
  for (int i = rand_r(seed) % 5; i > 0 && status == ST_OK; i--) {
    Frame reply;
    ByteWriter body = ipc_sealed_body(channel);
    ipc_message_put_arg(&body, ipc_bytes_view(text, draw_size(seed)));
    CallMessage rest = {.resp = 2};
    status = ipc_message_end_call(&body, MESSAGE_CALL, &rest);
    if (status == ST_OK) status = ipc_sealed_flush(channel, MESSAGE_CALL, &body);
    if (status == ST_OK) status = ipc_sealed_receive(channel, &reply);
    if (status == ST_OK && reply.type != MESSAGE_REPLY) status = ST_PROTOCOL;
    dawdle(seed);
  }
  return status;
}

static Status serve(Ringed *r) {
  SealedChannel *channel = &r->pair.worker;
  HelloMessage hello = {.protocol = FRAME_VERSION, .build_id = ipc_bytes_text("t"), .arena_bytes = 1, .frame_bytes = 1 << 20};
  unsigned seed = 11;
  static uint8_t text[64 << 10];
  memset(text, 'x', sizeof text);
  Status status = ipc_sealed_send(channel, MESSAGE_HELLO, &hello);
  while (status == ST_OK) {
    Frame frame;
    RunMessage run;
    status = ipc_sealed_receive(channel, &frame);
    if (status == ST_OK) status = ipc_message_decode(frame.type, frame.body, &run);
    if (status != ST_OK) break;
    channel->is_apart = (run.flags & RUN_APART) != 0;
    ipc_sealed_begin(channel, (run.flags & RUN_BY_RING) != 0);
    status = talk(channel, &seed, text);
    ResultMessage result = {.tokens = ipc_bytes_text("\x01")};
    if (status == ST_OK) status = ipc_sealed_send(channel, MESSAGE_RESULT, &result);
  }
  return status;
}

static void *serve_thread(void *ringed) { return (void *)(uintptr_t)serve(ringed); }

/* One run to its end; returns the frames that it took. */
static int converse(Channel *channel, unsigned *seed) {
  static uint8_t data[64 << 10];
  RunMessage run = pair_run(ipc_bytes_text("x"));
  if (channel->protocol.generation != 0) ck_assert(ipc_channel_is_quiet(channel));
  run.flags = (rand_r(seed) % 2 == 0 ? RUN_APART : 0) | (rand_r(seed) % 3 != 0 ? RUN_BY_RING : 0);
  ck_assert_int_eq(ipc_channel_send(channel, MESSAGE_RUN, &run, pair_in(20000)), ST_OK);
  for (int frames = 1;; frames++) {
    Frame frame;
    if (frames == 1) ck_assert(!ipc_channel_is_quiet(channel)); /* it runs */
    ck_assert_int_eq(ipc_channel_receive(channel, pair_in(20000), &frame), ST_OK);
    dawdle(seed);
    if (frame.type == MESSAGE_RESULT) return frames;
    if (frame.type != MESSAGE_CALL) continue;
    ReplyMessage reply = {.kind = REPLY_DATA, .data = ipc_bytes_view(data, 1 + draw_size(seed))};
    Status sent = ipc_channel_send(channel, MESSAGE_REPLY, &reply, pair_in(20000));
    ck_assert_msg(sent == ST_OK, "%s: %zu bytes", policy_status_text(sent), reply.data.size);
  }
}

/* The protocol counts every frame, so one that is lost, doubled or overtaken breaks it. */
START_TEST(thousands_of_frames_arrive_in_order_however_the_two_dawdle) {
  for (uint32_t spins = 0; spins <= RING_ROUNDS; spins += RING_ROUNDS / 2) {
    for (int blocks = 0; blocks <= 1; blocks++) {
      Ringed r;
      Frame frame;
      pthread_t thread;
      void *end;
      unsigned seed = 3;
      open_ringed(&r, spins, blocks);
      ck_assert_int_eq(pthread_create(&thread, NULL, serve_thread, &r), 0);
      ck_assert_int_eq(ipc_channel_receive(&r.pair.supervisor, pair_in(20000), &frame), ST_OK);
      int frames = 0;
      for (int i = 0; i < 300; i++) frames += converse(&r.pair.supervisor, &seed);
      ck_assert_int_gt(frames, 3000);
      ck_assert(ipc_channel_is_quiet(&r.pair.supervisor)); /* a last bell may be on its way */
      ck_assert_uint_gt(r.pair.supervisor.ring_in.tail, RING_BYTES); /* it was used, and wrapped */
      close(r.pair.supervisor.write_fd);
      r.pair.supervisor.write_fd = -1;
      pthread_join(thread, &end);
      ck_assert_int_eq((int)(uintptr_t)end, ST_CLOSED);
      close_ringed(&r);
    }
  }
}
END_TEST

SUITE("ipc ring", frames_of_every_size_come_out_as_they_went_in,
      what_does_not_fit_goes_by_pipe_and_a_full_ring_is_given_up, a_reader_that_sleeps_is_woken_by_pipe,
      a_position_or_a_size_that_cannot_be_is_a_violation, a_frame_in_the_ring_is_judged_like_any_other,
      bells_without_end_do_not_keep_the_supervisor_from_the_clock, bytes_that_nothing_announced_are_a_violation,
      a_bell_of_the_run_before_is_no_part_of_a_frame, a_frame_in_the_ring_of_a_run_by_pipe_is_a_violation,
      a_worker_that_dies_is_noticed_and_what_it_said_before_counts, silence_ends_at_the_deadline,
      a_reader_that_lies_about_its_position_gets_the_pipe,
      thousands_of_frames_arrive_in_order_however_the_two_dawdle)
