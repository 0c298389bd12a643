/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_policy - bytes as a policy file: a policy that holds together, or problems.
 *
 * Every valid policy is asked for its tenants and users, is no different from itself, is
 * compared with that of a server that has one tenant, and its values are written as text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/diff.h"
#include "policy/tenants/load.h"
#include "policy/tenants/value.h"

static void count_change(void *context, const PolicyChange *change) {
  if (change->key == NULL || change->before == NULL || change->after == NULL) __builtin_trap();
  ++*(size_t *)context;
}

static void check_tenant(const TenantPolicy *policy, const TenantRules *rules) {
  char error[LIMITS_ERROR_BYTES];
  TenantValue value;
  if (policy_tenants_find(policy, rules->name, strlen(rules->name)) != rules) __builtin_trap();
  if (policy_limits_check(&rules->limits, error) != ST_OK) __builtin_trap();
  if (rules->weight == 0 || rules->quota.notify_percent > 100) __builtin_trap();
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) free(policy_tenants_value_text(&value));
}

static void check_policy(const TenantPolicy *policy) {
  TenantUser user;
  size_t changes = 0;
  TenantPolicy *single = policy_tenants_single("default");
  for (size_t i = 0; i < 50 && policy_tenants_at(policy, i) != NULL; i++)
    check_tenant(policy, policy_tenants_at(policy, i));
  for (size_t i = 0; policy_tenants_user(policy, i, &user); i++)
    if (policy_tenants_of_user(policy, user.name.data, user.name.size - user.is_prefix) != user.rules) __builtin_trap();
  if (policy_tenants_diff(policy, policy, count_change, &changes) != ST_OK || changes != 0) __builtin_trap();
  if (policy_tenants_diff(single, policy, count_change, &changes) != ST_OK) __builtin_trap();
  policy_tenants_unref(single);
}

static void check_problems(const TenantProblems *problems) {
  char line[2048];
  if (problems->errors == 0) __builtin_trap();
  for (size_t i = 0; policy_tenants_problems_write(problems, i, line, sizeof line); i++)
    for (const char *c = line; *c != '\0'; c++)
      if (*c < 0x20 || *c > 0x7e) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  TenantProblems problems = {.file = "f"};
  TenantPolicy *policy = NULL;
  if (policy_tenants_parse((const char *)data, size, &problems, &policy) == ST_OK)
    check_policy(policy);
  else
    check_problems(&problems);
  policy_tenants_unref(policy);
  policy_tenants_problems_free(&problems);
  return 0;
}
