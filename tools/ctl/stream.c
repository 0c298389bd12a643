/* SPDX-License-Identifier: BSD-2-Clause */
/* stream - sockets that do not block, and OpenSSL on top where it is wanted. */
#define _GNU_SOURCE
#include "tools/ctl/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "policy/codes.h"

struct Stream {
  int fd;
  SSL_CTX *context; /* NULL: no TLS */
  SSL *tls;
};

uint64_t ctl_stream_now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

__attribute__((format(printf, 2, 3))) static bool fail(FsbError *error, const char *format, ...) {
  va_list arguments;
  error->code = CODE_UNAVAILABLE;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return false;
}

static bool wait_for(int fd, short events, uint64_t deadline, FsbError *error) {
  struct pollfd poll_fd = {.fd = fd, .events = events};
  for (;;) {
    uint64_t now = ctl_stream_now();
    if (now >= deadline)
      return fail(error, "no answer in time; a script may hold the server: --control reaches it then");
    int count = poll(&poll_fd, 1, (int)((deadline - now) / 1000000) + 1);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return fail(error, "poll: %s", strerror(errno));
  }
}

/* --- Connecting --- */

static bool finish_connect(int fd, uint64_t deadline, FsbError *error) {
  int problem = 0;
  socklen_t size = sizeof problem;
  if (!wait_for(fd, POLLOUT, deadline, error)) return false;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) problem = errno;
  return problem == 0 ? true : fail(error, "%s", strerror(problem));
}

static int connect_to(int family, const struct sockaddr *address, socklen_t size,
                      uint64_t deadline, FsbError *error) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    (void)fail(error, "no socket: %s", strerror(errno));
    return -1;
  }
  bool is_done = connect(fd, address, size) == 0;
  if (!is_done && errno == EINPROGRESS) is_done = finish_connect(fd, deadline, error);
  else if (!is_done) {
    int problem = errno;
    (void)fail(error, "%s", strerror(problem));
    if (problem == EACCES || problem == EPERM) error->code = CODE_PERMISSION;
  }
  if (is_done) return fd;
  (void)close(fd);
  return -1;
}

static int connect_unix(const char *path, uint64_t deadline, FsbError *error) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  FsbError why = {.code = 0};
  if (strlen(path) >= sizeof address.sun_path) {
    (void)fail(error, "%.200s: the path is too long for a socket", path);
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path) + 1);
  int fd = connect_to(AF_UNIX, (const struct sockaddr *)&address, sizeof address, deadline, &why);
  if (fd >= 0) return fd;
  (void)fail(error, "cannot connect to %.200s: %.100s", path, why.text);
  error->code = why.code;
  return -1;
}

static int connect_tcp(const char *host, const char *port, uint64_t deadline, FsbError *error) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  FsbError why = {.code = 0};
  struct addrinfo *list = NULL;
  int status = getaddrinfo(host, port, &hints, &list);
  if (status != 0) {
    (void)fail(error, "%.100s:%.20s: %s", host, port, gai_strerror(status));
    return -1;
  }
  int fd = -1;
  for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next)
    fd = connect_to(at->ai_family, at->ai_addr, at->ai_addrlen, deadline, &why);
  freeaddrinfo(list);
  if (fd < 0) (void)fail(error, "cannot connect to %.100s:%.20s: %.100s", host, port, why.text);
  return fd;
}

/* --- TLS --- */

static bool fail_tls(FsbError *error, const char *what) {
  char text[160];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return fail(error, "TLS: %s: %s", what, text);
}

static bool trust(SSL_CTX *context, const ServerOptions *options, FsbError *error) {
  bool is_given = options->cacert != NULL || options->cacertdir != NULL;
  if (is_given && SSL_CTX_load_verify_locations(context, options->cacert, options->cacertdir) != 1)
    return fail_tls(error, "the certificates to trust cannot be read");
  if (!is_given && SSL_CTX_set_default_verify_paths(context) != 1)
    return fail_tls(error, "the system's certificates cannot be read");
  if (options->cert != NULL && SSL_CTX_use_certificate_chain_file(context, options->cert) != 1)
    return fail_tls(error, "--cert cannot be read");
  if (options->key != NULL &&
      SSL_CTX_use_PrivateKey_file(context, options->key, SSL_FILETYPE_PEM) != 1)
    return fail_tls(error, "--key cannot be read");
  SSL_CTX_set_verify(context, options->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

/* The certificate must be of who was called, an address or a name. */
static bool name_peer(SSL *tls, const ServerOptions *options, const char *host) {
  const char *name = options->sni != NULL ? options->sni : host;
  struct in6_addr address;
  if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
    return options->insecure || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) == 1;
  if (SSL_set_tlsext_host_name(tls, name) != 1) return false;
  return options->insecure || SSL_set1_host(tls, name) == 1;
}

/* After a call of OpenSSL that did not succeed: waits for what it wants. */
static bool wait_tls(const Stream *stream, int status, uint64_t deadline, FsbError *error) {
  int problem = SSL_get_error(stream->tls, status);
  if (problem == SSL_ERROR_WANT_READ) return wait_for(stream->fd, POLLIN, deadline, error);
  if (problem == SSL_ERROR_WANT_WRITE) return wait_for(stream->fd, POLLOUT, deadline, error);
  if (problem == SSL_ERROR_ZERO_RETURN) return fail(error, "the server closed the connection");
  long verdict = SSL_get_verify_result(stream->tls);
  if (verdict != X509_V_OK)
    return fail(error, "TLS: the server's certificate: %s", X509_verify_cert_error_string(verdict));
  return fail_tls(error, "the connection failed");
}

static bool start_tls(Stream *stream, const ServerOptions *options, const char *host,
                      uint64_t deadline, FsbError *error) {
  stream->context = SSL_CTX_new(TLS_client_method());
  if (stream->context == NULL) return fail_tls(error, "not available");
  if (!trust(stream->context, options, error)) return false;
  stream->tls = SSL_new(stream->context);
  if (stream->tls == NULL || SSL_set_fd(stream->tls, stream->fd) != 1 ||
      !name_peer(stream->tls, options, host))
    return fail_tls(error, "not available");
  for (;;) {
    int status = SSL_connect(stream->tls);
    if (status == 1) return true;
    if (!wait_tls(stream, status, deadline, error)) return false;
  }
}

/* --- A stream --- */

Stream *ctl_stream_open(const ServerOptions *options, uint64_t deadline, FsbError *ret_error) {
  const char *path = options->control != NULL ? options->control : options->socket;
  const char *host = options->host != NULL ? options->host : "127.0.0.1";
  Stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) {
    (void)fail(ret_error, "out of memory");
    return NULL;
  }
  stream->fd = path != NULL
                   ? connect_unix(path, deadline, ret_error)
                   : connect_tcp(host, options->port != NULL ? options->port : "6379", deadline, ret_error);
  bool is_open = stream->fd >= 0;
  if (is_open && options->tls && path == NULL)
    is_open = start_tls(stream, options, host, deadline, ret_error);
  if (is_open) return stream;
  ctl_stream_close(stream);
  return NULL;
}

bool ctl_stream_send(Stream *stream, const char *data, size_t size, uint64_t deadline,
                     FsbError *ret_error) {
  while (size != 0) {
    ssize_t sent;
    if (stream->tls != NULL) {
      int status = SSL_write(stream->tls, data, size < (1u << 20) ? (int)size : 1 << 20);
      if (status <= 0 && !wait_tls(stream, status, deadline, ret_error)) return false;
      sent = status;
    } else {
      sent = send(stream->fd, data, size, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return fail(ret_error, "the connection failed: %s", strerror(errno));
      if (sent < 0 && !wait_for(stream->fd, POLLOUT, deadline, ret_error)) return false;
    }
    if (sent <= 0) continue;
    data += sent;
    size -= (size_t)sent;
  }
  return true;
}

size_t ctl_stream_receive(Stream *stream, char *data, size_t room, uint64_t deadline,
                          FsbError *ret_error) {
  for (;;) {
    ssize_t got;
    bool may_wait;
    if (stream->tls != NULL) {
      got = SSL_read(stream->tls, data, room < (1u << 20) ? (int)room : 1 << 20);
      may_wait = got > 0 || wait_tls(stream, (int)got, deadline, ret_error);
    } else {
      got = recv(stream->fd, data, room, 0);
      may_wait = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR) &&
                             wait_for(stream->fd, POLLIN, deadline, ret_error));
      if (got == 0) (void)fail(ret_error, "the server closed the connection");
      if (got < 0 && errno != EAGAIN && errno != EINTR)
        (void)fail(ret_error, "the connection failed: %s", strerror(errno));
    }
    if (got > 0) return (size_t)got;
    if (!may_wait) return 0;
  }
}

void ctl_stream_close(Stream *stream) {
  if (stream == NULL) return;
  SSL_free(stream->tls);
  SSL_CTX_free(stream->context);
  if (stream->fd >= 0) (void)close(stream->fd);
  free(stream);
}
