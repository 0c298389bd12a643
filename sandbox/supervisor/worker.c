/* SPDX-License-Identifier: BSD-2-Clause */
/* worker - making, greeting and ending one. */
#define _GNU_SOURCE
#include "sandbox/supervisor/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/deadline.h"

/* How long the zygote may take to report a death that has happened. */
#define REAP_PATIENCE UINT64_C(1000000000)

/* --- The stop page --- */

/* Sealed against resizing: touching a mapping beyond the end of its file is
 * fatal, and the worker's side is not ours. */
static int make_stop_fd(void) {
  int fd = memfd_create("stop", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  if (ftruncate(fd, STOP_PAGE_BYTES) == 0 &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0)
    return fd;
  (void)close(fd);
  return -1;
}

static StopPage *map_stop_page(int fd) {
  void *page = mmap(NULL, STOP_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return NULL;
  (void)madvise(page, STOP_PAGE_BYTES, MADV_DONTFORK);
  (void)madvise(page, STOP_PAGE_BYTES, MADV_DONTDUMP);
  return page;
}

/* --- Start --- */

static Status adopt(Worker *worker, const ZygoteWorker *born) {
  worker->pidfd = born->fds[SPAWNED_FD_PIDFD];
  worker->serial = born->serial;
  worker->has_clock = clock_getcpuclockid(born->pid, &worker->clock) == 0;
  Status status = ipc_channel_open(&worker->channel, born->fds[SPAWNED_FD_REPLY],
                                   born->fds[SPAWNED_FD_REQUEST]);
  if (status == ST_OK) worker->channel.spin_rounds = ipc_channel_default_spin();
  return status;
}

static Status spawn(Worker *worker, Zygote *zygote, int stop_fd, uint64_t deadline) {
  ZygoteWorker born;
  worker->stop = map_stop_page(stop_fd);
  if (worker->stop == NULL) return ST_NO_MEMORY;
  Status status = supervisor_zygote_spawn(zygote, stop_fd, deadline, &born);
  worker->zygote = zygote;
  if (status == ST_OK) return adopt(worker, &born);
  (void)munmap(worker->stop, STOP_PAGE_BYTES);
  *worker = WORKER_NONE;
  return status;
}

Status supervisor_worker_start(Worker *worker, Zygote *zygote, uint64_t deadline) {
  *worker = WORKER_NONE;
  int stop_fd = make_stop_fd();
  if (stop_fd < 0) return policy_status_from_errno(errno);
  Status status = spawn(worker, zygote, stop_fd, deadline);
  (void)close(stop_fd);
  if (status != ST_OK && supervisor_worker_is_there(worker)) (void)supervisor_worker_kill(worker);
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
  return status;
}

/* --- Between runs --- */

/* Nothing may be said between runs: bytes, or an end, disqualify. */
bool supervisor_worker_is_idle(const Worker *worker) {
  struct pollfd poll_fd = {.fd = worker->channel.read_fd, .events = POLLIN};
  if (!worker->is_ready || worker->channel.protocol.state != WIRE_IDLE) return false;
  if (ipc_frame_is_partial(&worker->channel.in)) return false;
  return poll(&poll_fd, 1, 0) == 0;
}

Moment supervisor_worker_moment(const Worker *worker) {
  struct timespec time;
  Moment moment = {.now = ipc_deadline_now(), .cpu = METER_NO_CPU};
  if (worker->has_clock && clock_gettime(worker->clock, &time) == 0)
    moment.cpu = (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
  return moment;
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

WorkerEnd supervisor_worker_kill(Worker *worker) {
  ZygoteExited exited;
  WorkerEnd end = {0, 0};
  if (!supervisor_worker_is_there(worker)) return end;
  (void)syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
  if (supervisor_zygote_await(worker->zygote, worker->serial, ipc_deadline_now() + REAP_PATIENCE,
                              &exited) == ST_OK)
    end = (WorkerEnd){exited.how, exited.status};
  ipc_channel_close(&worker->channel);
  (void)close(worker->pidfd);
  if (worker->stop != NULL) (void)munmap(worker->stop, STOP_PAGE_BYTES);
  free(worker->libraries);
  *worker = WORKER_NONE;
  return end;
}

void supervisor_worker_forget(Worker *worker) {
  if (!supervisor_worker_is_there(worker)) return;
  ipc_channel_close(&worker->channel);
  (void)close(worker->pidfd);
  free(worker->libraries);
  *worker = WORKER_NONE;
}
