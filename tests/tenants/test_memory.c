/* SPDX-License-Identifier: BSD-2-Clause */
/* test_memory - a policy is read with the n-th allocation failing, for every n: what comes
 * of it is no policy and a problem that says so, never half a policy. */
#include "tests/check_main.h"
#include "tests/tenants/sample.h"

static size_t until_failure; /* 0: none fails */
static bool has_failed;

static bool fails_now(void) {
  if (until_failure == 0 || --until_failure != 0) return false;
  has_failed = true;
  return true;
}

/* The linker sends what libraries of ours ask for here (CMakeLists.txt of this folder). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size) {
  return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size) {
  return fails_now() ? NULL : __real_realloc(old, size);
}

static const char *const sample =
    "version: 1\nunmapped: b\ndefaults: {key_prefixes: ['$tenant:', 'x'], denied_commands: [get, kes]}\n"
    "plans: {p: {plan: q, require: [landlock]}, q: {scripts: listed, listed_scripts: [e0e1f9fabfc9d4800c877a703b823ac0578ff8db]}}\n"
    "tenants:\n  a: {plan: p, users: [x, 'y-*', 'z-*'], shared_with: [b]}\n  b: {users: [w], key_prefixes: ['b$tenant', 'a:']}\n";

START_TEST(whichever_allocation_fails_there_is_no_half_policy) {
  size_t n = 1, refused = 0;
  for (bool is_done = false; !is_done; n++) {
    TenantProblems problems = {.file = "f"};
    TenantPolicy *policy = NULL;
    until_failure = n;
    has_failed = false;
    Status s = policy_tenants_parse(sample, strlen(sample), &problems, &policy);
    until_failure = 0;
    is_done = !has_failed;
    /* A warning or a problem may lack its text, and nothing else. */
    if (s == ST_OK) {
      ck_assert_uint_eq(policy_tenants_count(policy), 2);
      ck_assert_ptr_eq(policy_tenants_of_user(policy, "y-1", 3), policy_tenants_at(policy, 0));
      ck_assert_ptr_eq(policy_tenants_of_user(policy, "?", 1), policy_tenants_at(policy, 1));
    } else {
      ck_assert_int_eq(s, ST_NO_MEMORY);
      ck_assert_ptr_null(policy);
      refused++;
    }
    policy_tenants_unref(policy);
    policy_tenants_problems_free(&problems);
  }
  printf("%zu allocations, %zu of them cannot fail without consequence\n", n - 2, refused);
  ck_assert_uint_gt(refused, 10);
}
END_TEST

SUITE("memory", whichever_allocation_fails_there_is_no_half_policy)
