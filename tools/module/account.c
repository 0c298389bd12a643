/* SPDX-License-Identifier: BSD-2-Clause */
/* account - the journal's one writer, and its settings. */
#include "tools/module/account.h"

#include <stdio.h>
#include <string.h>

#include "policy/costs.h"
#include "policy/quota/resources.h"
#include "tools/module/clock.h"
#include "tools/module/divergence.h"
#include "tools/module/drain.h"
#include "tools/module/state.h"

#define CONFIG_IMMUTABLE (1u << 0)
#define SYNC_MS 1000
#define TENANTS 1024
#define ROWS 128
#define MEMORY_TENANTS 1024

static struct {
  Journal *journal;
  bool is_file;
  RedisString *journal_path, *ledger_path; /* empty: none */
  long long sync_ms, tenants, rows; /* the latter two of a new journal */
  bool has_complained;
  char tenant_name[JOURNAL_NAME_BYTES]; /* of the last run, and its number */
  uint32_t tenant;
} account;

/* --- Settings --- */

static RedisString *get_path(const char *name, void *data) {
  RedisString **place = data;
  (void)name;
  return *place;
}

static int set_path(const char *name, RedisString *value, void *data, RedisString **ret_error) {
  RedisString **place = data;
  (void)name;
  (void)ret_error;
  if (*place != NULL) rm.FreeString(NULL, *place);
  rm.RetainString(NULL, value);
  *place = value;
  return REDIS_OK;
}

static long long get_number(const char *name, void *data) {
  const long long *place = data;
  (void)name;
  return *place;
}

static int set_number(const char *name, long long value, void *data, RedisString **ret_error) {
  long long *place = data;
  (void)name;
  (void)ret_error;
  *place = value;
  return REDIS_OK;
}

static bool register_number(RedisCtx *ctx, const char *name, long long *place, long long value, long long least,
                            long long most) {
  *place = value;
  return rm.RegisterNumericConfig(ctx, name, value, CONFIG_IMMUTABLE, least, most, get_number, set_number, NULL,
                                  place) == REDIS_OK;
}

/* Where a server writes files is not for those to choose who may only CONFIG SET. */
bool module_account_register(RedisCtx *ctx) {
  return rm.RegisterStringConfig(ctx, "journal", "", CONFIG_IMMUTABLE, get_path, set_path, NULL,
                                 &account.journal_path) == REDIS_OK &&
         rm.RegisterStringConfig(ctx, "ledger", "", CONFIG_IMMUTABLE, get_path, set_path, NULL,
                                 &account.ledger_path) == REDIS_OK &&
         register_number(ctx, "ledger-sync", &account.sync_ms, SYNC_MS, 10, 3600000) &&
         register_number(ctx, "journal-tenants", &account.tenants, TENANTS, 1, 131071) &&
         register_number(ctx, "journal-rows", &account.rows, ROWS, JOURNAL_LEAST_ROWS, 4096);
}

static const char *text_of(const RedisString *string) {
  size_t size;
  return string == NULL ? "" : rm.StringPtrLen(string, &size);
}

/* --- Opening and closing --- */

static bool open_journal(RedisCtx *ctx, const char *path) {
  JournalError error = {.text = ""};
  JournalTotals totals;
  JournalOptions options = {.cost_model = COST_MODEL, .now = module_clock_date()};
  options.tenants = account.is_file ? (uint32_t)account.tenants + 1 : MEMORY_TENANTS; /* and "_other" */
  options.rows_per_tenant = (uint32_t)account.rows;
  if (account.is_file) options.path = path;
  account.journal = policy_journal_open(&options, &error);
  if (account.journal == NULL) {
    rm.Log(ctx, "warning", "usage cannot be accounted for: %s", error.text);
    return false;
  }
  policy_journal_totals(account.journal, &totals);
  if (totals.lost != 0)
    rm.Log(ctx, "notice", "journal: %llu runs had no end when the last server ended; they count as lost",
           (unsigned long long)totals.lost);
  if (totals.is_short)
    rm.Log(ctx, "warning", "journal: no room to set aside what it held before the machine went down; runs until the "
           "ledger's next pass may be missing");
  if (totals.damaged != 0)
    rm.Log(ctx, "warning", "journal: %llu damaged records so far, %llu runs are unaccounted for",
           (unsigned long long)totals.damaged, (unsigned long long)totals.unaccounted);
  return true;
}

bool module_account_start(RedisCtx *ctx) {
  const char *path = text_of(account.journal_path), *ledger = text_of(account.ledger_path);
  account.is_file = path[0] != '\0';
  if (!account.is_file && ledger[0] != '\0') {
    rm.Log(ctx, "warning", "sandbox.ledger needs sandbox.journal, from which it is filled");
    return false;
  }
  if (!open_journal(ctx, path)) return false;
  module_tenant_bind_accounts();
  if (ledger[0] == '\0') return true;
  return module_drain_start(ctx, path, ledger, (unsigned)account.sync_ms);
}

void module_account_stop(void) {
  module_drain_stop();
  policy_journal_close(account.journal);
  if (account.journal_path != NULL) rm.FreeString(NULL, account.journal_path);
  if (account.ledger_path != NULL) rm.FreeString(NULL, account.ledger_path);
  memset(&account, 0, sizeof account);
}

void module_account_tend(RedisCtx *ctx) {
  if (account.journal != NULL) module_drain_tend(ctx, account.journal);
}

/* --- Runs --- */

static void complain_of_room(const char *tenant) {
  if (account.has_complained || !account.is_file || strcmp(tenant, "_other") == 0) return;
  account.has_complained = true;
  rm.Log(module_state.ctx, "warning",
         "the journal has no place for tenant %s and others to come: they are accounted for as _other. Make a new one, "
         "with a larger sandbox.journal-tenants", tenant);
}

/* Most runs are of the tenant of the run before. */
static uint32_t number_of(const char *tenant) {
  if (account.tenant_name[0] != '\0' && strcmp(account.tenant_name, tenant) == 0) return account.tenant;
  account.tenant = policy_journal_tenant(account.journal, (JournalBytes){tenant, strlen(tenant)});
  if (account.tenant == JOURNAL_OTHER_TENANT) complain_of_room(tenant);
  (void)snprintf(account.tenant_name, sizeof account.tenant_name, "%s", tenant);
  return account.tenant;
}

static JournalBytes bytes_of(const char *text, size_t room) {
  return (JournalBytes){text, strnlen(text, room)};
}

JournalTicket module_account_begin(const LiveRun *run, ScriptKind kind) {
  JournalTicket ticket = {.number = 0};
  if (account.journal == NULL) return ticket;
  JournalOrder order = {.tenant = number_of(run->tenant),
                        .kind = kind,
                        .user = bytes_of(run->user, sizeof run->user),
                        .script = bytes_of(run->script, sizeof run->script)};
  if (!policy_journal_admit(account.journal, &order, &ticket)) ticket.number = 0;
  return ticket;
}

static uint64_t cost_of(const FsbUsage *u) {
  uint64_t bytes = u->arg_bytes + u->call_bytes + u->reply_bytes + u->result_bytes;
  QuotaUsage quota = {u->instructions, u->compile_units, u->host_time_ns, u->hold_ns, bytes};
  if (u->is_claim_missing) quota.instructions = u->own_cpu_ns;
  return policy_quota_measure(&quota).amount[RESOURCE_COST];
}

static void fill_usage(JournalUsage *to, const FsbUsage *u) {
  uint64_t *amount = to->amount;
  amount[FIELD_RUNS] = 1;
  amount[FIELD_WROTE] = u->wrote;
  amount[FIELD_COLD] = u->start_kind == FSB_START_COLD;
  amount[FIELD_UNCLAIMED] = u->is_claim_missing;
  amount[FIELD_DIVERGENT] = module_divergence_is_found(u);
  amount[FIELD_COST] = cost_of(u);
  amount[FIELD_INSTRUCTIONS] = u->instructions;
  amount[FIELD_COMPILE_UNITS] = u->compile_units;
  amount[FIELD_CPU] = u->cpu_ns;
  amount[FIELD_WAIT_CPU] = u->wait_cpu_ns;
  amount[FIELD_WALL] = u->wall_ns;
  amount[FIELD_SPAWN] = u->spawn_ns;
  amount[FIELD_HOST_TIME] = u->host_time_ns;
  amount[FIELD_HOLD] = u->hold_ns;
  amount[FIELD_CALLS] = u->calls;
  amount[FIELD_CALL_BYTES] = u->call_bytes;
  amount[FIELD_REPLY_BYTES] = u->reply_bytes;
  amount[FIELD_RESULT_BYTES] = u->result_bytes;
  amount[FIELD_LOG_BYTES] = u->log_bytes;
  amount[FIELD_SCRIPT_BYTES] = u->script_bytes;
  amount[FIELD_ARG_BYTES] = u->arg_bytes;
  amount[FIELD_MEMORY_TIME] = u->memory_peak_bytes * (u->wall_ns / 1000000 + 1);
}

static bool keeps_all(const Tenant *tenant) {
  return tenant != NULL && tenant->rules != NULL && tenant->rules->detail == DETAIL_ALL;
}

void module_account_end(JournalTicket ticket, const Tenant *tenant, Code code, const FsbResult *result, Times when) {
  JournalUsage usage = {.amount = {0}};
  if (ticket.number == 0) return;
  JournalEnd end = {.now = when.realtime_ns, .has_detail = code != CODE_OK || keeps_all(tenant)};
  if (end.has_detail) {
    FsbBytes text = fsb_result_error(result);
    end.text = (JournalBytes){text.data, text.size};
  }
  fill_usage(&usage, fsb_result_usage(result));
  (void)policy_journal_finish(account.journal, ticket, code, &usage, &end);
}

void module_account_reject(const char *tenant, Reason reason) {
  if (account.journal != NULL) policy_journal_reject(account.journal, number_of(tenant), reason);
}

/* --- For others --- */

void *module_account_place(const char *tenant) {
  if (account.journal == NULL || !account.is_file) return NULL;
  uint32_t number = policy_journal_tenant(account.journal, (JournalBytes){tenant, strlen(tenant)});
  return number == JOURNAL_OTHER_TENANT ? NULL : policy_journal_account(account.journal, number);
}

/* What is in flight when a pass begins may be missed by it: then one is missing here, too. */
uint64_t module_account_unexported(const JournalTotals *totals, const JournalDrain *drain) {
  uint64_t ended = totals->admitted - totals->in_flight;
  return ended > drain->reached ? ended - drain->reached : 0;
}

bool module_account_totals(JournalTotals *ret_totals, JournalDrain *ret_drain) {
  if (account.journal == NULL) return false;
  policy_journal_totals(account.journal, ret_totals);
  policy_journal_drain(account.journal, ret_drain);
  return true;
}
