/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tenants - policies made by hand: who belongs to whom, and what rules answer. */
#include "policy/tenants/tenants.h"

#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"

#define TEXT(literal) ((TenantText){literal, sizeof(literal) - 1})

static TenantPolicy *make_policy(void) {
  TenantPolicy *policy = policy_tenants_new();
  TenantRules acme = policy_tenants_defaults("acme");
  TenantRules globex = policy_tenants_defaults("globex");
  ck_assert_ptr_nonnull(policy);
  ck_assert_int_eq(policy_tenants_add(policy, &acme), ST_OK);
  ck_assert_int_eq(policy_tenants_add(policy, &globex), ST_OK);
  return policy;
}

static void expect_tenant(const TenantPolicy *policy, const char *user, const char *tenant) {
  const TenantRules *rules = policy_tenants_of_user(policy, user, strlen(user));
  if (tenant == NULL)
    ck_assert_msg(rules == NULL, "%s belongs to %s", user, rules == NULL ? "" : rules->name);
  else
    ck_assert_msg(rules != NULL && strcmp(rules->name, tenant) == 0, "%s belongs to %s, not %s", user,
                  rules == NULL ? "nobody" : rules->name, tenant);
}

START_TEST(users_are_found_by_name_then_by_prefix_then_as_the_rest) {
  TenantPolicy *policy = make_policy();
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("alice"), "acme"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("acme-*"), "acme"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("acme-guest"), "globex"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("g*"), "globex"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("b\xff*"), "globex"), ST_OK);
  ck_assert_int_eq(policy_tenants_close(policy), ST_OK);
  expect_tenant(policy, "alice", "acme");
  expect_tenant(policy, "alice2", NULL);
  expect_tenant(policy, "alic", NULL);
  expect_tenant(policy, "acme-", "acme");
  expect_tenant(policy, "acme-x", "acme");
  expect_tenant(policy, "acme-guest", "globex");
  expect_tenant(policy, "acme", NULL);
  expect_tenant(policy, "g", "globex");
  expect_tenant(policy, "gzzz", "globex");
  expect_tenant(policy, "h", NULL);
  expect_tenant(policy, "", NULL);
  expect_tenant(policy, "b\xff\xff", "globex");
  expect_tenant(policy, "acme-*", "acme");
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(the_rest_belongs_to_somebody_or_nobody) {
  TenantPolicy *policy = make_policy();
  ck_assert_ptr_null(policy_tenants_rest(policy));
  ck_assert_int_eq(policy_tenants_map_rest(policy, "nobody"), ST_NOT_FOUND);
  ck_assert_int_eq(policy_tenants_map_rest(policy, "globex"), ST_OK);
  ck_assert_int_eq(policy_tenants_close(policy), ST_OK);
  expect_tenant(policy, "anyone", "globex");
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(a_prefix_that_covers_another_is_named) {
  TenantPolicy *policy = make_policy();
  TenantText shorter, longer;
  static const char *const users[] = {"eu-north*", "eu-*", "us*", "eu-*x", "eu-a*", "z*"};
  for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
    Status want = strcmp(users[i], "eu-*x") == 0 ? ST_INVALID : ST_OK;
    ck_assert_int_eq(policy_tenants_map(policy, (TenantText){users[i], strlen(users[i])}, "acme"), want);
  }
  ck_assert_int_eq(policy_tenants_close(policy), ST_STATE);
  ck_assert(policy_tenants_overlap(policy, 0, &shorter, &longer));
  ck_assert_str_eq(shorter.data, "eu-*");
  ck_assert_str_eq(longer.data, "eu-a*");
  ck_assert(policy_tenants_overlap(policy, 1, &shorter, &longer));
  ck_assert_str_eq(longer.data, "eu-north*");
  ck_assert(!policy_tenants_overlap(policy, 2, &shorter, &longer));
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused) {
  TenantPolicy *policy = make_policy();
  TenantRules again = policy_tenants_defaults("acme"), ours = policy_tenants_defaults("_other");
  ck_assert_int_eq(policy_tenants_add(policy, &again), ST_STATE);
  ck_assert_int_eq(policy_tenants_add(policy, &ours), ST_INVALID);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u"), "nobody"), ST_NOT_FOUND);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT(""), "acme"), ST_INVALID);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("a b"), "acme"), ST_INVALID);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u"), "acme"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u"), "acme"), ST_STATE);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u"), "globex"), ST_STATE);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u*"), "globex"), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("u*"), "globex"), ST_STATE);
  ck_assert_int_eq(policy_tenants_close(policy), ST_OK);
  ck_assert_int_eq(policy_tenants_map(policy, TEXT("v"), "acme"), ST_STATE);
  ck_assert_int_eq(policy_tenants_add(policy, &again), ST_STATE);
  ck_assert_int_eq(policy_tenants_close(policy), ST_STATE);
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(names_of_tenants_have_a_shape) {
  static const char *const good[] = {"a", "A.b-c_9", "0"};
  static const char *const bad[] = {"", "_x", "a b", "a/b", "\xc3\xa4", "a\n"};
  char longest[65];
  memset(longest, 'a', sizeof longest);
  for (size_t i = 0; i < 3; i++) ck_assert(policy_tenants_is_name(good[i], strlen(good[i])));
  for (size_t i = 0; i < 6; i++) ck_assert(!policy_tenants_is_name(bad[i], strlen(bad[i])));
  ck_assert(policy_tenants_is_name(longest, 63));
  ck_assert(!policy_tenants_is_name(longest, 64));
}
END_TEST

START_TEST(everybody_belongs_to_a_single_tenant) {
  TenantPolicy *policy = policy_tenants_single("default");
  ck_assert_ptr_nonnull(policy);
  expect_tenant(policy, "anyone", "default");
  ck_assert_uint_eq(policy_tenants_count(policy), 1);
  ck_assert_uint_eq(policy_tenants_at(policy, 0)->limits.hold, policy_limits_defaults().hold);
  ck_assert(policy_tenants_at(policy, 0)->undeclared_keys);
  ck_assert_ptr_null(policy_tenants_at(policy, 1));
  policy_tenants_unref(policy_tenants_ref(policy));
  expect_tenant(policy, "anyone", "default");
  policy_tenants_unref(policy);
  policy_tenants_unref(NULL);
  ck_assert_ptr_null(policy_tenants_ref(NULL));
  ck_assert_ptr_null(policy_tenants_single("not a name"));
}
END_TEST

START_TEST(rules_answer_for_commands_and_keys) {
  TenantText denied[] = {TEXT("keys"), TEXT("config|set"), TEXT("flushall")};
  TenantText keyless[] = {TEXT("publish")}, prefixes[] = {TEXT("acme:"), TEXT("{acme}")};
  TenantPolicy *policy = policy_tenants_new();
  TenantRules made = policy_tenants_defaults("acme");
  made.denied_commands = (TenantList){.items = denied, .count = 3};
  made.keyless_commands = (TenantList){.items = keyless, .count = 1};
  made.key_prefixes = (TenantList){.items = prefixes, .count = 2};
  ck_assert_int_eq(policy_tenants_add(policy, &made), ST_OK);
  const TenantRules *rules = policy_tenants_find(policy, "acme", 4);
  ck_assert(policy_tenants_allows_command(rules, TEXT("get"), TEXT("")));
  ck_assert(!policy_tenants_allows_command(rules, TEXT("keys"), TEXT("")));
  ck_assert(!policy_tenants_allows_command(rules, TEXT("keys"), TEXT("x")));
  ck_assert(!policy_tenants_allows_command(rules, TEXT("config"), TEXT("set")));
  ck_assert(policy_tenants_allows_command(rules, TEXT("config"), TEXT("get")));
  ck_assert(policy_tenants_allows_keyless(rules, TEXT("publish"), TEXT("")));
  ck_assert(!policy_tenants_allows_keyless(rules, TEXT("ping"), TEXT("")));
  ck_assert(policy_tenants_allows_key(rules, "acme:1", 6));
  ck_assert(policy_tenants_allows_key(rules, "{acme}1", 7));
  ck_assert(!policy_tenants_allows_key(rules, "acme", 4));
  ck_assert(!policy_tenants_allows_key(rules, "", 0));
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(only_listed_commands_run_when_there_is_such_a_list) {
  TenantText only[] = {TEXT("set"), TEXT("get")}, denied[] = {TEXT("set")};
  TenantPolicy *policy = policy_tenants_new();
  TenantRules made = policy_tenants_defaults("acme");
  made.only_commands = (TenantList){.items = only, .count = 2};
  made.denied_commands = (TenantList){.items = denied, .count = 1};
  ck_assert_int_eq(policy_tenants_add(policy, &made), ST_OK);
  const TenantRules *rules = policy_tenants_at(policy, 0);
  ck_assert(policy_tenants_allows_command(rules, TEXT("get"), TEXT("")));
  ck_assert(!policy_tenants_allows_command(rules, TEXT("set"), TEXT("")));
  ck_assert(!policy_tenants_allows_command(rules, TEXT("incr"), TEXT("")));
  ck_assert(policy_tenants_allows_keyless(rules, TEXT("ping"), TEXT("")));
  ck_assert(policy_tenants_allows_key(rules, "anything", 8));
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(libraries_are_shared_with_whom_the_owner_names) {
  TenantText one[] = {TEXT("globex")}, all[] = {TEXT("*")};
  TenantRules owner = policy_tenants_defaults("acme"), caller = policy_tenants_defaults("globex");
  TenantRules third = policy_tenants_defaults("initech");
  ck_assert(policy_tenants_shares(&owner, &owner));
  ck_assert(!policy_tenants_shares(&owner, &caller));
  owner.shared_with = (TenantList){.items = one, .count = 1};
  ck_assert(policy_tenants_shares(&owner, &caller));
  ck_assert(!policy_tenants_shares(&owner, &third));
  owner.shared_with = (TenantList){.items = all, .count = 1};
  ck_assert(policy_tenants_shares(&owner, &third));
}
END_TEST

static uint64_t revision_of(const TenantRules *rules) {
  TenantPolicy *policy = policy_tenants_new();
  ck_assert_int_eq(policy_tenants_add(policy, rules), ST_OK);
  uint64_t revision = policy_tenants_at(policy, 0)->revision;
  policy_tenants_unref(policy);
  return revision;
}

START_TEST(the_revision_moves_with_what_a_worker_may_do_and_with_nothing_else) {
  TenantText ab_c[] = {TEXT("ab"), TEXT("c")}, a_bc[] = {TEXT("a"), TEXT("bc")};
  TenantRules rules = policy_tenants_defaults("acme");
  uint64_t before = revision_of(&rules);
  rules.quota.daily[RESOURCE_COST] = 5;
  rules.weight = 3;
  ck_assert_uint_eq(revision_of(&rules), before);
  rules.limits.calls = 7;
  ck_assert_uint_ne(revision_of(&rules), before);
  rules = policy_tenants_defaults("acme");
  rules.fresh_worker = true;
  ck_assert_uint_ne(revision_of(&rules), before);
  rules = policy_tenants_defaults("acme");
  rules.key_prefixes = (TenantList){.items = ab_c, .count = 2};
  uint64_t first = revision_of(&rules);
  rules.key_prefixes = (TenantList){.items = a_bc, .count = 2};
  ck_assert_uint_ne(first, before);
  ck_assert_uint_ne(revision_of(&rules), first);
}
END_TEST

START_TEST(ten_thousand_tenants_are_all_found) {
  enum { COUNT = 10000 };
  TenantPolicy *policy = policy_tenants_new();
  char name[32], user[32];
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(name, sizeof name, "tenant%05d", i);
    TenantRules rules = policy_tenants_defaults(name);
    ck_assert_int_eq(policy_tenants_add(policy, &rules), ST_OK);
    int size = snprintf(user, sizeof user, "user%05d-*", i);
    ck_assert_int_eq(policy_tenants_map(policy, (TenantText){user, (size_t)size}, name), ST_OK);
  }
  ck_assert_int_eq(policy_tenants_close(policy), ST_OK);
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(name, sizeof name, "tenant%05d", i);
    (void)snprintf(user, sizeof user, "user%05d-x", i);
    expect_tenant(policy, user, name);
    ck_assert_str_eq(policy_tenants_find(policy, name, strlen(name))->name, name);
  }
  expect_tenant(policy, "user99999-x", NULL);
  policy_tenants_unref(policy);
}
END_TEST

SUITE("tenants", users_are_found_by_name_then_by_prefix_then_as_the_rest,
      the_rest_belongs_to_somebody_or_nobody, a_prefix_that_covers_another_is_named,
      what_makes_no_sense_is_refused, names_of_tenants_have_a_shape,
      everybody_belongs_to_a_single_tenant, rules_answer_for_commands_and_keys,
      only_listed_commands_run_when_there_is_such_a_list,
      libraries_are_shared_with_whom_the_owner_names,
      the_revision_moves_with_what_a_worker_may_do_and_with_nothing_else,
      ten_thousand_tenants_are_all_found)
