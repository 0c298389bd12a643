/* SPDX-License-Identifier: BSD-2-Clause */
/* server - finding, starting and reaching a private redis-server. */
#define _GNU_SOURCE
#include "sandbox/supervisor/server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/deadline.h"

#define SOCKET_NAME "store.sock"
#define SOCKET_PATH_BYTES 100 /* an address holds 108 */
/* A script may fill its own server only so far. */
#define MAX_MEMORY "1gb"
/* How often a socket that is not there yet is looked for. */
#define RETRY_NS UINT64_C(1000000)

static Status fail(Status status, char *detail, const char *what, const char *why) {
  (void)snprintf(detail, LINK_DETAIL_BYTES, "%s%s%s", what, why[0] == '\0' ? "" : ": ", why);
  return status;
}

/* --- Finding --- */

static bool is_program(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static bool find_in(const char *directories, const char *name, char path[PATH_MAX]) {
  while (*directories != '\0') {
    size_t size = strcspn(directories, ":");
    int length = snprintf(path, PATH_MAX, "%.*s/%s", (int)size, directories, name);
    if (size != 0 && length < PATH_MAX && is_program(path)) return true;
    directories += size;
    if (*directories == ':') directories++;
  }
  return false;
}

static bool find_server(char path[PATH_MAX]) {
  static const char usual[] = "/usr/local/bin:/usr/bin:/usr/sbin:/bin";
  const char *search = getenv("PATH");
  if (search == NULL) search = usual;
  return find_in(search, "redis-server", path) || find_in(search, "valkey-server", path);
}

/* --- The directory --- */

typedef struct {
  char path[PATH_MAX];
  int fd;
} Nest;

static bool make_nest_in(Nest *nest, const char *parent) {
  int size = snprintf(nest->path, sizeof nest->path, "%s/ferrous-sandbox.XXXXXX", parent);
  if (size < 0 || size >= (int)sizeof nest->path || mkdtemp(nest->path) == NULL) return false;
  nest->fd = open(nest->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (nest->fd >= 0) return true;
  (void)rmdir(nest->path);
  return false;
}

static bool make_nest(Nest *nest) {
  const char *wanted = getenv("TMPDIR");
  nest->fd = -1;
  if (wanted != NULL && wanted[0] == '/' && make_nest_in(nest, wanted)) return true;
  return make_nest_in(nest, "/tmp");
}

static void remove_nest(Nest *nest) {
  (void)unlinkat(nest->fd, SOCKET_NAME, 0);
  (void)close(nest->fd);
  (void)rmdir(nest->path);
}

/* --- Starting --- */

static Status spawn_server(Server *server, const char *program, const Nest *nest, int log,
                           char *detail) {
  /* clang-format off */
  const char *const argv[] = {
      program, "--port", "0", "--unixsocket", SOCKET_NAME, "--unixsocketperm", "700",
      "--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", "16",
      "--maxmemory", MAX_MEMORY, "--logfile", "", "--loglevel", "warning", NULL};
  /* clang-format on */
  const char *const envp[] = {"LC_ALL=C", NULL};
  int error = 0;
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int fds[] = {null, log, log};
  SpawnPlan plan = {.exec_fd = -1,
                    .path = program,
                    .argv = argv,
                    .envp = envp,
                    .fds = fds,
                    .fd_count = 3,
                    .directory = nest->path};
  if (null < 0) return fail(ST_SYSTEM, detail, "cannot open /dev/null", strerror(errno));
  Status status = supervisor_spawn_start(&plan, &server->process, &error);
  (void)close(null);
  return status == ST_OK
             ? ST_OK
             : fail(ST_UNAVAILABLE, detail, "cannot start redis-server", strerror(error));
}

/* The last line that the server wrote before it gave up. */
static Status report_death(int log, char *detail) {
  char text[1024];
  ssize_t size = 0;
  struct stat info;
  if (fstat(log, &info) == 0) {
    off_t from = info.st_size > (off_t)sizeof text - 1 ? info.st_size - (off_t)sizeof text + 1 : 0;
    size = pread(log, text, sizeof text - 1, from);
  }
  text[size > 0 ? size : 0] = '\0';
  size_t length = strlen(text);
  while (length != 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    text[--length] = '\0';
  const char *line = strrchr(text, '\n');
  return fail(ST_UNAVAILABLE, detail, "redis-server ended at once", line == NULL ? text : line + 1);
}

/* A path that does not fit an address is shortened through /proc. */
static StoreUri address_of(const Nest *nest) {
  StoreUri uri = {.is_unix = true};
  int size = snprintf(uri.host, sizeof uri.host, "%s/%s", nest->path, SOCKET_NAME);
  if (size >= SOCKET_PATH_BYTES)
    (void)snprintf(uri.host, sizeof uri.host, "/proc/self/fd/%d/%s", nest->fd, SOCKET_NAME);
  return uri;
}

/* Waits a little, less if the server dies or the caller gives up meanwhile. */
static Status pause_briefly(const Server *server, LinkPatience patience) {
  struct pollfd fds[2] = {{.fd = server->process.pidfd, .events = POLLIN},
                          {.fd = patience.cancel_fd, .events = POLLIN}};
  struct timespec wait = {.tv_nsec = (long)RETRY_NS};
  (void)ppoll(fds, 2, &wait, NULL);
  if (fds[0].revents != 0) return ST_DIED;
  return fds[1].revents != 0 ? ST_INTERRUPTED : ST_OK;
}

static Status reach_server(const Server *server, const Nest *nest, int log, Link *link,
                           LinkPatience patience, char *detail) {
  StoreUri uri = address_of(nest);
  for (;;) {
    Status status = supervisor_link_open(link, &uri, patience, detail);
    if (status == ST_OK) return ST_OK;
    status = pause_briefly(server, patience);
    if (status == ST_DIED) return report_death(log, detail);
    if (status != ST_OK) return fail(status, detail, "the start of redis-server was cancelled", "");
    if (ipc_deadline_is_over(patience.deadline))
      return fail(ST_TIMED_OUT, detail, "redis-server does not answer", "");
  }
}

Status supervisor_server_start(Server *server, Link *ret_link, LinkPatience patience,
                               char ret_detail[LINK_DETAIL_BYTES]) {
  char program[PATH_MAX];
  Nest nest;
  *server = SERVER_NONE;
  if (!find_server(program))
    return fail(ST_NOT_FOUND, ret_detail,
                "the script calls redis.call, but no redis-server is installed; install it or name "
                "a server with "
                "--redis URI",
                "");
  if (!make_nest(&nest))
    return fail(ST_SYSTEM, ret_detail, "cannot make a directory for a socket", strerror(errno));
  int log = memfd_create("redis-server.log", MFD_CLOEXEC);
  Status status = spawn_server(server, program, &nest, log, ret_detail);
  if (status == ST_OK) status = reach_server(server, &nest, log, ret_link, patience, ret_detail);
  if (status != ST_OK) supervisor_server_stop(server);
  remove_nest(&nest);
  if (log >= 0) (void)close(log);
  return status;
}

/* Nothing is on disk and nobody else is connected: there is nothing to save. */
void supervisor_server_stop(Server *server) {
  supervisor_spawn_kill(&server->process);
}
