/* SPDX-License-Identifier: BSD-2-Clause */
/* account.h - what one tenant has used: the state that admission keeps.
 *
 * Plain data of fixed size, so that it can lie in a file that outlives the process.  All
 * zero is a tenant that never ran anything.
 *
 * Layer: policy (no I/O, no allocation).  Threads: one at a time.
 */
#ifndef POLICY_QUOTA_ACCOUNT_H
#define POLICY_QUOTA_ACCOUNT_H

#include "policy/quota/bucket.h"
#include "policy/quota/period.h"

typedef struct {
  Bucket buckets[RESOURCE_COUNT];
  Period periods[PERIOD_COUNT];
  uint64_t last_run_ns;  /* monotonic: the last admission */
  uint64_t back_off_ns;  /* monotonic: until when nothing is admitted after a crash */
  uint32_t crashes;      /* in a row */
  uint32_t in_flight;    /* admitted and not settled */
  uint32_t is_suspended; /* 1: by an administrator */
  uint32_t spare;        /* 0 */
} TenantAccount;

_Static_assert(sizeof(TenantAccount) <= 1024, "accounts lie in files");

/* Makes sense of an account that comes from a file, whatever is in it: nothing is in flight,
 * the monotonic clock starts anew.  To be called once for each account when it is opened. */
void policy_quota_mend(TenantAccount *account, Times now) __attribute__((nonnull));

/* Takes or gives back the right to run, as an administrator. */
void policy_quota_suspend(TenantAccount *account, bool is_suspended) __attribute__((nonnull));

/* Forgets debts, counts and crashes, as an administrator; what is in flight stays. */
void policy_quota_reset(TenantAccount *account) __attribute__((nonnull));

#endif
