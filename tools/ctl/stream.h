/* SPDX-License-Identifier: BSD-2-Clause */
/* stream - a connection to a server: a Unix socket, TCP, or TLS over TCP.
 *
 * Every wait has a deadline.  The packaged hiredis (0.14) knows no TLS and hides the
 * connection's deadline, and what is sent and read here is a few lines: so this is
 * ours, and TLS is OpenSSL's.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_STREAM_H
#define TOOLS_CTL_STREAM_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/ctl/options.h"

typedef struct Stream Stream;

/* Connects as the options say, by the control socket if there is one.  `deadline` is
 * CLOCK_MONOTONIC nanoseconds.  NULL with the reason. */
Stream *ctl_stream_open(const ServerOptions *options, uint64_t deadline, FsbError *ret_error);

/* Sends everything; false with the reason. */
bool ctl_stream_send(Stream *stream, const char *data, size_t size, uint64_t deadline,
                     FsbError *ret_error);

/* Receives something, at most `room` bytes; 0 with the reason: nothing came, or the end. */
size_t ctl_stream_receive(Stream *stream, char *data, size_t room, uint64_t deadline,
                          FsbError *ret_error);

void ctl_stream_close(Stream *stream);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t ctl_stream_now(void);

#endif
