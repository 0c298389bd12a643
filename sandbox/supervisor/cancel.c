/* SPDX-License-Identifier: BSD-2-Clause */
/* cancel - an eventfd with four verbs. */
#include "sandbox/supervisor/cancel.h"

#include <errno.h>
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
  /* Before, so that whoever is woken by what is written knows why. */
  atomic_store_explicit(&cancel->is_used, true, memory_order_release);
  /* Full means that it was requested often enough. */
  ssize_t written = write(cancel->fd, &one, sizeof one);
  (void)written;
  /* And after: a reset in between has found nothing to read. */
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
  return cancel != NULL && atomic_load_explicit(&cancel->is_used, memory_order_acquire);
}

void fsb_cancel_free(FsbCancel *cancel) {
  if (cancel == NULL) return;
  (void)close(cancel->fd);
  free(cancel);
}
