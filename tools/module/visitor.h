/* SPDX-License-Identifier: BSD-2-Clause */
/* visitor - one connection of the control socket: lines in, lines out.
 *
 * A visitor sends a line, gets a line, and so on; the next line is looked at when the
 * answer is out, so nobody makes the server keep more than one.  Who begins a line
 * and does not end it, who does not take the answer, and whose line is too long, is
 * let go.  Never blocks.
 *
 * Threads: the control thread.
 */
#ifndef TOOLS_MODULE_VISITOR_H
#define TOOLS_MODULE_VISITOR_H

#include "policy/codes.h"
#include "tools/module/query.h"
#include "tools/module/request.h"

#define VISITOR_LINE_BYTES 8192
/* Nanoseconds: to finish a line, to take an answer, to stay without a word. */
#define VISITOR_LINE_PATIENCE UINT64_C(5000000000)
#define VISITOR_OUT_PATIENCE UINT64_C(10000000000)
#define VISITOR_IDLE_PATIENCE UINT64_C(3600000000000)
/* For the main thread to begin what only it can do. */
#define VISITOR_ERRAND_PATIENCE UINT64_C(3000000000)

typedef struct {
  int fd; /* -1: the place is free */
  char in[VISITOR_LINE_BYTES];
  size_t in_size;
  Answer out;
  size_t sent;
  uint64_t moved_at; /* when something was last sent or received */
  uint64_t line_at;  /* when the line that is not complete began; 0: there is none */
  bool has_ended;    /* will send no more */
  bool is_leaving;   /* closed when the answer is out */
  bool is_closed;    /* our side is, the other is awaited */
  const QueryRow *row;  /* waits for the main thread to do this; NULL: for nothing */
  Request request;      /* its words, in `in` */
  size_t line_size;     /* of its line */
  uint64_t wait_until;  /* for it to be begun */
  bool is_posted;       /* it is the errand at hand */
} Visitor;

/* Takes a connection over; `fd` must not block. */
void module_visitor_enter(Visitor *visitor, int fd, uint64_t now);

/* Makes the place free. */
void module_visitor_leave(Visitor *visitor);

/* The events to poll for. */
short module_visitor_events(const Visitor *visitor);

/* Receives, answers and sends what can be without waiting; false: it has to go. */
bool module_visitor_serve(Visitor *visitor, short events, uint64_t now);

/* Whether it waits for the main thread, so that it is to be served without an event, too. */
static inline bool visitor_waits(const Visitor *visitor) {
  return visitor->row != NULL;
}

/* Throws away the answer to an errand whose visitor left. */
void module_visitor_sweep(void);

/* Whether its patience, or ours, is over. */
bool module_visitor_is_late(const Visitor *visitor, uint64_t now);

/* Says why and has it leave, for who is not let in. */
void module_visitor_refuse(Visitor *visitor, Code code, const char *text);

#endif
