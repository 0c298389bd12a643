/* SPDX-License-Identifier: BSD-2-Clause */
/* seal.c - one function per step, taken in the order of seal_steps.def.
 *
 * Each returns 0 or minus an errno.  The order is not free: the process
 * namespace exists from the clone on; descriptors go before anything that a
 * leaked one could undo; privileges go before no_new_privs, which Landlock and
 * the filter need; the parent is compared after PDEATHSIG is set, so that no
 * moment is uncovered; dumpable comes late because /proc/self/oom_score_adj
 * needs it; the filter is last because it ends the power to do any of this.
 */
#define _GNU_SOURCE
#include "sandbox/worker/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef PR_MDWE_REFUSE_EXEC_GAIN
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef PR_SET_TSC
#define PR_SET_TSC 26
#define PR_TSC_SIGSEGV 2
#endif

/* The steps run while the canary changes under them. */
#define NO_CANARY __attribute__((no_stack_protector))

static int result_of(long r) { return r < 0 ? -errno : 0; }

/* --- Process --- */

static int take_pid_ns(SealPlan *plan) {
  (void)plan; /* the zygote's clone made it: here it is only looked at */
  return syscall(SYS_getpid) == 1 ? 0 : -ENOSYS;
}

NO_CANARY static int take_canary(SealPlan *plan) {
  (void)plan;
  uintptr_t canary = 0;
  if (getrandom(&canary, sizeof canary, 0) != (ssize_t)sizeof canary) return -errno;
  canary &= ~(uintptr_t)0xff; /* a string function stops at its zero byte */
#if defined(__x86_64__)
  __asm__ volatile("mov %0, %%fs:0x28" : : "r"(canary) : "memory");
  return 0;
#elif defined(__aarch64__)
  return -ENOTSUP; /* libc keeps it in a global that RELRO has made read-only */
#endif
}

int worker_seal_close_from(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return 0;
#endif
  struct rlimit most;
  if (getrlimit(RLIMIT_NOFILE, &most) != 0) return -errno;
  for (rlim_t fd = first; fd < most.rlim_cur; fd++) close((int)fd);
  return 0;
}

/* Moves a descriptor; the zygote keeps all of its own above the targets. */
static int move_fd(int from, int to) {
  if (from < 0) {
    close(to);
    return 0;
  }
  return result_of(dup2(from, to));
}

static int map_stop_page(const SealPlan *plan) {
  if (plan->stop_fd < 0) return 0;
  void *at = mmap(plan->stop_page, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, plan->stop_fd, 0);
  if (at == MAP_FAILED) return -errno;
  if (plan->rings.size == 0) return 0;
  at = mmap(plan->rings.data, plan->rings.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, plan->stop_fd, 4096);
  return at == MAP_FAILED ? -errno : 0;
}

static int take_fds(SealPlan *plan) {
  int r = map_stop_page(plan);
  if (r == 0) r = move_fd(plan->request_fd, 0);
  if (r == 0) r = move_fd(plan->reply_fd, 1);
  if (r == 0) r = move_fd(plan->proc_fd, SEAL_FD_PROC);
  if (r == 0) r = move_fd(plan->lifeline_fd, SEAL_FD_LIFELINE);
  if (r == 0) r = worker_seal_close_from(SEAL_FD_LIFELINE + 1);
  return r;
}

static bool is_ignored_signal(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGUSR1 || signal == SIGUSR2;
}

/* By system call: libc refuses to touch the two signals it keeps for itself. */
static int take_signals(SealPlan *plan) {
  struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } action = {0};
  const uint64_t none = 0;
  (void)plan;
  for (int signal = 1; signal <= 64; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    action.handler = is_ignored_signal(signal) ? (void *)SIG_IGN : (void *)SIG_DFL;
    if (syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof none) != 0) return -errno;
  }
  return result_of(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none));
}

static int take_oom_score(SealPlan *plan) {
  (void)plan;
  /* The zygote is not dumpable, which makes the file root's; step `dumpable`
   * takes this back. */
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return -errno;
  int fd = openat(SEAL_FD_PROC, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int r = write(fd, "1000", 4) == 4 ? 0 : -errno;
  close(fd);
  return r;
}

/* --- Privileges --- */

/* Asks first: a host's filter may kill at capset, and where it does there is
 * usually nothing to give up. */
static int take_capabilities(SealPlan *plan) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}};
  struct __user_cap_data_struct now[2];
  (void)plan;
  (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capget, &header, now) != 0) return -errno;
  if (memcmp(now, none, sizeof now) == 0) return 0;
  return result_of(syscall(SYS_capset, &header, none));
}

static int take_no_new_privs(SealPlan *plan) {
  (void)plan;
  return result_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* --- Landlock, spelled out: Debian 12's header knows version 2 only --- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

typedef struct {
  uint64_t files;  /* version 1 */
  uint64_t net;    /* version 4 */
  uint64_t scoped; /* version 6 */
} LandlockRules;

/* Everything that a version can forbid: forbid it all. */
static LandlockRules landlock_everything(long version, size_t *ret_size) {
  unsigned file_bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  *ret_size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  return (LandlockRules){(UINT64_C(1) << file_bits) - 1, version >= 4 ? 3 : 0, version >= 6 ? 3 : 0};
}

static int take_landlock(SealPlan *plan) {
  (void)plan;
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
  if (version < 0) return -errno;
  size_t size;
  LandlockRules rules = landlock_everything(version, &size);
  int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (fd < 0) return -errno;
  int r = result_of(syscall(SYS_landlock_restrict_self, fd, 0));
  close(fd);
  return r;
}

/* --- Memory and resources --- */

static int take_vdso(SealPlan *plan) {
  if (plan->clock_count == 0) return -ENOENT;
  for (unsigned i = 0; i < plan->clock_count; i++) {
    if (munmap(plan->clock[i].data, plan->clock[i].size) != 0) return -errno;
    plan->address_space -= plan->clock[i].size;
  }
  return 0;
}

static int set_limit(int resource, uint64_t value) {
  const struct rlimit64 limit = {value, value};
  return result_of(syscall(SYS_prlimit64, 0, resource, &limit, NULL));
}

static int take_rlimits(SealPlan *plan) {
  /* NOFILE cannot be 0: ppoll refuses more descriptors than that. */
  static const struct { int resource; uint64_t value; } limits[] = {
      {RLIMIT_NOFILE, 1}, {RLIMIT_NPROC, 0},      {RLIMIT_FSIZE, 0},    {RLIMIT_CORE, 0},   {RLIMIT_DATA, 0},
      {RLIMIT_LOCKS, 0},  {RLIMIT_SIGPENDING, 0}, {RLIMIT_MSGQUEUE, 0}, {RLIMIT_MEMLOCK, 0},
      {RLIMIT_NICE, 0},   {RLIMIT_RTPRIO, 0},
  };
  int r = set_limit(RLIMIT_AS, plan->address_space);
  for (size_t i = 0; r == 0 && i < sizeof limits / sizeof limits[0]; i++)
    r = set_limit(limits[i].resource, limits[i].value);
  return r;
}

/* In a process namespace of its own a worker cannot compare parents (they have
 * no number there), so it looks whether the zygote's pidfd has become readable. */
static int take_worker_death(SealPlan *plan) {
  struct pollfd lifeline = {SEAL_FD_LIFELINE, POLLIN, 0};
  (void)plan;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -errno;
  int gone = poll(&lifeline, 1, 0);
  if (gone < 0) return -errno;
  if (gone > 0) return lifeline.revents == POLLIN ? -ESRCH : -EBADF;
  return worker_seal_close_from(SEAL_FD_PROC);
}

static int take_mdwe(SealPlan *plan) {
  (void)plan;
  return result_of(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0));
}

static int take_tsc(SealPlan *plan) {
  (void)plan;
  return result_of(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
}

static int take_dumpable(SealPlan *plan) {
  (void)plan;
  return result_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/* prctl, not seccomp(2): it does the same without flags, and a host's own filter
 * is more likely to let it through (Debian's unit for redis does). */
static int take_filter(SealPlan *plan) {
  return result_of(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &plan->filter, 0, 0));
}

/* --- The order --- */

typedef int (*TakeStep)(SealPlan *plan);

typedef enum { STEP_ZYGOTE, STEP_WORKER } StepWhere;
typedef enum { STEP_OPTIONAL, STEP_FLOOR } StepNeed;

static const StepWhere where_taken[SEAL_COUNT_] = {
#define STEP(name, where, need, what, lack) STEP_##where,
#include "sandbox/seal_steps.def"
#undef STEP
};

static const StepNeed how_needed[SEAL_COUNT_] = {
#define STEP(name, where, need, what, lack) STEP_##need,
#include "sandbox/seal_steps.def"
#undef STEP
};

bool worker_seal_is_floor(SealStep step) { return how_needed[step] == STEP_FLOOR; }
bool worker_seal_is_worker_step(SealStep step) { return where_taken[step] == STEP_WORKER; }

/* A WORKER row without a case, or a case without a row, does not compile or does
 * nothing: the switch is exhaustive, and the zygote's rows are named. */
static TakeStep step_function(SealStep step) {
  switch (step) {
    case SEAL_pid_ns: return take_pid_ns;
    case SEAL_canary: return take_canary;
    case SEAL_fds: return take_fds;
    case SEAL_signals: return take_signals;
    case SEAL_oom_score: return take_oom_score;
    case SEAL_capabilities: return take_capabilities;
    case SEAL_no_new_privs: return take_no_new_privs;
    case SEAL_landlock: return take_landlock;
    case SEAL_vdso: return take_vdso;
    case SEAL_rlimits: return take_rlimits;
    case SEAL_worker_death: return take_worker_death;
    case SEAL_mdwe: return take_mdwe;
    case SEAL_tsc: return take_tsc;
    case SEAL_dumpable: return take_dumpable;
    case SEAL_filter: return take_filter;
    case SEAL_user_ns:
    case SEAL_net_ns:
    case SEAL_ipc_ns:
    case SEAL_uts_ns:
    case SEAL_mount_ns:
    case SEAL_empty_root:
    case SEAL_ids:
    case SEAL_bounding:
    case SEAL_parent_death:
    case SEAL_layout:
    case SEAL_COUNT_: break;
  }
  return NULL;
}

NO_CANARY static int take_step(SealPlan *plan, SealStep step) {
  SealBoard *board = plan->board;
  if (board != NULL) board->current = step;
  int r = step_function(step)(plan);
  if (board != NULL)
    board->steps[step] = (SealReport){(uint16_t)(r == 0 ? SEAL_APPLIED : SEAL_UNAVAILABLE), (int16_t)-r};
  return r;
}

NO_CANARY SealStep worker_seal_apply(SealPlan *plan, uint64_t *ret_applied) {
  uint64_t applied = 0;
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    SealStep step = (SealStep)i;
    if (!worker_seal_is_worker_step(step) || (plan->skip & SEAL_BIT(step)) != 0) continue;
    if (take_step(plan, step) == 0) applied |= SEAL_BIT(step);
    else if (plan->board == NULL || worker_seal_is_floor(step)) return step;
  }
  if (plan->board != NULL) plan->board->current = SEAL_COUNT_;
  *ret_applied = applied;
  return SEAL_COUNT_;
}
