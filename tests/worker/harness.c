/* SPDX-License-Identifier: BSD-2-Clause */
/* harness - see harness.h. */
#define _GNU_SOURCE
#include "harness.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/fdpass.h"
#include "policy/seccomp.h"

#define DEADLINE_NS UINT64_C(5000000000)

static const char *const step_names[SEAL_COUNT_] = {
#define STEP(name, where, need, what, lack) #name,
#include "sandbox/seal_steps.def"
#undef STEP
};

const char *harness_step_name(SealStep step) { return step_names[step]; }

uint64_t harness_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool harness_has(const Harness *h, SealStep step, const char *test) {
  if ((h->report.applied & SEAL_BIT(step)) != 0) return true;
  printf("SKIP %s: step %s is not available here (state %d, error %d)\n", test, step_names[step],
         h->report.steps[step].state, h->report.steps[step].error);
  return false;
}

/* --- Hosts that restrict us --- */

static void load_filter(struct sock_filter *code, unsigned short count) {
  struct sock_fprog program = {count, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(99);
}

#define NUMBER (offsetof(struct seccomp_data, nr))
#define ARG0_LOW (offsetof(struct seccomp_data, args))

/* What a kernel without user namespaces answers. */
static void refuse_user_ns(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG0_LOW),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  load_filter(code, sizeof code / sizeof code[0]);
}

/* What systemd's SystemCallFilter does by default. */
static void kill_at_unshare(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  load_filter(code, sizeof code / sizeof code[0]);
}

/* RestrictNamespaces=true: every flag of a namespace gives EPERM. */
static int restrict_namespaces(scmp_filter_ctx ctx) {
  static const uint64_t flags[] = {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS,
                                   CLONE_NEWPID,    CLONE_NEWUSER, CLONE_NEWUTS};
  int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  for (size_t i = 0; r == 0 && i < sizeof flags / sizeof flags[0]; i++) {
    const struct scmp_arg_cmp has = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, flags[i], flags[i]);
    r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1, &has);
    if (r == 0) r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &has);
  }
  return r;
}

static int allow_what_the_unit_allows(scmp_filter_ctx ctx) {
  static const char *const names[] = {
#define CALL(name) #name,
#include "redis_unit.def"
#undef CALL
  };
  int r = 0;
  for (size_t i = 0; r == 0 && i < sizeof names / sizeof names[0]; i++) {
    int number = seccomp_syscall_resolve_name(names[i]);
    if (number >= 0) r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
  }
  return r;
}

/* By way of a pipe: libseccomp's own loading needs what policy/seccomp.c may have
 * told it not to look for. */
static void load_context(scmp_filter_ctx ctx) {
  static struct sock_filter code[4096];
  int ends[2];
  if (pipe(ends) != 0 || seccomp_export_bpf(ctx, ends[1]) != 0) _exit(95);
  ssize_t size = read(ends[0], code, sizeof code);
  close(ends[0]);
  close(ends[1]);
  if (size <= 0) _exit(94);
  load_filter(code, (unsigned short)((size_t)size / sizeof code[0]));
}

/* The allow-list comes last: it forbids loading any more. */
static void enter_redis_unit(void) {
  scmp_filter_ctx namespaces = seccomp_init(SCMP_ACT_ALLOW), calls = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (restrict_namespaces(namespaces) != 0 || allow_what_the_unit_allows(calls) != 0) _exit(96);
  load_context(namespaces);
  load_context(calls);
}

/* --- Starting --- */

static void put_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) _exit(93);
  close(fd);
}

static void enter_lonely_namespace(void) {
  char map[64];
  (void)snprintf(map, sizeof map, "0 %d 1", (int)geteuid());
  if (unshare(CLONE_NEWUSER) != 0) _exit(92);
  put_file("/proc/self/setgroups", "deny");
  put_file("/proc/self/uid_map", map);
  put_file("/proc/self/gid_map", map);
}

static void drop_bounding_set(void) {
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability) == 0;) capability++;
}

static void become(const HarnessOptions *o) {
  if (o->one_id) enter_lonely_namespace();
  if (o->no_caps) drop_bounding_set();
  if (o->uid != 0 && (setresgid(o->uid, o->uid, o->uid) != 0 || setresuid(o->uid, o->uid, o->uid) != 0)) _exit(98);
  /* Changing ids makes a process undumpable until it executes something. */
  if (o->no_user_ns) refuse_user_ns();
  if (o->kill_unshare) kill_at_unshare();
  if (o->redis_unit) enter_redis_unit();
}

static void execute(const HarnessOptions *o, int program, int control) {
  char *const argv[] = {(char *)(uintptr_t) "ferrous-sandbox-worker", NULL}, *const environment[] = {NULL};
  int null = open("/dev/null", O_RDWR);
  /* Both above the targets first, so that neither overwrites the other. */
  program = fcntl(program, F_DUPFD_CLOEXEC, 100);
  control = fcntl(control, F_DUPFD_CLOEXEC, 100);
  dup2(null, 0);
  dup2(null, 1);
  dup2(control, ZYGOTE_CONTROL_FD);
  become(o);
  syscall(SYS_execveat, program, "", argv, environment, AT_EMPTY_PATH);
  _exit(97);
}

typedef struct {
  ZygoteConfig config;
  struct sock_filter filter[ZYGOTE_FILTER_MAX];
} Packet;

static void fill_filter(Packet *p, bool is_open) {
  static PolicyFilter filter;
  const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  ck_assert_int_eq(policy_seccomp_build(POLICY_NATIVE_ARCH, &filter), ST_OK);
  p->config.filter_count = is_open ? 1 : filter.count;
  memcpy(p->filter, is_open ? &all : filter.code, p->config.filter_count * sizeof all);
}

static void send_config(const Harness *h, const HarnessOptions *o) {
  Packet p = {.config = {.header = {ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, ZYGOTE_CONFIG},
                         .build_id = FERROUS_BUILD_ID_U64 ^ o->wrong_build,
                         .require = o->require,
                         .avoid = o->avoid,
                         .memory = o->memory == 0 ? 1 << 20 : o->memory,
                         .script_bytes = 1 << 20,
                         .arg_bytes = 1 << 20,
                         .reply_bytes = 1 << 20,
                         .parent_pid = getpid()}};
  fill_filter(&p, o->no_filter);
  size_t size = sizeof p.config + p.config.filter_count * sizeof p.filter[0];
  ck_assert_int_eq(ipc_fdpass_send(h->control, &p, size, NULL, 0, harness_now() + DEADLINE_NS), ST_OK);
}

void harness_start(Harness *h, const HarnessOptions *o) {
  int pair[2];
  FdPacket packet;
  int program = open(o->program, O_RDONLY | O_CLOEXEC);
  ck_assert_msg(program >= 0, "cannot open %s", o->program);
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  h->control = pair[0];
  h->pid = fork();
  if (h->pid == 0) execute(o, program, pair[1]);
  close(pair[1]);
  close(program);
  send_config(h, o);
  Status s = ipc_fdpass_receive(h->control, &h->report, sizeof h->report, 0, harness_now() + DEADLINE_NS, &packet);
  ck_assert_msg(s == ST_OK && packet.size == sizeof h->report, "the zygote did not report: %s", policy_status_text(s));
}

int harness_stop(Harness *h) {
  int status = 0;
  close(h->control);
  ck_assert_int_eq(waitpid(h->pid, &status, 0), h->pid);
  return status;
}

/* --- Workers --- */

static int make_stop_page(void) {
  int fd = memfd_create("stop", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(ftruncate(fd, 4096), 0);
  ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  return fd;
}

HarnessWorker harness_spawn(Harness *h) {
  const ZygoteSpawn order = {.header = {ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, ZYGOTE_SPAWN}, .request = 7};
  uint64_t deadline = harness_now() + DEADLINE_NS;
  ZygoteSpawned answer;
  FdPacket packet;
  HarnessWorker w = {.request = -1, .reply = -1, .pidfd = -1, .stop = make_stop_page()};
  ck_assert_int_eq(ipc_fdpass_send(h->control, &order, sizeof order, &w.stop, 1, deadline), ST_OK);
  ck_assert_int_eq(ipc_fdpass_receive(h->control, &answer, sizeof answer, SPAWNED_FD_COUNT_, deadline, &packet), ST_OK);
  ck_assert_uint_eq(packet.size, sizeof answer);
  ck_assert(answer.header.type == ZYGOTE_SPAWNED && answer.request == 7);
  w.error = answer.error;
  if (answer.error != 0) return w;
  ck_assert_uint_eq(packet.fd_count, SPAWNED_FD_COUNT_);
  w.request = packet.fds[SPAWNED_FD_REQUEST];
  w.reply = packet.fds[SPAWNED_FD_REPLY];
  w.pidfd = packet.fds[SPAWNED_FD_PIDFD];
  w.pid = answer.pid;
  w.worker = answer.worker;
  return w;
}

ZygoteExited harness_wait(Harness *h, HarnessWorker *w) {
  ZygoteExited end;
  FdPacket packet;
  Status s = ipc_fdpass_receive(h->control, &end, sizeof end, 0, harness_now() + DEADLINE_NS, &packet);
  ck_assert_msg(s == ST_OK, "no word of the worker's end: %s", policy_status_text(s));
  ck_assert(packet.size == sizeof end && end.header.type == ZYGOTE_EXITED);
  ck_assert_int_eq(end.pid, w->pid);
  ck_assert_uint_eq(end.worker, w->worker);
  const int fds[] = {w->request, w->reply, w->pidfd, w->stop};
  for (int i = 0; i < 4; i++)
    if (fds[i] >= 0) close(fds[i]);
  return end;
}

bool harness_read(int fd, void *to, size_t size) {
  char *at = to;
  uint64_t deadline = harness_now() + 2 * UINT64_C(1000000000);
  while (size > 0) {
    struct pollfd p = {fd, POLLIN, 0};
    uint64_t t = harness_now();
    if (t >= deadline || poll(&p, 1, (int)((deadline - t) / 1000000) + 1) <= 0) return false;
    ssize_t n = read(fd, at, size);
    if (n <= 0) return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

/* --- Puppets --- */

bool harness_order(HarnessWorker *w, const PuppetOrder *order, int64_t *ret_answer) {
  /* A dead puppet's pipe raises SIGPIPE; the failed read tells the same. */
  void (*before)(int) = signal(SIGPIPE, SIG_IGN);
  bool is_sent = write(w->request, order, sizeof *order) == (ssize_t)sizeof *order;
  signal(SIGPIPE, before);
  return is_sent && harness_read(w->reply, ret_answer, sizeof *ret_answer);
}

bool harness_try(Harness *h, const PuppetOrder *order, int64_t *ret_answer, ZygoteExited *ret_end) {
  PuppetHello hello;
  HarnessWorker w = harness_spawn(h);
  ck_assert_int_eq(w.error, 0);
  ck_assert_msg(harness_read(w.reply, &hello, sizeof hello), "the worker did not get through its seal");
  bool is_alive = harness_order(&w, order, ret_answer);
  close(w.request);
  w.request = -1;
  *ret_end = harness_wait(h, &w);
  return is_alive;
}
