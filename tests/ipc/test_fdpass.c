/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fdpass - packets with descriptors, and every way in which they are wrong. */
#define _GNU_SOURCE
#include "ipc/fdpass.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/deadline.h"
#include "tests/check_main.h"

typedef struct {
  int ends[2];
  int pipe[2]; /* descriptors to send */
} Sockets;

static void open_sockets(Sockets *s) {
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->ends), 0);
  ck_assert_int_eq(pipe2(s->pipe, 0), 0);
}

static void close_sockets(Sockets *s) {
  for (int i = 0; i < 2; i++) {
    if (s->ends[i] >= 0) close(s->ends[i]);
    close(s->pipe[i]);
  }
}

static unsigned open_fds(void) {
  unsigned count = 0;
  DIR *directory = opendir("/proc/self/fd");
  while (readdir(directory) != NULL) count++;
  closedir(directory);
  return count;
}

static bool is_same_file(int a, int b) {
  struct stat sa, sb;
  return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_ino == sb.st_ino;
}

static uint64_t soon(void) {
  return ipc_deadline_now() + 1000000000;
}

START_TEST(a_packet_arrives_with_its_descriptors_close_on_exec) {
  Sockets s;
  char text[16];
  FdPacket packet;
  open_sockets(&s);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "hello", 5, s.pipe, 2, soon()), ST_OK);
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 4, soon(), &packet), ST_OK);
  ck_assert_uint_eq(packet.size, 5);
  ck_assert_mem_eq(text, "hello", 5);
  ck_assert_uint_eq(packet.fd_count, 2);
  for (int i = 0; i < 2; i++) {
    ck_assert(is_same_file(packet.fds[i], s.pipe[i]));
    ck_assert_int_eq(fcntl(packet.fds[i], F_GETFD), FD_CLOEXEC);
  }
  ck_assert_int_eq(packet.fds[2], -1);
  ipc_fdpass_drop(&packet);
  ck_assert_uint_eq(packet.fd_count, 0);
  close_sockets(&s);
}
END_TEST

START_TEST(packets_keep_their_borders) {
  Sockets s;
  char text[16];
  FdPacket packet;
  open_sockets(&s);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "one", 3, NULL, 0, soon()), ST_OK);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "three", 5, NULL, 0, soon()), ST_OK);
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 0, soon(), &packet), ST_OK);
  ck_assert_uint_eq(packet.size, 3);
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 0, soon(), &packet), ST_OK);
  ck_assert_uint_eq(packet.size, 5);
  close_sockets(&s);
}
END_TEST

/* Sends with these counts and expects a refusal that leaks no descriptor. */
static void expect_refusal(size_t size, size_t fd_count, size_t capacity, size_t max_fds,
                           Status expected) {
  Sockets s;
  char text[64];
  FdPacket packet;
  open_sockets(&s);
  int fds[FDPASS_MAX];
  for (size_t i = 0; i < FDPASS_MAX; i++) fds[i] = s.pipe[i % 2];
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], text, size, fds, fd_count, soon()), ST_OK);
  unsigned before = open_fds();
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, capacity, max_fds, soon(), &packet),
                   expected);
  ck_assert_uint_eq(packet.fd_count, 0);
  ck_assert_uint_eq(open_fds(), before);
  close_sockets(&s);
}

START_TEST(too_many_descriptors_and_too_long_packets_are_refused_without_a_leak) {
  expect_refusal(8, 4, 8, 3, ST_PROTOCOL);
  expect_refusal(8, 1, 8, 0, ST_PROTOCOL);
  expect_refusal(8, FDPASS_MAX, 8, 3, ST_PROTOCOL);
  expect_refusal(9, 3, 8, 3, ST_TOO_LARGE);
  expect_refusal(9, 0, 8, 3, ST_TOO_LARGE);
}
END_TEST

START_TEST(more_descriptors_than_there_is_room_for_are_fatal_and_closed) {
  Sockets s;
  char text[8];
  FdPacket packet;
  enum { COUNT = FDPASS_MAX + 4 };
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(COUNT * sizeof(int))];
  } control = {0};
  open_sockets(&s);
  struct iovec piece = {text, sizeof text};
  struct msghdr header = {.msg_iov = &piece,
                          .msg_iovlen = 1,
                          .msg_control = control.bytes,
                          .msg_controllen = sizeof control.bytes};
  struct cmsghdr *item = CMSG_FIRSTHDR(&header);
  *item = (struct cmsghdr){CMSG_LEN(COUNT * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
  for (int i = 0; i < COUNT; i++) {
    memcpy(CMSG_DATA(item) + (size_t)i * sizeof(int), &s.pipe[0], sizeof(int));
  }
  ck_assert_int_eq(sendmsg(s.ends[0], &header, 0), sizeof text);
  unsigned before = open_fds();
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, FDPASS_MAX, soon(), &packet),
                   ST_PROTOCOL);
  ck_assert_uint_eq(open_fds(), before);
  close_sockets(&s);
}
END_TEST

START_TEST(credentials_that_come_along_are_refused) {
  Sockets s;
  char text[8];
  FdPacket packet;
  open_sockets(&s);
  int on = 1;
  ck_assert_int_eq(setsockopt(s.ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "x", 1, s.pipe, 1, soon()), ST_OK);
  unsigned before = open_fds();
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 3, soon(), &packet),
                   ST_PROTOCOL);
  ck_assert_uint_eq(open_fds(), before);
  close_sockets(&s);
}
END_TEST

START_TEST(silence_times_out_and_a_closed_end_is_closed) {
  Sockets s;
  char text[8];
  FdPacket packet;
  open_sockets(&s);
  uint64_t deadline = ipc_deadline_now() + 20000000;
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 3, deadline, &packet),
                   ST_TIMED_OUT);
  ck_assert_uint_ge(ipc_deadline_now(), deadline);
  close(s.ends[0]);
  s.ends[0] = -1;
  ck_assert_int_eq(ipc_fdpass_receive(s.ends[1], text, sizeof text, 3, soon(), &packet), ST_CLOSED);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[1], "x", 1, NULL, 0, soon()), ST_CLOSED);
  close_sockets(&s);
}
END_TEST

START_TEST(a_full_socket_times_out_instead_of_blocking) {
  Sockets s;
  static char block[4096];
  open_sockets(&s);
  Status status = ST_OK;
  unsigned sent = 0;
  while (status == ST_OK && sent < 100000) {
    status =
        ipc_fdpass_send(s.ends[0], block, sizeof block, NULL, 0, ipc_deadline_now() + 10000000);
    sent++;
  }
  ck_assert_int_eq(status, ST_TIMED_OUT);
  close_sockets(&s);
}
END_TEST

START_TEST(senseless_sends_are_refused) {
  Sockets s;
  open_sockets(&s);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "", 0, NULL, 0, soon()), ST_RANGE);
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "x", 1, s.pipe, FDPASS_MAX + 1, soon()), ST_RANGE);
  int none = -1;
  ck_assert_int_eq(ipc_fdpass_send(s.ends[0], "x", 1, &none, 1, soon()), ST_IO);
  close_sockets(&s);
}
END_TEST

SUITE("ipc fdpass", a_packet_arrives_with_its_descriptors_close_on_exec, packets_keep_their_borders,
      too_many_descriptors_and_too_long_packets_are_refused_without_a_leak,
      more_descriptors_than_there_is_room_for_are_fatal_and_closed,
      credentials_that_come_along_are_refused, silence_times_out_and_a_closed_end_is_closed,
      a_full_socket_times_out_instead_of_blocking, senseless_sends_are_refused)
