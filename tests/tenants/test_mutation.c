/* SPDX-License-Identifier: BSD-2-Clause */
/* test_mutation - the shipped policy, damaged in a great many ways: whatever comes of
 * it is a policy whose every question has an answer, or a problem with a place in the
 * file.  Sequences are fixed; FERROUS_MUTATIONS makes them longer. */
#include "tests/check_main.h"
#include "tests/tenants/sample.h"

#define MUTATIONS 4000
#define ROOM (1 << 16)

typedef struct {
  char text[ROOM];
  size_t size;
} Sample;

static uint64_t state = 1;

static size_t below(size_t bound) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(state >> 33) % (bound == 0 ? 1 : bound);
}

/* --- Damage --- */

static void replace(Sample *s, size_t at, size_t size, const char *by, size_t by_size) {
  if (at > s->size) at = s->size;
  if (size > s->size - at) size = s->size - at;
  if (s->size - size + by_size >= ROOM) return;
  char kept[ROOM];
  size_t rest = s->size - at - size;
  memcpy(kept, s->text + at + size, rest);
  memcpy(s->text + at, by, by_size);
  memcpy(s->text + at + by_size, kept, rest);
  s->size = at + by_size + rest;
}

static void put_word(Sample *s) {
  static const char *const words[] = {
      "*", "&a ", "*a", "{", "}", "[", "]", ": ", "- ", "\n", "\t", "\"", "'", "|\n", "? ", "!!str ", "---\n", "...\n", "%YAML 9.9\n",
      "# ", "~", "null", "99999999999999999999", "0", "-1", "/s", " burst ", "unlimited", "\xff", "\xf0\x9f\x98\x80", "\\0", "<<: ",
      "plan: ", "users: ", "tenants:\n", "plans:\n", "$tenant$tenant$tenant", "operator", "scripts: listed\n", "0.0000000001g"};
  const char *word = words[below(sizeof words / sizeof words[0])];
  replace(s, below(s->size + 1), below(3) == 0 ? below(8) : 0, word, strlen(word));
}

static void copy_stretch(Sample *s) {
  char stretch[256];
  size_t size = below(sizeof stretch), from = below(s->size);
  if (size > s->size - from) size = s->size - from;
  memcpy(stretch, s->text + from, size);
  replace(s, below(s->size + 1), below(2) * below(64), stretch, size);
}

static void damage(Sample *s) {
  char byte = (char)below(256);
  switch (below(5)) {
    case 0: replace(s, below(s->size), 1, &byte, 1); break;
    case 1: replace(s, below(s->size), below(100), "", 0); break;
    case 2: copy_stretch(s); break;
    default: put_word(s); break;
  }
}

/* --- What must hold --- */

static void judge_policy(const TenantPolicy *policy) {
  TenantUser user;
  for (size_t i = 0; policy_tenants_at(policy, i) != NULL; i++) {
    const TenantRules *rules = policy_tenants_at(policy, i);
    char error[LIMITS_ERROR_BYTES];
    ck_assert(policy_tenants_is_name(rules->name, strlen(rules->name)));
    ck_assert_ptr_eq(policy_tenants_find(policy, rules->name, strlen(rules->name)), rules);
    ck_assert_int_eq(policy_limits_check(&rules->limits, error), ST_OK);
    ck_assert_uint_le(rules->quota.suspend_percent, 100);
  }
  for (size_t i = 0; policy_tenants_user(policy, i, &user); i++)
    ck_assert_ptr_eq(policy_tenants_of_user(policy, user.name.data, user.name.size - user.is_prefix), user.rules);
}

static void judge_problems(const TenantProblems *problems, const Sample *s) {
  unsigned lines = 1;
  for (size_t i = 0; i < s->size; i++) lines += s->text[i] == '\n' || s->text[i] == '\r';
  lines += 4 * (unsigned)s->size * (memchr(s->text, '\xc2', s->size) != NULL || memchr(s->text, '\xe2', s->size) != NULL);
  ck_assert_uint_ne(problems->errors, 0);
  for (size_t i = 0; i < problems->count; i++) {
    const TenantProblem *problem = &problems->items[i];
    ck_assert_msg(problem->line <= lines + 1, "line %u of %u: %s", problem->line, lines, problem->text);
    for (const char *c = problem->text; *c != '\0'; c++) ck_assert(*c >= 0x20 && *c < 0x7f);
  }
}

static bool try_sample(const Sample *s) {
  TenantProblems problems = {.file = "f"};
  TenantPolicy *policy = NULL;
  Status status = policy_tenants_parse(s->text, s->size, &problems, &policy);
  bool is_valid = status == ST_OK;
  if (is_valid) {
    ck_assert_uint_eq(problems.errors, 0);
    judge_policy(policy);
    char *back = sample_write(policy);
    TenantPolicy *again = sample_parse(back);
    ck_assert_uint_eq(policy_tenants_count(again), policy_tenants_count(policy));
    policy_tenants_unref(again);
    free(back);
  } else {
    ck_assert_ptr_null(policy);
    judge_problems(&problems, s);
  }
  policy_tenants_unref(policy);
  policy_tenants_problems_free(&problems);
  return is_valid;
}

START_TEST(a_damaged_policy_is_a_policy_or_a_list_of_problems) {
  static Sample original, sample;
  const char *longer = getenv("FERROUS_MUTATIONS");
  size_t valid = 0, count = longer == NULL ? MUTATIONS : strtoul(longer, NULL, 10);
  char *text = sample_read(SAMPLE_HOSTED, &original.size);
  memcpy(original.text, text, original.size);
  free(text);
  for (size_t i = 0; i < count; i++) {
    sample = original;
    for (size_t k = 1 + below(6); k != 0; k--) damage(&sample);
    valid += try_sample(&sample);
  }
  printf("%zu of %zu damaged policies were still policies\n", valid, count);
  ck_assert_uint_ne(valid, 0);
  ck_assert_uint_lt(valid, count);
}
END_TEST

START_TEST(a_policy_cut_off_anywhere_does_no_harm) {
  static Sample original, sample;
  char *text = sample_read(SAMPLE_HOSTED, &original.size);
  memcpy(original.text, text, original.size);
  free(text);
  for (size_t size = 0; size < original.size; size++) {
    memcpy(sample.text, original.text, size);
    sample.size = size;
    (void)try_sample(&sample);
  }
}
END_TEST

SUITE("mutation", a_damaged_policy_is_a_policy_or_a_list_of_problems, a_policy_cut_off_anywhere_does_no_harm)
