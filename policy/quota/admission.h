/* SPDX-License-Identifier: BSD-2-Clause */
/* admission.h - whether a tenant may run something now, and what it paid afterwards.
 *
 *     if (!policy_quota_admit(account, &rules->quota, now, &refusal)) ... say so ...
 *     ... the run ...
 *     policy_quota_settle(account, &rules->quota, &used, crashed, now, &notice);
 *
 * Admission asks for a bucket that is not in debt, not for the price of the run, which
 * nobody knows: the price is taken afterwards, and debts are waited for.  Every admission
 * is to be settled once.
 *
 * Layer: policy (no I/O, no allocation); time is a parameter.  Threads: one at a time
 * for each account.  Cost: constant.
 */
#ifndef POLICY_QUOTA_ADMISSION_H
#define POLICY_QUOTA_ADMISSION_H

#include "policy/quota/account.h"

/* In the order in which they are looked at. */
typedef enum {
#define REASON(name, text, meaning) REASON_##name,
#include "policy/quota/reasons.def"
#undef REASON
  REASON_COUNT
} RefusalReason;

typedef struct {
  RefusalReason reason;
  Resource resource;       /* of RATE, QUOTA and what a quota's threshold did */
  int64_t retry_after_ms;  /* -1: waiting does not help */
  uint64_t limit;          /* the rate, the quota, the most at one time; 0: none */
  uint64_t remaining;      /* of it */
} Refusal;

/* What a run's price brought about. */
enum {
  NOTICE_NOTIFY = 1,   /* a quota's notify_percent was reached */
  NOTICE_THROTTLE = 2, /* ... throttle_percent */
  NOTICE_SUSPEND = 4,  /* ... suspend_percent */
  NOTICE_EXHAUSTED = 8 /* the whole of it */
};

typedef struct {
  unsigned kinds;     /* NOTICE_ bits, each once in a period; 0: nothing to tell */
  Resource resource;  /* of the highest of them */
  PeriodKind period;
  uint64_t used, limit;
} Notice;

/* Admits a run, which counts as one invocation; false: says why not, and nothing changed
 * that matters. */
bool policy_quota_admit(TenantAccount *account, const QuotaRules *rules, Times now, Refusal *ret_refusal)
    __attribute__((nonnull, warn_unused_result));

/* Admits a run whatever the rules say, for tenants that are only observed. */
void policy_quota_force(TenantAccount *account, const QuotaRules *rules, Times now) __attribute__((nonnull));

/* Takes the price of a run that was admitted.  `crashed`: its worker did. */
void policy_quota_settle(TenantAccount *account, const QuotaRules *rules, const Consumption *used,
                         bool crashed, Times now, Notice *ret_notice) __attribute__((nonnull));

/* Returns what is left of a rate, or of a day's or month's quota, for reports; 0 also in debt. */
uint64_t policy_quota_left_of_rate(const TenantAccount *account, const QuotaRules *rules,
                                   Resource resource, Times now) __attribute__((nonnull));
uint64_t policy_quota_left_of_period(const TenantAccount *account, const QuotaRules *rules,
                                     PeriodKind kind, Resource resource) __attribute__((nonnull));

/* Returns "rate", "quota", ... */
const char *policy_quota_reason_name(RefusalReason reason);

/* Room for the longest refusal of a tenant whose name has at most 63 bytes. */
#define QUOTA_REFUSAL_BYTES 320

/* Writes the error reply, without its '-': "THROTTLED tenant=acme resource=hold reason=rate
 * retry_after_ms=120 limit=50000000 remaining=0".  Returns its length. */
size_t policy_quota_write_refusal(const Refusal *refusal, const char *tenant, char *buffer,
                                  size_t capacity) __attribute__((nonnull));

#endif
