/* SPDX-License-Identifier: BSD-2-Clause */
/* event - the last things that happened, numbered, for SANDBOX EVENTS.
 *
 * A ring of EVENT_SLOTS records: who reads slowly misses some, and sees by the numbers
 * that it did.  One kind of event of one tenant is recorded at most EVENT_MOST times a
 * second; the next one says how many were left out, so a tenant that hits a limit in
 * a loop cannot wash away what others did.
 *
 * Threads: the main thread adds, any thread reads.
 */
#ifndef TOOLS_MODULE_EVENT_H
#define TOOLS_MODULE_EVENT_H

#include "sandbox/ferrous_sandbox.h"

#define EVENT_SLOTS 1024
#define EVENT_MOST 5

typedef enum {
#define EVENT(NAME, name, meaning) EVENT_##NAME,
#include "tools/module/events.def"
#undef EVENT
  EVENT_COUNT_
} EventKind;

typedef struct {
  uint64_t number; /* counts from 1 */
  uint64_t time_ms; /* CLOCK_REALTIME */
  uint64_t kind;    /* EventKind */
  uint64_t omitted; /* of the same kind and tenant, just before */
  char tenant[64];
  char user[64];
  char script[64];
  char text[160];
} Event;

/* What to record; `text` is one line that may hold anything. */
typedef struct {
  EventKind kind;
  const char *tenant; /* NULL: none */
  const char *user;
  const char *script;
  const char *text;
} EventFacts;

void module_event_add(const EventFacts *facts);

/* The newest number so far, 0: none. */
uint64_t module_event_newest(void);

/* Reads one by its number; false when it is gone or not there yet. */
bool module_event_read(uint64_t number, Event *ret_event);

/* How often a kind occurred, omitted ones included. */
uint64_t module_event_count(EventKind kind);

const char *module_event_name(EventKind kind);
const char *module_event_meaning(EventKind kind);

#endif
