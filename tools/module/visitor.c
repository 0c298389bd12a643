/* SPDX-License-Identifier: BSD-2-Clause */
/* visitor - buffers, lines, patience. */
#include "tools/module/visitor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/module/errand.h"
#include "tools/module/live.h"

/* Somebody left while the main thread was at its errand. */
static bool is_abandoned;

void module_visitor_enter(Visitor *visitor, int fd, uint64_t now) {
  visitor->fd = fd;
  visitor->in_size = 0;
  visitor->out = (Answer){.data = NULL};
  visitor->sent = 0;
  visitor->moved_at = now;
  visitor->line_at = 0;
  visitor->has_ended = visitor->is_leaving = visitor->is_closed = visitor->is_posted = false;
  visitor->row = NULL;
}

void module_visitor_leave(Visitor *visitor) {
  if (visitor->fd >= 0) (void)close(visitor->fd);
  visitor->fd = -1;
  module_answer_fini(&visitor->out);
  if (visitor->is_posted && !module_errand_withdraw()) is_abandoned = true;
  visitor->is_posted = false;
  visitor->row = NULL;
}

void module_visitor_sweep(void) {
  Answer line;
  if (!is_abandoned || !module_errand_take(&line)) return;
  module_answer_fini(&line);
  is_abandoned = false;
}

static bool is_sending(const Visitor *visitor) {
  return visitor->sent < visitor->out.size;
}

short module_visitor_events(const Visitor *visitor) {
  if (visitor_waits(visitor)) return 0;
  if (is_sending(visitor)) return POLLOUT;
  return visitor->has_ended ? 0 : POLLIN;
}

bool module_visitor_is_late(const Visitor *visitor, uint64_t now) {
  if (visitor_waits(visitor)) return false;
  if (is_sending(visitor)) return now - visitor->moved_at > VISITOR_OUT_PATIENCE;
  if (visitor->line_at != 0) return now - visitor->line_at > VISITOR_LINE_PATIENCE;
  return now - visitor->moved_at > VISITOR_IDLE_PATIENCE;
}

/* --- Answering --- */

void module_visitor_refuse(Visitor *visitor, Code code, const char *text) {
  Answer none = {.data = NULL};
  Query query = {.answer = &none};
  module_query_fail(&query, code, "%s", text);
  module_query_json(NULL, &query, &visitor->out);
  visitor->is_leaving = true;
}

/* The answer was too large. */
static void check_answer(Visitor *visitor) {
  if (!visitor->out.has_failed) return;
  module_answer_fini(&visitor->out);
  module_visitor_refuse(visitor, CODE_INTERNAL, "the answer does not fit into memory");
}

static void answer_row(Visitor *visitor, const QueryRow *row, const Request *request) {
  Answer answer = {.data = NULL};
  Query query = {.words = request->words + 1, .count = request->count - 1, .answer = &answer};
  if (row == NULL)
    module_query_fail(&query, CODE_USAGE, "there is no such command; SANDBOX HELP lists them");
  else
    module_query_run(row, &query);
  module_query_json(row, &query, &visitor->out);
  module_answer_fini(&answer);
  check_answer(visitor);
}

/* Answers, or finds that the main thread has to; false: that. */
static bool answer_line(Visitor *visitor, size_t size) {
  Request *request = &visitor->request;
  const char *problem = module_request_parse(visitor->in, size, request);
  Answer none = {.data = NULL};
  Query query = {.answer = &none};
  if (problem != NULL) {
    module_query_fail(&query, CODE_USAGE, "%s", problem);
    module_query_json(NULL, &query, &visitor->out);
    return true;
  }
  const QueryRow *row = module_query_find(request->words[0]);
  if (row != NULL && row->place == ON_MAIN) {
    visitor->row = row;
    return false;
  }
  answer_row(visitor, row, request);
  return true;
}

static void consume(Visitor *visitor, size_t size) {
  visitor->in_size -= size;
  memmove(visitor->in, visitor->in + size, visitor->in_size);
  visitor->line_at = 0;
}

/* --- What the main thread has to do --- */

static void refuse_errand(Visitor *visitor) {
  Answer none = {.data = NULL};
  Query query = {.answer = &none};
  LiveRun run;
  if (module_live_read(&run))
    module_query_fail(&query, CODE_UNAVAILABLE,
                      "run %" PRIu64 " of tenant %s holds the server; nothing was done", run.id, run.tenant);
  else
    module_query_fail(&query, CODE_UNAVAILABLE, "the server is busy; nothing was done");
  module_query_json(visitor->row, &query, &visitor->out);
}

/* Goes on with the errand; returns whether there is an answer. */
static bool go_on_waiting(Visitor *visitor, uint64_t now) {
  const Request *request = &visitor->request;
  bool is_done = visitor->is_posted && module_errand_take(&visitor->out);
  if (!visitor->is_posted)
    visitor->is_posted = module_errand_post(visitor->row, request->words + 1, request->count - 1);
  if (!is_done && now < visitor->wait_until) return false;
  /* What was begun ends soon, and its answer is waited for. */
  if (!is_done && visitor->is_posted && !module_errand_withdraw()) return false;
  if (!is_done) refuse_errand(visitor);
  visitor->is_posted = false;
  visitor->row = NULL;
  check_answer(visitor);
  consume(visitor, visitor->line_size);
  return true;
}

/* --- Line by line --- */

/* Whether there is a whole line, and how many bytes it and its end are. */
static bool find_line(Visitor *visitor, uint64_t now, size_t *ret_size, size_t *ret_used) {
  const char *end = memchr(visitor->in, '\n', visitor->in_size);
  *ret_size = end == NULL ? visitor->in_size : (size_t)(end - visitor->in);
  *ret_used = end == NULL ? *ret_size : *ret_size + 1;
  if (end != NULL || visitor->has_ended) return true;
  if (visitor->line_at == 0) visitor->line_at = now;
  return false;
}

/* Answers the first line, if there is one and nothing is being sent. */
static bool answer_first(Visitor *visitor, uint64_t now) {
  size_t size, used;
  if (is_sending(visitor) || visitor->in_size == 0 || visitor->is_leaving) return false;
  if (visitor_waits(visitor)) return go_on_waiting(visitor, now);
  if (!find_line(visitor, now, &size, &used)) {
    if (visitor->in_size < sizeof visitor->in) return false;
    module_visitor_refuse(visitor, CODE_USAGE, "the line is too long");
    return true;
  }
  if (answer_line(visitor, size)) {
    consume(visitor, used);
    return true;
  }
  visitor->line_size = used;
  visitor->wait_until = now + VISITOR_ERRAND_PATIENCE;
  return go_on_waiting(visitor, now);
}

/* --- The socket --- */

static bool receive(Visitor *visitor, uint64_t now) {
  size_t room = sizeof visitor->in - visitor->in_size;
  if (room == 0 || visitor->has_ended) return true;
  ssize_t got = recv(visitor->fd, visitor->in + visitor->in_size, room, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) visitor->has_ended = true;
  visitor->in_size += (size_t)got;
  visitor->moved_at = now;
  return true;
}

static bool flush(Visitor *visitor, uint64_t now) {
  while (is_sending(visitor)) {
    ssize_t put = send(visitor->fd, visitor->out.data + visitor->sent,
                       visitor->out.size - visitor->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    visitor->sent += (size_t)put;
    visitor->moved_at = now;
  }
  module_answer_fini(&visitor->out);
  visitor->sent = 0;
  return true;
}

/* Whoever closes a socket with bytes unread takes its own last words back: what else is sent
 * is thrown away until the other side closes too, or patience is over. */
static bool say_goodbye(Visitor *visitor, uint64_t now) {
  if (!visitor->is_closed) {
    (void)shutdown(visitor->fd, SHUT_WR);
    visitor->line_at = now;
  }
  visitor->is_closed = true;
  visitor->in_size = 0;
  return !visitor->has_ended;
}

bool module_visitor_serve(Visitor *visitor, short events, uint64_t now) {
  bool is_gone = (events & (POLLHUP | POLLERR)) != 0;
  if (visitor_waits(visitor) && is_gone) return false;
  if ((is_gone || (events & POLLIN) != 0) && !is_sending(visitor) && !visitor_waits(visitor) &&
      !receive(visitor, now))
    return false;
  do {
    if (!flush(visitor, now)) return false;
  } while (answer_first(visitor, now));
  if (is_sending(visitor)) return (events & POLLERR) == 0;
  if (visitor->is_leaving) return say_goodbye(visitor, now);
  return !(visitor->has_ended && visitor->in_size == 0);
}
