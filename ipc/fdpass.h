/* SPDX-License-Identifier: BSD-2-Clause */
/* fdpass - the control channel between supervisor and zygote.
 *
 * A SOCK_SEQPACKET socketpair; each packet is one ZygoteMessage of fixed size
 * in host order (both ends are one build on one machine), with a fixed number
 * of descriptors by SCM_RIGHTS.  The zygote is semi-trusted: a packet of any
 * other size, version, operation or number of descriptors is refused, truncated
 * ancillary data is fatal, received descriptors are close-on-exec, and
 * descriptors that come with a refused packet are closed.
 *
 * Workers have no socket at all.
 *
 * Layer: ipc.  System calls: sendmsg, recvmsg, poll.
 */
#ifndef IPC_FDPASS_H
#define IPC_FDPASS_H

#include <stdint.h>

#include "ipc/status.h"

#define ZYGOTE_VERSION 1
#define ZYGOTE_MAX_FDS 3

typedef enum {
  /* supervisor to zygote */
  ZYGOTE_SPAWN = 1,  /* fork a worker; 1 fd: the stop page, to be mapped read-only */
  ZYGOTE_RETIRE = 2, /* fork no more; end after the last worker */
  /* zygote to supervisor */
  ZYGOTE_SPAWNED = 16,      /* 3 fds, see ZygoteFd */
  ZYGOTE_SPAWN_FAILED = 17, /* step and error say why */
  ZYGOTE_EXITED = 18,       /* pid, wait_status, cpu_ns */
  ZYGOTE_READY = 19         /* the zygote is up; step and error: what it had to do without */
} ZygoteOp;

/* Order of the descriptors of ZYGOTE_SPAWNED. */
typedef enum {
  ZYGOTE_FD_TO_WORKER,   /* write end of the pipe that the worker reads */
  ZYGOTE_FD_FROM_WORKER, /* read end of the pipe that the worker writes */
  ZYGOTE_FD_PID          /* pidfd */
} ZygoteFd;

typedef struct {
  uint16_t version; /* set by send */
  uint16_t op;      /* ZygoteOp */
  uint32_t request; /* id of the SPAWN that this belongs to */
  int32_t pid;
  int32_t wait_status; /* as waitpid() gives it */
  uint32_t step;    /* of the seal or of the spawn */
  int32_t error;    /* errno */
  uint64_t arena_bytes; /* SPAWN: memory class */
  uint64_t frame_bytes; /* SPAWN: largest frame body the worker shall take */
  uint64_t cpu_ns;  /* EXITED: user and system time */
  uint64_t flags;   /* SPAWN: free for the worker's own use */
  uint64_t seed;    /* SPAWN: canary seed */
} ZygoteMessage;

_Static_assert(sizeof(ZygoteMessage) == 64, "fixed layout");

/* How many descriptors belong to an operation, -1 for no operation. */
int ipc_fdpass_count(unsigned op);

/* Sends one packet; `fds` holds ipc_fdpass_count(op) descriptors, which stay
 * open here.  Waits until `deadline` (CLOCK_MONOTONIC nanoseconds, UINT64_MAX:
 * without end). */
IPC_MUST_CHECK IpcStatus ipc_fdpass_send(int socket, const ZygoteMessage *message, const int *fds, uint64_t deadline);

/* Receives one packet; its descriptors, ipc_fdpass_count(op) of them, go to
 * `ret_fds` and belong to the caller, the rest of the array is -1.
 * IPC_CLOSED: the other end is gone. */
IPC_MUST_CHECK IpcStatus ipc_fdpass_receive(int socket, uint64_t deadline, ZygoteMessage *ret_message, int ret_fds[ZYGOTE_MAX_FDS]);

#endif
