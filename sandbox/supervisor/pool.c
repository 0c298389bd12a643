/* SPDX-License-Identifier: BSD-2-Clause */
/* pool - opening, staffing, closing. */
#define _GNU_SOURCE
#include "sandbox/supervisor/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/deadline.h"

/* How long forking spares may hold up the host, and all who wait for it.  One that comes later becomes a
 * spare when it comes. */
#define REPLENISH_PATIENCE UINT64_C(10000000)
#define RENEW_AFTER 1000
#define BACK_OFF_FIRST UINT64_C(100000000)
#define BACK_OFF_MOST UINT64_C(10000000000)

/* What workers of principals may occupy unless the host says otherwise. */
#define MEMORY (UINT64_C(256) << 20)
/* An idle worker with all that the kernel keeps for it (docs/decisions/0021-idle-worker.md); what runs
 * touched comes on top, up to what a worker keeps (it ends when a run touched more). */
#define WORKER_BYTES (UINT64_C(192) << 10)
#define WORKER_KEEPS (UINT64_C(1) << 20)
/* Principals without a worker whose generators are remembered. */
#define MOST_OTHERS 65536
/* Forking holds up the host: so many at a time. */
#define MOST_FORKS 4
/* Looks without need after which one spare less is kept. */
#define CALM 100

void supervisor_pool_explain(FsbError *error, Code code, const char *format, ...) {
  va_list arguments;
  error->code = (int)code;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
}

/* --- Finding the worker program --- */

static int open_program(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  /* A directory opens too; executing it would fail only later and less clearly. */
  if (faccessat(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) == 0) return fd;
  int error = errno;
  (void)close(fd);
  errno = error;
  return -1;
}

static int open_beside_us(void) {
  static const char name[] = "ferrous-sandbox-worker";
  char path[PATH_MAX];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path - sizeof name - 1);
  if (size <= 0) return -1;
  path[size] = '\0';
  char *slash = strrchr(path, '/');
  if (slash == NULL) return -1;
  memcpy(slash + 1, name, sizeof name);
  return open_program(path);
}

static bool find_program(FsbPool *pool, const char *path, FsbError *error) {
  if (path != NULL) {
    pool->exec_fd = open_program(path);
    if (pool->exec_fd < 0)
      supervisor_pool_explain(error, CODE_CONFIG, "cannot open the worker program %s: %s", path,
                              strerror(errno));
    return pool->exec_fd >= 0;
  }
  pool->exec_fd = open_beside_us();
  if (pool->exec_fd < 0) pool->exec_fd = open_program(FERROUS_WORKER_PATH);
  if (pool->exec_fd < 0)
    supervisor_pool_explain(error, CODE_CONFIG,
                            "ferrous-sandbox-worker is neither beside this program nor at %s%s",
                            FERROUS_WORKER_PATH,
                            access("/proc/self/exe", F_OK) == 0 ? "" : ", and /proc is not mounted");
  return pool->exec_fd >= 0;
}

/* --- Steps of the seal --- */

static const char *const step_names[] = {
#define STEP(name, where, need, what, lack) #name,
#include "sandbox/seal_steps.def"
#undef STEP
};

static bool add_step(const char *name, size_t size, uint64_t *set) {
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    if (strlen(step_names[i]) != size || memcmp(step_names[i], name, size) != 0) continue;
    *set |= SEAL_BIT(i);
    return true;
  }
  return false;
}

/* Reads "landlock,mdwe" into a set of steps. */
static bool read_steps(const char *list, uint64_t *set, FsbError *error) {
  while (list != NULL && *list != '\0') {
    size_t size = strcspn(list, ",");
    if (!add_step(list, size, set)) {
      supervisor_pool_explain(error, CODE_CONFIG, "'%.*s' is no step of the seal",
                              (int)(size > 40 ? 40 : size), list);
      return false;
    }
    list += size;
    if (*list == ',') list++;
  }
  return true;
}

static bool may_avoid(const FsbPool *pool, FsbError *error) {
  FsbStep step;
  for (size_t i = 0; fsb_pool_step(pool, i, &step); i++) {
    bool is_needed = step.is_floor || (pool->require & SEAL_BIT(i)) != 0;
    if (!is_needed || (pool->avoid & SEAL_BIT(i)) == 0) continue;
    supervisor_pool_explain(error, CODE_CONFIG, "step '%s' of the seal cannot be avoided: %s", step.name,
                            step.is_floor ? "nothing runs without it" : "it is required");
    return false;
  }
  return true;
}

/* --- Opening and closing --- */

static Limits ceilings(void) {
  Limits limits = policy_limits_defaults();
  for (size_t i = 0; policy_limits_row(i) != NULL; i++)
    policy_limits_set(&limits, policy_limits_row(i), policy_limits_row(i)->ceiling);
  return limits;
}

static Code code_of_start(Status status) {
  if (status == ST_UNSUPPORTED) return CODE_SEAL_REFUSED;
  return status == ST_VERSION ? CODE_CONFIG : CODE_INTERNAL;
}

static bool start_zygote(FsbPool *pool, Zygote *zygote, FsbError *error) {
  char detail[ZYGOTE_DETAIL_BYTES];
  supervisor_leaving_lose(&pool->leaving, zygote);
  uint64_t deadline = ipc_deadline_now() + POOL_START_PATIENCE;
  const ZygoteOrder order = {&pool->bound, pool->require, pool->avoid, pool->valkey_version};
  Status status = supervisor_zygote_start(zygote, pool->exec_fd, &order, deadline, detail);
  if (status == ST_OK) return true;
  supervisor_pool_explain(error, code_of_start(status), "%s", detail);
  return false;
}

/* Pipes have no MSG_NOSIGNAL, and a worker may die at any moment; a host that
 * did not say what SIGPIPE shall do cannot want to die of it. */
static void ignore_broken_pipes(void) {
  struct sigaction action;
  if (sigaction(SIGPIPE, NULL, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = SIG_IGN;
  (void)sigaction(SIGPIPE, &action, NULL);
}

/* docs/decisions/0016-pace.md has the figures behind AUTO. */
static void choose_transport(FsbPool *pool, FsbTransport transport) {
  pool->transport = transport;
  pool->with_rings = transport == FSB_TRANSPORT_AUTO ? ipc_spin_rounds() != 0 : transport == FSB_TRANSPORT_RING;
}

/* All but the first so many. */
static void dismiss_spares(FsbPool *pool, size_t but) {
  for (size_t i = but; i < FSB_MAX_SPARES; i++) supervisor_leaving_dismiss(&pool->leaving, &pool->spares[i], NULL);
}

void fsb_pool_set_transport(FsbPool *pool, FsbTransport transport) {
  bool had_rings = pool->with_rings;
  choose_transport(pool, transport);
  if (pool->with_rings != had_rings) dismiss_spares(pool, 0);
}

static bool open_pool(FsbPool *pool, const FsbPoolOptions *options, FsbError *error) {
  pool->bound = options->limits == NULL ? ceilings() : options->limits->values;
  pool->fresh_worker = options->fresh_worker;
  pool->valkey_version = options->valkey_version;
  choose_transport(pool, options->transport);
  pool->renew_after = options->renew_after != 0 ? options->renew_after : RENEW_AFTER;
  pool->spare_least = options->spares < FSB_MAX_SPARES ? options->spares : FSB_MAX_SPARES;
  pool->spare_goal = pool->spare_least;
  pool->workers = options->workers != 0 && options->workers < FSB_MAX_WORKERS ? options->workers
                                                                               : FSB_MAX_WORKERS;
  pool->idle = options->idle;
  fsb_pool_set_memory(pool, options->memory);
  pool->scratch = malloc(sizeof *pool->scratch);
  if (pool->scratch == NULL) {
    supervisor_pool_explain(error, CODE_INTERNAL, "out of memory");
    return false;
  }
  if (!read_steps(options->require, &pool->require, error) || !read_steps(options->avoid, &pool->avoid, error)) return false;
  if (!may_avoid(pool, error)) return false;
  if (!find_program(pool, options->worker_path, error)) return false;
  if (!start_zygote(pool, pool->zygote, error)) return false;
  fsb_pool_tend(pool);
  return true;
}

/* A caller built against an older header has a shorter struct; what it does not
 * know of keeps its default, which is 0. */
static FsbPoolOptions complete_options(const FsbPoolOptions *given) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  if (given != NULL)
    memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
  return options;
}

/* In a child of the host: workers and zygotes are the parent's. */
static void forget_all(void *object) {
  FsbPool *pool = object;
  SLOTS_EACH(slot, &pool->slots) supervisor_worker_forget(&slot->worker);
  for (size_t i = 0; i < FSB_MAX_SPARES; i++) supervisor_worker_forget(&pool->spares[i]);
  for (size_t i = 0; i < 2; i++) supervisor_zygote_forget(&pool->zygotes[i]);
  pool->leaving.count = 0;
  if (pool->exec_fd >= 0) (void)close(pool->exec_fd);
  pool->exec_fd = -1;
}

FsbPool *fsb_pool_open(const FsbPoolOptions *options, FsbError *ret_error) {
  FsbPoolOptions complete = complete_options(options);
  FsbPool *pool = calloc(1, sizeof *pool);
  if (pool == NULL) {
    supervisor_pool_explain(ret_error, CODE_INTERNAL, "out of memory");
    return NULL;
  }
  pool->exec_fd = -1;
  for (size_t i = 0; i < 2; i++) pool->zygotes[i] = (Zygote){.process = {-1, -1}, .socket = -1};
  pool->zygote = &pool->zygotes[0];
  pool->retired = &pool->zygotes[1];
  for (size_t i = 0; i < FSB_MAX_SPARES; i++) pool->spares[i] = WORKER_NONE;
  supervisor_fork_guard(&pool->guard, forget_all, pool);
  ignore_broken_pipes();
  if (open_pool(pool, &complete, ret_error)) return pool;
  fsb_pool_close(pool);
  return NULL;
}

/* Kills every worker of a zygote. */
static void dismiss_all(FsbPool *pool, const Zygote *zygote) {
  SLOTS_EACH(slot, &pool->slots)
    if (slot->worker.zygote == zygote) supervisor_leaving_dismiss(&pool->leaving, &slot->worker, NULL);
  for (size_t i = 0; i < FSB_MAX_SPARES; i++)
    if (pool->spares[i].zygote == zygote) supervisor_leaving_dismiss(&pool->leaving, &pool->spares[i], NULL);
}

static void retire(FsbPool *pool, PoolSlot *slot) {
  supervisor_pool_dismiss(pool, slot);
  supervisor_slots_unstaff(&pool->slots, slot);
}

static void remove_slot(FsbPool *pool, PoolSlot *slot) {
  supervisor_leaving_drop(&pool->leaving, &slot->arrears);
  supervisor_slots_remove(&pool->slots, slot);
}

static void remove_all(FsbPool *pool) {
  while (pool->slots.staffed.oldest != NULL) retire(pool, pool->slots.staffed.oldest);
  while (pool->slots.others.oldest != NULL)
    remove_slot(pool, pool->slots.others.oldest);
}

void fsb_pool_close(FsbPool *pool) {
  if (pool == NULL) return;
  supervisor_fork_unguard(&pool->guard);
  for (size_t i = 0; i < 2; i++) dismiss_all(pool, &pool->zygotes[i]);
  remove_all(pool);
  /* Who reaps them ends next. */
  supervisor_leaving_await(&pool->leaving, ipc_deadline_now() + POOL_DEATH_PATIENCE);
  for (size_t i = 0; i < 2; i++) supervisor_zygote_stop(&pool->zygotes[i]);
  if (pool->exec_fd >= 0) (void)close(pool->exec_fd);
  free(pool->scratch);
  free(pool);
}

static bool begins_with(const PoolSlot *slot, FsbBytes prefix) {
  return slot->principal_size >= prefix.size &&
         (prefix.size == 0 || memcmp(slot->principal, prefix.data, prefix.size) == 0);
}

size_t fsb_pool_retire(FsbPool *pool, FsbBytes prefix) {
  size_t count = 0;
  for (PoolSlot *slot = pool->slots.staffed.newest, *next; slot != NULL; slot = next) {
    next = slot->older;
    if (!begins_with(slot, prefix)) continue;
    count += supervisor_worker_is_there(&slot->worker);
    retire(pool, slot);
  }
  return count;
}

/* --- How many --- */

void supervisor_pool_weigh(FsbPool *pool, PoolSlot *slot, uint64_t peak) {
  uint64_t bytes = WORKER_BYTES + (peak < WORKER_KEEPS ? peak : WORKER_KEEPS);
  if (bytes != slot->bytes && slot->is_staffed) supervisor_slots_staff(&pool->slots, slot, bytes);
}

/* Makes room for `bytes` more and one worker more. */
static void make_room(FsbPool *pool, uint64_t bytes) {
  const SlotTable *slots = &pool->slots;
  while (slots->staffed.count != 0 &&
         (slots->bytes + bytes > pool->memory || slots->staffed.count >= pool->workers))
    retire(pool, slots->staffed.oldest);
}

void fsb_pool_set_memory(FsbPool *pool, uint64_t memory) {
  pool->memory = memory != 0 ? memory : MEMORY;
}

PoolSlot *supervisor_pool_slot(FsbPool *pool, FsbBytes principal, uint64_t now) {
  PoolSlot *slot = supervisor_slots_find(&pool->slots, principal, now);
  if (slot != NULL) return slot;
  if (pool->slots.others.count >= MOST_OTHERS)
    remove_slot(pool, pool->slots.others.oldest);
  return supervisor_slots_add(&pool->slots, principal, now);
}

/* --- Staffing --- */

/* Starts a new zygote in place of one that is gone; the workers went with it. */
static bool revive_zygote(FsbPool *pool, FsbError *error) {
  uint64_t now = ipc_deadline_now();
  if (supervisor_zygote_is_up(pool->zygote)) return true;
  dismiss_all(pool, pool->zygote);
  if (now < pool->restart_at) {
    supervisor_pool_explain(error, CODE_WORKER_CRASHED,
                            "the zygote ended and is not started again yet");
    return false;
  }
  pool->back_off = pool->back_off == 0 ? BACK_OFF_FIRST : pool->back_off * 2;
  if (pool->back_off > BACK_OFF_MOST) pool->back_off = BACK_OFF_MOST;
  pool->restart_at = now + pool->back_off;
  supervisor_zygote_stop(pool->zygote);
  return start_zygote(pool, pool->zygote, error);
}

static void explain_greeting(FsbError *error, Status status, WorkerEnd end) {
  if (end.how == CLD_EXITED && end.status >= WORKER_EXIT_STEP &&
      end.status < WORKER_EXIT_STEP + (int)SEAL_COUNT_)
    supervisor_pool_explain(error, CODE_SEAL_REFUSED, "step %s",
                            step_names[end.status - WORKER_EXIT_STEP]);
  else if (status == ST_CLOSED || status == ST_TRUNCATED)
    supervisor_pool_explain(error, CODE_WORKER_CRASHED, "it ended before it was sealed, by %s %d",
                            end.how == CLD_EXITED ? "exit status" : "signal", end.status);
  else if (status == ST_TIMED_OUT)
    supervisor_pool_explain(error, CODE_WORKER_CRASHED, "it was not sealed in time");
  else if (status == ST_VERSION)
    supervisor_pool_explain(error, CODE_PROTOCOL_VIOLATION, "a hello of another build");
  else
    supervisor_pool_explain(error, CODE_PROTOCOL_VIOLATION, "no valid hello: %s",
                            policy_status_text(status));
}

void supervisor_pool_dismiss(FsbPool *pool, PoolSlot *slot) {
  if (!supervisor_worker_is_there(&slot->worker)) return;
  supervisor_arrears_find(&slot->arrears, supervisor_worker_moment(&slot->worker).cpu);
  supervisor_leaving_dismiss(&pool->leaving, &slot->worker, NULL);
}

static void explain_fork(FsbError *error, Status status) {
  struct rlimit limit;
  if (status == ST_NO_DESCRIPTORS && getrlimit(RLIMIT_NOFILE, &limit) == 0)
    supervisor_pool_explain(error, CODE_WORKER_CRASHED,
                            "none could be forked: the server has no file descriptors left of the %llu that it may open "
                            "(RLIMIT_NOFILE), and a worker takes four",
                            (unsigned long long)limit.rlim_cur);
  else
    supervisor_pool_explain(error, CODE_WORKER_CRASHED, "none could be forked: %s", policy_status_text(status));
}

static bool fork_worker(FsbPool *pool, PoolSlot *slot, uint64_t deadline, FsbError *error) {
  Status status = supervisor_worker_start(&slot->worker, pool->zygote, pool->with_rings, deadline);
  slot->worker.exits = pool->exits;
  if (status == ST_OK) return true;
  explain_fork(error, status);
  return false;
}

static bool greet_worker(FsbPool *pool, PoolSlot *slot, uint64_t deadline, FsbError *error) {
  Status status = supervisor_worker_greet(&slot->worker, deadline);
  if (status == ST_OK) return true;
  explain_greeting(error, status, supervisor_leaving_kill(&pool->leaving, &slot->worker, NULL, POOL_DEATH_PATIENCE));
  return false;
}

/* Waits until a spare is forked, sealed and has said so.  One whose zygote has ended may be about to end
 * itself. */
static Status ready_spare(Worker *spare, uint64_t deadline) {
  Status status = supervisor_worker_is_ordered(spare) ? supervisor_worker_await(spare, deadline) : ST_OK;
  if (status != ST_OK) return status;
  if (!supervisor_zygote_is_up(spare->zygote)) return ST_CLOSED;
  status = supervisor_worker_greet(spare, deadline);
  if (status != ST_OK) return status;
  return supervisor_worker_is_idle(spare, ipc_deadline_now()) ? ST_OK : ST_CLOSED;
}

/* Makes the i-th spare the slot's worker.  ST_TIMED_OUT: it may yet come; ST_CLOSED: there is none. */
static Status take_spare(FsbPool *pool, size_t i, PoolSlot *slot, uint64_t deadline) {
  Worker *spare = &pool->spares[i];
  if (!supervisor_worker_is_there(spare) && !supervisor_worker_is_ordered(spare)) return ST_CLOSED;
  Status status = ready_spare(spare, deadline);
  bool is_late = status == ST_TIMED_OUT && ipc_deadline_now() - spare->ordered_at < POOL_START_PATIENCE;
  if (status == ST_OK) {
    slot->worker = *spare;
    *spare = WORKER_NONE;
  } else if (!is_late) {
    supervisor_leaving_dismiss(&pool->leaving, spare, NULL);
    status = ST_CLOSED;
  }
  return status;
}

/* Gives the slot a spare.  What was asked for before comes before what would be asked for now: where none is ready
 * one is waited for, and stays a spare when it does not come in time: ST_TIMED_OUT.  ST_CLOSED: there is none. */
static Status find_spare(FsbPool *pool, PoolSlot *slot, uint64_t deadline) {
  const uint64_t deadlines[] = {0, deadline};
  for (size_t round = 0; round < 2; round++) {
    bool is_last = round == 1;
    for (size_t i = 0; i < FSB_MAX_SPARES; i++) {
      Status status = take_spare(pool, i, slot, deadlines[round]);
      if (status == ST_OK || (status == ST_TIMED_OUT && is_last)) return status;
    }
  }
  return ST_CLOSED;
}

/* --- Housekeeping --- */

static bool has_workers(const FsbPool *pool, const Zygote *zygote) {
  SLOTS_EACH(slot, &pool->slots)
    if (slot->worker.zygote == zygote) return true;
  for (size_t i = 0; i < FSB_MAX_SPARES; i++)
    if (pool->spares[i].zygote == zygote) return true;
  return supervisor_leaving_has(&pool->leaving, zygote);
}

/* Hands over to a new zygote.  Without one the old goes on: nothing is lost but
 * the new layout. */
static void renew_zygote(FsbPool *pool) {
  FsbError error;
  Zygote *old = pool->zygote;
  if (supervisor_zygote_is_up(pool->retired) && !has_workers(pool, pool->retired))
    supervisor_zygote_stop(pool->retired);
  if (old->requests < pool->renew_after || supervisor_zygote_is_up(pool->retired)) return;
  if (!start_zygote(pool, pool->retired, &error)) return;
  pool->zygote = pool->retired;
  pool->retired = old;
  dismiss_spares(pool, 0);
  supervisor_zygote_retire(old);
}

/* As many spares as were needed between two looks, and fewer again after a calm. */
static void set_goal(FsbPool *pool) {
  unsigned needed = pool->starts;
  pool->starts = 0;
  if (pool->spare_least == 0) return;
  pool->calm = needed < pool->spare_goal ? pool->calm + 1 : 0;
  if (needed > pool->spare_goal) {
    pool->spare_goal = needed < FSB_MAX_SPARES ? needed : FSB_MAX_SPARES;
  } else if (pool->calm >= CALM && pool->spare_goal > pool->spare_least) {
    pool->spare_goal--;
    pool->calm = 0;
  }
}

/* Takes those that were late and have come. */
static void take_late_spares(FsbPool *pool) {
  for (size_t i = 0; i < FSB_MAX_SPARES; i++)
    if (supervisor_worker_is_ordered(&pool->spares[i]) && supervisor_worker_await(&pool->spares[i], 0) != ST_OK) return;
}

/* Does not wait for the seals of those it forks, and asks no zygote that is behind. */
static void fork_spares(FsbPool *pool) {
  take_late_spares(pool);
  if (!supervisor_zygote_keeps_up(pool->zygote)) return;
  uint64_t deadline = ipc_deadline_now() + REPLENISH_PATIENCE;
  unsigned forks = 0;
  for (size_t i = 0; i < pool->spare_goal && forks < MOST_FORKS; i++) {
    if (!supervisor_zygote_is_up(pool->zygote)) return;
    Worker *spare = &pool->spares[i];
    if (supervisor_worker_is_there(spare) || supervisor_worker_is_ordered(spare)) continue;
    if (supervisor_worker_order(spare, pool->zygote, pool->with_rings, deadline) != ST_OK) return;
    spare->exits = pool->exits;
    if (supervisor_worker_await(spare, deadline) != ST_OK) return;
    forks++;
  }
}

static void retire_some(FsbPool *pool) {
  uint64_t now = ipc_deadline_now();
  PoolSlot *oldest;
  while (pool->slots.bytes > pool->memory) retire(pool, pool->slots.staffed.oldest);
  while (pool->idle != 0 && (oldest = pool->slots.staffed.oldest) != NULL &&
         now - oldest->used_at > pool->idle)
    retire(pool, oldest);
}

void fsb_pool_tend(FsbPool *pool) {
  supervisor_leaving_collect(&pool->leaving);
  renew_zygote(pool);
  retire_some(pool);
  set_goal(pool);
  dismiss_spares(pool, pool->spare_goal);
  fork_spares(pool);
}

bool supervisor_pool_staff(FsbPool *pool, PoolSlot *slot, uint64_t now, uint64_t deadline,
                           FsbStart *ret_start, FsbError *ret_error) {
  *ret_start = FSB_START_WARM;
  if (supervisor_worker_is_there(&slot->worker)) {
    if (!pool->fresh_worker && supervisor_worker_is_idle(&slot->worker, now)) return true;
    supervisor_pool_dismiss(pool, slot);
  }
  supervisor_leaving_collect(&pool->leaving);
  supervisor_leaving_part(&pool->leaving, &slot->arrears);
  supervisor_arrears_renew(&slot->arrears);
  pool->starts++;
  make_room(pool, WORKER_BYTES);
  supervisor_slots_staff(&pool->slots, slot, WORKER_BYTES);
  *ret_start = FSB_START_SPARE;
  Status status = find_spare(pool, slot, deadline);
  if (status == ST_OK) return true;
  if (status == ST_TIMED_OUT) {
    explain_fork(ret_error, status);
    return false;
  }
  *ret_start = FSB_START_COLD;
  if (!revive_zygote(pool, ret_error)) return false;
  if (!fork_worker(pool, slot, deadline, ret_error)) return false;
  if (!greet_worker(pool, slot, deadline, ret_error)) return false;
  pool->back_off = 0;
  return true;
}

/* --- Doctor --- */

static const char *state_name(unsigned state) {
  static const char *const names[] = {"not tried",   "applied", "not needed",
                                      "unavailable", "refused", "avoided"};
  return state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

bool fsb_pool_step(const FsbPool *pool, size_t i, FsbStep *ret_step) {
#define OPTIONAL false
#define FLOOR true
#define STEP(name_, where, need, what_, lack_) \
  {.name = #name_, .what = what_, .lack = lack_, .is_floor = need},
  static const FsbStep rows[] = {
#include "sandbox/seal_steps.def"
  };
#undef STEP
#undef FLOOR
#undef OPTIONAL
  if (i >= SEAL_COUNT_) return false;
  const SealReport *report = &pool->zygote->report.steps[i];
  *ret_step = rows[i];
  ret_step->state = state_name(report->state);
  ret_step->error = report->error;
  ret_step->in_force = report->state == SEAL_APPLIED || report->state == SEAL_NOT_NEEDED;
  return true;
}
