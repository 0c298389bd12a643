/* SPDX-License-Identifier: BSD-2-Clause */
/* worker - making, greeting and ending one. */
#define _GNU_SOURCE
#include "sandbox/supervisor/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/deadline.h"

/* --- Shared memory: the stop page, and the rings behind it --- */

static size_t shared_bytes(bool with_rings) {
  return STOP_PAGE_BYTES + (with_rings ? RING_PAIR_BYTES : 0);
}

/* Sealed against resizing: touching a mapping beyond the end of its file is
 * fatal, and the worker's side is not ours. */
static int make_shared_fd(bool with_rings) {
  int fd = memfd_create("stop", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  if (ftruncate(fd, (off_t)shared_bytes(with_rings)) == 0 &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0)
    return fd;
  (void)close(fd);
  return -1;
}

static bool map_shared(Worker *worker, int fd, bool with_rings) {
  size_t size = shared_bytes(with_rings);
  uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return false;
  (void)madvise(at, size, MADV_DONTFORK);
  (void)madvise(at, size, MADV_DONTDUMP);
  worker->stop = (StopPage *)(void *)at;
  worker->rings = with_rings ? (RingPair *)(void *)(at + STOP_PAGE_BYTES) : NULL;
  return true;
}

static void unmap_shared(const Worker *worker) {
  if (worker->stop != NULL) (void)munmap(worker->stop, shared_bytes(worker->rings != NULL));
}

/* --- Start --- */

static Status adopt(Worker *worker, const ZygoteWorker *born) {
  worker->pidfd = born->fds[SPAWNED_FD_PIDFD];
  worker->serial = born->serial;
  worker->pid = born->pid;
  worker->may_place = worker->zygote->report.may_place != 0;
  worker->has_clock = clock_getcpuclockid(born->pid, &worker->clock) == 0;
  Status status = ipc_channel_open(&worker->channel, born->fds[SPAWNED_FD_REPLY],
                                   born->fds[SPAWNED_FD_REQUEST]);
  if (status == ST_OK) worker->spin = (SpinGauge){.rounds = ipc_spin_rounds()};
  ipc_pace_init(&worker->pace, worker->rings != NULL && worker->spin.rounds != 0);
  return status;
}

static void drop(Worker *worker) {
  unmap_shared(worker);
  *worker = WORKER_NONE;
}

static Status order(Worker *worker, Zygote *zygote, int shared_fd, bool with_rings, uint64_t deadline) {
  if (!map_shared(worker, shared_fd, with_rings)) return ST_NO_MEMORY;
  uint32_t flags = with_rings ? SPAWN_WITH_RINGS : 0;
  Status status = supervisor_zygote_order(zygote, shared_fd, flags, deadline, &worker->ordered);
  worker->zygote = zygote;
  worker->ordered_at = ipc_deadline_now();
  if (status != ST_OK) drop(worker);
  return status;
}

Status supervisor_worker_order(Worker *worker, Zygote *zygote, bool with_rings, uint64_t deadline) {
  *worker = WORKER_NONE;
  int shared_fd = make_shared_fd(with_rings);
  if (shared_fd < 0) return policy_status_from_errno(errno);
  Status status = order(worker, zygote, shared_fd, with_rings, deadline);
  (void)close(shared_fd);
  return status;
}

Status supervisor_worker_await(Worker *worker, uint64_t deadline) {
  ZygoteWorker born;
  Status status = supervisor_zygote_collect(worker->zygote, worker->ordered, deadline, &born);
  if (status == ST_TIMED_OUT && supervisor_zygote_is_up(worker->zygote)) return status;
  if (status == ST_TIMED_OUT) status = ST_CLOSED; /* its zygote has been given up */
  worker->ordered = 0;
  if (status == ST_OK) status = adopt(worker, &born);
  if (status == ST_OK) return ST_OK;
  if (supervisor_worker_is_there(worker)) (void)supervisor_worker_leave(worker);
  else drop(worker);
  return status;
}

void supervisor_worker_abandon(Worker *worker) {
  supervisor_zygote_cancel(worker->zygote, worker->ordered);
  drop(worker);
}

Status supervisor_worker_start(Worker *worker, Zygote *zygote, bool with_rings, uint64_t deadline) {
  Status status = supervisor_worker_order(worker, zygote, with_rings, deadline);
  if (status == ST_OK) status = supervisor_worker_await(worker, deadline);
  if (supervisor_worker_is_ordered(worker)) supervisor_worker_abandon(worker);
  return status;
}

/* --- Hello --- */

static uint64_t floor_steps(void) {
  uint64_t set = 0;
#define OPTIONAL 0
#define FLOOR 1
#define STEP(name, where, need, what, lack) set |= (need) ? SEAL_BIT(SEAL_##name) : 0;
#include "sandbox/seal_steps.def"
#undef STEP
#undef FLOOR
#undef OPTIONAL
  return set;
}

static Status judge_hello(const HelloMessage *hello) {
  if (hello->protocol != FRAME_VERSION) return ST_VERSION;
  if (!ipc_bytes_is_equal(hello->build_id, ipc_bytes_text(FERROUS_BUILD_ID))) return ST_VERSION;
  return (hello->seal & floor_steps()) == floor_steps() ? ST_OK : ST_PROTOCOL;
}

Status supervisor_worker_greet(Worker *worker, uint64_t deadline) {
  Frame frame;
  HelloMessage hello;
  if (worker->is_ready) return ST_OK;
  Status status = ipc_channel_receive(&worker->channel, deadline, &frame);
  if (status == ST_OK && frame.type != MESSAGE_HELLO) status = ST_PROTOCOL;
  if (status == ST_OK) status = ipc_message_decode(frame.type, frame.body, &hello);
  if (status == ST_OK) status = judge_hello(&hello);
  worker->is_ready = status == ST_OK;
  if (status == ST_OK && worker->rings != NULL && (hello.features & HELLO_RING) != 0)
    status = ipc_channel_use_ring(&worker->channel, worker->rings);
  return status;
}

/* --- Between runs --- */

/* So soon after its last word a look at the pipe would cost more than it finds: an end is found
 * with the next run, and a word out of turn could only be what a worker may say in that run. */
#define HEARD_LATELY UINT64_C(100000)

static bool was_heard_lately(const Worker *worker, uint64_t now) {
  return ipc_channel_is_at_rest(&worker->channel) && now - worker->heard_at < HEARD_LATELY;
}

/* Nothing may be said between runs: bytes, or an end, disqualify. */
bool supervisor_worker_is_idle(Worker *worker, uint64_t now) {
  return worker->is_ready && (was_heard_lately(worker, now) || ipc_channel_is_watched(&worker->channel) ||
                              ipc_channel_is_quiet(&worker->channel));
}

/* --- Where it runs --- */

/* So many runs a worker stays where it was when its caller has moved. The kernel moves a caller that is
 * awakened while somebody else has its processor for a moment, and soon back: meanwhile the worker's
 * caches are warm where it is, and moving it costs what such a run costs twice. */
#define STRAYS 4

static bool find_processors(WorkerPlace place, int cpu, cpu_set_t *ret_set) {
  if (sched_getaffinity(0, sizeof *ret_set, ret_set) != 0) return false;
  if (place == PLACE_ELSEWHERE) CPU_CLR((size_t)cpu, ret_set);
  if (place == PLACE_HERE) {
    CPU_ZERO(ret_set);
    CPU_SET((size_t)cpu, ret_set);
  }
  return CPU_COUNT(ret_set) != 0;
}

bool supervisor_worker_place(Worker *worker, WorkerPlace place) {
  cpu_set_t set;
  int cpu = place == PLACE_ANYWHERE ? 0 : sched_getcpu();
  if (place == worker->place && cpu == worker->place_cpu) return true;
  if (!worker->may_place || cpu < 0 || cpu >= CPU_SETSIZE || !find_processors(place, cpu, &set)) return false;
  worker->may_place = sched_setaffinity(worker->pid, sizeof set, &set) == 0;
  if (!worker->may_place) return false;
  worker->place = place;
  worker->place_cpu = cpu;
  return true;
}

bool supervisor_worker_follow(Worker *worker) {
  bool is_astray = worker->place == PLACE_HERE && sched_getcpu() != worker->place_cpu;
  if (is_astray && worker->strays < STRAYS) {
    worker->strays++;
    return true;
  }
  worker->strays = 0;
  return supervisor_worker_place(worker, PLACE_HERE);
}

/* --- Time --- */

uint64_t supervisor_worker_cpu(const Worker *worker) {
  struct timespec time;
  if (!worker->has_clock || clock_gettime(worker->clock, &time) != 0) return METER_NO_CPU;
  return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

Moment supervisor_worker_moment(const Worker *worker) {
  uint64_t now = ipc_deadline_now();
  return (Moment){.now = now, .cpu = supervisor_worker_cpu(worker)};
}

/* --- End --- */

bool supervisor_worker_holds(const Worker *worker, uint64_t library) {
  for (size_t i = 0; i < worker->library_count; i++)
    if (worker->libraries[i] == library) return true;
  return false;
}

void supervisor_worker_note(Worker *worker, uint64_t library) {
  size_t size = (worker->library_count + 1) * sizeof *worker->libraries;
  uint64_t *larger = realloc(worker->libraries, size);
  if (larger == NULL) return;
  worker->libraries = larger;
  larger[worker->library_count++] = library;
}

/* How a process that we end anyway had ended, if it was before us. */
static ExitCause cause_of(const WorkerLeft *left, const WorkerEnd *end) {
  if (end->how == 0) return EXIT_UNKNOWN;
  if (end->how == CLD_EXITED) return EXIT_EXITED;
  if (end->status == SIGSYS) return EXIT_VIOLATION;
  if (end->status != SIGKILL) return EXIT_SIGNAL;
  return left->was_serving ? EXIT_KILLED : EXIT_RETIRED;
}

WorkerLeft supervisor_worker_leave(Worker *worker) {
  WorkerLeft left = {worker->zygote, worker->serial, worker->is_serving, worker->exits};
  (void)syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
  ipc_channel_close(&worker->channel);
  (void)close(worker->pidfd);
  unmap_shared(worker);
  free(worker->libraries);
  free(worker->kept);
  *worker = WORKER_NONE;
  return left;
}

static uint64_t add_times(uint64_t a, uint64_t b) {
  return a > METER_NO_CPU - b ? METER_NO_CPU : a + b;
}

bool supervisor_worker_hear(const WorkerLeft *left, uint64_t deadline, WorkerEnd *ret_end) {
  ZygoteExited exited;
  *ret_end = (WorkerEnd){.cpu = METER_NO_CPU};
  Status status = supervisor_zygote_await(left->zygote, left->serial, deadline, &exited);
  if (status == ST_TIMED_OUT) return false;
  if (status == ST_OK)
    *ret_end = (WorkerEnd){exited.how, exited.status, add_times(exited.user_ns, exited.system_ns)};
  if (left->exits != NULL) left->exits[cause_of(left, ret_end)]++;
  return true;
}

void supervisor_worker_miss(const WorkerLeft *left) {
  if (left->exits != NULL) left->exits[EXIT_UNKNOWN]++;
}

void supervisor_worker_forget(Worker *worker) {
  if (supervisor_worker_is_ordered(worker)) *worker = WORKER_NONE;
  if (!supervisor_worker_is_there(worker)) return;
  ipc_channel_close(&worker->channel);
  (void)close(worker->pidfd);
  free(worker->libraries);
  free(worker->kept);
  *worker = WORKER_NONE;
}
