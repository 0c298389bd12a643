/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant - a table of tenants by name, and what the policy in force says about them. */
#include "tools/module/tenant.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/account.h"
#include "tools/module/clock.h"

#define CHAINS 4096
#define DEFAULT_NAME "default"

static struct {
  TenantPolicy *policy;
  bool has_policy, has_off;
  uint64_t revision;
  Tenant *chains[CHAINS];
  Tenant *first, *last;
  Tenant *standard;               /* "default" */
  const TenantRules **sharers;    /* heap: those who share libraries with anybody */
  size_t sharer_count;
} book;

/* --- Finding by name --- */

static Tenant **chain_of(FsbBytes name) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < name.size; i++) hash = (hash ^ (uint8_t)name.data[i]) * 16777619u;
  return &book.chains[hash % CHAINS];
}

static bool is_named(const Tenant *tenant, FsbBytes name) {
  return strlen(tenant->name) == name.size && memcmp(tenant->name, name.data, name.size) == 0;
}

static const char *missing_step(const TenantRules *rules) {
  FsbStep step;
  for (size_t i = 0; module_state.pool != NULL && fsb_pool_step(module_state.pool, i, &step); i++)
    if ((rules->require >> i & 1) != 0 && !step.in_force) return step.name;
  return NULL;
}

static void bind_rules(Tenant *tenant) {
  fsb_limits_free(tenant->limits);
  tenant->limits = NULL;
  tenant->rules = policy_tenants_find(book.policy, tenant->name, strlen(tenant->name));
  tenant->lack = tenant->rules == NULL ? NULL : missing_step(tenant->rules);
}

/* Where there is a journal, what a tenant has used outlives the server. */
static void bind_account(Tenant *tenant) {
  TenantAccount *place = module_account_place(tenant->name);
  if (place == NULL) return;
  policy_quota_mend(place, module_clock_times());
  tenant->account = place;
}

void module_tenant_bind_accounts(void) {
  for (Tenant *tenant = book.first; tenant != NULL; tenant = tenant->next) bind_account(tenant);
}

static Tenant *make_tenant(FsbBytes name) {
  Tenant *tenant = name.size > TENANT_NAME_MAX ? NULL : calloc(1, sizeof *tenant);
  Tenant **chain = chain_of(name);
  if (tenant == NULL) return NULL;
  memcpy(tenant->name, name.data, name.size);
  tenant->account = &tenant->own;
  bind_account(tenant);
  tenant->next_in_chain = *chain;
  *chain = tenant;
  *(book.last == NULL ? &book.first : &book.last->next) = tenant;
  book.last = tenant;
  bind_rules(tenant);
  return tenant;
}

Tenant *module_tenant_place(FsbBytes name) {
  for (Tenant *tenant = *chain_of(name); tenant != NULL; tenant = tenant->next_in_chain)
    if (is_named(tenant, name)) return tenant;
  return policy_tenants_is_name(name.data, name.size) ? make_tenant(name) : NULL;
}

Tenant *module_tenant_of_user(FsbBytes user) {
  const TenantRules *rules = policy_tenants_of_user(book.policy, user.data, user.size);
  return rules == NULL ? NULL : module_tenant_place((FsbBytes){rules->name, strlen(rules->name)});
}

Tenant *module_tenant_default(void) {
  return book.standard;
}

Tenant *module_tenant_next(const Tenant *tenant) {
  return tenant == NULL ? book.first : tenant->next;
}

/* --- The policy in force --- */

bool module_tenant_has_policy(void) {
  return book.has_policy;
}

bool module_tenant_has_off(void) {
  return book.has_off;
}

TenantPolicy *module_tenant_policy(void) {
  return book.policy;
}

uint64_t module_tenant_revision(void) {
  return book.revision;
}

/* Principals begin with the tenant's name and a NUL. */
static void retire(const Tenant *tenant) {
  if (module_state.pool != NULL)
    (void)fsb_pool_retire(module_state.pool, (FsbBytes){tenant->name, strlen(tenant->name) + 1});
}

void module_tenant_suspend(Tenant *tenant, bool is_suspended) {
  policy_quota_suspend(tenant->account, is_suspended);
  if (is_suspended) retire(tenant);
}

static void find_sharers(void) {
  const TenantRules *rules;
  size_t count = 0;
  for (size_t i = 0; (rules = policy_tenants_at(book.policy, i)) != NULL; i++)
    count += rules->shared_with.count != 0;
  free(book.sharers);
  book.sharers = count == 0 ? NULL : calloc(count, sizeof *book.sharers);
  book.sharer_count = 0;
  if (book.sharers == NULL) return;
  for (size_t i = 0; (rules = policy_tenants_at(book.policy, i)) != NULL; i++)
    if (rules->shared_with.count != 0) book.sharers[book.sharer_count++] = rules;
}

static void find_off(void) {
  const TenantRules *rules;
  book.has_off = false;
  for (size_t i = 0; (rules = policy_tenants_at(book.policy, i)) != NULL; i++)
    book.has_off |= rules->mode == TENANT_MODE_OFF;
}

/* A tenant that is new to the policy, or gone from it, has other rules, too. */
static void rebind(Tenant *tenant) {
  const TenantRules *before = tenant->rules;
  uint64_t revision = before == NULL ? 0 : before->revision;
  bind_rules(tenant);
  if (before == NULL || tenant->rules == NULL || tenant->rules->revision != revision) retire(tenant);
}

void module_tenant_install(TenantPolicy *policy) {
  TenantPolicy *next = policy == NULL ? policy_tenants_single(DEFAULT_NAME) : policy;
  TenantPolicy *old = book.policy;
  if (next == NULL) return; /* out of memory: the old one stays */
  book.policy = next;
  book.has_policy = policy != NULL;
  book.revision++;
  for (Tenant *tenant = book.first; tenant != NULL; tenant = tenant->next) rebind(tenant);
  find_sharers();
  find_off();
  policy_tenants_unref(old);
}

bool module_tenant_begin(void) {
  module_tenant_install(NULL);
  if (book.policy != NULL)
    book.standard = module_tenant_place((FsbBytes){DEFAULT_NAME, strlen(DEFAULT_NAME)});
  return book.standard != NULL;
}

void module_tenant_end(void) {
  for (Tenant *tenant = book.first, *next; tenant != NULL; tenant = next) {
    next = tenant->next;
    module_registry_free(&tenant->libraries);
    fsb_limits_free(tenant->limits);
    free(tenant);
  }
  policy_tenants_unref(book.policy);
  free(book.sharers);
  memset(&book, 0, sizeof book);
}

/* --- Limits and mode --- */

static FsbLimits *make_limits(const Limits *values) {
  FsbLimits *limits = fsb_limits_new();
  FsbError error;
  char text[96];
  for (size_t i = 0; limits != NULL && policy_limits_row(i) != NULL; i++) {
    const LimitRow *row = policy_limits_row(i);
    uint64_t value = policy_limits_get(values, row);
    if (row->id == LIMIT_ID_hold) value = module_turn_hold(value);
    (void)snprintf(text, sizeof text, "%s=%" PRIu64, row->name, value);
    (void)fsb_limits_set(limits, text, &error);
  }
  return limits;
}

/* Out of memory leaves the settings, which are what a tenant had without a policy. */
const FsbLimits *module_tenant_limits(Tenant *tenant) {
  if (!book.has_policy || tenant == NULL || tenant->rules == NULL) return module_state.limits;
  if (tenant->limits == NULL) tenant->limits = make_limits(&tenant->rules->limits);
  return tenant->limits == NULL ? module_state.limits : tenant->limits;
}

Mode module_tenant_mode(const Tenant *tenant) {
  if (tenant == NULL || tenant->rules == NULL) return module_state.mode;
  switch (tenant->rules->mode) {
    case TENANT_MODE_OFF: return MODE_OFF;
    case TENANT_MODE_OBSERVE: return MODE_OBSERVE;
    case TENANT_MODE_ENFORCE: return MODE_ENFORCE;
    case TENANT_MODE_INHERIT: break;
  }
  return module_state.mode;
}

/* --- Functions --- */

void module_tenant_libraries(size_t *ret_libraries, size_t *ret_functions) {
  *ret_libraries = *ret_functions = 0;
  for (const Tenant *tenant = book.first; tenant != NULL; tenant = tenant->next) {
    *ret_libraries += tenant->libraries.library_count;
    *ret_functions += tenant->libraries.function_count;
  }
}

static const RegistryFunction *find_shared(const TenantRules *caller, FsbBytes name) {
  for (size_t i = 0; i < book.sharer_count; i++) {
    const TenantRules *owner = book.sharers[i];
    if (!policy_tenants_shares(owner, caller)) continue;
    const Tenant *tenant = module_tenant_place((FsbBytes){owner->name, strlen(owner->name)});
    const RegistryFunction *function =
        tenant == NULL ? NULL : module_registry_function(&tenant->libraries, name);
    if (function != NULL) return function;
  }
  return NULL;
}

const RegistryFunction *module_tenant_function(const Tenant *tenant, FsbBytes name) {
  if (tenant == NULL) tenant = book.standard;
  const RegistryFunction *function = module_registry_function(&tenant->libraries, name);
  if (function == NULL && tenant->rules != NULL) function = find_shared(tenant->rules, name);
  /* As long as "default" is no tenant's name, what it holds is everybody's. */
  if (function == NULL && book.standard->rules == NULL)
    function = module_registry_function(&book.standard->libraries, name);
  return function;
}
