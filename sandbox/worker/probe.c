/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.c - runs the real sequences in children and reads what became of them. */
#define _GNU_SOURCE
#include "sandbox/worker/probe.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/io.h"
#include "sandbox/worker/spawn.h"

static SealBoard *map_board(void) {
  void *at = mmap(NULL, sizeof(SealBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}

/* Waits for a child; returns its status as waitpid() has it, -1 when it has none. */
static int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return status;
}

/* Waits for a child; returns the signal that ended it, or 0. */
static int wait_for(pid_t child) {
  int status = status_of(child);
  return status != -1 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Notes on the board that the step under way killed its process. */
static SealStep note_death(SealBoard *board, int signal, uint64_t *skip) {
  SealStep step = (SealStep)board->current;
  if (step >= SEAL_COUNT_) return SEAL_filter; /* died after the last step: the filter is to blame */
  board->steps[step] = (SealReport){SEAL_REFUSED, (int16_t)signal};
  *skip |= SEAL_BIT(step);
  return step;
}

/* Marks what was left out because the configuration says so. */
static void note_avoided(SealReport *reports, uint64_t skip, bool of_worker) {
  for (unsigned i = 0; i < SEAL_COUNT_; i++)
    if (worker_seal_is_worker_step((SealStep)i) == of_worker && (skip & SEAL_BIT(i)) != 0 &&
        reports[i].state == SEAL_NOT_TRIED)
      reports[i].state = SEAL_AVOIDED;
}

/* --- The zygote's steps --- */

/* Without a filter nothing here can kill, and the real thing may report. */
static bool is_under_filter(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_DISABLED; }

static void place_and_exit(void) {
  cpu_set_t set;
  bool is_done = sched_getaffinity(0, sizeof set, &set) == 0 && sched_setaffinity(0, sizeof set, &set) == 0;
  _exit(is_done ? 0 : 1);
}

bool worker_probe_place(void) {
  if (!is_under_filter()) return true;
  pid_t child = fork();
  if (child == 0) place_and_exit();
  return child > 0 && status_of(child) == 0;
}

static void confine_and_exit(ConfinePlan *plan) {
  plan->parent_pid = getppid();
  (void)worker_confine_apply(plan);
  _exit(0);
}

/* What a throw-away child took is not taken yet. */
static void forget_tries(SealBoard *board) {
  for (unsigned i = 0; i < SEAL_COUNT_; i++)
    if (board->steps[i].state == SEAL_APPLIED || board->steps[i].state == SEAL_UNAVAILABLE)
      board->steps[i] = (SealReport){SEAL_NOT_TRIED, 0};
}

/* One child after the other until one survives the whole sequence. */
static SealStep find_deadly_steps(ConfinePlan *plan) {
  for (;;) {
    pid_t child = fork();
    if (child == 0) confine_and_exit(plan);
    int signal = child < 0 ? 0 : wait_for(child);
    forget_tries(plan->board);
    if (signal == 0) return SEAL_COUNT_;
    SealStep step = note_death(plan->board, signal, &plan->skip);
    if (worker_seal_is_floor(step)) return step;
  }
}

SealStep worker_probe_confine(ConfinePlan *plan, SealReport *reports) {
  SealBoard *board = map_board();
  if (board == NULL) return SEAL_layout;
  note_avoided(board->steps, plan->skip, false);
  plan->board = board;
  SealStep failed = is_under_filter() ? find_deadly_steps(plan) : SEAL_COUNT_;
  if (failed == SEAL_COUNT_) failed = worker_confine_apply(plan);
  for (unsigned i = 0; i < SEAL_COUNT_; i++)
    if (!worker_seal_is_worker_step((SealStep)i) && i != SEAL_layout) reports[i] = board->steps[i];
  munmap(board, sizeof *board);
  plan->board = NULL;
  return failed;
}

/* --- The workers' steps --- */

/* Tries the clone and notes how it went. */
static void try_pid_ns(SealBoard *board) {
  int pidfd = -1;
  pid_t inner = worker_spawn_fork(true, &pidfd);
  if (inner == 0) ipc_io_exit(0);
  if (inner > 0) {
    wait_for(inner);
    close(pidfd);
  }
  board->steps[SEAL_pid_ns] =
      (SealReport){(uint16_t)(inner > 0 ? SEAL_APPLIED : SEAL_UNAVAILABLE), (int16_t)(inner > 0 ? 0 : -inner)};
}

/* Whether a clone with a process namespace fails, or kills. */
static void probe_pid_ns(SealPlan *plan) {
  if ((plan->skip & SEAL_BIT(SEAL_pid_ns)) != 0) return;
  plan->board->current = SEAL_pid_ns;
  pid_t middle = is_under_filter() ? fork() : -1;
  if (middle <= 0) try_pid_ns(plan->board);
  if (middle == 0) _exit(0);
  int signal = middle < 0 ? 0 : wait_for(middle);
  if (signal != 0) (void)note_death(plan->board, signal, &plan->skip);
  if (plan->board->steps[SEAL_pid_ns].state != SEAL_APPLIED) plan->skip |= SEAL_BIT(SEAL_pid_ns);
}

/* Seals a child; returns the signal that ended it, 0 for a clean end, or minus an errno. */
static int try_seal(SealPlan *plan) {
  SpawnPipes pipes;
  int pidfd = -1;
  if (worker_spawn_open(&pipes) != ST_OK) return -errno;
  plan->request_fd = pipes.request_read;
  plan->reply_fd = pipes.reply_write;
  pid_t child = worker_spawn_fork((plan->skip & SEAL_BIT(SEAL_pid_ns)) == 0, &pidfd);
  if (child == 0) {
    uint64_t applied;
    plan->skip |= SEAL_BIT(SEAL_canary); /* this function's own canary was made before */
    (void)worker_seal_apply(plan, &applied);
    ipc_io_exit(0);
  }
  int signal = child < 0 ? child : wait_for(child);
  if (child > 0) close(pidfd);
  worker_spawn_close(&pipes);
  return signal;
}

/* The first floor step that was not taken, or SEAL_COUNT_. */
static SealStep find_missing_floor(const SealBoard *board) {
  for (unsigned i = 0; i < SEAL_COUNT_; i++)
    if (worker_seal_is_worker_step((SealStep)i) && worker_seal_is_floor((SealStep)i) &&
        board->steps[i].state != SEAL_APPLIED)
      return (SealStep)i;
  return SEAL_COUNT_;
}

static SealStep try_until_sealed(SealPlan *plan) {
  for (;;) {
    plan->board->current = SEAL_fds;
    int signal = try_seal(plan);
    if (signal < 0) return SEAL_fds;
    if (signal == 0) return find_missing_floor(plan->board);
    SealStep step = note_death(plan->board, signal, &plan->skip);
    if (worker_seal_is_floor(step)) return step;
  }
}

/* The canary needs no child: getrandom either works or not, and the zygote has
 * used it to place the arena. */
static void report_canary(const SealPlan *plan, SealReport *report) {
  if ((plan->skip & SEAL_BIT(SEAL_canary)) != 0) return;
#if defined(__x86_64__)
  report->state = SEAL_APPLIED;
#else
  *report = (SealReport){SEAL_UNAVAILABLE, ENOTSUP};
#endif
}

SealStep worker_probe_seal(SealPlan *plan, SealReport *reports) {
  SealBoard *board = map_board();
  if (board == NULL) return SEAL_layout;
  plan->board = board;
  note_avoided(board->steps, plan->skip, true);
  report_canary(plan, &board->steps[SEAL_canary]);
  probe_pid_ns(plan);
  SealStep failed = try_until_sealed(plan);
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    if (!worker_seal_is_worker_step((SealStep)i)) continue;
    reports[i] = board->steps[i];
    if (board->steps[i].state != SEAL_APPLIED) plan->skip |= SEAL_BIT(i);
  }
  munmap(board, sizeof *board);
  plan->board = NULL;
  return failed;
}
