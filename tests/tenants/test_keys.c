/* SPDX-License-Identifier: BSD-2-Clause */
/* test_keys - the tables of policies: sorted, complete, and their examples are policies. */
#include "policy/tenants/keys.h"

#include "tests/check_main.h"
#include "tests/tenants/sample.h"

START_TEST(commands_are_sorted_and_found) {
  char longer[80];
  for (size_t i = 0; policy_tenants_command(i) != NULL; i++) {
    const char *name = policy_tenants_command(i);
    if (i != 0) ck_assert_msg(strcmp(policy_tenants_command(i - 1), name) < 0, "%s", name);
    ck_assert(policy_tenants_knows_command((TenantText){name, strlen(name)}));
    (void)snprintf(longer, sizeof longer, "%s~", name);
    ck_assert(!policy_tenants_knows_command((TenantText){longer, strlen(longer)}));
  }
  ck_assert(!policy_tenants_knows_command((TenantText){"", 0}));
}
END_TEST

START_TEST(words_are_counted_through) {
  static const char *const words[] = {"inherit", "off", "observe", "enforce"};
  for (size_t i = 0; i < 4; i++) {
    TenantText word = policy_tenants_word("inherit|off|observe|enforce", i);
    ck_assert_uint_eq(word.size, strlen(words[i]));
    ck_assert_int_eq(memcmp(word.data, words[i], word.size), 0);
  }
  ck_assert_uint_eq(policy_tenants_word("inherit|off|observe|enforce", 4).size, 0);
  ck_assert_uint_eq(policy_tenants_word("", 0).size, 0);
}
END_TEST

/* Whether some value of the row is another than a server without a policy has. */
static bool differs_from_stock(const TenantRules *rules, const PolicyKeyRow *row) {
  TenantRules stock = policy_tenants_defaults("");
  TenantValue value, other;
  bool differs = false;
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) {
    (void)policy_tenants_value(&stock, i, &other);
    char *text = policy_tenants_value_text(&value), *without = policy_tenants_value_text(&other);
    differs |= value.row == row && strcmp(text, without) != 0;
    free(text);
    free(without);
  }
  return differs;
}

START_TEST(the_example_of_every_key_is_a_policy_and_says_something) {
  for (size_t i = 0; policy_tenants_key(i) != NULL; i++) {
    const PolicyKeyRow *row = policy_tenants_key(i);
    char text[512];
    bool is_stock = strcmp(row->name, "notify_percent") == 0 || strcmp(row->name, "weight") == 0 ||
                    strcmp(row->name, "suspended") == 0;
    (void)snprintf(text, sizeof text, "version: 1\ntenants:\n  globex:\n  acme:\n    %s: %s\n%s", row->name, row->example,
                   row->kind == KIND_DIGESTS ? "    scripts: listed\n" : "");
    TenantPolicy *policy = sample_parse(text);
    ck_assert_msg(differs_from_stock(policy_tenants_at(policy, 1), row) != is_stock, "%s: %s", row->name, row->example);
    policy_tenants_unref(policy);
  }
}
END_TEST

START_TEST(parts_and_keys_have_names_of_their_own) {
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++)
    for (size_t k = 0; policy_tenants_key(k) != NULL; k++)
      ck_assert_str_ne(policy_tenants_part(i)->name, policy_tenants_key(k)->name);
  ck_assert_str_eq(policy_tenants_step(0), "user_ns");
}
END_TEST

SUITE("keys", commands_are_sorted_and_found, words_are_counted_through,
      the_example_of_every_key_is_a_policy_and_says_something, parts_and_keys_have_names_of_their_own)
