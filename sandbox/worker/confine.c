/* SPDX-License-Identifier: BSD-2-Clause */
/* confine.c - the zygote's own steps.
 *
 * Two orders: an unprivileged zygote needs the user namespace first, to be
 * allowed the others; root makes the others itself, gives up its ids, and then
 * enters a user namespace only to be able to make process namespaces later.
 * No id is mapped in it: whoever is inside is nobody, and cannot become anybody.
 */
#define _GNU_SOURCE
#include "sandbox/worker/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int result_of(long r) { return r < 0 ? -errno : 0; }

static int enter(int flag) { return result_of(unshare(flag)); }

/* A user namespace comes with every capability.  Where they cannot be given up again, be it
 * that the host's filter kills at capset, it must not be entered: this is where to find out. */
static int try_capset(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct same[2];
  if (syscall(SYS_capget, &header, same) != 0) return -errno;
  return result_of(syscall(SYS_capset, &header, same));
}

static int take_user_ns(const ConfinePlan *plan) {
  (void)plan;
  int r = try_capset();
  return r != 0 ? r : enter(CLONE_NEWUSER);
}

static int take_net_ns(const ConfinePlan *plan) {
  (void)plan;
  return enter(CLONE_NEWNET);
}

static int take_ipc_ns(const ConfinePlan *plan) {
  (void)plan;
  return enter(CLONE_NEWIPC);
}

static int take_uts_ns(const ConfinePlan *plan) {
  (void)plan;
  return enter(CLONE_NEWUTS);
}

static int take_mount_ns(const ConfinePlan *plan) {
  (void)plan;
  int r = enter(CLONE_NEWNS);
  return r != 0 ? r : result_of(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* Where to put the new root until it is the root: any directory will do. */
static int mount_empty(void) {
  static const char *const places[] = {"/proc", "/tmp", "/dev"};
  const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  int r = -ENOENT;
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    r = result_of(mount("none", places[i], "tmpfs", flags, "mode=0555,size=4k,nr_inodes=2"));
    if (r == 0) return result_of(chdir(places[i]));
  }
  return r;
}

static int take_empty_root(const ConfinePlan *plan) {
  (void)plan;
  int r = mount_empty();
  /* With both paths the same, the old root ends up on top of the new one. */
  if (r == 0) r = result_of(syscall(SYS_pivot_root, ".", "."));
  if (r == 0) r = result_of(umount2(".", MNT_DETACH));
  return r != 0 ? r : result_of(chdir("/"));
}

static bool is_root(void) {
  uid_t real, effective, saved;
  return getresuid(&real, &effective, &saved) != 0 || real == 0 || effective == 0 || saved == 0;
}

/* Which capabilities are out already is asked first: who may not drop any need not. */
static int empty_bounding_set(void) {
  for (int capability = 0; capability < 64; capability++) {
    int is_there = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (is_there < 0) return capability > 0 ? 0 : -errno; /* past the kernel's last */
    if (is_there != 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return -errno;
  }
  return 0;
}

/* In somebody's user namespace with a single id there is no other to take; then
 * root there is an ordinary user outside.  What can be done is done.  Nobody may not empty
 * the bounding set, and where there is no user namespace to enter, this is the last chance. */
static int take_ids(const ConfinePlan *plan) {
  (void)empty_bounding_set();
  int groups = result_of(setgroups(0, NULL));
  int gid = result_of(setresgid(plan->gid, plan->gid, plan->gid));
  int uid = result_of(setresuid(plan->uid, plan->uid, plan->uid));
  return groups != 0 ? groups : gid != 0 ? gid : uid;
}

/* Of what a user namespace gave, the zygote keeps the one capability that makes
 * process namespaces; its workers keep none. */
static int keep_one_capability(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct now[2];
  if (syscall(SYS_capget, &header, now) != 0) return -errno;
  const uint32_t kept = now[0].permitted & (UINT32_C(1) << CAP_SYS_ADMIN);
  const struct __user_cap_data_struct less[2] = {{kept, kept, 0}, {0, 0, 0}};
  return result_of(syscall(SYS_capset, &header, less));
}

static int take_bounding(const ConfinePlan *plan) {
  (void)plan;
  int r = empty_bounding_set();
  return r != 0 ? r : keep_one_capability();
}

static int take_parent_death(const ConfinePlan *plan) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -errno;
  return getppid() == plan->parent_pid ? 0 : -ESRCH;
}

/* --- The order --- */

typedef struct {
  SealStep step;
  int (*take)(const ConfinePlan *plan);
} ConfineStep;

/* Takes a step and reports it; false when a floor step failed. */
static bool take_step(const ConfinePlan *plan, ConfineStep s) {
  SealBoard *board = plan->board;
  if ((plan->skip & SEAL_BIT(s.step)) != 0) return !worker_seal_is_floor(s.step);
  board->current = s.step;
  int r = s.take(plan);
  board->steps[s.step] = (SealReport){(uint16_t)(r == 0 ? SEAL_APPLIED : SEAL_UNAVAILABLE), (int16_t)-r};
  return r == 0 || !worker_seal_is_floor(s.step);
}

static bool is_taken(const ConfinePlan *plan, SealStep step) {
  return plan->board->steps[step].state == SEAL_APPLIED;
}

static void take_namespaces(const ConfinePlan *plan) {
  static const ConfineStep steps[] = {{SEAL_net_ns, take_net_ns},
                                      {SEAL_ipc_ns, take_ipc_ns},
                                      {SEAL_uts_ns, take_uts_ns},
                                      {SEAL_mount_ns, take_mount_ns}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
    if (!is_taken(plan, steps[i].step)) (void)take_step(plan, steps[i]);
  if (is_taken(plan, SEAL_mount_ns) && !is_taken(plan, SEAL_empty_root))
    (void)take_step(plan, (ConfineStep){SEAL_empty_root, take_empty_root});
}

SealStep worker_confine_apply(const ConfinePlan *plan) {
  const ConfineStep user_ns = {SEAL_user_ns, take_user_ns};
  if (is_root()) {
    take_namespaces(plan);
    (void)take_step(plan, (ConfineStep){SEAL_ids, take_ids});
    (void)take_step(plan, user_ns);
    take_namespaces(plan); /* what a root without capabilities could not have before */
  } else {
    plan->board->steps[SEAL_ids].state = SEAL_NOT_NEEDED;
    (void)take_step(plan, user_ns);
    take_namespaces(plan);
  }
  (void)take_step(plan, (ConfineStep){SEAL_bounding, take_bounding});
  if (!take_step(plan, (ConfineStep){SEAL_parent_death, take_parent_death})) return SEAL_parent_death;
  return SEAL_COUNT_;
}
