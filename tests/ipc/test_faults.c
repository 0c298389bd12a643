/* SPDX-License-Identifier: BSD-2-Clause */
/* test_faults - the supervisor's end while the system fails it.
 *
 * The linker puts the functions below between ipc/ and libc (--wrap, see
 * CMakeLists.txt).  One conversation is repeated with the n-th call of one kind
 * going wrong in one way, for n = 1, 2, 3, ... until it is no longer reached.
 * What may happen at any time (EINTR, a short count, a false EAGAIN) must not
 * show; what is a failure must be reported as such, and nothing may leak.
 */
#define _GNU_SOURCE /* pipe2, ppoll */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "ipc/fdpass.h"
#include "tests/ipc/pair.h"
#include "tests/check_main.h"

typedef enum { CALL_READ, CALL_WRITE, CALL_PPOLL, CALL_MALLOC, CALL_SENDMSG, CALL_RECVMSG } Call;
typedef enum { GOES_EINTR, GOES_SHORT, GOES_EAGAIN, GOES_BAD } Way;

static struct {
  bool is_armed;
  Call call;
  Way way;
  unsigned countdown;
  bool has_fired;
} fault;

/* Says whether this call is the one that goes wrong. */
static bool strikes(Call call) {
  if (!fault.is_armed || fault.call != call || --fault.countdown != 0) return false;
  fault.is_armed = false;
  fault.has_fired = true;
  return true;
}

static ssize_t fail_as_told(void) {
  errno = fault.way == GOES_EINTR ? EINTR : fault.way == GOES_EAGAIN ? EAGAIN : EIO;
  return -1;
}

ssize_t __real_read(int fd, void *to, size_t size);
ssize_t __wrap_read(int fd, void *to, size_t size);
ssize_t __wrap_read(int fd, void *to, size_t size) {
  if (!strikes(CALL_READ)) return __real_read(fd, to, size);
  return fault.way == GOES_SHORT ? __real_read(fd, to, 1) : fail_as_told();
}

ssize_t __real_write(int fd, const void *from, size_t size);
ssize_t __wrap_write(int fd, const void *from, size_t size);
ssize_t __wrap_write(int fd, const void *from, size_t size) {
  if (!strikes(CALL_WRITE)) return __real_write(fd, from, size);
  return fault.way == GOES_SHORT ? __real_write(fd, from, 1) : fail_as_told();
}

int __real_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
                 const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
                 const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
                 const sigset_t *mask) {
  return strikes(CALL_PPOLL) ? (int)fail_as_told() : __real_ppoll(fds, count, time, mask);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
  return strikes(CALL_MALLOC) ? NULL : __real_malloc(size);
}

ssize_t __real_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags) {
  return strikes(CALL_SENDMSG) ? fail_as_told() : __real_sendmsg(fd, header, flags);
}

ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags) {
  return strikes(CALL_RECVMSG) ? fail_as_told() : __real_recvmsg(fd, header, flags);
}

static void arm(Call call, Way way, unsigned n) {
  fault.is_armed = true;
  fault.call = call;
  fault.way = way;
  fault.countdown = n;
  fault.has_fired = false;
}

/* --- The conversation --- */

#define TEXT_BYTES 20000

typedef struct {
  int worker_reads, worker_writes;
  Channel channel;
} Talk;

/* As the worker: takes the run and answers, unharmed by faults. */
static void answer(Talk *talk) {
  static uint8_t bytes[TEXT_BYTES + 100];
  bool was_armed = fault.is_armed;
  fault.is_armed = false;
  while (read(talk->worker_reads, bytes, sizeof bytes) > 0) {
  }
  static const uint8_t text[TEXT_BYTES];
  ErrorMessage error = {.text = ipc_bytes_view(text, TEXT_BYTES)};
  ByteWriter body = ipc_bytes_writer(bytes + FRAME_HEADER_BYTES, sizeof bytes - FRAME_HEADER_BYTES);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_ERROR, &error, &body), ST_OK);
  FrameHeader header = {(uint32_t)body.used, FRAME_VERSION, MESSAGE_ERROR, 1, 0};
  ipc_frame_store(bytes, &header);
  size_t size = FRAME_HEADER_BYTES + body.used;
  ck_assert_int_eq(write(talk->worker_writes, bytes, size), (ssize_t)size);
  fault.is_armed = was_armed;
}

static Status converse(Talk *talk) {
  static const uint8_t source[TEXT_BYTES];
  RunMessage run = pair_run(ipc_bytes_view(source, TEXT_BYTES));
  Frame frame;
  Status status = ipc_channel_send(&talk->channel, MESSAGE_RUN, &run, pair_in(5000));
  if (status != ST_OK) return status;
  /* Nothing is there yet, so that poll is called as well. */
  status = ipc_channel_receive(&talk->channel, pair_in(1), &frame);
  if (status != ST_TIMED_OUT) return status == ST_OK ? ST_INTERNAL : status;
  answer(talk);
  status = ipc_channel_receive(&talk->channel, pair_in(5000), &frame);
  if (status != ST_OK) return status;
  ErrorMessage error;
  status = ipc_message_decode(frame.type, frame.body, &error);
  if (status == ST_OK && error.text.size != TEXT_BYTES) return ST_INTERNAL;
  return status;
}

static Status talk_once(Call call, Way way, unsigned n) {
  Talk talk;
  int down[2], up[2];
  ck_assert_int_eq(pipe2(down, O_NONBLOCK), 0);
  ck_assert_int_eq(pipe2(up, O_NONBLOCK), 0);
  talk.worker_reads = down[0];
  talk.worker_writes = up[1];
  arm(call, way, n);
  Status status = ipc_channel_open(&talk.channel, up[0], down[1]);
  if (status == ST_OK) {
    talk.channel.protocol.state = WIRE_IDLE;
    status = converse(&talk);
    ipc_channel_trim(&talk.channel);
    ipc_channel_close(&talk.channel);
  }
  fault.is_armed = false;
  close(talk.worker_reads);
  close(talk.worker_writes);
  return status;
}

/* Repeats the conversation for every n; returns how many faults were planted. */
static unsigned repeat(Call call, Way way, Status expected) {
  for (unsigned n = 1;; n++) {
    Status status = talk_once(call, way, n);
    if (!fault.has_fired) {
      ck_assert_int_eq(status, ST_OK);
      return n - 1;
    }
    ck_assert_msg(status == expected, "call %d, way %d, n %u: %s", call, way, n,
                  policy_status_text(status));
  }
}

START_TEST(what_may_happen_at_any_time_does_not_show) {
  static const Way ways[] = {GOES_EINTR, GOES_SHORT, GOES_EAGAIN};
  for (size_t i = 0; i < 3; i++) {
    ck_assert_uint_gt(repeat(CALL_READ, ways[i], ST_OK), 3);
    ck_assert_uint_gt(repeat(CALL_WRITE, ways[i], ST_OK), 0);
  }
  ck_assert_uint_gt(repeat(CALL_PPOLL, GOES_EINTR, ST_OK), 0);
}
END_TEST

START_TEST(a_failed_call_is_reported_as_input_output) {
  ck_assert_uint_gt(repeat(CALL_READ, GOES_BAD, ST_IO), 3);
  ck_assert_uint_gt(repeat(CALL_WRITE, GOES_BAD, ST_IO), 0);
  ck_assert_uint_gt(repeat(CALL_PPOLL, GOES_BAD, ST_IO), 0);
}
END_TEST

START_TEST(memory_that_is_not_to_be_had_is_reported_and_nothing_leaks) {
  for (unsigned n = 1;; n++) {
    Status status = talk_once(CALL_MALLOC, GOES_BAD, n);
    if (!fault.has_fired) {
      ck_assert_uint_gt(n, 5);
      break;
    }
    /* Giving memory back is allowed to fail quietly. */
    ck_assert(status == ST_NO_MEMORY || status == ST_OK);
    ck_assert(n > 3 || status == ST_NO_MEMORY);
  }
}
END_TEST

START_TEST(packets_survive_interruption_and_report_failure) {
  static const Way ways[] = {GOES_EINTR, GOES_EAGAIN, GOES_BAD};
  for (size_t i = 0; i < 3; i++) {
    for (int call = CALL_SENDMSG; call <= CALL_RECVMSG; call++) {
      int ends[2];
      char text[8];
      FdPacket packet = {.fd_count = 0};
      ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
      arm((Call)call, ways[i], 1);
      Status status = ipc_fdpass_send(ends[0], "x", 1, ends, 1, pair_in(1000));
      if (status == ST_OK) {
        status = ipc_fdpass_receive(ends[1], text, sizeof text, 1, pair_in(1000), &packet);
      }
      ck_assert(fault.has_fired);
      ck_assert_int_eq(status, ways[i] == GOES_BAD ? ST_IO : ST_OK);
      ck_assert_uint_eq(packet.fd_count, status == ST_OK ? 1 : 0);
      ipc_fdpass_drop(&packet);
      close(ends[0]);
      close(ends[1]);
    }
  }
}
END_TEST

SUITE("ipc faults", what_may_happen_at_any_time_does_not_show,
      a_failed_call_is_reported_as_input_output,
      memory_that_is_not_to_be_had_is_reported_and_nothing_leaks,
      packets_survive_interruption_and_report_failure)
