/* SPDX-License-Identifier: BSD-2-Clause */
/* test_change - one rule of one tenant, made different in a copy. */
#include <stdio.h>
#include <string.h>

#include "policy/tenants/change.h"
#include "policy/tenants/diff.h"
#include "policy/tenants/load.h"
#include "tests/check_main.h"

static const char text[] =
    "version: 1\nunmapped: acme\ndefaults: {concurrency: 3}\ntenants:\n"
    "  acme: {users: [ann, 'a*'], key_prefixes: ['a:'], limits: {hold: 50ms}, shared_with: [globex]}\n"
    "  globex: {users: [bob], rates: {cost: 10m/s burst 50m}}\n";

static TenantPolicy *load(void) {
  TenantProblems problems = {.file = "policy"};
  TenantPolicy *policy = NULL;
  ck_assert_int_eq(policy_tenants_parse(text, sizeof text - 1, &problems, &policy), ST_OK);
  policy_tenants_problems_free(&problems);
  return policy;
}

static Status change(const TenantPolicy *before, const char *tenant, const char *key, const char *value,
                     TenantPolicy **ret_after) {
  TenantProblems problems = {.file = "set"};
  Status status = policy_tenants_change(before, tenant, key, value, &problems, ret_after);
  policy_tenants_problems_free(&problems);
  return status;
}

static size_t rule_changes;
static char last_change[256];

static void take(void *context, const PolicyChange *one) {
  (void)context;
  if (one->kind == CHANGE_WORKERS) return;
  rule_changes++;
  (void)snprintf(last_change, sizeof last_change, "%s %s %s", one->tenant, one->key, one->after);
}

/* Nothing but the one rule differs. */
static void expect_change(const char *tenant, const char *key, const char *value, const char *wanted) {
  TenantPolicy *before = load(), *after = NULL;
  ck_assert_msg(change(before, tenant, key, value, &after) == ST_OK, "%s %s", key, value);
  rule_changes = 0;
  ck_assert_int_eq(policy_tenants_diff(before, after, take, NULL), ST_OK);
  ck_assert_msg(rule_changes == 1, "%s: %zu changes", key, rule_changes);
  ck_assert_str_eq(last_change, wanted);
  policy_tenants_unref(before);
  policy_tenants_unref(after);
}

START_TEST(one_rule_changes_and_nothing_else) {
  expect_change("acme", "limits.hold", "20ms", "acme limits.hold 20ms");
  expect_change("acme", "limits.memory", "16m", "acme limits.memory 16m");
  expect_change("globex", "rates.cost", "1m/s burst 2m", "globex rates.cost 1m/s burst 2m");
  expect_change("globex", "daily.invocations", "1000", "globex daily.invocations 1k");
  expect_change("globex", "concurrency", "7", "globex concurrency 7");
  expect_change("acme", "suspended", "true", "acme suspended true");
  expect_change("acme", "scripts", "loaded", "acme scripts loaded");
  expect_change("acme", "isolation", "script", "acme isolation script");
  expect_change("acme", "mode", "observe", "acme mode observe");
  expect_change("acme", "denied_commands", "[keys, flushall]", "acme denied_commands [flushall, keys]");
  expect_change("acme", "key_prefixes", "['$tenant:']", "acme key_prefixes [\"acme:\"]");
  expect_change("acme", "log_rate", "16k/s", "acme log_rate 16k/s");
}
END_TEST

START_TEST(what_is_wrong_changes_nothing) {
  static const struct {
    const char *tenant, *key, *value;
    Status status;
  } rows[] = {{"nobody", "concurrency", "1", ST_NOT_FOUND},
              {"acme", "concurency", "1", ST_NOT_FOUND},
              {"acme", "limits", "{hold: 1s}", ST_NOT_FOUND},
              {"acme", "concurrency", "many", ST_INVALID},
              {"acme", "concurrency", "-1", ST_INVALID},
              {"acme", "limits.hold", "1us", ST_INVALID},
              {"acme", "limits.hold", "1s\n    concurrency: 9", ST_INVALID},
              {"acme", "limits.hold", "", ST_INVALID},
              {"acme", "scripts", "all", ST_INVALID},
              {"acme", "shared_with", "[globex]", ST_UNSUPPORTED}};
  TenantPolicy *before = load();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    TenantPolicy *after = NULL;
    ck_assert_msg(change(before, rows[i].tenant, rows[i].key, rows[i].value, &after) == rows[i].status,
                  "%s %s", rows[i].key, rows[i].value);
    ck_assert_ptr_null(after);
  }
  policy_tenants_unref(before);
}
END_TEST

/* A value that smuggles another key along moves only the key that was named. */
START_TEST(other_keys_in_a_value_are_not_taken) {
  expect_change("acme", "limits.hold", "20ms, memory: 1m", "acme limits.hold 20ms");
}
END_TEST

SUITE("tenants change", one_rule_changes_and_nothing_else, what_is_wrong_changes_nothing,
      other_keys_in_a_value_are_not_taken)
