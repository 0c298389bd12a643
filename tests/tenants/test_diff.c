/* SPDX-License-Identifier: BSD-2-Clause */
/* test_diff - what changes from one policy to the next; values as text and back. */
#include "policy/tenants/diff.h"

#include "tests/check_main.h"
#include "tests/tenants/sample.h"

static void write_change(void *context, const PolicyChange *change) {
  static const char letters[] = "+-=wu*";
  (void)fprintf((FILE *)context, "%c %s %s: %s -> %s\n", letters[change->kind], change->tenant, change->key,
                change->before, change->after);
}

static void expect_diff(const char *before, const char *after, const char *want) {
  TenantPolicy *old = sample_parse(before), *new = sample_parse(after);
  char *got = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&got, &size);
  ck_assert_int_eq(policy_tenants_diff(old, new, write_change, to), ST_OK);
  (void)fclose(to);
  ck_assert_str_eq(got, want);
  free(got);
  policy_tenants_unref(old);
  policy_tenants_unref(new);
}

START_TEST(a_plan_that_changes_shows_at_each_of_its_tenants) {
  expect_diff("version: 1\nplans: {p: {weight: 5}, q: {}}\ntenants: {a: {plan: p}, b: {plan: p, weight: 7}, c: {plan: q}}",
              "version: 1\nplans: {p: {weight: 6, limits: {calls: 9}}, q: {}}\ntenants: {a: {plan: p}, b: {plan: p, weight: 7}, c: {plan: q}}",
              "= a limits.calls: 10m -> 9\n"
              "= a weight: 5 -> 6\n"
              "w a workers:  -> replaced\n"
              "= b limits.calls: 10m -> 9\n"
              "w b workers:  -> replaced\n");
}
END_TEST

START_TEST(the_same_effect_in_other_words_is_no_change) {
  expect_diff("version: 1\ndefaults: {weight: 5}\ntenants: {a: {denied_commands: [set, get]}}",
              "version: 1\ntenants: {a: {weight: 5, denied_commands: [GET, set], limits: {hold: 5000ms}}}", "");
}
END_TEST

START_TEST(tenants_come_and_go_and_move_to_other_plans) {
  expect_diff("version: 1\nplans: {p: , q: }\ntenants: {gone: , a: {plan: p}}",
              "version: 1\nplans: {p: , q: }\ntenants: {a: {plan: q}, new: {plan: p}}",
              "= a plan: p -> q\n"
              "+ new tenant:  -> p\n"
              "- gone tenant:  -> \n");
}
END_TEST

START_TEST(users_are_compared_by_whom_they_belong_to) {
  expect_diff("version: 1\ntenants: {a: {users: [x, y, 'a-*']}, b: {users: [z]}}",
              "version: 1\nunmapped: b\ntenants: {a: {users: [z, 'a-*', a-guest]}, b: {users: [x]}}",
              "u  z: b -> a\n"
              "u  x: a -> b\n"
              "u  y: a -> b\n"
              "*  unmapped:  -> b\n");
}
END_TEST

START_TEST(what_a_policy_says_is_read_back_as_the_same) {
  size_t size;
  char *text = sample_read(SAMPLE_HOSTED, &size), *back;
  char *more = malloc(size + 4096);
  (void)snprintf(more, size + 4096, "%s%s", text,
                 "  acme: {plan: premium, users: [acme, 'acme-*'], require: [landlock, mdwe], scripts: listed,\n"
                 "    listed_scripts: [e0e1f9fabfc9d4800c877a703b823ac0578ff8db], key_prefixes: ['a\"b\\c', '{$tenant}', \"\\x7fx\\n\"],\n"
                 "    shared_with: ['*'], mode: observe, monthly: {bytes: 3g}}\n"
                 "  low: {plan: quarantine}\n");
  TenantPolicy *policy = sample_parse(more);
  back = sample_write(policy);
  TenantPolicy *again = sample_parse(back);
  ck_assert_uint_eq(policy_tenants_count(policy), 3);
  for (size_t i = 0; policy_tenants_at(policy, i) != NULL; i++) {
    ck_assert_uint_eq(policy_tenants_at(policy, i)->revision, policy_tenants_at(again, i)->revision);
  }
  char *twice = sample_write(again);
  ck_assert_str_eq(back, twice);
  free(text);
  free(more);
  free(back);
  free(twice);
  policy_tenants_unref(policy);
  policy_tenants_unref(again);
}
END_TEST

SUITE("diff", a_plan_that_changes_shows_at_each_of_its_tenants, the_same_effect_in_other_words_is_no_change,
      tenants_come_and_go_and_move_to_other_plans, users_are_compared_by_whom_they_belong_to,
      what_a_policy_says_is_read_back_as_the_same)
