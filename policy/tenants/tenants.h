/* SPDX-License-Identifier: BSD-2-Clause */
/* tenants.h - the policy: which tenants there are, what each may do, who belongs to which.
 *
 * A TenantPolicy is made of the file that an operator writes (load.h), or by hand with
 * the functions below, then closed, and never changes after that: a new file is a new
 * policy.  It is counted by reference, so that what runs keeps the rules it began with.
 *
 * Rules are resolved: defaults, plan and the tenant's own words are one TenantRules,
 * and nothing has to be looked up during a run.  Finding a tenant by its name or by a
 * user's exact name is one look into a hash table; users given as "prefix*" are found by
 * binary search, since no two prefixes may overlap.
 *
 * Layer: policy (memory, no I/O).  Threads: one.
 */
#ifndef POLICY_TENANTS_TENANTS_H
#define POLICY_TENANTS_TENANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/limits.h"
#include "policy/quota/rules.h"
#include "policy/status.h"

#define TENANT_NAME_MAX 63
#define TENANT_USER_MAX 255
#define TENANT_SHA1_DIGITS 40

/* Bytes of the policy; any byte may occur; a NUL follows that is not counted. */
typedef struct {
  const char *data;
  size_t size;
} TenantText;

typedef struct {
  const TenantText *items;
  size_t count;
  uint64_t digest; /* of the texts; policy_tenants_add computes it */
} TenantList;

typedef enum { SCRIPTS_ANY, SCRIPTS_LOADED, SCRIPTS_LISTED } ScriptRule;
typedef enum { TENANT_MODE_INHERIT, TENANT_MODE_OFF, TENANT_MODE_OBSERVE, TENANT_MODE_ENFORCE } TenantMode;
typedef enum { DETAIL_FAILURES, DETAIL_ALL } Detail;

/* What one tenant may do.  Everything it points to belongs to its policy. */
typedef struct {
  const char *name;
  const char *plan; /* "": none */
  Limits limits;
  QuotaRules quota;
  uint64_t queue_deadline;      /* ns that a request may wait to be run; 0: no bound */
  unsigned queue_length;        /* requests that may wait, where they can; 0: none */
  unsigned weight;              /* share among those that wait, 1 to 1000 */
  TenantList key_prefixes;      /* none: every key; else each key begins with one of them */
  TenantList only_commands;     /* none: every command; else no other */
  TenantList denied_commands;   /* these never.  Sorted, lower case, "config|get" for one subcommand */
  TenantList keyless_commands;  /* commands without keys that run in spite of key_prefixes */
  bool undeclared_keys;         /* scripts may use keys that are not in KEYS */
  bool fresh_worker;            /* a process for every script */
  ScriptRule scripts;
  TenantList listed_scripts;    /* SHA1s of SCRIPTS_LISTED, lower case, sorted */
  uint64_t require;             /* bit n: row n of seal_steps.def must be in force */
  uint64_t log_rate;            /* bytes per second of redis.log; 0: unlimited */
  TenantMode mode;
  Detail detail;
  TenantList shared_with;       /* tenants that may call this one's libraries; "*": all */
  uint64_t revision;            /* digest of all that a worker's principal depends on */
} TenantRules;

typedef struct TenantPolicy TenantPolicy;

/* The rules of a server without a policy, for a tenant of that name: defaults of
 * limits.def, nothing else bounded.  `name` is not copied. */
TenantRules policy_tenants_defaults(const char *name) __attribute__((nonnull));

/* --- Making one by hand --- */

/* Makes an open policy without tenants, that rejects everybody; one reference.
 * NULL when memory is out. */
TenantPolicy *policy_tenants_new(void);

/* Copies rules, with all that they point to, into an open policy, and computes their
 * revision.  ST_INVALID: not a tenant's name; ST_STATE: there already. */
Status policy_tenants_add(TenantPolicy *policy, const TenantRules *rules)
    __attribute__((nonnull, warn_unused_result));

/* Says whom a user belongs to: an exact name, or "prefix*" for all that begin so.
 * ST_NOT_FOUND: no such tenant; ST_INVALID: not a user's name; ST_STATE: mapped already. */
Status policy_tenants_map(TenantPolicy *policy, TenantText user, const char *tenant)
    __attribute__((nonnull, warn_unused_result));

/* Says whom all others belong to; without it they are rejected.  ST_NOT_FOUND. */
Status policy_tenants_map_rest(TenantPolicy *policy, const char *tenant)
    __attribute__((nonnull, warn_unused_result));

/* Closes a policy: from here on it is looked at only.  ST_STATE: two prefixes of users
 * overlap (policy_tenants_overlap tells which). */
Status policy_tenants_close(TenantPolicy *policy) __attribute__((nonnull, warn_unused_result));

/* Returns the i-th pair of user prefixes of which one begins with the other. */
bool policy_tenants_overlap(const TenantPolicy *policy, size_t i, TenantText *ret_shorter,
                            TenantText *ret_longer) __attribute__((nonnull));

/* The policy of a server that has none: one tenant that everybody belongs to.
 * NULL when memory is out, or for a name that no tenant may have. */
TenantPolicy *policy_tenants_single(const char *name) __attribute__((nonnull));

/* --- Looking at one --- */

/* Counts one user more, or less; the last one frees it.  NULL is fine. */
TenantPolicy *policy_tenants_ref(TenantPolicy *policy);
void policy_tenants_unref(TenantPolicy *policy);

/* Returns the rules of the user's tenant: by its exact name, else by prefix, else those
 * of unmapped users; NULL: rejected. */
const TenantRules *policy_tenants_of_user(const TenantPolicy *policy, const char *user, size_t size)
    __attribute__((nonnull));

/* Returns the tenant of that name, or NULL. */
const TenantRules *policy_tenants_find(const TenantPolicy *policy, const char *name, size_t size)
    __attribute__((nonnull));

/* Returns the i-th tenant in the order of the file; NULL past the end. */
const TenantRules *policy_tenants_at(const TenantPolicy *policy, size_t i) __attribute__((nonnull));
size_t policy_tenants_count(const TenantPolicy *policy) __attribute__((nonnull));

/* Returns the rules of unmapped users, NULL: rejected. */
const TenantRules *policy_tenants_rest(const TenantPolicy *policy) __attribute__((nonnull));

/* A user as it was mapped; of a prefix, `name` ends in '*'. */
typedef struct {
  TenantText name;
  const TenantRules *rules;
  bool is_prefix;
} TenantUser;

/* Reads the i-th mapping in the order of the file; false past the end. */
bool policy_tenants_user(const TenantPolicy *policy, size_t i, TenantUser *ret_user)
    __attribute__((nonnull));

/* Whether a user, or "prefix*", is mapped by just that name. */
bool policy_tenants_maps(const TenantPolicy *policy, TenantText user) __attribute__((nonnull));

/* Whether a name may be a tenant's: [A-Za-z0-9_.-]{1,63}; those that begin with '_' are ours. */
bool policy_tenants_is_name(const char *name, size_t size) __attribute__((nonnull));

/* --- Asking rules --- */

/* Whether a list holds the text, for the lists that are sorted. */
bool policy_tenants_lists(TenantList list, const char *text, size_t size) __attribute__((nonnull));

/* Whether the rules let a script run a command.  `command` is lower case, `subcommand`
 * may be empty.  A name in a list means all its subcommands. */
bool policy_tenants_allows_command(const TenantRules *rules, TenantText command, TenantText subcommand)
    __attribute__((nonnull));

/* Whether a command without keys may run, as far as key_prefixes are concerned. */
bool policy_tenants_allows_keyless(const TenantRules *rules, TenantText command, TenantText subcommand)
    __attribute__((nonnull));

/* Whether a key begins with one of the tenant's prefixes, if it has any. */
bool policy_tenants_allows_key(const TenantRules *rules, const char *key, size_t size)
    __attribute__((nonnull));

/* Whether `owner`'s libraries may be called by `caller`. */
bool policy_tenants_shares(const TenantRules *owner, const TenantRules *caller)
    __attribute__((nonnull));

#endif
