/* SPDX-License-Identifier: BSD-2-Clause */
/* leaving - workers that were killed, until their zygote has told how they ended.
 *
 * A process that is killed gives its memory back first, and its zygote has to wake up to tell of its
 * end: milliseconds, on a busy machine more.  Nobody waits for that but who needs to know how a worker
 * ended that died in the middle of a run.  Of the others the cause is counted when it is told, and what
 * their clocks had not shown is put on their principal's next bill.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_LEAVING_H
#define SANDBOX_SUPERVISOR_LEAVING_H

#include "sandbox/supervisor/arrears.h"
#include "sandbox/supervisor/worker.h"

/* So many at once; for one more the oldest is waited for, this long at most. */
#define LEAVING_MOST 64
#define LEAVING_PATIENCE UINT64_C(20000000)

typedef struct {
  WorkerLeft left;
  Arrears *arrears; /* of the principal that it served; NULL: nothing is owed to anybody */
  Arrears own;      /* in their place, once another worker serves the principal */
  bool is_apart;    /* they are */
} Leaver;

typedef struct {
  Leaver leavers[LEAVING_MOST]; /* oldest first */
  size_t count;
} Leaving;

/* Kills a worker, or lets one go that was only ordered, and waits for nothing.  Where it was killed in the middle of a run, `arrears` are its principal's,
 * which must stay where they are until supervisor_leaving_drop(); else NULL. */
void supervisor_leaving_dismiss(Leaving *leaving, Worker *worker, Arrears *arrears);

/* Kills a worker and waits up to `patience` nanoseconds to learn how it had ended if it had.  Who is
 * not told until then is told nothing: `how` is 0. */
WorkerEnd supervisor_leaving_kill(Leaving *leaving, Worker *worker, Arrears *arrears, uint64_t patience);

/* Takes what has been told meanwhile.  Never waits. */
void supervisor_leaving_collect(Leaving *leaving);

/* Waits until `deadline` for all of them. */
void supervisor_leaving_await(Leaving *leaving, uint64_t deadline);

/* Another worker serves the principal from now on: what is told later is for the next bill all the same. */
void supervisor_leaving_part(Leaving *leaving, const Arrears *arrears);

/* The principal goes: nobody is owed anything. */
void supervisor_leaving_drop(Leaving *leaving, const Arrears *arrears);

/* The zygote goes: of its workers nothing more is told. */
void supervisor_leaving_lose(Leaving *leaving, const Zygote *zygote);

/* Says whether the zygote has somebody's end to tell yet. */
bool supervisor_leaving_has(const Leaving *leaving, const Zygote *zygote);

#endif
