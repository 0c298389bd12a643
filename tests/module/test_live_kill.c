/* SPDX-License-Identifier: BSD-2-Clause */
/* test_live_kill - who looks on sees a whole run, and a kill hits the run that was meant. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "sandbox/supervisor/cancel.h"
#include "tests/check_main.h"
#include "tools/module/cell.h"
#include "tools/module/live.h"

static LiveRun named(const char *name) {
  LiveRun run = {.began = 1};
  module_live_name(run.tenant, sizeof run.tenant, (FsbBytes){name, strlen(name)});
  return run;
}

START_TEST(a_run_is_seen_from_its_beginning_to_its_end) {
  LiveRun run = named("acme"), seen;
  ck_assert(module_live_init());
  ck_assert(!module_live_read(&seen));
  ck_assert_ptr_nonnull(module_live_begin(&run));
  module_live_call((FsbBytes){"set", 3});
  ck_assert(module_live_read(&seen));
  ck_assert_str_eq(seen.tenant, "acme");
  ck_assert_str_eq(seen.command, "set");
  ck_assert_uint_eq(seen.calls, 1);
  ck_assert_uint_eq(seen.flags, LIVE_IN_CALL);
  module_live_return(true);
  ck_assert(module_live_read(&seen));
  ck_assert_uint_eq(seen.flags, LIVE_WROTE);
  ck_assert(!module_live_end());
  ck_assert(!module_live_read(&seen));
  module_live_fini();
}
END_TEST

START_TEST(a_kill_needs_the_number_of_the_run_and_force_once_it_wrote) {
  LiveRun run = named("acme"), seen;
  ck_assert(module_live_init());
  FsbCancel *cancel = module_live_begin(&run);
  ck_assert(module_live_read(&seen));
  ck_assert_int_eq(module_live_kill(seen.id + 1, true), LIVE_KILL_GONE);
  ck_assert_int_eq(module_live_kill(seen.id - 1, true), LIVE_KILL_GONE);
  ck_assert_int_eq(module_live_kill(0, true), LIVE_KILL_GONE);
  module_live_return(true);
  ck_assert_int_eq(module_live_kill(seen.id, false), LIVE_KILL_WROTE);
  ck_assert(!supervisor_cancel_is_requested(cancel));
  ck_assert_int_eq(module_live_kill(seen.id, true), LIVE_KILL_DONE);
  ck_assert(supervisor_cancel_is_requested(cancel));
  ck_assert(module_live_read(&seen) && (seen.flags & LIVE_KILLED) != 0);
  ck_assert(module_live_end());
  ck_assert_int_eq(module_live_kill(seen.id, true), LIVE_KILL_GONE);
  cancel = module_live_begin(&run);
  ck_assert(!supervisor_cancel_is_requested(cancel));
  ck_assert(!module_live_end());
  module_live_fini();
}
END_TEST

/* --- Two threads --- */

static atomic_bool is_over;
static atomic_uint_fast64_t kills, last_killed;

static void *kill_whatever_runs(void *argument) {
  LiveRun run;
  (void)argument;
  while (!atomic_load(&is_over)) {
    if (!module_live_read(&run)) continue;
    ck_assert_str_eq(run.tenant, run.user); /* both of one run */
    if (module_live_kill(run.id, true) != LIVE_KILL_DONE) continue;
    if (atomic_exchange(&last_killed, run.id) != run.id) atomic_fetch_add(&kills, 1);
  }
  return NULL;
}

/* A request that came too late for one run must not be found by the next. */
START_TEST(no_kill_ever_hits_another_run) {
  enum { RUNS = 200000 };
  pthread_t thread;
  uint64_t ended = 0, strays = 0;
  ck_assert(module_live_init());
  ck_assert_int_eq(pthread_create(&thread, NULL, kill_whatever_runs, NULL), 0);
  for (unsigned i = 0; i < RUNS; i++) {
    LiveRun run = named(i % 2 == 0 ? "even" : "odd");
    memcpy(run.user, run.tenant, sizeof run.user);
    FsbCancel *cancel = module_live_begin(&run);
    (void)poll(NULL, 0, 0); /* a run takes a moment, in which it can be seen */
    bool was_requested = supervisor_cancel_is_requested(cancel);
    bool is_killed = module_live_end();
    if (is_killed) ended++;
    if (was_requested && !is_killed) strays++;
  }
  atomic_store(&is_over, true);
  (void)pthread_join(thread, NULL);
  ck_assert_uint_eq(strays, 0);
  ck_assert_uint_eq(ended, atomic_load(&kills));
  ck_assert_uint_gt(ended, 0);
  module_live_fini();
}
END_TEST

typedef struct {
  uint64_t words[32];
} Pattern;
static CellWord cell[CELL_WORDS(Pattern)];

static void *write_patterns(void *argument) {
  (void)argument;
  for (uint64_t i = 0; !atomic_load(&is_over); i++) {
    Pattern pattern;
    for (size_t k = 0; k < 32; k++) pattern.words[k] = i;
    cell_write(cell, &pattern, sizeof pattern);
  }
  return NULL;
}

START_TEST(no_reader_of_a_cell_sees_half_a_record) {
  pthread_t thread;
  Pattern pattern;
  atomic_store(&is_over, false);
  ck_assert_int_eq(pthread_create(&thread, NULL, write_patterns, NULL), 0);
  for (int i = 0; i < 200000; i++) {
    if (!cell_read(cell, &pattern, sizeof pattern)) continue;
    for (size_t k = 1; k < 32; k++) ck_assert_uint_eq(pattern.words[k], pattern.words[0]);
  }
  atomic_store(&is_over, true);
  (void)pthread_join(thread, NULL);
}
END_TEST

SUITE("module live", a_run_is_seen_from_its_beginning_to_its_end,
      a_kill_needs_the_number_of_the_run_and_force_once_it_wrote, no_kill_ever_hits_another_run,
      no_reader_of_a_cell_sees_half_a_record)
