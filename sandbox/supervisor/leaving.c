/* SPDX-License-Identifier: BSD-2-Clause */
/* leaving - a list, oldest first. */
#include "sandbox/supervisor/leaving.h"

#include <string.h>

#include "ipc/deadline.h"

static void take_out(Leaving *leaving, size_t i) {
  leaving->count--;
  memmove(&leaving->leavers[i], &leaving->leavers[i + 1], (leaving->count - i) * sizeof leaving->leavers[0]);
}

/* What the clock had not shown at the kill, up to a tick: ending itself takes time, too, which is nobody's. */
static void settle(Leaver *leaver, const WorkerEnd *end) {
  Arrears *arrears = leaver->is_apart ? &leaver->own : leaver->arrears;
  if (arrears == NULL || end->cpu == METER_NO_CPU) return;
  uint64_t most = arrears->last + METER_TICK;
  supervisor_arrears_find(arrears, end->cpu < most ? end->cpu : most);
  if (leaver->is_apart) leaver->arrears->owed += arrears->owed;
}

/* Returns whether it was told until `deadline`. */
static bool hear(Leaving *leaving, size_t i, uint64_t deadline) {
  WorkerEnd end;
  if (!supervisor_worker_hear(&leaving->leavers[i].left, deadline, &end)) return false;
  settle(&leaving->leavers[i], &end);
  take_out(leaving, i);
  return true;
}

static void forget(Leaving *leaving, size_t i) {
  supervisor_worker_miss(&leaving->leavers[i].left);
  take_out(leaving, i);
}

static void make_room(Leaving *leaving) {
  if (leaving->count < LEAVING_MOST) return;
  supervisor_leaving_collect(leaving);
  if (leaving->count < LEAVING_MOST) return;
  if (!hear(leaving, 0, ipc_deadline_now() + LEAVING_PATIENCE)) forget(leaving, 0);
}

static void add(Leaving *leaving, WorkerLeft left, Arrears *arrears) {
  make_room(leaving);
  leaving->leavers[leaving->count++] = (Leaver){.left = left, .arrears = arrears};
}

void supervisor_leaving_dismiss(Leaving *leaving, Worker *worker, Arrears *arrears) {
  if (supervisor_worker_is_ordered(worker)) supervisor_worker_abandon(worker);
  if (supervisor_worker_is_there(worker)) add(leaving, supervisor_worker_leave(worker), arrears);
}

WorkerEnd supervisor_leaving_kill(Leaving *leaving, Worker *worker, Arrears *arrears, uint64_t patience) {
  WorkerEnd end = {.cpu = METER_NO_CPU};
  if (!supervisor_worker_is_there(worker)) return end;
  WorkerLeft left = supervisor_worker_leave(worker);
  if (!supervisor_worker_hear(&left, ipc_deadline_now() + patience, &end)) add(leaving, left, arrears);
  return end;
}

void supervisor_leaving_collect(Leaving *leaving) {
  const Zygote *heard = NULL;
  for (size_t i = leaving->count; i-- > 0;) {
    Zygote *zygote = leaving->leavers[i].left.zygote;
    if (zygote != heard) supervisor_zygote_listen(zygote);
    heard = zygote;
    (void)hear(leaving, i, 0);
  }
}

void supervisor_leaving_await(Leaving *leaving, uint64_t deadline) {
  while (leaving->count != 0 && hear(leaving, 0, deadline)) continue;
}

void supervisor_leaving_part(Leaving *leaving, const Arrears *arrears) {
  for (size_t i = 0; i < leaving->count; i++) {
    Leaver *leaver = &leaving->leavers[i];
    if (leaver->arrears != arrears || leaver->is_apart) continue;
    leaver->own = *arrears;
    leaver->own.owed = 0;
    leaver->is_apart = true;
  }
}

void supervisor_leaving_drop(Leaving *leaving, const Arrears *arrears) {
  for (size_t i = 0; i < leaving->count; i++) {
    Leaver *leaver = &leaving->leavers[i];
    if (leaver->arrears == arrears) *leaver = (Leaver){.left = leaver->left};
  }
}

void supervisor_leaving_lose(Leaving *leaving, const Zygote *zygote) {
  for (size_t i = leaving->count; i-- > 0;)
    if (leaving->leavers[i].left.zygote == zygote) forget(leaving, i);
}

bool supervisor_leaving_has(const Leaving *leaving, const Zygote *zygote) {
  for (size_t i = 0; i < leaving->count; i++)
    if (leaving->leavers[i].left.zygote == zygote) return true;
  return false;
}
