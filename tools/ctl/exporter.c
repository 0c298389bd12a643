/* SPDX-License-Identifier: BSD-2-Clause */
/* exporter - GET /metrics asks the server each time; libmicrohttpd does the HTTP.
 *
 * One thread answers, few connections are taken, and each has a few seconds: a scraper
 * is no crowd.  A server that cannot be reached is status 503, so that `up` is 0.
 */
#define _GNU_SOURCE
#include "tools/ctl/exporter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/codes.h"
#include "tools/ctl/admin.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

#define MOST_CONNECTIONS 16
#define CONNECTION_SECONDS 15

#define OPEN_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* --- Printing --- */

static int print(const Options *options) {
  int status;
  const char *words[] = {"metrics", options->operand_count > 0 ? options->operands[0] : "openmetrics", NULL};
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  if (options->json) return ctl_admin_print_json("metrics", data);
  (void)fputs(ctl_link_text(data, "text"), stdout);
  json_decref(data);
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

/* --- Serving --- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *text) {
  struct MHD_Response *response = MHD_create_response_from_buffer(
      strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
  if (response == NULL) return MHD_NO;
  (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result answer_metrics(const Options *options, struct MHD_Connection *connection) {
  const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
  bool is_open = accept != NULL && strstr(accept, "application/openmetrics-text") != NULL;
  const char *words[] = {"metrics", is_open ? "openmetrics" : "prometheus", NULL};
  FsbError error;
  Link *link = ctl_link_open(options, &error);
  json_t *data = link == NULL ? NULL : ctl_link_ask(link, words, &error);
  ctl_link_close(link);
  if (data == NULL) {
    ctl_text_complain("%s", error.text);
    return answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", "the server cannot be reached\n");
  }
  enum MHD_Result result = answer(connection, MHD_HTTP_OK, is_open ? OPEN_METRICS_TYPE : PROMETHEUS_TYPE,
                                  ctl_link_text(data, "text"));
  json_decref(data);
  return result;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state) {
  (void)version;
  (void)data;
  (void)state;
  *size = 0; /* whatever a body says */
  if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
    return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "only GET\n");
  if (strcmp(url, "/metrics") == 0) return answer_metrics(context, connection);
  if (strcmp(url, "/") == 0)
    return answer(connection, MHD_HTTP_OK, "text/plain", "ferrous-sandboxctl metrics: see /metrics\n");
  return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", "see /metrics\n");
}

/* --- The address --- */

static int open_socket(const struct addrinfo *address) {
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int one = 1;
  if (fd < 0) return -1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 64) == 0) return fd;
  int problem = errno;
  (void)close(fd);
  errno = problem;
  return -1;
}

/* Takes "HOST:PORT", "[HOST]:PORT" or ":PORT", which is this machine only. */
static int listen_at(const char *text, FsbError *error) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  struct addrinfo *list = NULL;
  char host[256];
  const char *colon = strrchr(text, ':');
  size_t size = colon == NULL ? sizeof host : (size_t)(colon - text);
  bool is_quoted = size >= 2 && size < sizeof host && text[0] == '[' && text[size - 1] == ']';
  if (size >= sizeof host || colon[1] == '\0') {
    ctl_options_explain(error, "--listen: '%.60s' is not HOST:PORT", text);
    return -1;
  }
  (void)snprintf(host, sizeof host, "%.*s", (int)(is_quoted ? size - 2 : size), is_quoted ? text + 1 : text);
  int status = getaddrinfo(host[0] == '\0' ? "127.0.0.1" : host, colon + 1, &hints, &list);
  int fd = status == 0 ? open_socket(list) : -1;
  if (fd < 0) {
    ctl_options_explain(error, "--listen %.60s: %s", text, status != 0 ? gai_strerror(status) : strerror(errno));
    error->code = CODE_UNAVAILABLE;
  }
  if (list != NULL) freeaddrinfo(list);
  return fd;
}

static void wait_for_end(void) {
  sigset_t set;
  int number;
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGINT);
  (void)sigaddset(&set, SIGTERM);
  (void)sigwait(&set, &number);
}

static int listen_and_serve(const Options *options) {
  FsbError error;
  sigset_t set;
  int fd = listen_at(options->listen, &error);
  if (fd < 0) return ctl_run_fail(options, &error);
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGINT);
  (void)sigaddset(&set, SIGTERM);
  (void)sigprocmask(SIG_BLOCK, &set, NULL);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, (void *)(uintptr_t)options,
      MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, MOST_CONNECTIONS,
      MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_SECONDS, MHD_OPTION_END);
  if (daemon == NULL) {
    (void)close(fd);
    error = (FsbError){.code = CODE_INTERNAL, .text = "the HTTP server does not start"};
    return ctl_run_fail(options, &error);
  }
  ctl_text_complain("serving http://%s/metrics", options->listen);
  wait_for_end();
  MHD_stop_daemon(daemon);
  return 0;
}

int ctl_exporter_run(const Options *options) {
  FsbError error;
  if (options->operand_count > (options->listen != NULL ? 0 : 1)) {
    ctl_options_explain(&error, "metrics takes: openmetrics or prometheus, or --listen HOST:PORT");
    return ctl_run_fail(options, &error);
  }
  return options->listen != NULL ? listen_and_serve(options) : print(options);
}
