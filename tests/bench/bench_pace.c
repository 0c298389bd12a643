/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_pace - latencies at a rate that the server's speed does not change.
 *
 *   bench_pace SOCKET RATE CONNECTIONS SECONDS WORD...
 *
 * Request n is due n / RATE seconds after the start, whatever became of those before it, and its
 * latency counts from that moment: a server that stalls for 10 ms delays every request due in
 * them, and each delay is in the figures (no coordinated omission).  Requests go to the
 * connections in turn; one that still waits for a reply gets the next request behind it.
 * How late requests were sent is this program's own share, and is shown apart.
 *
 * The first fifth of the time is not counted.  Prints one JSON object, times in microseconds.  An error
 * reply, or a server that has not answered in 5 seconds, ends the run with status 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ipc/resp.h"

#define SECOND UINT64_C(1000000000)
#define PATIENCE (5 * SECOND)
#define MOST_CONNECTIONS 1000
#define EVENTS 64
#define REPLY_MAX (UINT64_C(1) << 26)

typedef struct {
  int fd;
  uint64_t next; /* number of the request that the next reply answers */
  RespScanner scanner;
} Connection;

typedef struct {
  uint8_t *request;
  size_t request_size;
  unsigned connection_count;
  uint64_t total, sent, answered, first_counted;
  uint64_t began;
  double interval;      /* nanoseconds between requests */
  uint64_t *latencies;  /* by number of the request */
  uint64_t *lateness;
  int epoll;
  Connection connections[MOST_CONNECTIONS];
} Load;

static _Noreturn void fail(const char *what) {
  (void)fprintf(stderr, "bench_pace: %s\n", what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static uint64_t due_at(const Load *load, uint64_t number) {
  return load->began + (uint64_t)((double)number * load->interval);
}

/* --- Before the start --- */

static void *allocate(uint64_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) fail("out of memory");
  return memory;
}

static void connect_to(Load *load, unsigned i, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  Connection *connection = &load->connections[i];
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
  if (strlen(path) >= sizeof address.sun_path) fail("the socket's path is too long");
  memcpy(address.sun_path, path, strlen(path));
  connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connection->next = i;
  ipc_resp_scan_init(&connection->scanner, 32, REPLY_MAX);
  if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
    fail("cannot connect");
}

static void encode_request(Load *load, char **words, int count) {
  ByteView *views = allocate((uint64_t)count, sizeof *views);
  for (int i = 0; i < count; i++) views[i] = ipc_bytes_text(words[i]);
  ByteList argv = {.count = (uint32_t)count, .items = views};
  ByteWriter writer = ipc_bytes_writer(NULL, 0);
  ipc_resp_command(&writer, &argv);
  load->request_size = writer.used;
  load->request = allocate(writer.used, 1);
  writer = ipc_bytes_writer(load->request, load->request_size);
  ipc_resp_command(&writer, &argv);
  free(views);
}

/* --- The run --- */

static void send_due(Load *load) {
  uint64_t time = now();
  while (load->sent < load->total && due_at(load, load->sent) <= time) {
    const Connection *connection = &load->connections[load->sent % load->connection_count];
    ssize_t n = send(connection->fd, load->request, load->request_size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n != (ssize_t)load->request_size) fail("the server does not keep up with this rate");
    load->lateness[load->sent] = time - due_at(load, load->sent);
    load->sent++;
    time = now();
  }
}

static void note_reply(Load *load, Connection *connection, uint64_t time) {
  if (connection->scanner.first == '-') fail("an error reply");
  if (connection->next >= load->sent) fail("a reply too many");
  load->latencies[connection->next] = time - due_at(load, connection->next);
  connection->next += load->connection_count;
  load->answered++;
  ipc_resp_scan_init(&connection->scanner, 32, REPLY_MAX);
}

static void read_replies(Load *load, Connection *connection) {
  uint8_t bytes[65536];
  ssize_t n = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  uint64_t time = now();
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) fail("the server closed a connection");
  for (size_t at = 0, used; at < (size_t)n; at += used) {
    Status status = ipc_resp_scan(&connection->scanner, (ByteView){bytes + at, (size_t)n - at}, &used);
    if (status == ST_WOULD_BLOCK) return;
    if (status != ST_OK) fail("a reply that is none");
    note_reply(load, connection, time);
  }
}

static void await(Load *load) {
  struct epoll_event events[EVENTS];
  uint64_t time = now();
  uint64_t due = load->sent < load->total ? due_at(load, load->sent) : time + PATIENCE;
  uint64_t wait = due > time ? due - time : 0;
  struct timespec timeout = {.tv_sec = (time_t)(wait / SECOND), .tv_nsec = (long)(wait % SECOND)};
  int count = epoll_pwait2(load->epoll, events, EVENTS, &timeout, NULL);
  if (count == 0 && load->sent == load->total) fail("no reply for 5 seconds");
  for (int i = 0; i < count; i++) read_replies(load, &load->connections[events[i].data.u32]);
}

static void run(Load *load) {
  load->began = now();
  while (load->answered < load->total) {
    send_due(load);
    await(load);
  }
}

/* --- Figures --- */

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static double quantile(const uint64_t *sorted, uint64_t count, double part) {
  uint64_t at = (uint64_t)((double)count * part);
  return (double)sorted[at < count ? at : count - 1] / 1e3;
}

static void show(const Load *load) {
  static const struct { const char *name; double part; } rows[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"most", 1}};
  uint64_t count = load->total - load->first_counted, *latencies = load->latencies + load->first_counted;
  uint64_t *lateness = load->lateness + load->first_counted;
  qsort(latencies, count, sizeof *latencies, compare);
  qsort(lateness, count, sizeof *lateness, compare);
  printf("{\"counted\": %llu", (unsigned long long)count);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    printf(", \"%s\": %.1f", rows[i].name, quantile(latencies, count, rows[i].part));
  printf(", \"late_p50\": %.1f, \"late_p99\": %.1f}\n", quantile(lateness, count, 0.5), quantile(lateness, count, 0.99));
}

int main(int argc, char **argv) {
  Load *load = allocate(1, sizeof *load);
  double rate = argc > 5 ? strtod(argv[2], NULL) : 0, seconds = argc > 5 ? strtod(argv[4], NULL) : 0;
  load->connection_count = argc > 5 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
  load->total = (uint64_t)(rate * seconds);
  if (load->connection_count == 0 || load->connection_count > MOST_CONNECTIONS || load->total < 100) {
    (void)fputs("usage: bench_pace SOCKET RATE CONNECTIONS SECONDS WORD...\n", stderr);
    return 2;
  }
  (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  load->interval = (double)SECOND / rate;
  load->first_counted = load->total / 5;
  load->latencies = allocate(load->total, sizeof *load->latencies);
  load->lateness = allocate(load->total, sizeof *load->lateness);
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  encode_request(load, argv + 5, argc - 5);
  for (unsigned i = 0; i < load->connection_count; i++) connect_to(load, i, argv[1]);
  run(load);
  show(load);
  return 0;
}
