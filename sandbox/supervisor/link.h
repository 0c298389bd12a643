/* SPDX-License-Identifier: BSD-2-Clause */
/* link - one connection to a Redis or Valkey server.
 *
 * Sends commands and receives replies as raw bytes; the RESP scanner finds where
 * a reply ends, nothing is converted.  Every wait has a deadline, a cap on the
 * reply's size, and a descriptor that cancels it.  After any failure but a
 * server's own error reply the connection is closed: its stream is no longer at
 * a reply's beginning.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_LINK_H
#define SANDBOX_SUPERVISOR_LINK_H

#include "ipc/resp.h"
#include "sandbox/supervisor/uri.h"

typedef struct {
  int fd;      /* -1: not connected */
  uint8_t *in; /* heap: bytes received */
  size_t in_room;
  size_t in_used;
  size_t taken; /* of these, bytes of the reply handed out last */
  uint8_t *out; /* heap: commands to send */
  ByteWriter writer;
  RespScanner scanner;
} Link;

/* How long, how much, and what ends it. */
typedef struct {
  uint64_t deadline;
  uint64_t max_bytes;
  int cancel_fd; /* -1: none */
} LinkPatience;

#define LINK_NONE ((Link){.fd = -1})
#define LINK_DETAIL_BYTES 512

/* Connects.  On failure `ret_detail` says what happened, with the address. */
__attribute__((warn_unused_result)) Status supervisor_link_open(Link *link, const StoreUri *uri,
                                                                LinkPatience patience,
                                                                char ret_detail[LINK_DETAIL_BYTES]);

/* Adopts a connected stream socket. */
void supervisor_link_adopt(Link *link, int fd);

void supervisor_link_close(Link *link);

/* Gathers a command to be sent. */
void supervisor_link_begin(Link *link, size_t count);
void supervisor_link_put(Link *link, ByteView argument);

/* Gathers a whole command of terminated words; the list ends with NULL. */
void supervisor_link_say(Link *link, const char *word, ...) __attribute__((sentinel));

/* Sends what was gathered. */
__attribute__((warn_unused_result)) Status supervisor_link_flush(Link *link, LinkPatience patience);

/* Receives one reply, valid until the next receive.  ST_TIMED_OUT, ST_INTERRUPTED
 * (cancelled), ST_TOO_LARGE, ST_CLOSED, ST_IO, ST_INVALID (no RESP). */
__attribute__((warn_unused_result)) Status supervisor_link_receive(Link *link,
                                                                   LinkPatience patience,
                                                                   ByteView *ret_reply);

/* Says whether nothing has arrived since the last reply, not even an end: asked of
 * a connection that was idle. */
bool supervisor_link_is_quiet(const Link *link);

static inline bool supervisor_link_is_open(const Link *link) {
  return link->fd >= 0;
}

#endif
