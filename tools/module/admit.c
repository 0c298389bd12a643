/* SPDX-License-Identifier: BSD-2-Clause */
/* admit - clocks, texts and notices around admission.h. */
#include "tools/module/admit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/module/account.h"
#include "tools/module/clock.h"
#include "tools/module/event.h"
#include "tools/module/loop.h"
#include "tools/module/tally.h"
#include "tools/module/turn.h"
#include "tools/module/work.h"

__attribute__((format(printf, 3, 4))) static bool refuse(char *text, Code code, const char *format, ...) {
  char detail[ADMIT_TEXT_BYTES - 64];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(detail, sizeof detail, format, arguments);
  va_end(arguments);
  CodeFacts facts = {.detail = detail, .detail_bytes = strlen(detail)};
  (void)policy_codes_write(code, &facts, text, ADMIT_TEXT_BYTES);
  return false;
}

/* --- Before --- */

static bool is_replica(RedisCtx *ctx) {
  return (rm.GetContextFlags(ctx) & REDIS_CTX_SLAVE) != 0;
}

static Reject reject_of(RefusalReason reason) {
  static const Reject rejects[REASON_COUNT] = {
      [REASON_SUSPENDED] = REJECT_SUSPENDED,     [REASON_CRASH_BACKOFF] = REJECT_BACKOFF,
      [REASON_CONCURRENCY] = REJECT_CONCURRENCY, [REASON_QUOTA] = REJECT_QUOTA,
      [REASON_THROTTLED] = REJECT_QUOTA,         [REASON_RATE] = REJECT_RATE,
      [REASON_SHED] = REJECT_BUSY};
  return rejects[reason];
}

/* As the journal counts it. */
static Reason reason_of(RefusalReason reason) {
  static const Reason reasons[REASON_COUNT] = {
      [REASON_SUSPENDED] = REJECTED_SUSPENDED,     [REASON_CRASH_BACKOFF] = REJECTED_CRASH_BACKOFF,
      [REASON_CONCURRENCY] = REJECTED_CONCURRENCY, [REASON_QUOTA] = REJECTED_QUOTA,
      [REASON_THROTTLED] = REJECTED_THROTTLED,     [REASON_RATE] = REJECTED_RATE,
      [REASON_SHED] = REJECTED_SHED};
  return reasons[reason];
}

/* Where the account survives the server, if there is such a place: it is asked for once, as
 * the journal is opened later than the policy. */
static void find_place(Tenant *tenant, Times when) {
  if (tenant->was_placed) return;
  TenantAccount *place = module_account_place(tenant->name);
  tenant->was_placed = true;
  if (place == NULL) return;
  policy_quota_mend(place, when);
  tenant->account = place;
}

static void note_refusal(const Tenant *tenant, const Refusal *refusal) {
  char text[QUOTA_REFUSAL_BYTES];
  (void)policy_quota_write_refusal(refusal, tenant->name, text, sizeof text);
  const EventFacts facts = {.kind = EVENT_THROTTLE, .tenant = tenant->name, .text = text};
  module_event_add(&facts);
}

/* --- Taking turns --- */

static Turns turns;

static void begin_pass(void) {
  module_turn_pass(&turns);
}

/* Who has no rate of main-thread time is trusted with all of it. */
static bool takes_turns(const Tenant *tenant) {
  return tenant->rules->quota.rates[RESOURCE_HOLD].per_second != 0 && module_state.long_share != 100;
}

static TurnRules turn_rules_of(const Tenant *tenant, Times when) {
  const QuotaRules *quota = &tenant->rules->quota;
  uint64_t left = policy_quota_left_of_rate(tenant->account, quota, RESOURCE_HOLD, when);
  return (TurnRules){.hold = tenant->rules->limits.hold,
                     .rate = quota->rates[RESOURCE_HOLD].per_second,
                     .has_saved = left >= quota->rates[RESOURCE_HOLD].burst / 2,
                     .share = (unsigned)module_state.long_share};
}

static bool must_pause(const Tenant *tenant, Times when, Refusal *refusal) {
  if (!takes_turns(tenant)) return false;
  module_loop_follow(begin_pass);
  TurnRules rules = turn_rules_of(tenant, when);
  uint64_t wait = module_turn_wait(&turns, &tenant->turn, &rules, when.monotonic_ns);
  *refusal = (Refusal){.reason = REASON_SHED,
                       .resource = RESOURCE_HOLD,
                       .retry_after_ms = (int64_t)(wait / 1000000 + 1),
                       .limit = (uint64_t)module_state.long_share};
  return wait != 0;
}

/* A reading of the thread's clock does for so long: runs that follow closely share one. */
#define THREAD_RECENT UINT64_C(100000)

static uint64_t read_thread(uint64_t now) {
  static uint64_t reading, read_at;
  if (now - read_at < THREAD_RECENT) return reading;
  read_at = now;
  reading = module_clock_thread();
  return reading;
}

static bool has_crashed(const FsbResult *result) {
  Code code = (Code)fsb_result_code(result);
  return code == CODE_WORKER_CRASHED || code == CODE_STALE_HANDLE || code == CODE_POLICY_VIOLATION ||
         code == CODE_PROTOCOL_VIOLATION;
}

/* What makes a run long is what it did, not how long a busy machine let it wait; but who crashes is waited for. */
static uint64_t find_work(const Admission *admission, const FsbResult *result, uint64_t held) {
  const FsbUsage *usage = fsb_result_usage(result);
  if (has_crashed(result)) return held;
  if (!module_work_may_be_less(usage, held)) return module_work_of(usage, held, UINT64_MAX);
  return module_work_of(usage, held, module_clock_thread() - admission->thread);
}

static void note_turn(const Admission *admission, const FsbResult *result, uint64_t held, Times when) {
  Tenant *tenant = admission->tenant;
  if (!takes_turns(tenant)) return;
  TurnRules rules = turn_rules_of(tenant, when);
  module_turn_note(&turns, &tenant->turn, &rules, held, find_work(admission, result, held), when.monotonic_ns);
}

static bool is_let_in(Tenant *tenant, Times when, Refusal *refusal) {
  return !must_pause(tenant, when, refusal) &&
         policy_quota_admit(tenant->account, &tenant->rules->quota, when, refusal);
}

static bool let_in(Tenant *tenant, Times when, char *text) {
  Refusal refusal;
  const QuotaRules *rules = &tenant->rules->quota;
  /* Without a policy everything is as in Redis. */
  bool is_free = !module_tenant_has_policy();
  find_place(tenant, when);
  if (tenant->throttle.at != 0)
    module_tally_throttle(tenant->name, throttle_next(&tenant->throttle, when.monotonic_ns));
  if (is_free) policy_quota_force(tenant->account, rules, when);
  if (is_free || is_let_in(tenant, when, &refusal)) return true;
  module_tally_reject(tenant->name, reject_of(refusal.reason));
  note_refusal(tenant, &refusal);
  if (module_tenant_mode(tenant) != MODE_OBSERVE) {
    module_account_reject(tenant->name, reason_of(refusal.reason));
    throttle_refuse(&tenant->throttle, when.monotonic_ns, refusal.retry_after_ms);
  } else {
    policy_quota_force(tenant->account, rules, when);
    tenant->counts.forced++;
    return true;
  }
  (void)policy_quota_write_refusal(&refusal, tenant->name, text, ADMIT_TEXT_BYTES);
  return false;
}

bool module_admit_run(RedisCtx *ctx, const Caller *caller, Admission *ret_admission,
                      char ret_text[ADMIT_TEXT_BYTES]) {
  Times when = module_clock_times();
  Tenant *tenant = caller->tenant;
  *ret_admission = (Admission){.began = when.monotonic_ns};
  if (caller->name == NULL) return true;
  if (tenant == NULL || tenant->rules == NULL) {
    module_account_reject("_other", REJECTED_UNMAPPED);
    return refuse(ret_text, CODE_PERMISSION, "this user belongs to no tenant of the sandbox's policy");
  }
  if (tenant->lack != NULL)
    return refuse(ret_text, CODE_SEAL_REFUSED, "step %s, which tenant %s requires, is not in force",
                  tenant->lack, tenant->name);
  if (is_replica(ctx)) return true;
  if (!let_in(tenant, when, ret_text)) return false;
  ret_admission->tenant = tenant;
  if (takes_turns(tenant)) ret_admission->thread = read_thread(when.monotonic_ns);
  return true;
}

/* --- Which texts --- */

static bool is_listed(const TenantRules *rules, FsbBytes source, const char *sha1) {
  char digest[FSB_SHA1_BYTES];
  if (sha1 == NULL) {
    fsb_script_sha1(source, digest);
    sha1 = digest;
  }
  return policy_tenants_lists(rules->listed_scripts, sha1, FSB_SHA1_BYTES - 1);
}

static const TenantRules *rules_of(const Caller *caller) {
  bool holds = caller->name != NULL && caller->tenant != NULL;
  return holds ? caller->tenant->rules : NULL;
}

bool module_admit_script(const Caller *caller, FsbBytes source, const char *sha1, bool is_kept,
                         char ret_text[ADMIT_TEXT_BYTES]) {
  static const char format[] = "tenant %s may only run scripts that %s";
  const TenantRules *rules = rules_of(caller);
  if (rules == NULL || rules->scripts == SCRIPTS_ANY) return true;
  if (rules->scripts == SCRIPTS_LOADED)
    return is_kept || refuse(ret_text, CODE_PERMISSION, format, rules->name, "were loaded before");
  return is_listed(rules, source, sha1) ||
         refuse(ret_text, CODE_PERMISSION, format, rules->name, "its policy lists");
}

/* --- After --- */

static uint64_t add(uint64_t a, uint64_t b) {
  return policy_quota_add(a, b);
}

static Consumption measure(const FsbUsage *usage, uint64_t hold_ns) {
  uint64_t bytes = add(add(usage->arg_bytes, usage->call_bytes), add(usage->reply_bytes, usage->result_bytes));
  QuotaUsage quota = {usage->instructions, usage->compile_units, usage->host_time_ns, hold_ns, bytes};
  /* A worker that says nothing has computed all the same: what was measured outside stands in. */
  if (usage->is_claim_missing) quota.instructions = usage->own_cpu_ns;
  return policy_quota_measure(&quota);
}

static void tell(RedisCtx *ctx, const Tenant *tenant, const Notice *notice) {
  const ResourceRow *row = policy_quota_resource((size_t)notice->resource);
  unsigned long long percent = notice->limit == 0 ? 0 : (unsigned long long)((double)notice->used * 100 / (double)notice->limit);
  const char *what = (notice->kinds & NOTICE_EXHAUSTED) != 0  ? ": nothing more runs until it ends"
                     : (notice->kinds & NOTICE_SUSPEND) != 0  ? ": suspended until it ends"
                     : (notice->kinds & NOTICE_THROTTLE) != 0 ? ": throttled until it ends"
                                                              : "";
  char text[160];
  (void)snprintf(text, sizeof text, "used %llu %% of its %s quota of %s%s", percent,
                 notice->period == PERIOD_DAY ? "daily" : "monthly", row->name, what);
  rm.Log(ctx, "warning", "tenant %s %s", tenant->name, text);
  module_event_add(&(EventFacts){.kind = EVENT_QUOTA, .tenant = tenant->name, .text = text});
}

/* For who looks on. */
static void show_quotas(const Tenant *tenant) {
  const QuotaRules *rules = &tenant->rules->quota;
  for (unsigned kind = 0; kind < PERIOD_COUNT; kind++)
    for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
      uint64_t limit = kind == PERIOD_DAY ? rules->daily[i] : rules->monthly[i];
      if (limit != 0)
        module_tally_quota(tenant->name, (PeriodKind)kind, (Resource)i, limit,
                           tenant->account->periods[kind].used[i]);
    }
}

void module_admit_settle(RedisCtx *ctx, const Admission *admission, const Caller *caller,
                         const FsbResult *result, Times when) {
  Tenant *tenant = admission->tenant;
  if (tenant != NULL && tenant->rules != NULL) {
    Notice notice;
    uint64_t hold_ns = when.monotonic_ns - admission->began;
    Consumption used = measure(fsb_result_usage(result), hold_ns);
    note_turn(admission, result, hold_ns, when);
    policy_quota_settle(tenant->account, &tenant->rules->quota, &used, has_crashed(result), when, &notice);
    if (notice.kinds != 0) tell(ctx, tenant, &notice);
    show_quotas(tenant);
  }
  const TenantRules *rules = rules_of(caller);
  if (rules != NULL && rules->fresh_worker)
    (void)fsb_pool_retire(module_state.pool, caller->principal);
}
