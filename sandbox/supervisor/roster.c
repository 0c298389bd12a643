/* SPDX-License-Identifier: BSD-2-Clause */
/* roster - the pool's workers, one by one, and all of them anew. */
#include <string.h>

#include "sandbox/supervisor/pool.h"

static void describe(const Worker *worker, FsbWorker *ret_worker) {
  ret_worker->serial = worker->serial;
  ret_worker->pid = worker->pid;
  ret_worker->zygote = worker->zygote == NULL ? 0 : (int)worker->zygote->process.pid;
  ret_worker->libraries = worker->library_count;
}

/* Slots first, then spares; slots without a worker are passed over. */
bool fsb_pool_worker(const FsbPool *pool, size_t i, FsbWorker *ret_worker) {
  SLOTS_EACH(slot, &pool->slots) {
    if (!supervisor_worker_is_there(&slot->worker) || i-- != 0) continue;
    *ret_worker = (FsbWorker){.principal = {slot->principal, slot->principal_size}};
    describe(&slot->worker, ret_worker);
    return true;
  }
  for (size_t k = 0; k < FSB_MAX_SPARES; k++) {
    if (!supervisor_worker_is_there(&pool->spares[k]) || i-- != 0) continue;
    *ret_worker = (FsbWorker){.is_spare = true};
    describe(&pool->spares[k], ret_worker);
    return true;
  }
  return false;
}

bool fsb_pool_exit(const FsbPool *pool, size_t i, FsbExit *ret_exit) {
  static const FsbExit rows[] = {
#define EXIT(NAME, name, meaning) {.cause = name, .what = meaning},
#include "sandbox/supervisor/exits.def"
#undef EXIT
  };
  _Static_assert(EXIT_COUNT_ == FSB_EXITS, "ferrous_sandbox.h says how many");
  if (i >= EXIT_COUNT_) return false;
  *ret_exit = rows[i];
  ret_exit->count = pool->exits[i];
  return true;
}

unsigned fsb_pool_recycle(FsbPool *pool) {
  unsigned count = (unsigned)fsb_pool_retire(pool, (FsbBytes){"", 0});
  for (size_t i = 0; i < FSB_MAX_SPARES; i++) {
    if (!supervisor_worker_is_there(&pool->spares[i])) continue;
    supervisor_leaving_dismiss(&pool->leaving, &pool->spares[i], NULL);
    count++;
  }
  /* The next fsb_pool_tend() starts another. */
  if (pool->zygote->requests < pool->renew_after) pool->zygote->requests = pool->renew_after;
  return count;
}
