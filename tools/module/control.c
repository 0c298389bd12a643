/* SPDX-License-Identifier: BSD-2-Clause */
/* control - the socket's file, the thread, the places for visitors. */
#define _GNU_SOURCE
#include "tools/module/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/module/clock.h"
#include "tools/module/state.h"
#include "tools/module/visitor.h"

/* How often patience is looked at while somebody is there. */
#define LOOK_MS 500
#define PAUSE_MS 50
#define BACKLOG 511

static struct {
  pthread_t thread;
  bool is_running;
  atomic_bool is_stopping;
  int listen_fd, wake_fd, lock_fd;
  char path[sizeof((struct sockaddr_un *)0)->sun_path];
  struct stat made; /* the socket's file, to remove no other */
  Visitor *visitors; /* heap */
  pthread_mutex_t fds; /* held while descriptors come and go */
} control = {.listen_fd = -1, .wake_fd = -1, .lock_fd = -1, .fds = PTHREAD_MUTEX_INITIALIZER};

/* --- The server's children --- */

static void before_fork(void) {
  (void)pthread_mutex_lock(&control.fds);
}

static void in_parent(void) {
  (void)pthread_mutex_unlock(&control.fds);
}

static void close_fd(int *fd) {
  if (*fd >= 0) (void)close(*fd);
  *fd = -1;
}

/* The child has no such thread; what it would keep open would look alive. */
static void in_child(void) {
  close_fd(&control.listen_fd);
  close_fd(&control.wake_fd);
  close_fd(&control.lock_fd);
  for (size_t i = 0; control.visitors != NULL && i < CONTROL_VISITORS; i++)
    close_fd(&control.visitors[i].fd);
  control.is_running = false;
  (void)pthread_mutex_unlock(&control.fds);
}

static void guard_children(void) {
  static bool is_guarded;
  if (!is_guarded) (void)pthread_atfork(before_fork, in_parent, in_child);
  is_guarded = true;
}

/* --- Visitors --- */

static bool is_welcome(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

static void dismiss(Visitor *visitor) {
  (void)pthread_mutex_lock(&control.fds);
  module_visitor_leave(visitor);
  (void)pthread_mutex_unlock(&control.fds);
}

/* A free place; when there is none, that of who has been silent for the longest time. */
static Visitor *find_place(void) {
  Visitor *oldest = &control.visitors[0];
  for (size_t i = 0; i < CONTROL_VISITORS; i++) {
    Visitor *visitor = &control.visitors[i];
    if (visitor->fd < 0) return visitor;
    if (visitor->moved_at < oldest->moved_at) oldest = visitor;
  }
  dismiss(oldest);
  return oldest;
}

static void let_in(void) {
  Visitor *place = find_place();
  (void)pthread_mutex_lock(&control.fds);
  int fd = accept4(control.listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) module_visitor_enter(place, fd, module_clock_now());
  (void)pthread_mutex_unlock(&control.fds);
  /* Out of descriptors: who waits is still there, and would wake us at once. */
  if (fd < 0 && errno != EAGAIN) (void)poll(NULL, 0, PAUSE_MS);
  if (fd < 0 || is_welcome(fd)) return;
  module_visitor_refuse(place, CODE_PERMISSION, "only root and the server's own user may connect");
  if (!module_visitor_serve(place, 0, module_clock_now())) dismiss(place);
}

static void serve_visitors(const struct pollfd *fds) {
  uint64_t time = module_clock_now();
  for (size_t i = 0; i < CONTROL_VISITORS; i++) {
    Visitor *visitor = &control.visitors[i];
    if (visitor->fd < 0 || fds[i].fd != visitor->fd) continue;
    bool is_idle = fds[i].revents == 0 && !visitor_waits(visitor);
    bool may_stay = is_idle || module_visitor_serve(visitor, fds[i].revents, time);
    if (!may_stay || module_visitor_is_late(visitor, time)) dismiss(visitor);
  }
}

/* --- The thread --- */

/* After a poll that failed (no memory, more places than RLIMIT_NOFILE allows): it would do
 * so again at once. */
static void rest(void) {
  const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
  uint64_t time = module_clock_now();
  if (errno != EINTR) (void)nanosleep(&pause, NULL);
  for (size_t i = 0; i < CONTROL_VISITORS; i++)
    if (control.visitors[i].fd >= 0 && module_visitor_is_late(&control.visitors[i], time))
      dismiss(&control.visitors[i]);
}

static void hear_wake(void) {
  uint64_t count;
  int error = errno;
  ssize_t got = read(control.wake_fd, &count, sizeof count);
  (void)got; /* nothing there: nobody called */
  errno = error;
  module_visitor_sweep();
}

static void *run(void *argument) {
  struct pollfd fds[CONTROL_VISITORS + 2];
  (void)argument;
  (void)pthread_setname_np(pthread_self(), "fsb-control");
  for (;;) {
    int timeout = -1;
    for (size_t i = 0; i < CONTROL_VISITORS; i++) {
      const Visitor *visitor = &control.visitors[i];
      fds[i] = (struct pollfd){.fd = visitor->fd, .events = module_visitor_events(visitor)};
      if (visitor->fd >= 0) timeout = LOOK_MS;
    }
    fds[CONTROL_VISITORS] = (struct pollfd){.fd = control.wake_fd, .events = POLLIN};
    fds[CONTROL_VISITORS + 1] = (struct pollfd){.fd = control.listen_fd, .events = POLLIN};
    int count = poll(fds, CONTROL_VISITORS + 2, timeout);
    if (atomic_load(&control.is_stopping)) return NULL;
    hear_wake();
    if (count < 0) {
      rest();
      continue;
    }
    serve_visitors(fds);
    if ((fds[CONTROL_VISITORS + 1].revents & POLLIN) != 0) let_in();
  }
}

static bool start_thread(void) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
  sigset_t all, old;
  (void)sigfillset(&all);
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) (void)sigdelset(&all, faults[i]);
  (void)pthread_sigmask(SIG_SETMASK, &all, &old);
  control.is_running = pthread_create(&control.thread, NULL, run, NULL) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  return control.is_running;
}

/* --- The socket's file --- */

/* Whoever holds the lock owns the path; what a server left behind that was killed may
 * then be removed. */
static const char *lock_path(void) {
  char path[sizeof control.path + 8];
  (void)snprintf(path, sizeof path, "%s.lock", control.path);
  control.lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (control.lock_fd < 0) return strerror(errno);
  if (flock(control.lock_fd, LOCK_EX | LOCK_NB) == 0) return NULL;
  return errno == EWOULDBLOCK ? "another server uses it" : strerror(errno);
}

static const char *clear_path(void) {
  struct stat left;
  if (lstat(control.path, &left) != 0) return errno == ENOENT ? NULL : strerror(errno);
  if (!S_ISSOCK(left.st_mode)) return "there is a file that is no socket";
  return unlink(control.path) == 0 ? NULL : strerror(errno);
}

static const char *bind_path(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, control.path, sizeof address.sun_path);
  control.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (control.listen_fd < 0) return strerror(errno);
  mode_t mask = umask(0177); /* never open to others, not for a moment */
  int status = bind(control.listen_fd, (const struct sockaddr *)&address, sizeof address);
  int error = errno;
  (void)umask(mask);
  if (status != 0) return strerror(error);
  if (lstat(control.path, &control.made) != 0) return strerror(errno);
  return listen(control.listen_fd, BACKLOG) == 0 ? NULL : strerror(errno);
}

static const char *open_socket(void) {
  const char *problem = lock_path();
  if (problem == NULL) problem = clear_path();
  if (problem == NULL) problem = bind_path();
  return problem;
}

static const char *start(void) {
  const char *problem = open_socket();
  if (problem != NULL) return problem;
  control.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  control.visitors = calloc(CONTROL_VISITORS, sizeof *control.visitors);
  if (control.wake_fd < 0 || control.visitors == NULL) return "out of memory or descriptors";
  for (size_t i = 0; i < CONTROL_VISITORS; i++) control.visitors[i].fd = -1;
  guard_children();
  return start_thread() ? NULL : "no thread can be started";
}

bool module_control_start(RedisCtx *ctx) {
  size_t size = 0;
  const char *path =
      module_state.control_path == NULL ? "" : rm.StringPtrLen(module_state.control_path, &size);
  if (size == 0) return true;
  if (size >= sizeof control.path || memchr(path, '\0', size) != NULL) {
    rm.Log(ctx, "warning", "sandbox.control-socket: the path is too long");
    return false;
  }
  memcpy(control.path, path, size);
  control.path[size] = '\0';
  const char *problem = start();
  if (problem == NULL) return true;
  rm.Log(ctx, "warning", "sandbox.control-socket %s cannot be opened: %s", control.path, problem);
  module_control_stop();
  return false;
}

void module_control_wake(void) {
  const uint64_t one = 1;
  if (!control.is_running) return;
  ssize_t written = write(control.wake_fd, &one, sizeof one);
  (void)written; /* full: it was called often enough */
}

static void remove_socket(void) {
  struct stat there;
  if (control.made.st_ino == 0 || lstat(control.path, &there) != 0) return;
  if (there.st_ino == control.made.st_ino && there.st_dev == control.made.st_dev)
    (void)unlink(control.path);
}

void module_control_stop(void) {
  if (control.is_running) {
    atomic_store(&control.is_stopping, true);
    module_control_wake();
    (void)pthread_join(control.thread, NULL);
  }
  control.is_running = false;
  atomic_store(&control.is_stopping, false);
  for (size_t i = 0; control.visitors != NULL && i < CONTROL_VISITORS; i++)
    module_visitor_leave(&control.visitors[i]);
  module_visitor_sweep();
  free(control.visitors);
  control.visitors = NULL;
  remove_socket();
  close_fd(&control.listen_fd);
  close_fd(&control.wake_fd);
  close_fd(&control.lock_fd);
  memset(&control.made, 0, sizeof control.made);
}
