/* SPDX-License-Identifier: BSD-2-Clause */
/* cancel - an eventfd with four verbs. */
#include "sandbox/supervisor/cancel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

FsbCancel *fsb_cancel_new(void) {
  FsbCancel *cancel = calloc(1, sizeof *cancel);
  if (cancel == NULL) return NULL;
  cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (cancel->fd >= 0) return cancel;
  free(cancel);
  return NULL;
}

void fsb_cancel_request(FsbCancel *cancel) {
  int error = errno;
  uint64_t one = 1;
  /* Full means that it was requested often enough. */
  ssize_t written = write(cancel->fd, &one, sizeof one);
  (void)written;
  /* After, so that whoever sees it finds what was written. */
  atomic_store_explicit(&cancel->is_used, true, memory_order_release);
  errno = error;
}

void fsb_cancel_reset(FsbCancel *cancel) {
  uint64_t count;
  if (!atomic_exchange_explicit(&cancel->is_used, false, memory_order_acquire)) return;
  ssize_t got = read(cancel->fd, &count, sizeof count);
  (void)got;
}

bool supervisor_cancel_is_requested(const FsbCancel *cancel) {
  struct pollfd poll_fd = {.fd = supervisor_cancel_fd(cancel), .events = POLLIN};
  return cancel != NULL && poll(&poll_fd, 1, 0) == 1;
}

void fsb_cancel_free(FsbCancel *cancel) {
  if (cancel == NULL) return;
  (void)close(cancel->fd);
  free(cancel);
}
