/* SPDX-License-Identifier: BSD-2-Clause */
/* test_admission - who is let in, who is not, and what an abuser gets, with a clock of ours. */
#include "policy/quota/admission.h"

#include <string.h>

#include "tests/check_main.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define START (INT64_C(1709078400) * SECOND)

static uint64_t draw(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static Times at(int64_t ns) {
  return (Times){(uint64_t)(HOUR + ns), START + ns};
}

static Consumption used_of(Resource resource, uint64_t amount) {
  Consumption used = {{0}};
  used.amount[RESOURCE_INVOCATIONS] = 1;
  used.amount[resource] = amount;
  return used;
}

static bool admits(TenantAccount *account, const QuotaRules *rules, int64_t ns, Refusal *refusal) {
  return policy_quota_admit(account, rules, at(ns), refusal);
}

static unsigned settle(TenantAccount *account, const QuotaRules *rules, Resource resource,
                       uint64_t amount, int64_t ns) {
  Consumption used = used_of(resource, amount);
  Notice notice;
  policy_quota_settle(account, rules, &used, false, at(ns), &notice);
  return notice.kinds;
}

static bool run(TenantAccount *account, const QuotaRules *rules, Resource resource, uint64_t amount,
                int64_t ns, Refusal *refusal) {
  if (!admits(account, rules, ns, refusal)) return false;
  (void)settle(account, rules, resource, amount, ns);
  return true;
}

START_TEST(without_rules_everything_is_admitted) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.concurrency = 0};
  Refusal refusal;
  for (int64_t i = 0; i < 10000; i++)
    ck_assert(run(&account, &rules, RESOURCE_COST, UINT64_MAX, i, &refusal));
  ck_assert_uint_eq(account.periods[PERIOD_DAY].used[RESOURCE_INVOCATIONS], 10000);
}
END_TEST

START_TEST(counters_stop_instead_of_wrapping) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_COST] = QUOTA_MOST}};
  Refusal refusal;
  ck_assert(run(&account, &rules, RESOURCE_COST, UINT64_MAX - 1, 0, &refusal));
  ck_assert(!run(&account, &rules, RESOURCE_COST, 1, 1, &refusal));
  (void)settle(&account, &rules, RESOURCE_COST, UINT64_MAX, 2);
  ck_assert_uint_eq(account.periods[PERIOD_DAY].used[RESOURCE_COST], UINT64_MAX);
  ck_assert_uint_eq(account.periods[PERIOD_MONTH].used[RESOURCE_COST], UINT64_MAX);
  ck_assert(!admits(&account, &rules, 3, &refusal));
}
END_TEST

/* An abuser that tries all the time, with runs of any size up to `most`. */
static void abuse(Resource resource, Rate rate, uint64_t most, int64_t span, uint64_t *state) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.rates = {[0] = {0, 0}}};
  Refusal refusal;
  uint64_t total = 0;
  rules.rates[resource] = rate;
  for (int64_t now = 0; now < span;) {
    uint64_t amount = resource == RESOURCE_INVOCATIONS ? 1 : draw(state) % (most + 1);
    if (run(&account, &rules, resource, amount, now, &refusal)) total += amount;
    now += (int64_t)(draw(state) % (uint64_t)(span / 50000));
    double bound = (double)rate.burst + (double)rate.per_second * (double)now / 1e9 + (double)most;
    if (total > (uint64_t)bound + 1) ck_abort_msg("%s: more than its share", policy_quota_resource(resource)->name);
  }
  /* It gets what it may have, too. */
  ck_assert(total >= (uint64_t)((double)rate.per_second * (double)span / 1e9) / 4);
}

START_TEST(an_abuser_gets_its_rate_its_burst_and_one_run) {
  uint64_t state = 88172645463325252u;
  for (Resource resource = 0; resource < RESOURCE_COUNT; resource++) {
    abuse(resource, (Rate){50, 10}, 1, 1000 * SECOND, &state);
    if (resource == RESOURCE_INVOCATIONS) continue;
    abuse(resource, (Rate){50000000, 100000000}, 5000000000u, 1000 * SECOND, &state);
    abuse(resource, (Rate){1000000, 1000000}, 300, 10 * SECOND, &state);
  }
}
END_TEST

START_TEST(the_time_in_a_refusal_is_enough) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.rates = {[RESOURCE_HOLD] = {50000000, 50000000}, [RESOURCE_COST] = {1000, 10}}};
  Refusal refusal;
  uint64_t state = 1234567;
  int64_t now = 0;
  for (int i = 0; i < 2000; i++) {
    Resource resource = draw(&state) % 2 == 0 ? RESOURCE_HOLD : RESOURCE_COST;
    if (run(&account, &rules, resource, draw(&state) % 1000000, now, &refusal)) continue;
    ck_assert_int_eq(refusal.reason, REASON_RATE);
    ck_assert_int_gt(refusal.retry_after_ms, 0);
    now += refusal.retry_after_ms * MILLISECOND;
    ck_assert(run(&account, &rules, resource, 1, now, &refusal));
  }
}
END_TEST

START_TEST(a_rate_that_is_changed_lets_nobody_have_more) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules wide = {.rates = {[RESOURCE_COST] = {1000000, 1000000}}};
  QuotaRules narrow = {.rates = {[RESOURCE_COST] = {10, 10}}};
  Refusal refusal;
  ck_assert(run(&account, &wide, RESOURCE_COST, 10, 0, &refusal));
  ck_assert(run(&account, &narrow, RESOURCE_COST, 11, 1, &refusal));
  ck_assert(!admits(&account, &narrow, 2, &refusal));
  ck_assert_str_eq(policy_quota_resource(refusal.resource)->name, "cost");
}
END_TEST

START_TEST(a_quota_is_given_once_a_day) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_INVOCATIONS] = 100}};
  Refusal refusal;
  for (int64_t day = 0; day < 40; day++) {
    int admitted = 0;
    for (int64_t i = 0; i < 240; i++)
      admitted += run(&account, &rules, RESOURCE_COST, 1, day * DAY + i * HOUR / 10, &refusal);
    ck_assert_int_eq(admitted, 100);
    ck_assert_int_eq(refusal.reason, REASON_QUOTA);
    ck_assert_uint_eq(refusal.limit, 100);
    ck_assert_uint_eq(refusal.remaining, 0);
    ck_assert_int_eq(refusal.retry_after_ms, (DAY - 239 * HOUR / 10) / MILLISECOND);
  }
}
END_TEST

START_TEST(a_quota_that_shrinks_below_what_was_used_refuses_and_one_that_grows_gives_the_difference) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_INVOCATIONS] = 100}};
  Refusal refusal;
  int admitted = 0;
  for (int64_t i = 0; i < 60; i++) ck_assert(run(&account, &rules, RESOURCE_COST, 1, i, &refusal));
  rules.daily[RESOURCE_INVOCATIONS] = 50;
  ck_assert(!admits(&account, &rules, 100, &refusal));
  ck_assert_uint_eq(refusal.limit, 50);
  ck_assert_uint_eq(refusal.remaining, 0);
  rules.daily[RESOURCE_INVOCATIONS] = 80;
  for (int64_t i = 0; i < 100; i++) admitted += run(&account, &rules, RESOURCE_COST, 1, 200 + i, &refusal);
  ck_assert_int_eq(admitted, 20);
  rules.daily[RESOURCE_INVOCATIONS] = 0;
  ck_assert(run(&account, &rules, RESOURCE_COST, 1, 400, &refusal));
}
END_TEST

START_TEST(a_month_bounds_its_days) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_BYTES] = 100}, .monthly = {[RESOURCE_BYTES] = 250}};
  Refusal refusal;
  int admitted = 0;
  /* From the first of March: the 31 days after START's 28th and 29th of February. */
  for (int64_t hour = 48; hour < (2 + 31) * 24; hour++)
    admitted += run(&account, &rules, RESOURCE_BYTES, 10, hour * HOUR, &refusal);
  ck_assert_int_eq(admitted, 25);
  ck_assert(run(&account, &rules, RESOURCE_BYTES, 10, 33 * DAY, &refusal));
}
END_TEST

START_TEST(concurrency_is_bounded_and_given_back) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.concurrency = 2};
  Refusal refusal;
  ck_assert(admits(&account, &rules, 0, &refusal));
  ck_assert(admits(&account, &rules, 1, &refusal));
  ck_assert(!admits(&account, &rules, 2, &refusal));
  ck_assert_int_eq(refusal.reason, REASON_CONCURRENCY);
  (void)settle(&account, &rules, RESOURCE_COST, 1, 3);
  ck_assert(admits(&account, &rules, 4, &refusal));
  ck_assert(!admits(&account, &rules, 5, &refusal));
  policy_quota_mend(&account, at(6)); /* the process came again: nothing runs */
  ck_assert(admits(&account, &rules, 7, &refusal));
}
END_TEST

START_TEST(each_crash_in_a_row_doubles_the_wait) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.concurrency = 0};
  Consumption used = used_of(RESOURCE_COST, 1);
  Refusal refusal;
  Notice notice;
  int64_t now = 0, wait = 100;
  for (int i = 0; i < 20; i++) {
    ck_assert(admits(&account, &rules, now, &refusal));
    policy_quota_settle(&account, &rules, &used, true, at(now), &notice);
    ck_assert(!admits(&account, &rules, now, &refusal));
    ck_assert_int_eq(refusal.reason, REASON_CRASH_BACKOFF);
    ck_assert_int_eq(refusal.retry_after_ms, wait);
    now += wait * MILLISECOND;
    if (wait < 51200) wait *= 2;
  }
  now += 61 * SECOND;
  ck_assert(admits(&account, &rules, now, &refusal));
  policy_quota_settle(&account, &rules, &used, true, at(now), &notice);
  ck_assert(!admits(&account, &rules, now, &refusal));
  ck_assert_int_eq(refusal.retry_after_ms, 100);
}
END_TEST

START_TEST(thresholds_tell_once_then_space_then_suspend) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_COST] = 1000},
                      .notify_percent = 50,
                      .throttle_percent = 80,
                      .suspend_percent = 90};
  Refusal refusal;
  ck_assert_uint_eq(settle(&account, &rules, RESOURCE_COST, 499, 0), 0);
  ck_assert_uint_eq(settle(&account, &rules, RESOURCE_COST, 1, 1), NOTICE_NOTIFY);
  ck_assert_uint_eq(settle(&account, &rules, RESOURCE_COST, 300, 2), NOTICE_THROTTLE);
  ck_assert(admits(&account, &rules, SECOND, &refusal));
  ck_assert(!admits(&account, &rules, SECOND + 30 * MILLISECOND, &refusal));
  ck_assert_int_eq(refusal.reason, REASON_THROTTLED);
  ck_assert_int_eq(refusal.retry_after_ms, 70);
  ck_assert(admits(&account, &rules, SECOND + 100 * MILLISECOND, &refusal));
  ck_assert_uint_eq(settle(&account, &rules, RESOURCE_COST, 1000, 2 * SECOND), NOTICE_SUSPEND | NOTICE_EXHAUSTED);
  ck_assert(!admits(&account, &rules, 3 * SECOND, &refusal));
  ck_assert_int_eq(refusal.reason, REASON_SUSPENDED);
  ck_assert_int_eq(refusal.retry_after_ms, (DAY - 3 * SECOND) / MILLISECOND);
  ck_assert(admits(&account, &rules, DAY, &refusal));
  ck_assert_uint_eq(settle(&account, &rules, RESOURCE_COST, 500, DAY), NOTICE_NOTIFY);
}
END_TEST

START_TEST(who_is_suspended_waits_for_a_person) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.suspended = true}, plain = {.suspended = false};
  Refusal refusal;
  ck_assert(!admits(&account, &rules, 0, &refusal));
  ck_assert_int_eq(refusal.retry_after_ms, -1);
  ck_assert(admits(&account, &plain, 0, &refusal));
  policy_quota_suspend(&account, true);
  ck_assert(!admits(&account, &plain, 0, &refusal));
  policy_quota_reset(&account);
  ck_assert(!admits(&account, &plain, 0, &refusal));
  policy_quota_suspend(&account, false);
  ck_assert(admits(&account, &plain, 0, &refusal));
}
END_TEST

START_TEST(who_is_observed_is_counted_all_the_same) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.daily = {[RESOURCE_INVOCATIONS] = 1}};
  Refusal refusal;
  for (int64_t i = 0; i < 5; i++) {
    ck_assert_int_eq(admits(&account, &rules, i, &refusal), i == 0);
    if (i != 0) policy_quota_force(&account, &rules, at(i));
    (void)settle(&account, &rules, RESOURCE_COST, 1, i);
  }
  ck_assert_uint_eq(account.periods[PERIOD_DAY].used[RESOURCE_INVOCATIONS], 5);
  ck_assert_uint_eq(account.in_flight, 0);
}
END_TEST

START_TEST(any_bytes_make_an_account) {
  QuotaRules rules = {.rates = {[RESOURCE_COST] = {1000, 1000}},
                      .daily = {[RESOURCE_COST] = 1000},
                      .concurrency = 1,
                      .throttle_percent = 50};
  uint64_t state = 99;
  for (int i = 0; i < 20000; i++) {
    TenantAccount account;
    Refusal refusal;
    for (size_t at = 0; at < sizeof account; at += sizeof state) {
      uint64_t word = draw(&state);
      memcpy((char *)&account + at, &word, sizeof word);
    }
    policy_quota_mend(&account, at(5));
    account.is_suspended = 0;
    /* Whatever it was, within a month and a debt's hour it runs again. */
    (void)admits(&account, &rules, 6, &refusal);
    account.in_flight = 0;
    ck_assert(admits(&account, &rules, 33 * DAY, &refusal));
  }
}
END_TEST

START_TEST(a_refusal_reads_as_documented) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.rates = {[RESOURCE_HOLD] = {50000000, 50000000}}};
  char text[QUOTA_REFUSAL_BYTES], name[64];
  Refusal refusal;
  ck_assert(run(&account, &rules, RESOURCE_HOLD, 60000000, 0, &refusal));
  ck_assert(!admits(&account, &rules, 0, &refusal));
  (void)policy_quota_write_refusal(&refusal, "acme", text, sizeof text);
  ck_assert_str_eq(text, "THROTTLED tenant=acme resource=hold reason=rate retry_after_ms=201 "
                         "limit=50000000 remaining=0");
  refusal = (Refusal){.reason = REASON_SUSPENDED, .retry_after_ms = -1};
  (void)policy_quota_write_refusal(&refusal, "acme", text, sizeof text);
  ck_assert_str_eq(text, "THROTTLED tenant=acme resource=runs reason=suspended retry_after_ms=-1 "
                         "limit=0 remaining=0");
  memset(name, 'x', 63);
  name[63] = '\0';
  refusal = (Refusal){REASON_CRASH_BACKOFF, RESOURCE_INSTRUCTIONS, INT64_MAX, UINT64_MAX, UINT64_MAX};
  ck_assert_uint_lt(policy_quota_write_refusal(&refusal, name, text, sizeof text), sizeof text - 1);
  ck_assert_ptr_nonnull(strstr(text, " remaining=18446744073709551615"));
}
END_TEST

START_TEST(the_cost_of_a_run_is_the_published_sum) {
  QuotaUsage usage = {1000, 200, 30000, 77, 10};
  Consumption used = policy_quota_measure(&usage);
  ck_assert_uint_eq(used.amount[RESOURCE_COST], 1000 + 200 + 30000 + 10 / 4);
  ck_assert_uint_eq(used.amount[RESOURCE_HOLD], 77);
  ck_assert_uint_eq(used.amount[RESOURCE_INVOCATIONS], 1);
  usage = (QuotaUsage){UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
  ck_assert_uint_eq(policy_quota_measure(&usage).amount[RESOURCE_COST], UINT64_MAX);
  ck_assert_ptr_eq(policy_quota_find_resource("host_time", 9), policy_quota_resource(RESOURCE_HOST_TIME));
  ck_assert_ptr_null(policy_quota_find_resource("host_tim", 8));
  ck_assert_ptr_null(policy_quota_resource(RESOURCE_COUNT));
}
END_TEST

START_TEST(reports_say_what_is_left) {
  TenantAccount account = {.in_flight = 0};
  QuotaRules rules = {.rates = {[RESOURCE_COST] = {100, 1000}}, .daily = {[RESOURCE_COST] = 5000}};
  Refusal refusal;
  ck_assert(run(&account, &rules, RESOURCE_COST, 1200, 0, &refusal));
  ck_assert_uint_eq(policy_quota_left_of_rate(&account, &rules, RESOURCE_COST, at(0)), 0);
  ck_assert_uint_eq(policy_quota_left_of_rate(&account, &rules, RESOURCE_COST, at(3 * SECOND)), 100);
  ck_assert_uint_eq(policy_quota_left_of_period(&account, &rules, PERIOD_DAY, RESOURCE_COST), 3800);
}
END_TEST

SUITE("quota admission", without_rules_everything_is_admitted, counters_stop_instead_of_wrapping,
      an_abuser_gets_its_rate_its_burst_and_one_run, the_time_in_a_refusal_is_enough,
      a_rate_that_is_changed_lets_nobody_have_more, a_quota_is_given_once_a_day,
      a_quota_that_shrinks_below_what_was_used_refuses_and_one_that_grows_gives_the_difference,
      a_month_bounds_its_days, concurrency_is_bounded_and_given_back,
      each_crash_in_a_row_doubles_the_wait, thresholds_tell_once_then_space_then_suspend,
      who_is_suspended_waits_for_a_person, who_is_observed_is_counted_all_the_same,
      any_bytes_make_an_account, a_refusal_reads_as_documented,
      the_cost_of_a_run_is_the_published_sum, reports_say_what_is_left)
