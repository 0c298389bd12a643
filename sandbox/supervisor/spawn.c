/* SPDX-License-Identifier: BSD-2-Clause */
/* spawn - the child's way from clone to exec. */
#define _GNU_SOURCE
#include "sandbox/supervisor/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/deadline.h"

#define STACK_BYTES ((size_t)128 << 10)
/* Where descriptors are parked while the low numbers are being filled. */
#define PARKING_FD (SPAWN_MAX_FDS + 1)

/* Shared between parent and child, which run one after the other. */
typedef struct {
  const SpawnPlan *plan;
  pid_t parent;
  volatile int error; /* of the child, 0 until something fails */
} Start;

static int restore_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (int number = 1; number < NSIG; number++) (void)sigaction(number, &action, NULL);
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Death with the parent; it may have died before we could ask. */
static int tie_to_parent(const Start *start) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -1;
  if (getppid() == start->parent) return 0;
  errno = ESRCH;
  return -1;
}

/* Moves a descriptor out of the way of the low numbers. */
static int park(int fd) {
  return fcntl(fd, F_DUPFD_CLOEXEC, PARKING_FD);
}

/* Gives the plan's descriptors their numbers and closes everything else but the
 * program, which ends up behind them and closes itself at exec. */
static int arrange_fds(const SpawnPlan *plan) {
  int parked[SPAWN_MAX_FDS];
  int program = plan->exec_fd < 0 ? -1 : park(plan->exec_fd);
  if (plan->exec_fd >= 0 && program < 0) return -1;
  for (size_t i = 0; i < plan->fd_count; i++)
    if ((parked[i] = park(plan->fds[i])) < 0) return -1;
  for (size_t i = 0; i < plan->fd_count; i++)
    if (dup2(parked[i], (int)i) < 0) return -1;
  int rest = (int)plan->fd_count;
  if (program >= 0 && dup3(program, rest++, O_CLOEXEC) < 0) return -1;
  return (int)syscall(SYS_close_range, (unsigned)rest, ~0u, 0);
}

/* The worker program's C library takes the memory of its one thread by brk, and by mmap where
 * brk fails.  What brk gives lies far from all else and would cost every worker three page
 * tables; a soft limit of 0 refuses it, and nothing else.  The zygote lifts it.  Before 2.36 glibc insists on brk. */
static void refuse_brk(void) {
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 36)
  struct rlimit data;
  if (getrlimit(RLIMIT_DATA, &data) != 0) return;
  data.rlim_cur = 0;
  (void)setrlimit(RLIMIT_DATA, &data);
#endif
#endif
}

static void execute(const SpawnPlan *plan) {
  if (plan->directory != NULL && chdir(plan->directory) != 0) return;
  if (plan->exec_fd < 0) {
    (void)execve(plan->path, (char *const *)plan->argv, (char *const *)plan->envp);
  } else {
    refuse_brk();
    (void)syscall(SYS_execveat, (int)plan->fd_count, "", plan->argv, plan->envp, AT_EMPTY_PATH);
  }
}

/* Runs on a stack that a sanitizer does not know. */
__attribute__((no_sanitize_address)) static int run_child(void *argument) {
  Start *start = argument;
  if (setsid() >= 0 && restore_signals() == 0 && tie_to_parent(start) == 0 &&
      arrange_fds(start->plan) == 0)
    execute(start->plan);
  start->error = errno;
  _exit(127);
}

/* Blocks every signal: a handler of the host must not run in the child, where it
 * would see and change the host's memory. */
static pid_t clone_child(Start *start, void *stack, int *ret_pidfd) {
  sigset_t all, old;
  sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &old);
  pid_t pid = clone(run_child, (char *)stack + STACK_BYTES,
                    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, start, ret_pidfd);
  int error = errno;
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  errno = error;
  return pid;
}

static Status judge_start(const Start *start, Spawned *spawned, int *ret_error) {
  if (spawned->pid < 0) {
    *ret_error = errno;
    return policy_status_from_errno(errno);
  }
  if (start->error == 0) return ST_OK;
  *ret_error = start->error;
  supervisor_spawn_kill(spawned);
  return policy_status_from_errno(start->error);
}

Status supervisor_spawn_start(const SpawnPlan *plan, Spawned *ret_spawned, int *ret_error) {
  Start start = {.plan = plan, .parent = getpid()};
  Spawned spawned = {-1, -1};
  void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    *ret_error = errno;
    return ST_NO_MEMORY;
  }
  spawned.pid = clone_child(&start, stack, &spawned.pidfd);
  Status status = judge_start(&start, &spawned, ret_error);
  (void)munmap(stack, STACK_BYTES);
  if (status == ST_OK) *ret_spawned = spawned;
  return status;
}

/* --- Ending --- */

/* ECHILD is fine: the host may have reaped it. */
static void reap(Spawned *spawned) {
  siginfo_t info;
  while (waitid(P_PIDFD, (id_t)spawned->pidfd, &info, WEXITED) != 0 && errno == EINTR) continue;
  (void)close(spawned->pidfd);
  *spawned = (Spawned){-1, -1};
}

static void send_signal(const Spawned *spawned, int number) {
  (void)syscall(SYS_pidfd_send_signal, spawned->pidfd, number, NULL, 0);
}

void supervisor_spawn_kill(Spawned *spawned) {
  if (spawned->pidfd < 0) return;
  send_signal(spawned, SIGKILL);
  reap(spawned);
}

void supervisor_spawn_end(Spawned *spawned, int signal, unsigned long patience) {
  if (spawned->pidfd < 0) return;
  send_signal(spawned, signal);
  if (ipc_deadline_poll(spawned->pidfd, POLLIN, ipc_deadline_now() + patience) != ST_OK)
    send_signal(spawned, SIGKILL);
  reap(spawned);
}

void supervisor_spawn_forget(Spawned *spawned) {
  if (spawned->pidfd >= 0) (void)close(spawned->pidfd);
  *spawned = (Spawned){-1, -1};
}
