/* SPDX-License-Identifier: BSD-2-Clause */
/* deadline - see deadline.h. */
#define _GNU_SOURCE /* ppoll */
#include "ipc/deadline.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)

uint64_t ipc_deadline_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

bool ipc_deadline_is_over(uint64_t deadline) {
  return deadline != DEADLINE_NEVER && ipc_deadline_now() >= deadline;
}

static struct timespec time_left(uint64_t deadline) {
  uint64_t now = ipc_deadline_now();
  uint64_t left = deadline > now ? deadline - now : 0;
  struct timespec span = {(time_t)(left / SECOND), (long)(left % SECOND)};
  return span;
}

Status ipc_deadline_poll(int fd, short events, uint64_t deadline) {
  struct pollfd entry = {fd, events, 0};
  for (;;) {
    struct timespec left = {0, 0};
    if (deadline != DEADLINE_NEVER) left = time_left(deadline);
    int ready = ppoll(&entry, 1, deadline != DEADLINE_NEVER ? &left : NULL, NULL);
    if (ready > 0) return (entry.revents & POLLNVAL) != 0 ? ST_IO : ST_OK;
    if (ready == 0) return ST_TIMED_OUT;
    if (errno != EINTR) return ST_IO;
  }
}
