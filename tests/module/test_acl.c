/* SPDX-License-Identifier: BSD-2-Clause */
/* test_acl - what rules say about commands that are renamed away. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/acl.h"

static bool allows(const char *rules, const char *command, const char *sub, const char *flags) {
  return module_acl_allows(rules, strlen(rules), command, sub, flags);
}

START_TEST(the_last_word_about_a_command_counts) {
  ck_assert(allows("user a on nopass ~* +@all", "eval", NULL, ""));
  ck_assert(!allows("user a on nopass ~* +@all -eval", "eval", NULL, ""));
  ck_assert(allows("user a on ~* -@all +eval", "eval", NULL, ""));
  ck_assert(!allows("user a on ~* -@all +eval", "evalsha", NULL, ""));
  ck_assert(!allows("user a on ~* +eval -@all", "eval", NULL, ""));
  ck_assert(allows("user a on ~* allcommands", "eval", NULL, ""));
  ck_assert(!allows("user a on ~* allcommands nocommands", "eval", NULL, ""));
  ck_assert(!allows("", "eval", NULL, ""));
}
END_TEST

START_TEST(categories_and_subcommands_are_understood) {
  ck_assert(allows("-@all +@scripting", "script", "load", ""));
  ck_assert(!allows("+@all -@slow", "script", "load", ""));
  ck_assert(allows("-@all +script|load", "script", "load", ""));
  ck_assert(!allows("-@all +script|load", "script", "flush", ""));
  ck_assert(!allows("+@all -@write", "function", "load", "deny-script write deny-oom"));
  ck_assert(allows("-@all +@write", "function", "delete", "deny-script write"));
  ck_assert(allows("+@all -@write", "function", "list", "deny-script no-mandatory-keys"));
  ck_assert(!allows("+@scripting", "sandbox.run", NULL, NULL));
  ck_assert(allows("+@all -@scripting", "sandbox.run", NULL, NULL));
}
END_TEST

START_TEST(one_selector_suffices) {
  ck_assert(allows("user a on -@all (~x +eval) (~y +get)", "eval", NULL, ""));
  ck_assert(allows("user a on +@all (~x -@all)", "eval", NULL, ""));
  ck_assert(!allows("user a on -@all (~x +get) (~y +set)", "eval", NULL, ""));
}
END_TEST

SUITE("module acl", the_last_word_about_a_command_counts, categories_and_subcommands_are_understood,
      one_selector_suffices)
