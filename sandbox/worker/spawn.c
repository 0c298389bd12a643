/* SPDX-License-Identifier: BSD-2-Clause */
/* spawn.c - the fork itself, by system call.
 *
 * libc's fork runs handlers and takes locks that a single-threaded zygote does
 * not have, and it knows neither pidfds nor namespaces.  Its clone is the bare call.
 */
#define _GNU_SOURCE
#include "sandbox/worker/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_one(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void worker_spawn_close(SpawnPipes *pipes) {
  close_one(&pipes->request_read);
  close_one(&pipes->request_write);
  close_one(&pipes->reply_read);
  close_one(&pipes->reply_write);
}

Status worker_spawn_open(SpawnPipes *ret_pipes) {
  int request[2], reply[2];
  if (pipe2(request, O_CLOEXEC) != 0) return policy_status_from_errno(errno);
  if (pipe2(reply, O_CLOEXEC) != 0 || fcntl(request[0], F_SETFL, O_NONBLOCK) != 0) {
    Status s = policy_status_from_errno(errno);
    close(request[0]);
    close(request[1]);
    return s;
  }
  *ret_pipes = (SpawnPipes){
      .request_read = request[0], .request_write = request[1], .reply_read = reply[0], .reply_write = reply[1]};
  return ST_OK;
}

pid_t worker_spawn_clone(bool in_pid_ns, void *stack_end, int (*body)(void *argument), void *argument, int *ret_pidfd) {
  int flags = CLONE_PIDFD | SIGCHLD | (in_pid_ns ? CLONE_NEWPID : 0);
  int pid = clone(body, stack_end, flags, argument, ret_pidfd);
  return pid < 0 ? (pid_t)-errno : (pid_t)pid;
}

pid_t worker_spawn_fork(bool in_pid_ns, int *ret_pidfd) {
  int pidfd = -1;
  unsigned long flags = CLONE_PIDFD | SIGCHLD | (in_pid_ns ? CLONE_NEWPID : 0);
  /* The third argument is the same on both processors; the last two, which
   * differ in order, are not used. */
  long pid = syscall(SYS_clone, flags, NULL, &pidfd, NULL, NULL);
  if (pid < 0) return (pid_t)-errno;
  *ret_pidfd = pidfd;
  return (pid_t)pid;
}
