/* SPDX-License-Identifier: BSD-2-Clause */
/* link - connecting, sending, receiving. */
#define _GNU_SOURCE /* ppoll */
#include "sandbox/supervisor/link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ipc/deadline.h"

#define READ_BYTES ((size_t)64 << 10)
#define WRITE_ROOM 1024
#define KEEP_ROOM ((size_t)1 << 20)

/* --- Waiting --- */

static Status wait_for(const Link *link, short events, LinkPatience patience) {
  struct pollfd fds[2] = {{.fd = link->fd, .events = events},
                          {.fd = patience.cancel_fd, .events = POLLIN}};
  for (;;) {
    uint64_t now = ipc_deadline_now();
    uint64_t left = patience.deadline > now ? patience.deadline - now : 0;
    struct timespec wait = {.tv_sec = (time_t)(left / UINT64_C(1000000000)),
                            .tv_nsec = (long)(left % UINT64_C(1000000000))};
    int ready = ppoll(fds, 2, patience.deadline == DEADLINE_NEVER ? NULL : &wait, NULL);
    if (ready < 0 && errno != EINTR) return ST_IO;
    if (ready > 0 && fds[0].revents != 0) return ST_OK;
    if (ready > 0) return ST_INTERRUPTED;
    if (ready == 0) return ST_TIMED_OUT;
  }
}

/* --- Connecting --- */

static Status connect_to(Link *link, const struct sockaddr *address, socklen_t size,
                         LinkPatience patience, int *ret_error) {
  int error = 0;
  socklen_t error_size = sizeof error;
  link->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  *ret_error = errno;
  if (link->fd < 0) return ST_SYSTEM;
  if (connect(link->fd, address, size) == 0) return ST_OK;
  *ret_error = errno;
  if (errno != EINPROGRESS) return ST_UNAVAILABLE;
  Status status = wait_for(link, POLLOUT, patience);
  *ret_error = ETIMEDOUT;
  if (status != ST_OK) return status;
  if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0 || error != 0) {
    *ret_error = error;
    return ST_UNAVAILABLE;
  }
  return ST_OK;
}

static Status explain(const StoreUri *uri, Status status, const char *why, char *detail) {
  char address[URI_FIELD_BYTES + 8];
  supervisor_uri_show(uri, address);
  (void)snprintf(detail, LINK_DETAIL_BYTES, "cannot connect to %s: %s", address, why);
  return status;
}

static Status open_unix(Link *link, const StoreUri *uri, LinkPatience patience, char *detail) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int error = 0;
  size_t size = strlen(uri->host);
  if (size >= sizeof address.sun_path)
    return explain(uri, ST_INVALID, "the path is too long for a socket", detail);
  memcpy(address.sun_path, uri->host, size);
  Status status = connect_to(link, (struct sockaddr *)&address, sizeof address, patience, &error);
  return status == ST_OK ? ST_OK : explain(uri, status, strerror(error), detail);
}

static Status open_tcp(Link *link, const StoreUri *uri, LinkPatience patience, char *detail) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  struct addrinfo *found = NULL;
  char port[8];
  int error = 0;
  int one = 1;
  Status status = ST_UNAVAILABLE;
  (void)snprintf(port, sizeof port, "%u", uri->port);
  int code = getaddrinfo(uri->host, port, &hints, &found);
  if (code != 0) return explain(uri, ST_UNAVAILABLE, gai_strerror(code), detail);
  for (struct addrinfo *at = found; at != NULL && status == ST_UNAVAILABLE; at = at->ai_next) {
    if (supervisor_link_is_open(link)) supervisor_link_close(link);
    status = connect_to(link, at->ai_addr, at->ai_addrlen, patience, &error);
  }
  freeaddrinfo(found);
  if (status != ST_OK) return explain(uri, status, strerror(error), detail);
  (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return ST_OK;
}

Status supervisor_link_open(Link *link, const StoreUri *uri, LinkPatience patience,
                            char ret_detail[LINK_DETAIL_BYTES]) {
  *link = LINK_NONE;
  Status status = uri->is_unix ? open_unix(link, uri, patience, ret_detail)
                               : open_tcp(link, uri, patience, ret_detail);
  if (status != ST_OK) supervisor_link_close(link);
  return status;
}

void supervisor_link_adopt(Link *link, int fd) {
  *link = LINK_NONE;
  link->fd = fd;
}

void supervisor_link_close(Link *link) {
  if (link->fd >= 0) (void)close(link->fd);
  free(link->in);
  free(link->out);
  *link = LINK_NONE;
}

bool supervisor_link_is_quiet(const Link *link) {
  struct pollfd poll_fd = {.fd = link->fd, .events = POLLIN};
  return link->in_used == link->taken && poll(&poll_fd, 1, 0) == 0;
}

/* --- Sending --- */

/* Makes room for `size` more bytes; without memory the writer overflows, which
 * flush reports. */
static void make_room(Link *link, size_t size) {
  ByteWriter *writer = &link->writer;
  if (!ipc_bytes_fits(writer) || writer->capacity - writer->used >= size) return;
  size_t room =
      writer->capacity * 2 > writer->used + size ? writer->capacity * 2 : writer->used + size;
  uint8_t *larger = realloc(link->out, room);
  if (larger == NULL) return;
  link->out = larger;
  writer->data = larger;
  writer->capacity = room;
}

void supervisor_link_begin(Link *link, size_t count) {
  make_room(link, WRITE_ROOM);
  ipc_resp_put_number(&link->writer, '*', (int64_t)count);
}

void supervisor_link_put(Link *link, ByteView argument) {
  make_room(link, argument.size + 64);
  ipc_resp_put_bulk(&link->writer, argument);
}

void supervisor_link_say(Link *link, const char *word, ...) {
  va_list words;
  size_t count = 1;
  va_start(words, word);
  while (va_arg(words, const char *) != NULL) count++;
  va_end(words);
  supervisor_link_begin(link, count);
  va_start(words, word);
  for (const char *at = word; at != NULL; at = va_arg(words, const char *))
    supervisor_link_put(link, ipc_bytes_text(at));
  va_end(words);
}

/* A buffer that one large command needed is not kept. */
static void reset_writer(Link *link) {
  link->writer.used = 0;
  if (link->writer.capacity <= KEEP_ROOM) return;
  free(link->out);
  link->out = NULL;
  link->writer = ipc_bytes_writer(NULL, 0);
}

static Status send_all(Link *link, LinkPatience patience) {
  size_t sent = 0;
  while (sent < link->writer.used) {
    ssize_t put = send(link->fd, link->out + sent, link->writer.used - sent, MSG_NOSIGNAL);
    if (put >= 0) {
      sent += (size_t)put;
    } else if (errno == EAGAIN) {
      Status status = wait_for(link, POLLOUT, patience);
      if (status != ST_OK) return status;
    } else if (errno != EINTR) {
      return errno == EPIPE || errno == ECONNRESET ? ST_CLOSED : ST_IO;
    }
  }
  return ST_OK;
}

Status supervisor_link_flush(Link *link, LinkPatience patience) {
  Status status = ipc_bytes_fits(&link->writer) ? send_all(link, patience) : ST_NO_MEMORY;
  reset_writer(link);
  return status;
}

/* --- Receiving --- */

/* Drops the reply that was handed out and gives back what a large one needed. */
static void drop_taken(Link *link) {
  size_t left = link->in_used - link->taken;
  if (left != 0 && link->taken != 0) memmove(link->in, link->in + link->taken, left);
  link->in_used = left;
  link->taken = 0;
  if (left != 0 || link->in_room <= KEEP_ROOM) return;
  free(link->in);
  link->in = NULL;
  link->in_room = 0;
}

/* Reads more bytes; memory grows with what has come, not with what is announced. */
static Status read_more(Link *link, LinkPatience patience) {
  if (link->in_room - link->in_used < READ_BYTES / 4) {
    size_t room = link->in_room == 0 ? READ_BYTES : link->in_room * 2;
    uint8_t *larger = realloc(link->in, room);
    if (larger == NULL) return ST_NO_MEMORY;
    link->in = larger;
    link->in_room = room;
  }
  for (;;) {
    ssize_t got = recv(link->fd, link->in + link->in_used, link->in_room - link->in_used, 0);
    if (got > 0) {
      link->in_used += (size_t)got;
      return ST_OK;
    }
    if (got == 0 || errno == ECONNRESET) return ST_CLOSED;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return ST_IO;
    Status status = wait_for(link, POLLIN, patience);
    if (status != ST_OK) return status;
  }
}

Status supervisor_link_receive(Link *link, LinkPatience patience, ByteView *ret_reply) {
  size_t scanned = 0;
  size_t used = 0;
  drop_taken(link);
  ipc_resp_scan_init(&link->scanner, NESTING_MAX_DEPTH, patience.max_bytes);
  for (;;) {
    Status status = ST_WOULD_BLOCK;
    if (link->in_used > scanned)
      status = ipc_resp_scan(&link->scanner,
                             ipc_bytes_view(link->in + scanned, link->in_used - scanned), &used);
    if (status == ST_OK) break;
    if (status != ST_WOULD_BLOCK) return status;
    scanned = link->in_used;
    status = read_more(link, patience);
    if (status != ST_OK) return status;
  }
  link->taken = scanned + used;
  *ret_reply = ipc_bytes_view(link->in, link->taken);
  return ST_OK;
}
