/* SPDX-License-Identifier: BSD-2-Clause */
/* fork_guard - see fork_guard.h. */
#include "sandbox/supervisor/fork_guard.h"

#include <pthread.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static ForkGuard *guards;

/* The list must not be in the middle of a change when the child sees it. */
static void before_fork(void) {
  (void)pthread_mutex_lock(&mutex);
}

static void in_parent(void) {
  (void)pthread_mutex_unlock(&mutex);
}

static void in_child(void) {
  for (ForkGuard *guard = guards; guard != NULL; guard = guard->next) guard->forget(guard->object);
  (void)pthread_mutex_unlock(&mutex);
}

static void install(void) {
  (void)pthread_atfork(before_fork, in_parent, in_child);
}

void supervisor_fork_guard(ForkGuard *guard, void (*forget)(void *object), void *object) {
  (void)pthread_once(&once, install);
  (void)pthread_mutex_lock(&mutex);
  *guard = (ForkGuard){.next = guards, .link = &guards, .forget = forget, .object = object};
  if (guards != NULL) guards->link = &guard->next;
  guards = guard;
  (void)pthread_mutex_unlock(&mutex);
}

void supervisor_fork_unguard(ForkGuard *guard) {
  (void)pthread_mutex_lock(&mutex);
  if (guard->link != NULL) {
    *guard->link = guard->next;
    if (guard->next != NULL) guard->next->link = guard->link;
    guard->link = NULL;
  }
  (void)pthread_mutex_unlock(&mutex);
}
