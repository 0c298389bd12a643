/* SPDX-License-Identifier: BSD-2-Clause */
/* fdpass - packets with descriptors between supervisor and zygote.
 *
 * Over an AF_UNIX SOCK_SEQPACKET pair; what the packets mean is told in
 * sandbox/zygote_abi.h.  The zygote is semi-trusted: a packet that is empty or
 * does not fit, more descriptors than expected, truncated or foreign ancillary
 * data are violations, received descriptors are close-on-exec, and the
 * descriptors of a refused packet are closed.  Workers have no socket at all.
 *
 * Deadlines are CLOCK_MONOTONIC in nanoseconds, UINT64_MAX: without end.
 *
 * Layer: ipc.  System calls: sendmsg, recvmsg, poll.
 */
#ifndef IPC_FDPASS_H
#define IPC_FDPASS_H

#include <stddef.h>
#include <stdint.h>

#include "policy/status.h"

#define FDPASS_MAX 8 /* descriptors in one packet */

/* Sends one packet; the descriptors stay open here. */
__attribute__((warn_unused_result)) Status ipc_fdpass_send(int socket, const void *packet,
                                                           size_t size, const int *fds,
                                                           size_t fd_count, uint64_t deadline);

/* What a packet brought besides its bytes. */
typedef struct {
  size_t size;         /* of the packet */
  size_t fd_count;     /* the caller checks it against what the packet means */
  int fds[FDPASS_MAX]; /* owned by the caller; -1 from fd_count on */
} FdPacket;

/* Receives one packet of at most `capacity` bytes with at most `max_fds`
 * descriptors.  ST_CLOSED: the other end is gone.  ST_TIMED_OUT: nothing came.
 * `*ret_packet` is always set, without descriptors on failure. */
__attribute__((warn_unused_result)) Status ipc_fdpass_receive(int socket, void *to, size_t capacity,
                                                              size_t max_fds, uint64_t deadline,
                                                              FdPacket *ret_packet);

/* Closes the descriptors of a packet that is not wanted after all. */
void ipc_fdpass_drop(FdPacket *packet);

#endif
