/* SPDX-License-Identifier: BSD-2-Clause */
/* query_tenant - reading the policy again, one tenant's quotas, and suspending it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/module/clock.h"
#include "tools/module/event.h"
#include "tools/module/policy.h"
#include "tools/module/query.h"
#include "tools/module/tenant.h"

/* --- What is left --- */

static void put_rate(Answer *answer, const Tenant *tenant, Resource resource, Times when) {
  Rate rate = tenant->rules->quota.rates[resource];
  if (rate.per_second == 0) return;
  module_answer_count(answer, "per_second", rate.per_second);
  module_answer_count(answer, "burst", rate.burst != 0 ? rate.burst : rate.per_second);
  module_answer_count(answer, "left", policy_quota_left_of_rate(tenant->account, &tenant->rules->quota, resource, when));
}

static void put_period(Answer *answer, const Tenant *tenant, Resource resource, PeriodKind kind) {
  const QuotaRules *rules = &tenant->rules->quota;
  uint64_t limit = kind == PERIOD_DAY ? rules->daily[resource] : rules->monthly[resource];
  bool is_day = kind == PERIOD_DAY;
  module_answer_count(answer, is_day ? "used_today" : "used_this_month", tenant->account->periods[kind].used[resource]);
  if (limit == 0) return;
  module_answer_count(answer, is_day ? "daily" : "monthly", limit);
  module_answer_count(answer, is_day ? "left_today" : "left_this_month",
                      policy_quota_left_of_period(tenant->account, rules, kind, resource));
}

static void put_tenant(Answer *answer, const Tenant *tenant) {
  const TenantAccount *account = tenant->account;
  Times when = module_clock_times();
  module_answer_map(answer, NULL);
  module_answer_text(answer, "tenant", tenant->name);
  module_answer_flag(answer, "suspended", tenant->rules->quota.suspended || account->is_suspended != 0);
  module_answer_count(answer, "running", account->in_flight);
  module_answer_count(answer, "crashes_in_a_row", account->crashes);
  module_answer_count(answer, "admitted_though_refused", tenant->counts.forced);
  module_answer_count(answer, "denied_calls", tenant->counts.denied_calls);
  module_answer_count(answer, "dropped_log_lines", tenant->counts.dropped_log_lines);
  module_answer_map(answer, "resources");
  for (size_t i = 0; i < RESOURCE_COUNT; i++) {
    module_answer_map(answer, policy_quota_resource(i)->name);
    put_rate(answer, tenant, (Resource)i, when);
    put_period(answer, tenant, (Resource)i, PERIOD_DAY);
    put_period(answer, tenant, (Resource)i, PERIOD_MONTH);
    module_answer_end(answer);
  }
  module_answer_end(answer);
  module_answer_end(answer);
}

/* --- The commands --- */

static Tenant *find(Query *query) {
  FsbBytes name = query->words[0];
  const TenantRules *rules = policy_tenants_find(module_tenant_policy(), name.data, name.size);
  Tenant *tenant = rules == NULL ? NULL : module_tenant_place(name);
  if (tenant == NULL) module_query_fail(query, CODE_NOT_FOUND, "the policy has no such tenant");
  return tenant;
}

static void tell(const Tenant *tenant, const char *what) {
  const EventFacts facts = {.kind = EVENT_TENANT, .tenant = tenant->name, .text = what};
  module_event_add(&facts);
}

void module_query_quota(Query *query) {
  Tenant *tenant = find(query);
  if (tenant == NULL) return;
  if (query->count == 2 && !module_query_is(query->words[1], "reset")) {
    module_query_fail(query, CODE_USAGE, "quota takes: <tenant> [reset]");
    return;
  }
  if (query->count == 2) {
    policy_quota_reset(tenant->account);
    tell(tenant, "its rates and quotas begin anew");
  }
  put_tenant(query->answer, tenant);
}

void module_query_suspend(Query *query) {
  Tenant *tenant = find(query);
  if (tenant == NULL) return;
  module_tenant_suspend(tenant, true);
  tell(tenant, "suspended");
  put_tenant(query->answer, tenant);
}

void module_query_resume(Query *query) {
  Tenant *tenant = find(query);
  if (tenant == NULL) return;
  module_tenant_suspend(tenant, false);
  tell(tenant, "resumed");
  put_tenant(query->answer, tenant);
}

void module_query_reload(Query *query) {
  char error[POLICY_ERROR_BYTES];
  if (!module_policy_load(module_policy_path(), error)) {
    module_query_fail(query, CODE_CONFIG, "%s", error);
    return;
  }
  module_answer_map(query->answer, NULL);
  module_answer_text(query->answer, "policy", module_policy_path());
  module_answer_flag(query->answer, "in_force", module_tenant_has_policy());
  module_answer_count(query->answer, "tenants", policy_tenants_count(module_tenant_policy()));
  module_answer_end(query->answer);
}
