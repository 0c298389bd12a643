/* SPDX-License-Identifier: BSD-2-Clause */
/* info - counters since the module was loaded. */
#include "tools/module/info.h"

#include "tools/module/account.h"
#include "tools/module/event.h"
#include "tools/module/script.h"
#include "tools/module/state.h"
#include "tools/module/tally.h"
#include "tools/module/tenant.h"

static void show_accounting(RedisInfoCtx *info) {
  JournalTotals totals;
  JournalDrain drain;
  if (!module_account_totals(&totals, &drain)) return;
  const struct {
    const char *name;
    unsigned long long value;
  } rows[] = {{"journal_admitted", totals.admitted},
              {"journal_counted", totals.counted},
              {"journal_in_flight", totals.in_flight},
              {"journal_lost", totals.lost},
              {"journal_folded", totals.folded},
              {"journal_damaged", totals.damaged},
              {"journal_unaccounted", totals.unaccounted},
              {"ledger_passes", drain.passes},
              {"ledger_failures", drain.failures},
              {"ledger_unexported", module_account_unexported(&totals, &drain)},
              {"ledger_bytes", drain.ledger_bytes},
              {"ledger_passed_at", (unsigned long long)drain.passed_at / 1000000000}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    (void)rm.InfoAddFieldULongLong(info, rows[i].name, rows[i].value);
}

static void show(RedisInfoCtx *info, int for_crash_report) {
  static const char *const modes[] = {"off", "observe", "enforce"};
  const Counters *counters = &module_state.counters;
  size_t libraries, functions;
  module_tenant_libraries(&libraries, &functions);
  const struct {
    const char *name;
    unsigned long long value;
  } rows[] = {{"runs", counters->runs},
              {"errors", counters->errors},
              {"limits_exceeded", counters->limits},
              {"limits_observed", counters->observed},
              {"kills", counters->kills},
              {"worker_crashes", counters->crashes},
              {"cold_starts", counters->cold_starts},
              {"redis_calls", counters->calls},
              {"guessed_replies", counters->guesses},
              {"replays", counters->replays},
              {"instructions", counters->instructions},
              {"cpu_usec", counters->cpu_ns / 1000},
              {"host_time_usec", counters->host_time_ns / 1000},
              {"cached_scripts", module_script_count()},
              {"cached_script_bytes", module_script_bytes()},
              {"libraries", libraries},
              {"functions", functions},
              {"libraries_left", module_state.libraries_left},
              {"running", module_state.run != NULL},
              {"admin_kills", tally_get(&module_tally_totals()->kills)},
              {"events", module_event_newest()},
              {"tenants", module_tally_count()},
              {"rejections", module_tally_rejections()}};
  (void)for_crash_report;
  if (rm.InfoAddSection(info, "") != REDIS_OK) return;
  (void)rm.InfoAddFieldCString(info, "version", fsb_version());
  (void)rm.InfoAddFieldCString(info, "mode", modes[module_state.mode]);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    (void)rm.InfoAddFieldULongLong(info, rows[i].name, rows[i].value);
  show_accounting(info);
}

bool module_info_register(RedisCtx *ctx) {
  return rm.RegisterInfoFunc(ctx, show) == REDIS_OK;
}
