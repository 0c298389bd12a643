/* SPDX-License-Identifier: BSD-2-Clause */
/* server - a redis-server of our own, for runs that name none.
 *
 * It listens on a Unix socket in a fresh directory of mode 0700 and keeps nothing
 * on disk.  Once we are connected, socket and directory are removed at once: the
 * connection needs neither, nobody else can come in, and nothing is left behind
 * however we end.  The server dies with the thread that started it.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_SERVER_H
#define SANDBOX_SUPERVISOR_SERVER_H

#include "sandbox/supervisor/link.h"
#include "sandbox/supervisor/spawn.h"

typedef struct {
  Spawned process; /* pidfd -1: not started */
} Server;

#define SERVER_NONE ((Server){{-1, -1}})

/* Starts a server and connects to it.  ST_NOT_FOUND: no redis-server (nor
 * valkey-server) is installed.  On failure `ret_detail` says why. */
__attribute__((warn_unused_result)) Status supervisor_server_start(
    Server *server, Link *ret_link, LinkPatience patience, char ret_detail[LINK_DETAIL_BYTES]);

/* Ends the server. */
void supervisor_server_stop(Server *server);

static inline bool supervisor_server_is_up(const Server *server) {
  return server->process.pidfd >= 0;
}

#endif
