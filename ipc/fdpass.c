/* SPDX-License-Identifier: BSD-2-Clause */
/* fdpass - see fdpass.h. */
#include "ipc/fdpass.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ipc/deadline.h"

/* Room for the descriptors of one packet, aligned as the kernel wants it. */
typedef union {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(FDPASS_MAX * sizeof(int))];
} Ancillary;

/* --- Sending --- */

static void attach_fds(struct msghdr *header, Ancillary *ancillary, const int *fds, size_t count) {
  if (count == 0) return;
  memset(ancillary, 0, sizeof *ancillary);
  header->msg_control = ancillary->bytes;
  header->msg_controllen = CMSG_SPACE(count * sizeof(int));
  struct cmsghdr *item = CMSG_FIRSTHDR(header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(item), fds, count * sizeof(int));
}

static Status status_of_send(int error) {
  if (error == EPIPE || error == ECONNRESET || error == ENOTCONN) return ST_CLOSED;
  return error == EMSGSIZE ? ST_NO_ROOM : ST_IO;
}

Status ipc_fdpass_send(int socket, const void *packet, size_t size, const int *fds, size_t fd_count,
                       uint64_t deadline) {
  if (size == 0 || fd_count > FDPASS_MAX) return ST_RANGE;
  Ancillary ancillary;
  struct iovec piece = {(void *)(uintptr_t)packet, size};
  struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
  attach_fds(&header, &ancillary, fds, fd_count);
  for (;;) {
    ssize_t sent = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return (size_t)sent == size ? ST_OK : ST_IO;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return status_of_send(errno);
    Status status = ipc_deadline_poll(socket, POLLOUT, deadline);
    if (status != ST_OK) return status;
  }
}

/* --- Receiving --- */

static void clear_packet(FdPacket *packet) {
  packet->size = 0;
  packet->fd_count = 0;
  for (size_t i = 0; i < FDPASS_MAX; i++) packet->fds[i] = -1;
}

void ipc_fdpass_drop(FdPacket *packet) {
  for (size_t i = 0; i < packet->fd_count; i++) close(packet->fds[i]);
  clear_packet(packet);
}

/* Collects every descriptor that came, whatever else is wrong with the packet,
 * so that a refusal can close them.  False: something foreign came along. */
static bool collect_fds(struct msghdr *header, FdPacket *packet) {
  bool is_clean = true;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item != NULL;
       item = CMSG_NXTHDR(header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) {
      is_clean = false;
      continue;
    }
    size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(item) + i * sizeof(int), sizeof fd);
      if (packet->fd_count < FDPASS_MAX) {
        packet->fds[packet->fd_count++] = fd;
      } else {
        close(fd);
        is_clean = false;
      }
    }
  }
  return is_clean;
}

static Status receive_raw(int socket, struct msghdr *header, uint64_t deadline, size_t *ret_size) {
  for (;;) {
    ssize_t got = recvmsg(socket, header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got >= 0) {
      *ret_size = (size_t)got;
      return ST_OK;
    }
    if (errno == EINTR) continue;
    if (errno == ECONNRESET) return ST_CLOSED;
    if (errno != EAGAIN) return ST_IO;
    Status status = ipc_deadline_poll(socket, POLLIN, deadline);
    if (status != ST_OK) return status;
  }
}

static Status judge_packet(const struct msghdr *header, const FdPacket *packet, bool is_clean,
                           size_t max_fds) {
  if ((header->msg_flags & MSG_TRUNC) != 0) return ST_TOO_LARGE;
  bool is_cut = (header->msg_flags & MSG_CTRUNC) != 0;
  /* There was room in the packet, so there was none in the table of this process. */
  if (is_cut && is_clean && packet->fd_count < FDPASS_MAX) return ST_NO_DESCRIPTORS;
  if (is_cut || !is_clean) return ST_PROTOCOL;
  if (packet->fd_count > max_fds) return ST_PROTOCOL;
  /* The kernel gives 0 for end of file and for an empty packet alike; only the
   * latter can bring descriptors. */
  if (packet->size == 0) return packet->fd_count == 0 ? ST_CLOSED : ST_PROTOCOL;
  return ST_OK;
}

Status ipc_fdpass_receive(int socket, void *to, size_t capacity, size_t max_fds, uint64_t deadline,
                          FdPacket *ret_packet) {
  clear_packet(ret_packet);
  Ancillary ancillary;
  struct iovec piece = {to, capacity};
  struct msghdr header = {.msg_iov = &piece,
                          .msg_iovlen = 1,
                          .msg_control = ancillary.bytes,
                          .msg_controllen = sizeof ancillary.bytes};
  Status status = receive_raw(socket, &header, deadline, &ret_packet->size);
  if (status != ST_OK) return status;
  bool is_clean = collect_fds(&header, ret_packet);
  status = judge_packet(&header, ret_packet, is_clean, max_fds);
  if (status != ST_OK) ipc_fdpass_drop(ret_packet);
  return status;
}
