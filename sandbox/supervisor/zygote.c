/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote - starting it, and the packets. */
#define _GNU_SOURCE
#include "sandbox/supervisor/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/deadline.h"
#include "ipc/fdpass.h"
#include "policy/seccomp.h"

/* So long, in nanoseconds, it may owe an answer: a machine may stand still for a while. */
#define SILENCE UINT64_C(5000000000)

_Static_assert(sizeof(ZygoteInstruction) == sizeof(struct sock_filter), "the same instruction");
_Static_assert(POLICY_FILTER_MAX <= ZYGOTE_FILTER_MAX, "every filter fits a packet");

static ZygoteHeader header_of(ZygoteType type) {
  return (ZygoteHeader){ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, (uint16_t)type};
}

/* --- Start --- */

typedef struct {
  ZygoteConfig config;
  struct sock_filter filter[POLICY_FILTER_MAX];
} ConfigPacket;

static Status send_config(Zygote *zygote, const ZygoteOrder *order, uint64_t deadline) {
  const Limits *limits = order->limits;
  ConfigPacket packet = {.config = {.header = header_of(ZYGOTE_CONFIG),
                                    .build_id = FERROUS_BUILD_ID_U64,
                                    .require = order->require,
                                    .avoid = order->avoid,
                                    .valkey_version = order->valkey_version,
                                    .memory = limits->memory,
                                    .script_bytes = limits->script_bytes,
                                    .arg_bytes = limits->arg_bytes,
                                    .reply_bytes = limits->reply_bytes,
                                    .parent_pid = getpid()}};
  PolicyFilter filter;
  Status status = policy_seccomp_build(POLICY_NATIVE_ARCH, &filter);
  if (status != ST_OK) return status;
  packet.config.filter_count = filter.count;
  memcpy(packet.filter, filter.code, filter.count * sizeof filter.code[0]);
  size_t size = sizeof packet.config + filter.count * sizeof filter.code[0];
  return ipc_fdpass_send(zygote->socket, &packet, size, NULL, 0, deadline);
}

static bool is_packet(const void *packet, const FdPacket *got, ZygoteType type, size_t size) {
  ZygoteHeader header;
  if (got->size != size) return false;
  memcpy(&header, packet, sizeof header);
  return header.magic == ZYGOTE_MAGIC && header.version == ZYGOTE_ABI_VERSION &&
         header.type == type;
}

static Status take_report(Zygote *zygote, uint64_t deadline, char *ret_detail) {
  FdPacket got;
  ZygoteReport *report = &zygote->report;
  Status status = ipc_fdpass_receive(zygote->socket, report, sizeof *report, 0, deadline, &got);
  if (status != ST_OK) return status;
  if (!is_packet(report, &got, ZYGOTE_REPORT, sizeof *report) || report->step_count != SEAL_COUNT_)
    return ST_PROTOCOL;
  report->detail[ZYGOTE_DETAIL_BYTES - 1] = '\0';
  if (report->accepted == 0) {
    (void)snprintf(ret_detail, ZYGOTE_DETAIL_BYTES, "%s", report->detail);
    return report->failed_step < SEAL_COUNT_ ? ST_UNSUPPORTED : ST_VERSION;
  }
  return report->build_id == FERROUS_BUILD_ID_U64 ? ST_OK : ST_VERSION;
}

/* Descriptor 2 is our own stderr where there is one: for start-up errors only. */
static Status spawn_program(Zygote *zygote, int exec_fd, int control, char *ret_detail) {
  static const char *const argv[] = {"ferrous-sandbox-zygote", NULL};
  static const char *const envp[] = {NULL};
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int error = errno;
  int fds[] = {null, null, fcntl(STDERR_FILENO, F_GETFD) < 0 ? null : STDERR_FILENO, control};
  SpawnPlan plan = {.exec_fd = exec_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = 4};
  Status status = null < 0 ? policy_status_from_errno(error)
                           : supervisor_spawn_start(&plan, &zygote->process, &error);
  if (null >= 0) (void)close(null);
  if (status != ST_OK)
    (void)snprintf(ret_detail, ZYGOTE_DETAIL_BYTES, "cannot execute the worker program: %s",
                   strerror(error));
  return status;
}

Status supervisor_zygote_start(Zygote *zygote, int exec_fd, const ZygoteOrder *order,
                               uint64_t deadline, char ret_detail[ZYGOTE_DETAIL_BYTES]) {
  int pair[2];
  *zygote = (Zygote){.process = {-1, -1}, .socket = -1};
  ret_detail[0] = '\0';
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    int error = errno;
    (void)snprintf(ret_detail, ZYGOTE_DETAIL_BYTES, "cannot make a socket pair: %s",
                   strerror(error));
    return policy_status_from_errno(error);
  }
  zygote->socket = pair[0];
  Status status = spawn_program(zygote, exec_fd, pair[1], ret_detail);
  (void)close(pair[1]);
  if (status == ST_OK) status = send_config(zygote, order, deadline);
  if (status == ST_OK) status = take_report(zygote, deadline, ret_detail);
  if (status == ST_OK) return ST_OK;
  if (ret_detail[0] == '\0')
    (void)snprintf(ret_detail, ZYGOTE_DETAIL_BYTES, "the worker program does not start: %s",
                   policy_status_text(status));
  supervisor_zygote_stop(zygote);
  return status;
}

/* --- Packets --- */

typedef union {
  ZygoteHeader header;
  ZygoteSpawned spawned;
  ZygoteExited exited;
} Packet;

static void remember(Zygote *zygote, const ZygoteExited *exited) {
  if (zygote->exit_count == ZYGOTE_MEMORY) {
    memmove(zygote->exits, zygote->exits + 1, (ZYGOTE_MEMORY - 1) * sizeof zygote->exits[0]);
    zygote->exit_count--;
  }
  zygote->exits[zygote->exit_count++] = *exited;
}

static ZygoteBirth *find_birth(Zygote *zygote, uint32_t request) {
  for (size_t i = 0; i < ZYGOTE_BIRTHS; i++)
    if (zygote->births[i].request == request) return &zygote->births[i];
  return NULL;
}

/* Keeps the answer to a request until it is asked for; of one that was cancelled the worker is let go:
 * its pipes close, and it ends. */
static Status take_spawned(Zygote *zygote, const ZygoteSpawned *spawned, FdPacket *got) {
  bool was_asked = spawned->request != 0 && spawned->request <= zygote->requests;
  bool is_born = spawned->error == 0;
  ZygoteBirth *birth = was_asked ? find_birth(zygote, spawned->request) : NULL;
  bool is_sound = was_asked && (birth == NULL || !birth->is_answered) &&
                  got->fd_count == (is_born ? SPAWNED_FD_COUNT_ : 0);
  if (!is_sound || birth == NULL || !is_born) ipc_fdpass_drop(got);
  if (!is_sound) return ST_PROTOCOL;
  if (birth == NULL) return ST_OK;
  birth->is_answered = true;
  birth->status = is_born ? ST_OK : ST_NO_MEMORY;
  birth->worker = (ZygoteWorker){.serial = spawned->worker, .pid = spawned->pid};
  if (is_born) memcpy(birth->worker.fds, got->fds, sizeof birth->worker.fds);
  return ST_OK;
}

/* Receives one packet.  Deaths are remembered, and workers that were asked for. */
static Status receive(Zygote *zygote, uint64_t deadline, Packet *packet, FdPacket *got) {
  Status status =
      ipc_fdpass_receive(zygote->socket, packet, sizeof *packet, SPAWNED_FD_COUNT_, deadline, got);
  if (status != ST_OK) return status;
  if (is_packet(packet, got, ZYGOTE_EXITED, sizeof packet->exited) && got->fd_count == 0) {
    remember(zygote, &packet->exited);
    return ST_OK;
  }
  if (is_packet(packet, got, ZYGOTE_SPAWNED, sizeof packet->spawned) && zygote->owed != 0) {
    zygote->owed--;
    zygote->heard_at = ipc_deadline_now();
    return take_spawned(zygote, &packet->spawned, got);
  }
  ipc_fdpass_drop(got);
  return ST_PROTOCOL;
}

static bool take_exit(Zygote *zygote, uint32_t serial, ZygoteExited *ret_exited) {
  for (size_t i = 0; i < zygote->exit_count; i++) {
    if (zygote->exits[i].worker != serial) continue;
    *ret_exited = zygote->exits[i];
    zygote->exits[i] = zygote->exits[--zygote->exit_count];
    return true;
  }
  return false;
}

static bool is_silent(const Zygote *zygote) {
  return zygote->owed != 0 && ipc_deadline_now() - zygote->heard_at >= SILENCE;
}

/* A zygote that answers nonsense, or nothing for long, is of no use any more.  Who asked may
 * have less patience. */
static Status give_up(Zygote *zygote, Status status) {
  bool is_ours = status == ST_NO_MEMORY || status == ST_NO_DESCRIPTORS;
  bool is_late = status == ST_TIMED_OUT && !is_silent(zygote);
  if (status != ST_OK && !is_ours && !is_late) supervisor_zygote_stop(zygote);
  return status;
}

static void close_all(const ZygoteWorker *worker) {
  for (size_t i = 0; i < SPAWNED_FD_COUNT_; i++) (void)close(worker->fds[i]);
}

Status supervisor_zygote_order(Zygote *zygote, int stop_fd, uint32_t flags, uint64_t deadline,
                               uint32_t *ret_request) {
  if (!supervisor_zygote_is_up(zygote)) return ST_CLOSED;
  ZygoteBirth *birth = find_birth(zygote, 0);
  if (birth == NULL) return ST_NO_MEMORY;
  ZygoteSpawn spawn = {.header = header_of(ZYGOTE_SPAWN), .request = ++zygote->requests, .flags = flags};
  Status status = ipc_fdpass_send(zygote->socket, &spawn, sizeof spawn, &stop_fd, 1, deadline);
  if (status != ST_OK) return give_up(zygote, status);
  if (zygote->owed++ == 0) zygote->heard_at = ipc_deadline_now();
  *birth = (ZygoteBirth){.request = spawn.request};
  *ret_request = spawn.request;
  return ST_OK;
}

Status supervisor_zygote_collect(Zygote *zygote, uint32_t request, uint64_t deadline,
                                 ZygoteWorker *ret_worker) {
  Packet packet;
  FdPacket got;
  ZygoteBirth *birth = find_birth(zygote, request);
  while (birth != NULL && !birth->is_answered) {
    if (!supervisor_zygote_is_up(zygote)) return ST_CLOSED;
    Status status = receive(zygote, deadline, &packet, &got);
    if (status != ST_OK) return give_up(zygote, status);
  }
  if (birth == NULL) return ST_CLOSED;
  Status status = birth->status;
  *ret_worker = birth->worker;
  *birth = (ZygoteBirth){0};
  return status;
}

void supervisor_zygote_cancel(Zygote *zygote, uint32_t request) {
  ZygoteBirth *birth = find_birth(zygote, request);
  if (birth == NULL) return;
  if (birth->is_answered && birth->status == ST_OK) close_all(&birth->worker);
  *birth = (ZygoteBirth){0};
}

static void cancel_all(Zygote *zygote) {
  for (size_t i = 0; i < ZYGOTE_BIRTHS; i++)
    if (zygote->births[i].request != 0) supervisor_zygote_cancel(zygote, zygote->births[i].request);
}

/* Waits for one packet that nobody asked for, a death as a rule. */
static Status hear(Zygote *zygote, uint64_t deadline) {
  Packet packet;
  FdPacket got;
  if (!supervisor_zygote_is_up(zygote)) return ST_CLOSED;
  Status status = receive(zygote, deadline, &packet, &got);
  /* A death that is late is no reason to end the zygote. */
  if (status == ST_TIMED_OUT) return status;
  return status == ST_OK ? ST_OK : give_up(zygote, status);
}

Status supervisor_zygote_await(Zygote *zygote, uint32_t serial, uint64_t deadline,
                               ZygoteExited *ret_exited) {
  while (!take_exit(zygote, serial, ret_exited)) {
    if (deadline == 0 && supervisor_zygote_is_up(zygote)) return ST_TIMED_OUT;
    Status status = hear(zygote, deadline);
    if (status != ST_OK) return status;
  }
  return ST_OK;
}

void supervisor_zygote_listen(Zygote *zygote) {
  while (hear(zygote, 0) == ST_OK) continue;
}

bool supervisor_zygote_keeps_up(Zygote *zygote) {
  supervisor_zygote_listen(zygote);
  return zygote->owed == 0 || give_up(zygote, ST_TIMED_OUT) == ST_OK;
}

/* One that cannot be told is ended with its last worker all the same, by the pool. */
void supervisor_zygote_retire(Zygote *zygote) {
  ZygoteRetire retire = {.header = header_of(ZYGOTE_RETIRE)};
  Status status =
      ipc_fdpass_send(zygote->socket, &retire, sizeof retire, NULL, 0, ipc_deadline_now());
  (void)status;
}

void supervisor_zygote_stop(Zygote *zygote) {
  cancel_all(zygote);
  if (zygote->socket >= 0) (void)close(zygote->socket);
  zygote->socket = -1;
  supervisor_spawn_kill(&zygote->process);
}

void supervisor_zygote_forget(Zygote *zygote) {
  cancel_all(zygote);
  if (zygote->socket >= 0) (void)close(zygote->socket);
  zygote->socket = -1;
  supervisor_spawn_forget(&zygote->process);
}
