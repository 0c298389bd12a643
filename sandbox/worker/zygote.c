/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote.c - start-up in one straight line, then a loop that forks and reaps.
 *
 * The zygote stays small, because every fork copies its page tables: few
 * descriptors, no heap, and a base image that was built once.  It holds no
 * secret: everything in its memory is in every worker's memory.
 */
#define _GNU_SOURCE
#include "sandbox/worker/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/deadline.h"
#include "ipc/fdpass.h"
#include "ipc/io.h"
#include "sandbox/worker/probe.h"
#include "sandbox/worker/relax.h"
#include "sandbox/worker/spawn.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define MAX_WORKERS 8192
#define MAX_FDS 64
#define NOBODY 65534

typedef struct {
  pid_t pid; /* 0: free */
  uint32_t worker;
} Child;

/* The configuration packet, as it arrives. */
typedef struct {
  ZygoteConfig config;
  struct sock_filter filter[ZYGOTE_FILTER_MAX + RELAX_INSTRUCTIONS];
} ConfigPacket;

/* What all workers inherit.  It is written while the zygote starts and then only read, for each of
 * its pages that the zygote writes between two forks is one page more for a worker. */
typedef struct {
  WorkerProgram program;
  Layout layout;
  SealPlan plan;    /* but for the pipes and the stop page */
  uint64_t applied; /* by the zygote itself */
  ConfigPacket packet;
} Estate;

/* What one worker is born with.  It lies at the end of its stack, which it will write itself. */
typedef struct {
  _Alignas(16) const Estate *estate;
  int request_fd;
  int reply_fd;
  int stop_fd;
  bool with_rings;
} Birth;

_Static_assert(sizeof(Birth) % 16 == 0, "the stack below it is aligned");

/* On the zygote's own stack, which workers do not have. */
typedef struct {
  Estate *estate;
  Region stack; /* this one */
  ZygoteReport report;
  Child *children;  /* wiped in the workers */
  uint32_t last_worker;
  uint32_t live;
  bool is_retired;
} Zygote;

_Static_assert(sizeof(ZygoteInstruction) == sizeof(struct sock_filter), "the same thing");

/* --- Packets --- */

static bool is_packet(const ZygoteHeader *header, size_t size, ZygoteType type, size_t wanted) {
  return size == wanted && header->magic == ZYGOTE_MAGIC && header->version == ZYGOTE_ABI_VERSION &&
         header->type == type;
}

static ZygoteHeader header_of(ZygoteType type) {
  return (ZygoteHeader){ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, (uint16_t)type};
}

/* The supervisor is gone when sending fails: so are we, and PDEATHSIG takes the workers. */
static void send_or_end(const void *packet, size_t size, const int *fds, size_t fd_count) {
  if (ipc_fdpass_send(ZYGOTE_CONTROL_FD, packet, size, fds, fd_count, DEADLINE_NEVER) != ST_OK) _exit(1);
}

/* --- Start-up --- */

static const char *const step_names[SEAL_COUNT_] = {
#define STEP(name, where, need, what, lack) #name,
#include "sandbox/seal_steps.def"
#undef STEP
};

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static int refuse(Zygote *z, const char *why) {
  z->report.accepted = 0;
  (void)snprintf(z->report.detail, sizeof z->report.detail, "%s", why);
  send_or_end(&z->report, sizeof z->report, NULL, 0);
  return 1;
}

static int refuse_step(Zygote *z, SealStep step, const char *why) {
  char text[ZYGOTE_DETAIL_BYTES];
  const SealReport *r = &z->report.steps[step];
  const char *reason = r->state == SEAL_REFUSED ? strsignal(r->error) : strerror(r->error);
  (void)snprintf(text, sizeof text, "%s '%s': %s", why, step_names[step],
                 r->state == SEAL_AVOIDED ? "left out by configuration" : reason);
  z->report.failed_step = step;
  return refuse(z, text);
}

static void begin_report(Zygote *z) {
  z->report = (ZygoteReport){.header = header_of(ZYGOTE_REPORT),
                             .build_id = FERROUS_BUILD_ID_U64,
                             .pid = getpid(),
                             .step_count = SEAL_COUNT_,
                             .failed_step = SEAL_COUNT_};
}

/* Why a configuration is not acceptable, or NULL. */
static const char *judge_config(const ConfigPacket *packet, size_t size) {
  const ZygoteConfig *c = &packet->config;
  if (size < sizeof *c || c->filter_count > ZYGOTE_FILTER_MAX) return "malformed configuration";
  size_t wanted = sizeof *c + c->filter_count * sizeof(struct sock_filter);
  if (!is_packet(&c->header, size, ZYGOTE_CONFIG, wanted)) return "malformed configuration";
  if (c->build_id != FERROUS_BUILD_ID_U64) return "the worker program belongs to another build";
  if (c->filter_count == 0) return "no system call filter was sent";
  return NULL;
}

/* What the zygote needs for itself before anything else. */
static int prepare_process(Zygote *z) {
  const struct rlimit few = {MAX_FDS, MAX_FDS};
  struct rlimit data;
  /* The supervisor had brk refused (spawn.c). */
  if (getrlimit(RLIMIT_DATA, &data) == 0 && data.rlim_cur == 0) {
    data.rlim_cur = data.rlim_max;
    (void)setrlimit(RLIMIT_DATA, &data);
  }
  if (setrlimit(RLIMIT_NOFILE, &few) != 0) return refuse(z, "cannot limit its own descriptors");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refuse(z, "no_new_privs is not available");
  (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a huge page would cost each worker 2 MiB */
  (void)prctl(PR_SET_NAME, "fsb-zygote", 0, 0, 0);
  z->children = mmap(NULL, MAX_WORKERS * sizeof(Child), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (z->children == MAP_FAILED) return refuse(z, "out of memory");
  (void)madvise(z->children, MAX_WORKERS * sizeof(Child), MADV_WIPEONFORK);
  z->report.may_place = worker_probe_place();
  z->estate->plan.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return 0;
}

/* The estate's place for good is behind the loop's state, in the window.  Its first one was there before the window was,
 * and could cost a page table. */
static uint64_t estate_offset(const Zygote *z) { return (z->estate->program.state_bytes + 63) & ~UINT64_C(63); }

static void settle_estate(Zygote *z) {
  Estate *from = z->estate, *to = (Estate *)(void *)(from->layout.state.data + estate_offset(z));
  from->plan.filter.filter = to->packet.filter;
  *to = *from;
  z->estate = to;
  if (munmap(from, sizeof *from) == 0) to->plan.address_space -= (sizeof *from + 4095) & ~UINT64_C(4095);
}

static int prepare_memory(Zygote *z) {
  const ZygoteConfig *c = &z->estate->packet.config;
  const LayoutSizes sizes = {.memory = c->memory, .script_bytes = c->script_bytes, .arg_bytes = c->arg_bytes,
                             .reply_bytes = c->reply_bytes, .item_bytes = z->estate->program.item_bytes};
  size_t control = z->estate->program.control_bytes(worker_layout_arena_bytes(c->memory));
  if (worker_layout_map(&sizes, control, estate_offset(z) + sizeof(Estate), &z->estate->layout) != ST_OK)
    return refuse(z, "the worker's memory cannot be mapped; a lower memory limit may help");
  if (!z->estate->program.prepare(&z->estate->layout, c)) return refuse(z, "the virtual machine cannot be built in this memory");
  z->report.arena_bytes = z->estate->layout.arena.size;
  return 0;
}

static int confine(Zygote *z) {
  const ZygoteConfig *c = &z->estate->packet.config;
  ConfinePlan plan = {.parent_pid = c->parent_pid,
                      .uid = c->uid == 0 ? NOBODY : c->uid,
                      .gid = c->gid == 0 ? NOBODY : c->gid,
                      .skip = z->estate->plan.skip};
  SealStep failed = worker_probe_confine(&plan, z->report.steps);
  return failed == SEAL_COUNT_ ? 0 : refuse_step(z, failed, "a floor step of the seal failed:");
}

static int check_layout(Zygote *z) {
  LayoutScan scan;
  SealReport *report = &z->report.steps[SEAL_layout];
  if (worker_layout_scan(z->estate->plan.proc_fd, &z->estate->layout, &scan) != ST_OK) {
    report->state = SEAL_UNAVAILABLE;
    report->error = EIO;
    return refuse(z, "/proc/self/maps cannot be read: mount /proc, or start without ProcSubset=pid");
  }
  memcpy(z->estate->plan.clock, scan.clock, sizeof scan.clock);
  z->estate->plan.clock_count = scan.clock_count;
  z->estate->plan.address_space = scan.mapped;
  z->stack = scan.stack;
  report->state = RELAX_FOR_ASAN ? SEAL_NOT_NEEDED : SEAL_APPLIED;
  if (scan.intruder == 0 || RELAX_FOR_ASAN) return 0;
  report->state = SEAL_UNAVAILABLE;
  report->error = EADDRINUSE;
  return refuse_step(z, SEAL_layout, "something is mapped too near the arena:");
}

static int probe_seal(Zygote *z) {
  z->estate->plan.lifeline_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (z->estate->plan.lifeline_fd < 0) return refuse(z, "pidfd_open failed: Linux 5.3 or later is needed");
  z->estate->plan.stop_fd = -1;
  z->estate->plan.stop_page = z->estate->layout.stop.data;
  z->estate->plan.rings.size = 0;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refuse(z, "cannot make itself undumpable");
  SealStep failed = worker_probe_seal(&z->estate->plan, z->report.steps);
  return failed == SEAL_COUNT_ ? 0 : refuse_step(z, failed, "a floor step of the seal failed:");
}

static int check_required(Zygote *z) {
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    unsigned state = z->report.steps[i].state;
    if (state == SEAL_APPLIED || state == SEAL_NOT_NEEDED) z->report.applied |= SEAL_BIT(i);
    else if ((z->estate->packet.config.require & SEAL_BIT(i)) != 0)
      return refuse_step(z, (SealStep)i, "a step that the policy requires is missing:");
    if (!worker_seal_is_worker_step((SealStep)i)) z->estate->applied |= z->report.applied & SEAL_BIT(i);
  }
  return 0;
}

static uint64_t floor_steps(void) {
  uint64_t set = 0;
  for (unsigned i = 0; i < SEAL_COUNT_; i++)
    if (worker_seal_is_floor((SealStep)i)) set |= SEAL_BIT(i);
  return set;
}

static struct sock_fprog filter_of(ConfigPacket *packet) {
  unsigned short count = (unsigned short)packet->config.filter_count;
  if (RELAX_FOR_ASAN) {
    memmove(packet->filter + RELAX_INSTRUCTIONS, packet->filter, count * sizeof packet->filter[0]);
    worker_relax_filter(packet->filter);
    count += RELAX_INSTRUCTIONS;
  }
  return (struct sock_fprog){count, packet->filter};
}

/* A worker has a stack of its own, near all else that it uses; two page tables are spared with this one. */
static void withhold_stack(Zygote *z) {
  if (RELAX_FOR_ASAN || z->stack.size == 0) return;
  if (madvise(z->stack.data, z->stack.size, MADV_DONTFORK) == 0) z->estate->plan.address_space -= z->stack.size;
}

/* Every start-up step in order; 0, or the exit status after a refusal. */
static int start(Zygote *z, size_t size, uint64_t began) {
  ConfigPacket *packet = &z->estate->packet;
  const char *fault = judge_config(packet, size);
  begin_report(z);
  if (fault != NULL) return refuse(z, fault);
  z->estate->plan.skip = packet->config.avoid & ~floor_steps();
  z->estate->plan.filter = filter_of(packet);
  int (*const steps[])(Zygote *) = {prepare_process, prepare_memory, confine, check_layout, probe_seal, check_required};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    int status = steps[i](z);
    if (status != 0) return status;
  }
  withhold_stack(z);
  settle_estate(z);
  z->report.accepted = 1;
  z->report.start_ns = now() - began;
  send_or_end(&z->report, sizeof z->report, NULL, 0);
  return 0;
}

/* --- Workers --- */

/* A worker's life.  Never returns, so the new canary harms no frame above. */
__attribute__((noreturn, no_stack_protector)) static int become_worker(void *argument) {
  const Birth *birth = argument;
  const Estate *estate = birth->estate;
  SealPlan plan = estate->plan;
  Layout layout = estate->layout;
  uint64_t applied = 0;
  plan.request_fd = birth->request_fd;
  plan.reply_fd = birth->reply_fd;
  plan.stop_fd = birth->stop_fd;
  if (!birth->with_rings) layout.rings.size = 0;
  plan.rings = layout.rings;
  (void)prctl(PR_SET_NAME, "fsb-worker", 0, 0, 0);
  SealStep failed = worker_seal_apply(&plan, &applied);
  if (failed != SEAL_COUNT_) ipc_io_exit(WORKER_EXIT_STEP + (int)failed);
  estate->program.serve(&layout, applied | estate->applied);
}

/* AddressSanitizer knows but the stack that the kernel made. */
static pid_t bear(bool in_pid_ns, Birth *birth, int *ret_pidfd) {
  if (!RELAX_FOR_ASAN) return worker_spawn_clone(in_pid_ns, birth, become_worker, birth, ret_pidfd);
  pid_t pid = worker_spawn_fork(in_pid_ns, ret_pidfd);
  if (pid == 0) become_worker(birth);
  return pid;
}

static Child *find_child(Zygote *z, pid_t pid) {
  for (uint32_t i = 0; i < MAX_WORKERS; i++)
    if (z->children[i].pid == pid) return &z->children[i];
  return NULL;
}

/* Forks one worker; fills in `answer` and the descriptors to send. */
static void spawn(Zygote *z, int stop_fd, uint32_t flags, ZygoteSpawned *answer, int fds[SPAWNED_FD_COUNT_], SpawnPipes *pipes) {
  Child *child = find_child(z, 0);
  if (child == NULL || worker_spawn_open(pipes) != ST_OK) {
    answer->error = child == NULL ? EAGAIN : errno;
    return;
  }
  const Region *stack = &z->estate->layout.stack;
  Birth *birth = (Birth *)(void *)(stack->data + stack->size) - 1;
  *birth = (Birth){.estate = z->estate,
                   .request_fd = pipes->request_read,
                   .reply_fd = pipes->reply_write,
                   .stop_fd = stop_fd,
                   .with_rings = (flags & SPAWN_WITH_RINGS) != 0};
  pid_t pid = bear((z->estate->plan.skip & SEAL_BIT(SEAL_pid_ns)) == 0, birth, &fds[SPAWNED_FD_PIDFD]);
  if (pid < 0) {
    answer->error = -pid;
    return;
  }
  *child = (Child){pid, ++z->last_worker};
  z->live++;
  answer->worker = child->worker;
  answer->pid = pid;
  fds[SPAWNED_FD_REQUEST] = pipes->request_write;
  fds[SPAWNED_FD_REPLY] = pipes->reply_read;
}

static void handle_spawn(Zygote *z, const ZygoteSpawn *order, int stop_fd) {
  ZygoteSpawned answer = {.header = header_of(ZYGOTE_SPAWNED), .request = order->request};
  SpawnPipes pipes = {-1, -1, -1, -1};
  int fds[SPAWNED_FD_COUNT_] = {-1, -1, -1};
  if (z->is_retired) answer.error = ESHUTDOWN;
  else spawn(z, stop_fd, order->flags, &answer, fds, &pipes);
  send_or_end(&answer, sizeof answer, fds, answer.error == 0 ? SPAWNED_FD_COUNT_ : 0);
  worker_spawn_close(&pipes);
  if (fds[SPAWNED_FD_PIDFD] >= 0) close(fds[SPAWNED_FD_PIDFD]);
}

static uint64_t nanoseconds(struct timeval t) {
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_usec * 1000;
}

static void report_end(Zygote *z, Child *child, const siginfo_t *info, const struct rusage *used) {
  const ZygoteExited message = {.header = header_of(ZYGOTE_EXITED),
                                .worker = child->worker,
                                .pid = child->pid,
                                .how = info->si_code,
                                .status = info->si_status,
                                .user_ns = nanoseconds(used->ru_utime),
                                .system_ns = nanoseconds(used->ru_stime),
                                .max_rss_bytes = (uint64_t)used->ru_maxrss * 1024,
                                .minor_faults = (uint64_t)used->ru_minflt,
                                .switches = (uint64_t)used->ru_nvcsw + (uint64_t)used->ru_nivcsw};
  *child = (Child){0, 0};
  z->live--;
  send_or_end(&message, sizeof message, NULL, 0);
}

static void reap(Zygote *z) {
  for (;;) {
    siginfo_t info = {0};
    struct rusage used;
    memset(&used, 0, sizeof used);
    /* By system call: libc's waitid does not give the resource usage. */
    long r = syscall(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG, &used);
    if (r != 0 || info.si_pid == 0) return;
    Child *child = find_child(z, info.si_pid);
    if (child != NULL) report_end(z, child, &info, &used);
  }
}

/* --- The loop --- */

static void wake_up(int signal) { (void)signal; }

/* SIGCHLD is let in only while waiting, so none is missed. */
static void prepare_signals(sigset_t *ret_waiting) {
  const struct sigaction action = {.sa_handler = wake_up};
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_SETMASK, &child, NULL);
  sigemptyset(ret_waiting);
  sigaction(SIGCHLD, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  /* A terminal's Ctrl-C goes to the whole group; the supervisor decides. */
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
}

static void kill_all(const Zygote *z) {
  for (uint32_t i = 0; i < MAX_WORKERS; i++)
    if (z->children[i].pid != 0) kill(z->children[i].pid, SIGKILL);
}

typedef union {
  ZygoteHeader header;
  ZygoteSpawn spawn;
  ZygoteRetire retire;
} Order;

/* Carries out one packet; false when the conversation is over. */
static bool handle_packet(Zygote *z) {
  Order order;
  FdPacket packet;
  if (ipc_fdpass_receive(ZYGOTE_CONTROL_FD, &order, sizeof order, 1, DEADLINE_NEVER, &packet) != ST_OK) return false;
  bool is_spawn = is_packet(&order.header, packet.size, ZYGOTE_SPAWN, sizeof order.spawn) && packet.fd_count == 1;
  bool is_retire = is_packet(&order.header, packet.size, ZYGOTE_RETIRE, sizeof order.retire) && packet.fd_count == 0;
  if (is_spawn) handle_spawn(z, &order.spawn, packet.fds[0]);
  if (is_retire) z->is_retired = true;
  ipc_fdpass_drop(&packet);
  return is_spawn || is_retire;
}

static int run(Zygote *z, const sigset_t *waiting) {
  struct pollfd control = {ZYGOTE_CONTROL_FD, POLLIN, 0};
  for (;;) {
    reap(z);
    if (z->is_retired && z->live == 0) return 0;
    if (ppoll(&control, 1, NULL, waiting) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (!handle_packet(z)) break;
  }
  kill_all(z);
  return 0;
}

/* Makes the stack as large as it will ever be: after the seal the address space
 * of those who have it, throw-away children and workers under AddressSanitizer, cannot grow.  Touching its far end stretches the mapping; the pages between
 * stay untouched, which a large local array would not achieve. */
__attribute__((noinline)) static void reserve_stack(void) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  *(volatile char *)(here - LAYOUT_STACK) = 0;
}

int worker_zygote_main(const WorkerProgram *program) {
  FdPacket received;
  sigset_t waiting;
  Estate *estate = mmap(NULL, sizeof *estate, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (estate == MAP_FAILED) return 1;
  Zygote zygote = {.estate = estate};
  estate->program = *program;
  (void)worker_seal_close_from(ZYGOTE_CONTROL_FD + 1);
  reserve_stack();
  if (ipc_fdpass_receive(ZYGOTE_CONTROL_FD, &estate->packet, sizeof estate->packet, 0, DEADLINE_NEVER, &received) != ST_OK) {
    static const char hint[] = "ferrous-sandbox-worker is started by the supervisor, not by hand\n";
    return write(2, hint, sizeof hint - 1) < 0 ? 1 : 2;
  }
  uint64_t began = now();
  prepare_signals(&waiting);
  int status = start(&zygote, received.size, began);
  /* No exit handlers: a sanitizer's would look for leaks in a process that it
   * may not trace. */
  _exit(status != 0 ? status : run(&zygote, &waiting));
}
