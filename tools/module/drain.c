/* SPDX-License-Identifier: BSD-2-Clause */
/* drain - posix_spawn(3) copies nothing of the server; a pidfd tells of the end.
 *
 * The server may reap the process before we do, as it does with all its children.
 */
#define _GNU_SOURCE
#include "tools/module/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build_info.h"
#include "tools/module/clock.h"
#include "tools/module/program.h"

#define PROGRAM "ferrous-sandbox-ledger"
#define SECOND UINT64_C(1000000000)
#define MOST_BACK_OFF (60 * SECOND)
#define STOP_WAIT_MS 3000

static struct {
  char program[PATH_MAX], journal[PATH_MAX], ledger[PATH_MAX], sync[16];
  bool is_wanted;
  int pipe, pidfd; /* -1: it does not run */
  uint64_t started, next_start, back_off, looked;
  uint32_t failures; /* as it told last */
} drain = {.pipe = -1, .pidfd = -1};

/* --- Starting --- */

static int spawn_with(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int stop, pid_t *ret_pid) {
  sigset_t none, all;
  char *argv[] = {drain.program, (char[]){"drain"}, (char[]){"--sync"}, drain.sync, drain.journal, drain.ledger, NULL};
  char *envp[] = {NULL};
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawn_file_actions_adddup2(actions, stop, 0);
  if (error == 0) error = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
  if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0)
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return error != 0 ? error : posix_spawn(ret_pid, drain.program, actions, attributes, argv, envp);
}

static int spawn(int stop, pid_t *ret_pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    error = spawn_with(&actions, &attributes, stop, ret_pid);
    (void)posix_spawnattr_destroy(&attributes);
  }
  (void)posix_spawn_file_actions_destroy(&actions);
  return error;
}

static int start_process(void) {
  int pipes[2];
  pid_t pid;
  if (pipe2(pipes, O_CLOEXEC) != 0) return errno;
  int error = spawn(pipes[0], &pid);
  (void)close(pipes[0]);
  if (error == 0) {
    drain.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (drain.pidfd < 0) error = errno;
  }
  if (error != 0) {
    (void)close(pipes[1]);
    return error;
  }
  drain.pipe = pipes[1];
  drain.started = module_clock_now();
  return 0;
}

static void start_or_log(RedisCtx *ctx) {
  int error = start_process();
  if (error == 0) return;
  rm.Log(ctx, "warning", "the ledger's drain %s cannot be started: %s; the journal keeps counting", drain.program,
         strerror(error));
}

bool module_drain_start(RedisCtx *ctx, const char *journal, const char *ledger, unsigned sync_ms) {
  if (!module_program_find(PROGRAM, drain.program))
    (void)snprintf(drain.program, sizeof drain.program, "%s/%s", FERROUS_LIBEXEC_DIR, PROGRAM);
  if (access(drain.program, X_OK) != 0) {
    rm.Log(ctx, "warning", "sandbox.ledger is set, but %s cannot be executed: %s", drain.program, strerror(errno));
    return false;
  }
  (void)snprintf(drain.journal, sizeof drain.journal, "%s", journal);
  (void)snprintf(drain.ledger, sizeof drain.ledger, "%s", ledger);
  (void)snprintf(drain.sync, sizeof drain.sync, "%u", sync_ms);
  drain.is_wanted = true;
  drain.back_off = SECOND;
  start_or_log(ctx);
  return true;
}

/* --- Watching --- */

static bool has_ended(void) {
  struct pollfd end = {.fd = drain.pidfd, .events = POLLIN};
  return drain.pidfd >= 0 && poll(&end, 1, 0) > 0;
}

static void forget_process(void) {
  siginfo_t info;
  if (drain.pidfd >= 0) {
    while (waitid(P_PIDFD, (id_t)drain.pidfd, &info, WEXITED | WNOHANG) != 0 && errno == EINTR) continue;
    (void)close(drain.pidfd);
  }
  if (drain.pipe >= 0) (void)close(drain.pipe);
  drain.pipe = drain.pidfd = -1;
}

/* One that lived for a while is started again soon. */
static void bury(RedisCtx *ctx, uint64_t now) {
  if (now - drain.started > MOST_BACK_OFF) drain.back_off = SECOND;
  forget_process();
  drain.next_start = now + drain.back_off;
  rm.Log(ctx, "warning", "the ledger's drain ended; it is started again in %llu s, and the journal keeps counting",
         (unsigned long long)(drain.back_off / SECOND));
  drain.back_off = 2 * drain.back_off < MOST_BACK_OFF ? 2 * drain.back_off : MOST_BACK_OFF;
}

static void pass_on(RedisCtx *ctx, const Journal *journal) {
  JournalDrain told;
  policy_journal_drain(journal, &told);
  if (told.failures != 0 && drain.failures == 0)
    rm.Log(ctx, "warning", "the ledger cannot be written: %s; the journal keeps counting", told.text);
  if (told.failures == 0 && drain.failures != 0)
    rm.Log(ctx, "notice", "the ledger is written again");
  drain.failures = told.failures;
}

void module_drain_tend(RedisCtx *ctx, const Journal *journal) {
  uint64_t now = module_clock_now();
  if (!drain.is_wanted || now - drain.looked < SECOND / 2) return;
  drain.looked = now;
  if (has_ended()) bury(ctx, now);
  if (drain.pidfd < 0 && now >= drain.next_start) {
    start_or_log(ctx);
    if (drain.pidfd < 0) drain.next_start = now + drain.back_off;
  }
  pass_on(ctx, journal);
}

void module_drain_stop(void) {
  struct pollfd end = {.fd = drain.pidfd, .events = POLLIN};
  drain.is_wanted = false;
  if (drain.pipe >= 0) (void)close(drain.pipe);
  drain.pipe = -1;
  if (drain.pidfd >= 0) (void)poll(&end, 1, STOP_WAIT_MS);
  forget_process();
}
