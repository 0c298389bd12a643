/* SPDX-License-Identifier: BSD-2-Clause */
/* rules - defaults, the questions that are asked of rules, and their digest. */
#include <string.h>

#include "policy/tenants/policy.h"

TenantRules policy_tenants_defaults(const char *name) {
  return (TenantRules){.name = name,
                       .plan = "",
                       .limits = policy_limits_defaults(),
                       .quota = {.notify_percent = 80},
                       .weight = 100,
                       .undeclared_keys = true};
}

/* --- Names --- */

static bool is_name_byte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool policy_tenants_is_name(const char *name, size_t size) {
  if (size == 0 || size > TENANT_NAME_MAX || name[0] == '_') return false;
  for (size_t i = 0; i < size; i++)
    if (!is_name_byte(name[i])) return false;
  return true;
}

/* --- Lists --- */

int policy_tenants_compare(TenantText a, TenantText b) {
  size_t shared = a.size < b.size ? a.size : b.size;
  int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
  if (order != 0) return order;
  return a.size < b.size ? -1 : a.size > b.size;
}

bool policy_tenants_lists(TenantList list, const char *text, size_t size) {
  TenantText wanted = {text, size};
  size_t low = 0, high = list.count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = policy_tenants_compare(list.items[middle], wanted);
    if (order == 0) return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* --- Commands and keys --- */

#define COMMAND_MAX 128

static bool lists_command(TenantList list, TenantText command, TenantText subcommand) {
  char both[COMMAND_MAX];
  size_t size = command.size + 1 + subcommand.size;
  if (list.count == 0) return false;
  if (policy_tenants_lists(list, command.data, command.size)) return true;
  if (subcommand.size == 0 || size > sizeof both) return false;
  memcpy(both, command.data, command.size);
  both[command.size] = '|';
  memcpy(both + command.size + 1, subcommand.data, subcommand.size);
  return policy_tenants_lists(list, both, size);
}

bool policy_tenants_allows_command(const TenantRules *rules, TenantText command, TenantText subcommand) {
  if (rules->only_commands.count != 0 && !lists_command(rules->only_commands, command, subcommand))
    return false;
  return !lists_command(rules->denied_commands, command, subcommand);
}

bool policy_tenants_allows_keyless(const TenantRules *rules, TenantText command, TenantText subcommand) {
  return rules->key_prefixes.count == 0 ||
         lists_command(rules->keyless_commands, command, subcommand);
}

bool policy_tenants_allows_key(const TenantRules *rules, const char *key, size_t size) {
  const TenantList *prefixes = &rules->key_prefixes;
  for (size_t i = 0; i < prefixes->count; i++) {
    TenantText prefix = prefixes->items[i];
    if (size >= prefix.size && memcmp(key, prefix.data, prefix.size) == 0) return true;
  }
  return prefixes->count == 0;
}

bool policy_tenants_shares(const TenantRules *owner, const TenantRules *caller) {
  if (owner == caller || strcmp(owner->name, caller->name) == 0) return true;
  return policy_tenants_lists(owner->shared_with, "*", 1) ||
         policy_tenants_lists(owner->shared_with, caller->name, strlen(caller->name));
}

/* --- Digest --- */

static uint64_t stir(uint64_t digest, uint64_t word) {
  digest = (digest ^ word) * UINT64_C(0xd6e8feb86659fd93);
  return digest ^ digest >> 31;
}

uint64_t policy_tenants_digest(TenantList list) {
  uint64_t digest = list.count;
  for (size_t i = 0; i < list.count; i++) {
    digest = stir(digest, list.items[i].size);
    for (size_t k = 0; k < list.items[i].size; k++)
      digest = stir(digest, (unsigned char)list.items[i].data[k]);
  }
  return digest;
}

uint64_t policy_tenants_revision(const TenantRules *rules) {
  uint64_t digest = UINT64_C(0x9e3779b97f4a7c15);
  for (size_t i = 0; i < LIMIT_COUNT_; i++)
    digest = stir(digest, policy_limits_get(&rules->limits, policy_limits_row(i)));
  digest = stir(digest, rules->key_prefixes.digest);
  digest = stir(digest, rules->only_commands.digest);
  digest = stir(digest, rules->denied_commands.digest);
  digest = stir(digest, rules->keyless_commands.digest);
  digest = stir(digest, rules->listed_scripts.digest);
  digest = stir(digest, rules->scripts);
  digest = stir(digest, (uint64_t)rules->undeclared_keys << 1 | rules->fresh_worker);
  return stir(digest, rules->require);
}
