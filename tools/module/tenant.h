/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant - the tenants at run time: their rules in force, and what they have used.
 *
 * Without a policy every user belongs to one tenant, "default", whose limits are the
 * settings sandbox.limit-...  With one, a user belongs to the tenant that the policy says,
 * or to none, and is refused.
 *
 * A Tenant is found by its name and stays for as long as the module is loaded; a new policy
 * changes only what it points to.  It is made when it is first needed, so that a policy of ten
 * thousand tenants costs nothing until they come.
 */
#ifndef TOOLS_MODULE_TENANT_H
#define TOOLS_MODULE_TENANT_H

#include "policy/quota/admission.h"
#include "policy/tenants/tenants.h"
#include "tools/module/registry.h"
#include "tools/module/script.h"
#include "tools/module/state.h"
#include "tools/module/throttle.h"
#include "tools/module/turn.h"

/* Numbers that the tally does not have, since the module was loaded. */
typedef struct {
  uint64_t forced;       /* runs let in although refused, as the tenant is only observed */
  uint64_t denied_calls; /* redis.call of commands or keys that the rules exclude */
  uint64_t dropped_log_lines;
} TenantCounts;

typedef struct Tenant Tenant;
struct Tenant {
  char name[TENANT_NAME_MAX + 1];
  const TenantRules *rules; /* of the policy in force; NULL: it has no such tenant */
  TenantAccount *account;   /* never NULL */
  FsbLimits *limits;        /* heap, once needed; of `rules` */
  const char *lack;         /* step of the seal that the rules require and that is not in force */
  Bucket log;               /* of rules->log_rate */
  TurnRecord turn;          /* how it has used the server's thread lately */
  Throttle throttle;
  uint64_t dropped_lines;   /* of the log, since the last one that was written */
  TenantCounts counts;
  ScriptShelf scripts;
  Registry libraries;
  TenantAccount own;        /* where `account` points while nobody else keeps it */
  bool was_placed;          /* a place that survives the server was asked for */
  Tenant *next_in_chain, *next;
};

/* Starts without a policy; false when memory is out. */
bool module_tenant_begin(void);

/* The journal has been opened: accounts are kept there from now on. */
void module_tenant_bind_accounts(void);
void module_tenant_end(void);

/* Puts a policy in force, of which it becomes an owner; NULL: none.  Nothing may run.
 * Workers of tenants whose rules changed are retired. */
void module_tenant_install(TenantPolicy *policy);

/* Takes or gives back the right to run, as an administrator; nothing may run. */
void module_tenant_suspend(Tenant *tenant, bool is_suspended);

bool module_tenant_has_policy(void);

/* Whether it has tenants whose mode is off. */
bool module_tenant_has_off(void);

/* The policy in force; never NULL. */
TenantPolicy *module_tenant_policy(void);

/* Moves when a policy is put in force. */
uint64_t module_tenant_revision(void);

/* Returns the tenant of a user; NULL: the policy has none for it, or memory is out. */
Tenant *module_tenant_of_user(FsbBytes user);

/* Returns the tenant of that name, be it in the policy or not; NULL: no name of a tenant, or
 * memory is out. */
Tenant *module_tenant_place(FsbBytes name);

/* The tenant that libraries belong to which nobody of a policy loaded. */
Tenant *module_tenant_default(void);

/* Returns the tenant after `tenant` among those that were needed so far, the first for NULL. */
Tenant *module_tenant_next(const Tenant *tenant);

/* How many function libraries, and functions, all tenants have. */
void module_tenant_libraries(size_t *ret_libraries, size_t *ret_functions);

/* The limits of the tenant's runs, and whether they hold, only report, or nothing does. */
const FsbLimits *module_tenant_limits(Tenant *tenant);
Mode module_tenant_mode(const Tenant *tenant);

/* Finds a function that the tenant may call: its own, one that is shared with it, or one from
 * before there was a policy. */
const RegistryFunction *module_tenant_function(const Tenant *tenant, FsbBytes name);

#endif
