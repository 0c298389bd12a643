/* SPDX-License-Identifier: BSD-2-Clause */
/* test_channel - the supervisor's end against workers that misbehave. */
#define _GNU_SOURCE /* pipe2 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>

#include "tests/ipc/pair.h"
#include "tests/check_main.h"

/* Writes raw bytes as the worker. */
static void worker_writes(Pair *pair, const void *bytes, size_t size) {
  ck_assert_int_eq(write(pair->worker.write_fd, bytes, size), (ssize_t)size);
}

static void worker_writes_header(Pair *pair, uint32_t length, MessageType type, uint32_t sequence) {
  FrameHeader header = {length, FRAME_VERSION, (uint16_t)type, 1, sequence};
  uint8_t bytes[FRAME_HEADER_BYTES];
  ipc_frame_store(bytes, &header);
  worker_writes(pair, bytes, sizeof bytes);
}

/* A whole log frame as bytes; returns its size. */
static size_t log_frame(uint8_t *bytes, size_t capacity, uint32_t sequence) {
  LogMessage log = {.level = 1, .text = ipc_bytes_text("twelve bytes")};
  ByteWriter body = ipc_bytes_writer(bytes + FRAME_HEADER_BYTES, capacity - FRAME_HEADER_BYTES);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_LOG, &log, &body), ST_OK);
  FrameHeader header = {(uint32_t)body.used, FRAME_VERSION, MESSAGE_LOG, 1, sequence};
  ipc_frame_store(bytes, &header);
  return FRAME_HEADER_BYTES + body.used;
}

START_TEST(silence_ends_at_the_deadline) {
  for (uint32_t spins = 0; spins <= 100; spins += 100) {
    Pair pair;
    Frame frame;
    pair_open(&pair, 512, false);
    pair_start_run(&pair);
    pair.supervisor.spin_rounds = spins;
    uint64_t before = ipc_channel_now();
    ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(30), &frame), ST_TIMED_OUT);
    ck_assert_uint_ge(ipc_channel_now() - before, 30000000);
    ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, 1, &frame), ST_TIMED_OUT);
    pair_close(&pair);
  }
}
END_TEST

START_TEST(half_a_frame_times_out_and_is_kept_until_the_rest_comes) {
  Pair pair;
  Frame frame;
  uint8_t bytes[128];
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  size_t size = log_frame(bytes, sizeof bytes, 0);
  worker_writes(&pair, bytes, size - 5);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(10), &frame), ST_TIMED_OUT);
  worker_writes(&pair, bytes + size - 5, 5);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_OK);
  LogMessage log;
  ck_assert_int_eq(ipc_message_decode(frame.type, frame.body, &log), ST_OK);
  ck_assert(ipc_bytes_is_equal(log.text, ipc_bytes_text("twelve bytes")));
  pair_close(&pair);
}
END_TEST

typedef struct {
  Pair pair;
  long pause; /* nanoseconds between two bytes */
  atomic_bool is_over;
} Trickle;

static void *trickle(void *argument) {
  Trickle *trickle = argument;
  while (!atomic_load(&trickle->is_over)) {
    struct timespec pause = {0, trickle->pause};
    if (write(trickle->pair.worker.write_fd, "x", 1) != 1) sched_yield();
    if (trickle->pause != 0) nanosleep(&pause, NULL);
  }
  return NULL;
}

START_TEST(a_worker_that_trickles_bytes_fast_or_slowly_meets_the_deadline) {
  for (long pause = 0; pause <= 1000000; pause += 1000000) {
    Trickle slow = {.pause = pause};
    Frame frame;
    pthread_t thread;
    pair_open(&slow.pair, 512, false);
    pair_start_run(&slow.pair);
    worker_writes_header(&slow.pair, 67000000, MESSAGE_RESULT, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, trickle, &slow), 0);
    uint64_t before = ipc_channel_now();
    Status status = ipc_channel_receive(&slow.pair.supervisor, pair_in(50), &frame);
    uint64_t took = ipc_channel_now() - before;
    atomic_store(&slow.is_over, true);
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, ST_TIMED_OUT);
    ck_assert_uint_lt(took, UINT64_C(500000000));
    pair_close(&slow.pair);
  }
}
END_TEST

START_TEST(once_the_deadline_has_passed_a_frame_that_keeps_coming_is_not_waited_for) {
  Pair pair;
  Frame frame;
  static const uint8_t flood[60000];
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  worker_writes_header(&pair, 67000000, MESSAGE_RESULT, 0);
  worker_writes(&pair, flood, sizeof flood);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, 1, &frame), ST_TIMED_OUT);
  ck_assert_uint_le(pair.supervisor.in.end, 8192); /* the pipe still holds the rest */
  pair_close(&pair);
}
END_TEST

START_TEST(a_worker_that_never_reads_makes_send_time_out) {
  Pair pair;
  static uint8_t source[1 << 20];
  pair_open(&pair, 512, false);
  pair.supervisor.protocol.state = WIRE_IDLE;
  RunMessage run = pair_run(ipc_bytes_view(source, sizeof source));
  ck_assert_int_eq(ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(20)),
                   ST_TIMED_OUT);
  ck_assert_int_eq(pair.supervisor.protocol.state, WIRE_BROKEN);
  pair_close(&pair);
}
END_TEST

START_TEST(memory_grows_with_what_came_not_with_what_was_claimed) {
  Pair pair;
  Frame frame;
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  worker_writes_header(&pair, 67174400, MESSAGE_RESULT, 0);
  worker_writes(&pair, "just a few bytes", 16);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(10), &frame), ST_TIMED_OUT);
  ck_assert_uint_le(pair.supervisor.in.capacity, 4096);
  static const uint8_t more[20000];
  worker_writes(&pair, more, sizeof more);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(10), &frame), ST_TIMED_OUT);
  ck_assert_uint_gt(pair.supervisor.in.capacity, sizeof more);
  ck_assert_uint_le(pair.supervisor.in.capacity, 2 * sizeof more);
  pair_close(&pair);
}
END_TEST

START_TEST(a_length_above_a_lowered_cap_is_refused_before_the_body_comes) {
  Pair pair;
  Frame frame;
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  ipc_protocol_set_cap(&pair.supervisor.protocol, MESSAGE_RESULT, 1000);
  worker_writes_header(&pair, 1001, MESSAGE_RESULT, 0);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_TOO_LARGE);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_STATE);
  pair_close(&pair);
}
END_TEST

START_TEST(a_worker_that_dies_at_any_byte_is_noticed) {
  uint8_t bytes[256];
  size_t first = log_frame(bytes, sizeof bytes, 0);
  size_t whole = first + log_frame(bytes + first, sizeof bytes - first, 1);
  for (size_t cut = 0; cut <= whole; cut++) {
    Pair pair;
    Frame frame;
    pair_open(&pair, 512, false);
    pair_start_run(&pair);
    worker_writes(&pair, bytes, cut);
    pair_close_worker(&pair);
    unsigned taken = 0;
    Status status;
    while ((status = ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame)) == ST_OK) {
      taken++;
    }
    bool is_between = cut == 0 || cut == first || cut == whole;
    ck_assert_uint_eq(taken, (cut >= first) + (cut == whole));
    ck_assert_int_eq(status, is_between ? ST_CLOSED : ST_TRUNCATED);
    pair_close(&pair);
  }
}
END_TEST

START_TEST(frames_that_a_dead_worker_left_in_the_pipe_are_still_read) {
  Pair pair;
  Frame frame;
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  LogMessage log = {.text = ipc_bytes_text("last words")};
  ck_assert_int_eq(ipc_sealed_send(&pair.worker, MESSAGE_LOG, &log), ST_OK);
  pair_close_worker(&pair);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_OK);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_CLOSED);
  pair_close(&pair);
}
END_TEST

START_TEST(try_receive_never_waits) {
  Pair pair;
  Frame frame;
  uint8_t bytes[128];
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  size_t size = log_frame(bytes, sizeof bytes, 0);
  for (size_t i = 0; i < size; i++) {
    ck_assert_int_eq(ipc_channel_try_receive(&pair.supervisor, &frame), ST_WOULD_BLOCK);
    worker_writes(&pair, bytes + i, 1);
  }
  ck_assert_int_eq(ipc_channel_try_receive(&pair.supervisor, &frame), ST_OK);
  ck_assert_int_eq(ipc_channel_try_receive(&pair.supervisor, &frame), ST_WOULD_BLOCK);
  pair_close_worker(&pair);
  ck_assert_int_eq(ipc_channel_try_receive(&pair.supervisor, &frame), ST_CLOSED);
  pair_close(&pair);
}
END_TEST

START_TEST(leftovers_of_the_run_before_are_refused) {
  Pair pair;
  Frame frame;
  pair_open(&pair, 512, false);
  pair_start_run(&pair);
  pair.supervisor.protocol.generation = 2;
  worker_writes_header(&pair, 0, MESSAGE_LOG, 0);
  ck_assert_int_eq(ipc_channel_receive(&pair.supervisor, pair_in(1000), &frame), ST_PROTOCOL);
  pair_close(&pair);
}
END_TEST

START_TEST(sending_to_a_dead_worker_says_closed) {
  Pair pair;
  pair_open(&pair, 512, false);
  pair.supervisor.protocol.state = WIRE_IDLE;
  pair_close_worker(&pair);
  RunMessage run = pair_run(ipc_bytes_text("return 1"));
  ck_assert_int_eq(ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(1000)), ST_CLOSED);
  pair_close(&pair);
}
END_TEST

static volatile sig_atomic_t ticks;
static void count_tick(int number) {
  (void)number;
  ticks++;
}

static void *drain_slowly(void *argument) {
  Pair *pair = argument;
  uint8_t bytes[4096];
  uint64_t total = 0;
  while (total < (1 << 20)) {
    struct timespec pause = {0, 200000};
    ssize_t got = read(pair->worker.read_fd, bytes, sizeof bytes);
    if (got > 0) total += (uint64_t)got;
    nanosleep(&pause, NULL);
  }
  return NULL;
}

START_TEST(signals_interrupt_neither_sending_nor_receiving) {
  Pair pair;
  Frame frame;
  pthread_t thread;
  static uint8_t source[1 << 20];
  pair_open(&pair, 512, false);
  pair.supervisor.protocol.state = WIRE_IDLE;
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarms, NULL); /* in the thread, not here */
  ck_assert_int_eq(pthread_create(&thread, NULL, drain_slowly, &pair), 0);
  pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
  struct sigaction action = {.sa_handler = count_tick}, old;
  sigaction(SIGALRM, &action, &old);
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}}, before;
  setitimer(ITIMER_REAL, &often, &before);
  RunMessage run = pair_run(ipc_bytes_view(source, sizeof source));
  Status sent = ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(20000));
  Status received = ipc_channel_receive(&pair.supervisor, pair_in(50), &frame);
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &old, NULL);
  pthread_join(thread, NULL);
  ck_assert_int_eq(sent, ST_OK);
  ck_assert_int_eq(received, ST_TIMED_OUT);
  ck_assert_int_gt(ticks, 10);
  pair_close(&pair);
}
END_TEST

START_TEST(a_message_of_ours_above_the_cap_is_not_sent) {
  Pair pair;
  pair_open(&pair, 512, false);
  pair.supervisor.protocol.state = WIRE_IDLE;
  ipc_protocol_set_cap(&pair.supervisor.protocol, MESSAGE_RUN, 8000);
  static uint8_t source[10000];
  RunMessage run = pair_run(ipc_bytes_view(source, sizeof source));
  ck_assert_int_eq(ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(1000)),
                   ST_NO_ROOM);
  run.source.size = 10;
  ck_assert_int_eq(ipc_channel_send(&pair.supervisor, MESSAGE_RUN, &run, pair_in(1000)), ST_OK);
  pair_close(&pair);
}
END_TEST

START_TEST(descriptors_are_close_on_exec_and_closed_with_the_channel) {
  Pair pair;
  pair_open(&pair, 512, true);
  int read_fd = pair.supervisor.read_fd, write_fd = pair.supervisor.write_fd;
  ck_assert_int_eq(fcntl(read_fd, F_GETFD), FD_CLOEXEC);
  ck_assert_int_eq(fcntl(write_fd, F_GETFD), FD_CLOEXEC);
  pair_close(&pair);
  ck_assert_int_eq(fcntl(read_fd, F_GETFD), -1);
  ck_assert_int_eq(fcntl(write_fd, F_GETFD), -1);
  Channel channel;
  ck_assert_int_eq(ipc_channel_open(&channel, -1, -1), ST_IO);
}
END_TEST

SUITE("ipc channel", silence_ends_at_the_deadline,
      half_a_frame_times_out_and_is_kept_until_the_rest_comes,
      a_worker_that_trickles_bytes_fast_or_slowly_meets_the_deadline,
      once_the_deadline_has_passed_a_frame_that_keeps_coming_is_not_waited_for,
      a_worker_that_never_reads_makes_send_time_out,
      memory_grows_with_what_came_not_with_what_was_claimed,
      a_length_above_a_lowered_cap_is_refused_before_the_body_comes,
      a_worker_that_dies_at_any_byte_is_noticed,
      frames_that_a_dead_worker_left_in_the_pipe_are_still_read, try_receive_never_waits,
      leftovers_of_the_run_before_are_refused, sending_to_a_dead_worker_says_closed,
      signals_interrupt_neither_sending_nor_receiving, a_message_of_ours_above_the_cap_is_not_sent,
      descriptors_are_close_on_exec_and_closed_with_the_channel)
