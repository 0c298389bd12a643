/* SPDX-License-Identifier: BSD-2-Clause */
/* event - a ring of cells, and the ration. */
#include "tools/module/event.h"

#include <string.h>
#include <time.h>

#include "policy/hash.h"
#include "tools/module/cell.h"
#include "tools/module/live.h"

/* Pairs of kind and tenant whose rate is known; a clash only costs its history. */
#define RATIONS 256

typedef struct {
  uint64_t key, second, used, omitted;
} Ration;

static struct {
  CellWord slots[EVENT_SLOTS][CELL_WORDS(Event)];
  CellWord newest;
  CellWord counts[EVENT_COUNT_];
  Ration rations[RATIONS];
} ring;

_Static_assert(sizeof(Event) % 8 == 0, "cells hold words");

static const struct {
  const char *name, *meaning;
} rows[EVENT_COUNT_] = {
#define EVENT(NAME, name, meaning) {name, meaning},
#include "tools/module/events.def"
#undef EVENT
};

const char *module_event_name(EventKind kind) {
  return rows[kind].name;
}

const char *module_event_meaning(EventKind kind) {
  return rows[kind].meaning;
}

static uint64_t now_ms(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static Ration *ration_of(const EventFacts *facts) {
  const char *tenant = facts->tenant == NULL ? "" : facts->tenant;
  uint64_t hash = policy_hash_add(POLICY_HASH_START ^ (uint64_t)facts->kind, tenant, strlen(tenant));
  Ration *ration = &ring.rations[hash % RATIONS];
  if (ration->key != hash) *ration = (Ration){.key = hash};
  return ration;
}

static bool may_add(Ration *ration, uint64_t second) {
  if (ration->second != second) {
    ration->second = second;
    ration->used = 0;
  }
  if (ration->used++ < EVENT_MOST) return true;
  ration->omitted++;
  return false;
}

static void set_field(char *field, size_t room, const char *text) {
  FsbBytes bytes = {text, text == NULL ? 0 : strlen(text)};
  module_live_name(field, room, bytes);
}

void module_event_add(const EventFacts *facts) {
  uint64_t time = now_ms();
  Ration *ration = ration_of(facts);
  CellWord *count = &ring.counts[facts->kind];
  atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                        memory_order_relaxed);
  if (!may_add(ration, time / 1000)) return;
  uint64_t number = module_event_newest() + 1;
  Event event = {.number = number,
                 .time_ms = time,
                 .kind = (uint64_t)facts->kind,
                 .omitted = ration->omitted};
  ration->omitted = 0;
  set_field(event.tenant, sizeof event.tenant, facts->tenant);
  set_field(event.user, sizeof event.user, facts->user);
  set_field(event.script, sizeof event.script, facts->script);
  set_field(event.text, sizeof event.text, facts->text);
  cell_write(ring.slots[number % EVENT_SLOTS], &event, sizeof event);
  atomic_store_explicit(&ring.newest, number, memory_order_release);
}

uint64_t module_event_newest(void) {
  return atomic_load_explicit(&ring.newest, memory_order_acquire);
}

bool module_event_read(uint64_t number, Event *ret_event) {
  if (number == 0 || !cell_read(ring.slots[number % EVENT_SLOTS], ret_event, sizeof *ret_event))
    return false;
  return ret_event->number == number;
}

uint64_t module_event_count(EventKind kind) {
  return atomic_load_explicit(&ring.counts[kind], memory_order_relaxed);
}
