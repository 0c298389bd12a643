/* SPDX-License-Identifier: BSD-2-Clause */
/* admission - the checks in their order, the price, and the thresholds. */
#include "policy/quota/admission.h"

#define MILLISECOND UINT64_C(1000000)
#define BACK_OFF_FIRST (100 * MILLISECOND)
#define BACK_OFF_DOUBLINGS 9 /* 51.2 s */
/* Crashes so long ago are forgotten. */
#define CRASH_MEMORY (60000 * MILLISECOND)

/* --- Times --- */

static int64_t milliseconds(uint64_t ns) {
  return (int64_t)(ns / MILLISECOND + (ns % MILLISECOND != 0));
}

static void catch_up(TenantAccount *account, const QuotaRules *rules, Times now) {
  for (size_t i = 0; i < RESOURCE_COUNT; i++)
    policy_quota_refill(&account->buckets[i], rules->rates[i], now.monotonic_ns);
  for (PeriodKind kind = 0; kind < PERIOD_COUNT; kind++)
    policy_quota_turn(&account->periods[kind], kind, now);
  /* A back-off from another boot, or one that is long over. */
  uint64_t longest = BACK_OFF_FIRST << BACK_OFF_DOUBLINGS;
  if (account->back_off_ns > now.monotonic_ns && account->back_off_ns - now.monotonic_ns > longest)
    account->back_off_ns = 0;
  if (now.monotonic_ns > account->back_off_ns && now.monotonic_ns - account->back_off_ns > CRASH_MEMORY)
    account->crashes = 0;
  if (account->last_run_ns > now.monotonic_ns) account->last_run_ns = 0;
}

/* --- Quotas --- */

static uint64_t quota_of(const QuotaRules *rules, PeriodKind kind, size_t resource) {
  return kind == PERIOD_DAY ? rules->daily[resource] : rules->monthly[resource];
}

/* Whether `used` is at least `percent` of `quota`. */
static bool has_reached(uint64_t used, uint64_t quota, unsigned percent) {
  if (quota == 0 || percent == 0) return false;
  uint64_t whole = quota / 100, rest = quota % 100, mark;
  if (__builtin_mul_overflow(whole, (uint64_t)percent, &mark)) return false;
  return used >= policy_quota_add(mark, (rest * percent + 99) / 100);
}

typedef struct {
  bool found;
  PeriodKind kind;
  Resource resource;
  uint64_t used, limit;
} Reached;

/* Finds a quota of which `percent` is used up. */
static Reached find_reached(const TenantAccount *account, const QuotaRules *rules, unsigned percent) {
  if (percent == 0) return (Reached){.found = false};
  for (PeriodKind kind = 0; kind < PERIOD_COUNT; kind++)
    for (size_t i = 0; i < RESOURCE_COUNT; i++) {
      uint64_t used = account->periods[kind].used[i], limit = quota_of(rules, kind, i);
      if (has_reached(used, limit, percent)) return (Reached){true, kind, (Resource)i, used, limit};
    }
  return (Reached){.found = false};
}

static bool refuse_by_quota(const TenantAccount *account, Times now, RefusalReason reason,
                            const Reached *reached, Refusal *refusal) {
  uint64_t rest = policy_quota_rest(&account->periods[reached->kind], reached->kind, now);
  *refusal = (Refusal){reason, reached->resource, milliseconds(rest), reached->limit,
                       reached->used < reached->limit ? reached->limit - reached->used : 0};
  return true;
}

/* --- The checks: true refuses --- */

static bool is_suspended(const TenantAccount *account, const QuotaRules *rules, Times now,
                         Refusal *refusal) {
  *refusal = (Refusal){.reason = REASON_SUSPENDED, .retry_after_ms = -1};
  if (rules->suspended || account->is_suspended != 0) return true;
  Reached reached = find_reached(account, rules, rules->suspend_percent);
  return reached.found && refuse_by_quota(account, now, REASON_SUSPENDED, &reached, refusal);
}

static bool is_backing_off(const TenantAccount *account, Times now, Refusal *refusal) {
  if (account->back_off_ns <= now.monotonic_ns) return false;
  *refusal = (Refusal){.reason = REASON_CRASH_BACKOFF,
                       .retry_after_ms = milliseconds(account->back_off_ns - now.monotonic_ns)};
  return true;
}

static bool is_crowded(const TenantAccount *account, const QuotaRules *rules, Refusal *refusal) {
  if (rules->concurrency == 0 || account->in_flight < rules->concurrency) return false;
  *refusal = (Refusal){
      .reason = REASON_CONCURRENCY, .retry_after_ms = 1, .limit = rules->concurrency};
  return true;
}

static bool is_used_up(const TenantAccount *account, const QuotaRules *rules, Times now,
                       Refusal *refusal) {
  Reached reached = find_reached(account, rules, 100);
  return reached.found && refuse_by_quota(account, now, REASON_QUOTA, &reached, refusal);
}

static bool is_throttled(const TenantAccount *account, const QuotaRules *rules, Times now,
                         Refusal *refusal) {
  uint64_t passed = now.monotonic_ns - account->last_run_ns;
  if (account->last_run_ns == 0 || passed >= QUOTA_THROTTLED_NS) return false;
  Reached reached = find_reached(account, rules, rules->throttle_percent);
  if (!reached.found) return false;
  (void)refuse_by_quota(account, now, REASON_THROTTLED, &reached, refusal);
  refusal->retry_after_ms = milliseconds(QUOTA_THROTTLED_NS - passed);
  return true;
}

/* Of all buckets, the one that has to be waited for longest. */
static bool is_dry(const TenantAccount *account, const QuotaRules *rules, Refusal *refusal) {
  uint64_t longest = 0;
  for (size_t i = 0; i < RESOURCE_COUNT; i++) {
    uint64_t wait = policy_quota_wait(&account->buckets[i], rules->rates[i]);
    if (wait <= longest) continue;
    longest = wait;
    *refusal = (Refusal){.reason = REASON_RATE,
                         .resource = (Resource)i,
                         .retry_after_ms = milliseconds(wait),
                         .limit = rules->rates[i].per_second};
  }
  return longest != 0;
}

/* --- Admission --- */

static void charge(TenantAccount *account, const QuotaRules *rules, Resource resource, uint64_t amount) {
  policy_quota_drain(&account->buckets[resource], rules->rates[resource], amount);
  for (size_t kind = 0; kind < PERIOD_COUNT; kind++) {
    uint64_t *used = &account->periods[kind].used[resource];
    *used = policy_quota_add(*used, amount);
  }
}

static void take(TenantAccount *account, const QuotaRules *rules, Times now) {
  charge(account, rules, RESOURCE_INVOCATIONS, 1);
  account->last_run_ns = now.monotonic_ns;
  if (account->in_flight != UINT32_MAX) account->in_flight++;
}

bool policy_quota_admit(TenantAccount *account, const QuotaRules *rules, Times now,
                        Refusal *ret_refusal) {
  catch_up(account, rules, now);
  if (is_suspended(account, rules, now, ret_refusal)) return false;
  if (is_backing_off(account, now, ret_refusal)) return false;
  if (is_crowded(account, rules, ret_refusal)) return false;
  if (is_used_up(account, rules, now, ret_refusal)) return false;
  if (is_throttled(account, rules, now, ret_refusal)) return false;
  if (is_dry(account, rules, ret_refusal)) return false;
  take(account, rules, now);
  return true;
}

void policy_quota_force(TenantAccount *account, const QuotaRules *rules, Times now) {
  catch_up(account, rules, now);
  take(account, rules, now);
}

/* --- Settling --- */

static void note_crash(TenantAccount *account, Times now) {
  unsigned doublings = account->crashes < BACK_OFF_DOUBLINGS ? account->crashes : BACK_OFF_DOUBLINGS;
  account->back_off_ns = policy_quota_add(now.monotonic_ns, BACK_OFF_FIRST << doublings);
  if (account->crashes != UINT32_MAX) account->crashes++;
}

static void note_threshold(TenantAccount *account, const QuotaRules *rules, unsigned percent,
                           unsigned kind, Notice *notice) {
  Reached reached = find_reached(account, rules, percent);
  if (!reached.found || (account->periods[reached.kind].notices & kind) != 0) return;
  account->periods[reached.kind].notices |= kind;
  *notice = (Notice){notice->kinds | kind, reached.resource, reached.kind, reached.used, reached.limit};
}

void policy_quota_settle(TenantAccount *account, const QuotaRules *rules, const Consumption *used,
                         bool crashed, Times now, Notice *ret_notice) {
  catch_up(account, rules, now);
  if (account->in_flight != 0) account->in_flight--;
  for (size_t i = 0; i < RESOURCE_COUNT; i++)
    if (i != RESOURCE_INVOCATIONS) charge(account, rules, (Resource)i, used->amount[i]);
  if (crashed) note_crash(account, now);
  *ret_notice = (Notice){.kinds = 0};
  note_threshold(account, rules, rules->notify_percent, NOTICE_NOTIFY, ret_notice);
  note_threshold(account, rules, rules->throttle_percent, NOTICE_THROTTLE, ret_notice);
  note_threshold(account, rules, rules->suspend_percent, NOTICE_SUSPEND, ret_notice);
  note_threshold(account, rules, 100, NOTICE_EXHAUSTED, ret_notice);
}

/* --- Reports --- */

uint64_t policy_quota_left_of_rate(const TenantAccount *account, const QuotaRules *rules,
                                   Resource resource, Times now) {
  Bucket bucket = account->buckets[resource];
  policy_quota_refill(&bucket, rules->rates[resource], now.monotonic_ns);
  return bucket.level > 0 ? (uint64_t)bucket.level : 0;
}

uint64_t policy_quota_left_of_period(const TenantAccount *account, const QuotaRules *rules,
                                     PeriodKind kind, Resource resource) {
  uint64_t limit = quota_of(rules, kind, resource), used = account->periods[kind].used[resource];
  return used < limit ? limit - used : 0;
}
