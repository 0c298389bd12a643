/* SPDX-License-Identifier: BSD-2-Clause */
/* visitor - buffers, lines, patience. */
#include "tools/module/visitor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/module/query.h"
#include "tools/module/request.h"

void module_visitor_enter(Visitor *visitor, int fd, uint64_t now) {
  visitor->fd = fd;
  visitor->in_size = 0;
  visitor->out = (Answer){.data = NULL};
  visitor->sent = 0;
  visitor->moved_at = now;
  visitor->line_at = 0;
  visitor->has_ended = visitor->is_leaving = false;
}

void module_visitor_leave(Visitor *visitor) {
  if (visitor->fd >= 0) (void)close(visitor->fd);
  visitor->fd = -1;
  module_answer_fini(&visitor->out);
}

static bool is_sending(const Visitor *visitor) {
  return visitor->sent < visitor->out.size;
}

short module_visitor_events(const Visitor *visitor) {
  if (is_sending(visitor)) return POLLOUT;
  return visitor->has_ended ? 0 : POLLIN;
}

bool module_visitor_is_late(const Visitor *visitor, uint64_t now) {
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

static void answer_words(Visitor *visitor, const Request *request) {
  Answer answer = {.data = NULL};
  Query query = {.words = request->words + 1, .count = request->count - 1, .answer = &answer};
  const QueryRow *row = module_query_find(request->words[0]);
  if (row == NULL)
    module_query_fail(&query, CODE_USAGE, "there is no such command; help lists them");
  else if (row->place == ON_MAIN)
    module_query_fail(&query, CODE_USAGE, "%s is done between commands: send SANDBOX %s to the server", row->name,
                      row->name);
  else
    module_query_run(row, &query);
  module_query_json(row, &query, &visitor->out);
  module_answer_fini(&answer);
  if (!visitor->out.has_failed) return;
  module_answer_fini(&visitor->out);
  module_visitor_refuse(visitor, CODE_INTERNAL, "the answer does not fit into memory");
}

static void answer_line(Visitor *visitor, size_t size) {
  Request request;
  const char *problem = module_request_parse(visitor->in, size, &request);
  Answer none = {.data = NULL};
  Query query = {.answer = &none};
  if (problem == NULL) {
    answer_words(visitor, &request);
    return;
  }
  module_query_fail(&query, CODE_USAGE, "%s", problem);
  module_query_json(NULL, &query, &visitor->out);
}

/* Answers the first line, if there is one and nothing is being sent. */
static bool answer_first(Visitor *visitor, uint64_t now) {
  if (is_sending(visitor) || visitor->in_size == 0 || visitor->is_leaving) return false;
  const char *end = memchr(visitor->in, '\n', visitor->in_size);
  size_t size = end == NULL ? visitor->in_size : (size_t)(end - visitor->in);
  if (end == NULL && !visitor->has_ended) {
    if (visitor->in_size == sizeof visitor->in) {
      module_visitor_refuse(visitor, CODE_USAGE, "the line is too long");
      return true;
    }
    if (visitor->line_at == 0) visitor->line_at = now;
    return false;
  }
  answer_line(visitor, size);
  size_t used = end == NULL ? size : size + 1;
  visitor->in_size -= used;
  memmove(visitor->in, visitor->in + used, visitor->in_size);
  visitor->line_at = 0;
  return true;
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

bool module_visitor_serve(Visitor *visitor, short events, uint64_t now) {
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !is_sending(visitor) &&
      !receive(visitor, now))
    return false;
  do {
    if (!flush(visitor, now)) return false;
  } while (answer_first(visitor, now));
  if (is_sending(visitor)) return (events & POLLERR) == 0;
  return !visitor->is_leaving && !(visitor->has_ended && visitor->in_size == 0);
}
