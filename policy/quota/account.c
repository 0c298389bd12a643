/* SPDX-License-Identifier: BSD-2-Clause */
/* account - opening accounts, and what administrators do to them. */
#include "policy/quota/account.h"

/* More in a row make no back-off longer. */
#define CRASHES_MOST 64

void policy_quota_mend(TenantAccount *account, Times now) {
  for (size_t i = 0; i < RESOURCE_COUNT; i++)
    policy_quota_mend_bucket(&account->buckets[i], now.monotonic_ns);
  for (size_t i = 0; i < PERIOD_COUNT; i++)
    policy_quota_mend_period(&account->periods[i], now);
  account->last_run_ns = 0;
  account->back_off_ns = 0;
  if (account->crashes > CRASHES_MOST) account->crashes = CRASHES_MOST;
  account->in_flight = 0;
  account->is_suspended = account->is_suspended != 0;
  account->spare = 0;
}

void policy_quota_suspend(TenantAccount *account, bool is_suspended) {
  account->is_suspended = is_suspended;
}

void policy_quota_reset(TenantAccount *account) {
  *account = (TenantAccount){.in_flight = account->in_flight, .is_suspended = account->is_suspended};
}
