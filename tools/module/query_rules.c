/* SPDX-License-Identifier: BSD-2-Clause */
/* query_rules - the rules of one tenant: shown, and one of them changed until the policy is
 * read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/change.h"
#include "policy/tenants/value.h"
#include "tools/module/event.h"
#include "tools/module/query.h"
#include "tools/module/tenant.h"

#define KEY_BYTES 64
#define VALUE_BYTES 2048

static const TenantRules *find(Query *query, FsbBytes name) {
  const TenantRules *rules = policy_tenants_find(module_tenant_policy(), name.data, name.size);
  if (rules == NULL) module_query_fail(query, CODE_NOT_FOUND, "the policy has no such tenant");
  return rules;
}

/* --- get --- */

static void put_value(Query *query, const TenantValue *value) {
  char name[VALUE_NAME_BYTES];
  char *text = policy_tenants_value_text(value);
  policy_tenants_value_name(value, name);
  module_answer_text(query->answer, name, text == NULL ? "" : text);
  if (text == NULL) query->answer->has_failed = true;
  free(text);
}

static void put_users(Answer *answer, const TenantRules *rules) {
  const TenantPolicy *policy = module_tenant_policy();
  TenantUser user;
  module_answer_list(answer, "users");
  for (size_t i = 0; policy_tenants_user(policy, i, &user); i++)
    if (user.rules == rules)
      module_answer_bytes(answer, NULL, (FsbBytes){user.name.data, user.name.size});
  module_answer_end(answer);
}

static void put_rules(Query *query, const TenantRules *rules) {
  TenantValue value;
  module_answer_map(query->answer, NULL);
  module_answer_text(query->answer, "tenant", rules->name);
  module_answer_text(query->answer, "plan", rules->plan);
  module_answer_flag(query->answer, "unmapped", policy_tenants_rest(module_tenant_policy()) == rules);
  put_users(query->answer, rules);
  module_answer_map(query->answer, "rules");
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) put_value(query, &value);
  module_answer_end(query->answer);
  module_answer_end(query->answer);
}

/* --- set --- */

static void explain(Query *query, Status status, const char *key, const TenantProblems *problems) {
  char line[512] = "";
  (void)policy_tenants_problems_write(problems, 0, line, sizeof line);
  if (status == ST_INVALID && line[0] != '\0')
    module_query_fail(query, CODE_USAGE, "%s", line);
  else if (status == ST_INVALID)
    module_query_fail(query, CODE_USAGE, "%s: the value must be one line", key);
  else if (status == ST_UNSUPPORTED)
    module_query_fail(query, CODE_USAGE, "%s names other tenants: change the policy and reload", key);
  else if (status == ST_NOT_FOUND)
    module_query_fail(query, CODE_NOT_FOUND, "%s is no rule; `tenant get` lists them", key);
  else
    module_query_fail(query, CODE_INTERNAL, "out of memory");
}

static void note(const char *tenant, const char *key, const char *value) {
  char text[160];
  (void)snprintf(text, sizeof text, "%.60s is now %.80s", key, value);
  const EventFacts facts = {.kind = EVENT_TENANT, .tenant = tenant, .text = text};
  module_event_add(&facts);
  rm.Log(NULL, "notice", "tenant %s: %s, until the policy is read again", tenant, text);
}

/* Values may hold anything: what goes into the log is one printable line. */
static bool is_printable(const char *text) {
  for (; *text != '\0'; text++)
    if (*text < 0x20 || *text == 0x7F) return false;
  return true;
}

static void set_rule(Query *query, const TenantRules *rules) {
  char key[KEY_BYTES], value[VALUE_BYTES], name[TENANT_NAME_MAX + 1];
  TenantProblems problems = {.file = "value"};
  TenantPolicy *policy = NULL;
  if (!module_query_text(query, query->words[2], key, sizeof key)) return;
  if (!module_query_text(query, query->words[3], value, sizeof value)) return;
  (void)snprintf(name, sizeof name, "%s", rules->name);
  Status status = is_printable(value) && is_printable(key)
                      ? policy_tenants_change(module_tenant_policy(), name, key, value, &problems, &policy)
                      : ST_INVALID;
  if (status == ST_OK) {
    module_tenant_install(policy);
    note(name, key, value);
    put_rules(query, policy_tenants_find(module_tenant_policy(), name, strlen(name)));
  } else {
    explain(query, status, key, &problems);
  }
  policy_tenants_problems_free(&problems);
}

/* --- The command --- */

/* Suspends or resumes by the commands of these names. */
static void pass_on(Query *query, void (*run)(Query *query)) {
  query->words++;
  query->count--;
  run(query);
}

void module_query_tenant(Query *query) {
  FsbBytes verb = query->words[0];
  bool is_set = module_query_is(verb, "set") && query->count == 4;
  const TenantRules *rules = find(query, query->words[1]);
  if (rules == NULL) return;
  if (is_set && !module_tenant_has_policy())
    module_query_fail(query, CODE_CONFIG, "there is no policy: CONFIG SET sandbox.limit-... sets limits");
  else if (is_set)
    set_rule(query, rules);
  else if (query->count == 2 && module_query_is(verb, "get"))
    put_rules(query, rules);
  else if (query->count == 2 && module_query_is(verb, "suspend"))
    pass_on(query, module_query_suspend);
  else if (query->count == 2 && module_query_is(verb, "resume"))
    pass_on(query, module_query_resume);
  else
    module_query_fail(query, CODE_USAGE,
                      "tenant takes: get|suspend|resume <tenant>, or set <tenant> <rule> <value>");
}
